//! Which database is meant, and connections to it: one server for a whole command, through a tunnel where
//! one is configured. What connections are made of is `limbeck-connect`'s business.

mod refusal;
mod second;
mod section;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use limbeck_connect::{Parameters, Reached, Surroundings, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::context::Ctx;
use crate::exit::{Failure, Result};
use crate::output;
use crate::tunnel::Tunnel;

pub(crate) use refusal::nothing;
pub(crate) use second::Second;
pub(crate) use section::{Section, filled};

/// The database that a command is about.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// A server that is there.
    Server(Server),
    /// `ephemeral`: one that is made for this run.
    Ephemeral,
    /// None is named anywhere.
    Nothing,
}

/// A server, and what is known of the way to it. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    target: Box<Target>,
    way: Arc<Way>,
}

#[derive(Debug, Default)]
struct Way {
    tunnel: Option<Tunnel>,
    /// The host that answered: of several, all connections of a command are to the same. Process ids, locks
    /// and snapshots mean nothing elsewhere.
    reached: OnceLock<PgConnectOptions>,
}

/// The libpq variables that name a database; a user or a password alone don't.
const LIBPQ: [&str; 4] = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"];

/// Finds out which database is meant: `-d`, then `-e`, then `DATABASE_URL`, then `[database]`, then the
/// libpq variables. What is said on the command line goes before what lies in the environment.
///
/// # Errors
/// If what is named can't be understood.
pub(crate) fn wanted(ctx: &Ctx) -> Result<Wanted> {
    if let Some(wanted) = ctx.database.get() {
        return Ok(wanted.clone());
    }
    let wanted = find(ctx)?;
    Ok(ctx.database.get_or_init(|| wanted).clone())
}

fn find(ctx: &Ctx) -> Result<Wanted> {
    if let Some(text) = &ctx.globals.database_url {
        if text.trim().is_empty() {
            // `-d "$URL"` of a script in which nobody set it: any other database would be the wrong one.
            return Err(Failure::usage("-d is empty")
                .help("name a database; or leave `-d` out, for the configured one"));
        }
        return if text == "ephemeral" { Ok(Wanted::Ephemeral) } else { from_text(text, "-d") };
    }
    if let Some(name) = &ctx.globals.env {
        let config = ctx.config()?;
        let database = config.env.get(name).ok_or_else(|| {
            let known: Vec<&str> = config.env.keys().map(String::as_str).collect();
            Failure::usage(format!("{} has no [env.{name}]", config.path)).about(["env"]).help(
                if known.is_empty() {
                    "it has no [env.…] at all".into()
                } else {
                    format!("it has {}", known.join(", "))
                },
            )
        })?;
        return section::read(ctx, database, &Section::env(name));
    }
    if let Some(text) = ctx.variables().get("DATABASE_URL") {
        return from_text(&text, "DATABASE_URL");
    }
    if ctx.has_config()
        && let Some(database) = &ctx.config()?.database
    {
        let wanted = section::read(ctx, database, &Section::database())?;
        if !matches!(wanted, Wanted::Nothing) {
            return Ok(wanted);
        }
    }
    if LIBPQ.iter().any(|name| std::env::var(name).is_ok_and(|v| !v.is_empty())) {
        let server = Server::new(&Parameters::default(), None);
        return server.map(Wanted::Server).map_err(|error| refusal::text(&error, "the environment"));
    }
    Ok(Wanted::Nothing)
}

/// A database by its URL or `key=value` string, which stands in `from`.
///
/// # Errors
/// If the text can't be understood.
pub(crate) fn from_text(text: &str, from: &str) -> Result<Wanted> {
    let parameters = Parameters::parse(text).map_err(|error| refusal::text(&error, from))?;
    Server::new(&parameters, None).map(Wanted::Server).map_err(|error| refusal::text(&error, from))
}

impl Server {
    fn new(parameters: &Parameters, tunnel: Option<Tunnel>) -> Result<Self, limbeck_connect::Error> {
        let target = Target::new(parameters, &Surroundings::from_env())?;
        target.warnings().iter().for_each(output::warn);
        Ok(Server { target: Box::new(target), way: Arc::new(Way { tunnel, ..Way::default() }) })
    }

    /// The database and where it is, without user and password.
    pub(crate) fn place(&self) -> String {
        self.target.place()
    }

    /// As whom.
    pub(crate) fn user(&self) -> &str {
        self.target.user()
    }

    /// The same, waited for no longer than this.
    pub(crate) fn at_most(mut self, patience: Duration) -> Self {
        *self.target = self.target.at_most(patience);
        self
    }

    /// A connection; from the second on, to the host that answered the first.
    ///
    /// # Errors
    /// If the server can't be reached or refuses, or the tunnel does not open.
    pub(crate) async fn open(&self) -> Result<PgConnection> {
        if let Some(options) = self.way.reached.get() {
            let again = self.target.again(options).await;
            return again.map_err(|error| refusal::connecting(&self.target, &error));
        }
        if let Some(tunnel) = &self.way.tunnel {
            tunnel.open().await?;
        }
        let Reached { connection, options } =
            self.target.reach().await.map_err(|error| refusal::connecting(&self.target, &error))?;
        self.way.reached.get_or_init(|| options);
        Ok(connection)
    }
}

/// A connection to the database.
///
/// # Errors
/// If none is configured, or `ephemeral` is; if the server can't be reached or refuses.
pub(crate) async fn open(ctx: &Ctx) -> Result<PgConnection> {
    server(ctx)?.open().await
}

/// The way to the database, as the driver has it.
///
/// # Errors
/// As [`open`].
pub(crate) async fn options(ctx: &Ctx) -> Result<PgConnectOptions> {
    let server = server(ctx)?;
    if server.way.reached.get().is_none() {
        drop(server.open().await?.close().await);
    }
    server.way.reached.get().cloned().ok_or_else(nothing)
}

/// The server that is configured.
///
/// # Errors
/// If none is, or `ephemeral`.
pub(crate) fn server(ctx: &Ctx) -> Result<Server> {
    match wanted(ctx)? {
        Wanted::Server(server) => Ok(server),
        Wanted::Ephemeral => {
            Err(Failure::usage("this command needs a database that stays, and `ephemeral` does not")
                .help("check, diff, pull, snapshot, prove, revision --autogenerate, upgrade --dry-run and downgrade --dry-run do without"))
        }
        Wanted::Nothing => Err(nothing()),
    }
}

/// Ends the tunnel, if there is one; if it ended by itself, that is why a command failed.
pub(crate) async fn let_go<T>(ctx: &Ctx, result: Result<T>) -> Result<T> {
    let Some(Wanted::Server(server)) = ctx.database.get() else { return result };
    let Some(tunnel) = &server.way.tunnel else { return result };
    match result {
        Ok(done) => {
            tunnel.close().await;
            Ok(done)
        }
        Err(failure) => Err(tunnel.blamed(failure).await),
    }
}
