//! Which database is meant, and the way to it. Passwords stay here.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::config::Database;
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};

/// The database that a command is about.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// A server that is there.
    Server(Box<PgConnectOptions>, Duration),
    /// `ephemeral`: one that is made for this run.
    Ephemeral,
    /// None is named anywhere.
    Nothing,
}

/// The libpq variables that name a database; a user or a password alone don't.
const LIBPQ: [&str; 3] = ["PGHOST", "PGHOSTADDR", "PGDATABASE"];

/// Parameters of libpq URLs that change nothing here.
const HARMLESS: [&str; 11] = [
    "target_session_attrs",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "gssencmode",
    "channel_binding",
    "fallback_application_name",
    "client_encoding",
    "sslsni",
];

/// Parameters that the driver understands.
const UNDERSTOOD: [&str; 16] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "options",
];

/// Finds out which database is meant: `-d`, then `-e`, then `DATABASE_URL`, then `[database]`, then the
/// libpq variables. What is said on the command line goes before what lies in the environment.
///
/// # Errors
/// If what is named can't be understood.
pub(crate) fn wanted(ctx: &Ctx) -> Result<Wanted> {
    if let Some(url) = &ctx.globals.database_url {
        return if url == "ephemeral" { Ok(Wanted::Ephemeral) } else { from_url(url, "-d") };
    }
    if let Some(name) = &ctx.globals.env {
        let config = ctx.config()?;
        let database = config.env.get(name).ok_or_else(|| {
            let known: Vec<&str> = config.env.keys().map(String::as_str).collect();
            Failure::usage(format!("{} has no [env.{name}]", config.path)).help(if known.is_empty() {
                "it has no [env.…] at all".into()
            } else {
                format!("it has {}", known.join(", "))
            })
        })?;
        return from_config(ctx, database, &format!("[env.{name}]"));
    }
    if let Some(url) = ctx.variables().get("DATABASE_URL") {
        return from_url(&url, "DATABASE_URL");
    }
    if ctx.has_config()
        && let Some(database) = &ctx.config()?.database
    {
        let wanted = from_config(ctx, database, "[database]")?;
        if !matches!(wanted, Wanted::Nothing) {
            return Ok(wanted);
        }
    }
    if std::env::var("PGSERVICE").is_ok_and(|s| !s.is_empty()) {
        return Err(service("PGSERVICE"));
    }
    if LIBPQ.iter().any(|name| std::env::var(name).is_ok_and(|v| !v.is_empty())) {
        return Ok(server(PgConnectOptions::new(), None));
    }
    Ok(Wanted::Nothing)
}

/// The way to the database.
///
/// # Errors
/// If none is configured, or `ephemeral` is.
pub(crate) fn options(ctx: &Ctx) -> Result<PgConnectOptions> {
    Ok(*reachable(ctx)?.0)
}

/// A connection to the database.
///
/// # Errors
/// As [`options`], or if the server can't be reached or refuses.
pub(crate) async fn open(ctx: &Ctx) -> Result<PgConnection> {
    let (options, timeout) = reachable(ctx)?;
    open_with(&options, timeout).await
}

fn reachable(ctx: &Ctx) -> Result<(Box<PgConnectOptions>, Duration)> {
    match wanted(ctx)? {
        Wanted::Server(options, timeout) => Ok((options, timeout)),
        Wanted::Ephemeral => {
            Err(Failure::usage("this command needs a database that stays, and `ephemeral` does not"))
        }
        Wanted::Nothing => Err(nothing()),
    }
}

/// That no database is named anywhere.
pub(crate) fn nothing() -> Failure {
    Failure::usage("no database is configured")
        .help("set DATABASE_URL, write `-d postgres://user@host/name`, or fill in [database] in limbeck.toml")
}

/// A connection with options that were found elsewhere.
///
/// # Errors
/// If the server can't be reached or refuses.
pub(crate) async fn open_with(options: &PgConnectOptions, timeout: Duration) -> Result<PgConnection> {
    match tokio::time::timeout(timeout, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(refused(options, &error)),
        Err(_) => {
            let seconds = timeout.as_secs();
            Err(Failure::new(Code::Database, format!("no answer from {} within {seconds} s", place(options)))
                .help("is a VPN or a port-forward missing? PGCONNECT_TIMEOUT sets the seconds"))
        }
    }
}

/// Where the database is, without its password.
pub(crate) fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    format!("{database} on {host}:{}", options.get_port())
}

fn refused(options: &PgConnectOptions, error: &sqlx::Error) -> Failure {
    let words = limbeck_migrate::run::server_words(error);
    let place = place(options);
    match error {
        sqlx::Error::Io(io) => Failure::new(Code::Database, format!("can't reach {place}: {io}"))
            .help("is the server (or the port-forward to it) running, and are host and port right?"),
        sqlx::Error::Tls(_) => {
            Failure::new(Code::Database, format!("no TLS connection with {place}: {words}"))
                .help("`sslmode` and `sslrootcert` in the URL say what is asked for")
        }
        _ => Failure::new(Code::Database, format!("{place} refused: {words}"))
            .note(format!("as user {}", options.get_username())),
    }
}

fn server(options: PgConnectOptions, timeout: Option<u64>) -> Wanted {
    let seconds = timeout.or_else(|| std::env::var("PGCONNECT_TIMEOUT").ok()?.parse().ok());
    let options = options.application_name("limbeck").disable_statement_logging();
    Wanted::Server(Box::new(options), Duration::from_secs(seconds.filter(|s| *s > 0).unwrap_or(15)))
}

fn service(from: &str) -> Failure {
    Failure::usage(format!("{from} names a service, and service files are not read"))
        .help("write the URL, or host, port, user and dbname")
}

/// Takes a URL apart as far as the driver doesn't: it would ignore what it doesn't know, and go to
/// localhost.
pub(crate) fn from_url(url: &str, from: &str) -> Result<Wanted> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(
            Failure::usage(format!("{from} is not a postgres:// URL")).help("postgres://user@host:5432/name")
        );
    }
    let (body, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = body.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if authority.rsplit('@').next().is_some_and(|hosts| hosts.contains(',')) {
        return Err(
            Failure::usage(format!("{from} names several hosts")).help("name the one that takes writes")
        );
    }
    let mut timeout = None;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "connect_timeout" => timeout = value.parse().ok(),
            "service" => return Err(service(from)),
            key if HARMLESS.contains(&key) || key == "application_name" => {}
            key if UNDERSTOOD.contains(&key) || key.starts_with("options[") => kept.push(pair),
            other => return Err(Failure::usage(format!("{from}: unknown parameter {other:?} in the URL"))),
        }
    }
    let (body, moved) = without_empty_host(body);
    let query = kept.iter().map(|pair| (*pair).to_owned()).chain(moved).collect::<Vec<_>>().join("&");
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let options = PgConnectOptions::from_str(&format!("{body}{query}")).map_err(|error| {
        Failure::usage(format!(
            "{from} is not a URL that can be used: {}",
            limbeck_migrate::run::server_words(&error)
        ))
        .help("characters like @ : / # in a password are written as %40 %3A %2F %23")
    })?;
    Ok(server(options, timeout))
}

/// `postgres://user:password@/name`, which libpq takes and URL parsers don't: what stands before the empty
/// host moves into parameters.
fn without_empty_host(body: &str) -> (String, Vec<String>) {
    let Some((scheme, rest)) = body.split_once("://") else { return (body.to_owned(), Vec::new()) };
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (login, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    if !(place.is_empty() || place.starts_with(':')) || authority.is_empty() {
        return (body.to_owned(), Vec::new());
    }
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let port = place.trim_start_matches(':');
    let pairs = [("user", user), ("password", password), ("port", port)].into_iter();
    // In parameters, unlike before the host, a `+` would be a blank.
    let pairs = pairs.filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={}", v.replace('+', "%2B")));
    (format!("{scheme}://{path}"), pairs.collect())
}

fn from_config(ctx: &Ctx, database: &Database, section: &str) -> Result<Wanted> {
    if database.tunnel.is_some() {
        return Err(Failure::usage(format!("`tunnel` in {section} is not there yet"))
            .help("open the port-forward yourself"));
    }
    let fill = |value: &Option<String>| -> Result<Option<String>> {
        let Some(text) = value else { return Ok(None) };
        let filled = ctx.variables().fill(text).map_err(|name| {
            Failure::usage(format!("{section} needs the variable {name}, which is not set"))
                .help(format!("set it, put it into .env, or write `${{{name}:-default}}`"))
        })?;
        Ok(Some(filled).filter(|v| !v.is_empty()))
    };
    if let Some(url) = fill(&database.url)? {
        return from_url(&url, &format!("url in {section}"));
    }
    let (host, port) = (fill(&database.host)?, fill(&database.port)?);
    let (user, dbname) = (fill(&database.user)?, fill(&database.dbname)?);
    if host.is_none() && port.is_none() && dbname.is_none() && user.is_none() {
        return Ok(Wanted::Nothing);
    }
    let mut options = PgConnectOptions::new();
    if let Some(host) = host {
        options = if host.starts_with('/') { options.socket(host) } else { options.host(&host) };
    }
    if let Some(port) = port {
        options = options
            .port(port.parse().map_err(|_| Failure::usage(format!("{section}: {port:?} is not a port")))?);
    }
    if let Some(user) = user {
        options = options.username(&user);
    }
    if let Some(dbname) = dbname {
        options = options.database(&dbname);
    }
    if let Some(password) = fill(&database.password)? {
        options = options.password(&password);
    }
    if let Some(mode) = fill(&database.sslmode)? {
        let mode = PgSslMode::from_str(&mode)
            .map_err(|_| Failure::usage(format!("{section}: unknown sslmode {mode:?}")))?;
        options = options.ssl_mode(mode);
    }
    Ok(server(options, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<PgConnectOptions, String> {
        match from_url(text, "-d") {
            Ok(Wanted::Server(options, _)) => Ok(*options),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.reports[0].message.clone()),
        }
    }

    #[test]
    fn urls_are_taken_as_libpq_would() {
        let options =
            url("postgresql://u:p@h:5433/d?connect_timeout=3&sslmode=disable&keepalives=1").unwrap();
        assert_eq!(place(&options), "d on h:5433");
        let options = url("postgres://u:a+b@/d?host=/run/pg&port=5434").unwrap();
        assert_eq!((place(&options).as_str(), options.get_username()), ("d on /run/pg:5434", "u"));
        assert_eq!(url("postgres://:5435/d").unwrap().get_port(), 5435);
    }

    #[test]
    fn what_the_driver_would_ignore_is_refused_without_the_password() {
        for bad in [
            "postgres://u:secret@a,b/d",
            "postgres:///?service=x",
            "mysql://u:secret@h",
            "postgres://u:secret@h/d?hots=x",
        ] {
            let message = url(bad).unwrap_err();
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
