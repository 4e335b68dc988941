//! `[database]` and `[env.NAME]`: their keys are libpq's parameters, with variables filled in.

use std::time::Duration;

use limbeck_connect::{Error, Keyword, Parameters};

use super::{Server, Wanted, refusal};
use crate::config::Database;
use crate::context::Ctx;
use crate::exit::{Failure, Key, Result};
use crate::tunnel::{self, Tunnel};
use crate::variables::{Place, Unfilled};

/// How long a tunnel may take where nothing says it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A section of the configuration that says where a database is.
pub(crate) struct Section(Vec<String>);

impl Section {
    /// `[database]`.
    pub(crate) fn database() -> Self {
        Section(vec!["database".to_owned()])
    }

    /// `[env.NAME]`.
    pub(crate) fn env(name: &str) -> Self {
        Section(vec!["env".to_owned(), name.to_owned()])
    }

    /// `[scratch]`, whose `url` is one.
    pub(crate) fn scratch() -> Self {
        Section(vec!["scratch".to_owned()])
    }

    /// The path of a key in it.
    fn key(&self, name: &str) -> Vec<String> {
        self.0.iter().cloned().chain([name.to_owned()]).collect()
    }

    /// That a section can't be used: the key that the error is about, if it stands there.
    fn refused(&self, database: &Database, error: &Error) -> Failure {
        let failure = refusal::text(error, &self.to_string());
        let word = match error {
            Error::Invalid { keyword, .. } => keyword,
            Error::Unsupported { keyword, .. } | Error::Unknown { keyword } => keyword.as_str(),
            Error::NoService { .. } | Error::ServiceFile { .. } => Keyword::Service.word(),
            Error::Syntax(_) | Error::Counts { .. } | Error::File { .. } | Error::Unreachable(_) => "",
        };
        if database.parameters().any(|(keyword, _)| keyword.word() == word) {
            return failure.about(self.key(word));
        }
        failure.about(if database.url.is_some() { self.key("url") } else { self.0.clone() })
    }
}

impl std::fmt::Display for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}]", self.0.join("."))
    }
}

/// The database of a section; nothing, if none of its keys says where it is.
pub(super) fn read(ctx: &Ctx, database: &Database, section: &Section) -> Result<Wanted> {
    let mut parameters = match &database.url {
        Some(text) => url(ctx, text, section)?,
        None => Parameters::default(),
    };
    for (keyword, value) in database.parameters() {
        let value = fill(ctx, value, Place::Alone, section, keyword.word())?;
        if !value.is_empty() {
            parameters.set(keyword, beside_config(ctx, keyword, value)?);
        }
    }
    let named =
        [Keyword::Host, Keyword::HostAddr, Keyword::Port, Keyword::DbName, Keyword::User, Keyword::Service];
    if database.tunnel.is_none()
        && database.url.is_none()
        && named.iter().all(|keyword| parameters.get(*keyword).is_none())
    {
        return Ok(Wanted::Nothing);
    }
    let tunnel = match &database.tunnel {
        Some(command) => Some(through(ctx, command, database, &mut parameters, section)?),
        None => None,
    };
    let server = Server::new(&parameters, tunnel);
    server.map(Wanted::Server).map_err(|error| section.refused(database, &error))
}

/// The `url` key. Variables in front of the host are encoded as they are filled in, so that a password may
/// hold any character; in a `key=value` string they are quoted.
fn url(ctx: &Ctx, text: &str, section: &Section) -> Result<Parameters> {
    let filled = filled(ctx, text, section)?;
    if filled.is_empty() {
        return Ok(Parameters::default());
    }
    Parameters::parse(&filled)
        .map_err(|error| refusal::text(&error, &format!("url in {section}")).about(section.key("url")))
}

/// A URL or a `key=value` string with its variables filled in.
///
/// # Errors
/// If one of them is not set.
pub(crate) fn filled(ctx: &Ctx, text: &str, section: &Section) -> Result<String> {
    let place = if text.contains("://") { Place::Url } else { Place::Conninfo };
    fill(ctx, text, place, section, "url")
}

fn fill(ctx: &Ctx, text: &str, place: Place, section: &Section, key: &str) -> Result<String> {
    ctx.variables().fill_at(text, place).map_err(|unfilled| {
        let (failure, words) = match unfilled {
            Unfilled::Unset(name) => (
                Failure::usage(format!("{section} needs the variable {name}, which is not set"))
                    .help(format!("set it, put it into .env, or write `${{{name}:-default}}`")),
                format!("${{{name}"),
            ),
            Unfilled::Unclosed => {
                let open = text.rfind("${").unwrap_or_default();
                (Failure::usage(format!("a `${{` in {section} has no `}}`")), text[open..].to_owned())
            }
        };
        failure.about_words(Key { path: section.key(key), words: Some(words) })
    })
}

/// Relative paths begin at the configuration, wherever the command is run.
fn beside_config(ctx: &Ctx, keyword: Keyword, value: String) -> Result<String> {
    match keyword {
        Keyword::SslRootCert if value == "system" => Ok(value),
        Keyword::SslRootCert | Keyword::SslCert | Keyword::SslKey | Keyword::PassFile => {
            Ok(ctx.config()?.root.join(value).into_string())
        }
        _ => Ok(value),
    }
}

/// Sends the connection through a tunnel: to its end here, which `host` and `port` name; without them, to a
/// free port.
fn through(
    ctx: &Ctx,
    command: &str,
    database: &Database,
    parameters: &mut Parameters,
    section: &Section,
) -> Result<Tunnel> {
    let host = parameters.said(Keyword::HostAddr).or(parameters.said(Keyword::Host)).map(str::to_owned);
    let host = host.unwrap_or_else(|| "127.0.0.1".to_owned());
    let port = parameters.said(Keyword::Port).filter(|port| *port != "0").map(str::to_owned);
    if host.starts_with('/') || host.contains(',') || port.as_ref().is_some_and(|port| port.contains(',')) {
        return Err(Failure::usage(format!("the tunnel in {section} does not lead to one host and port"))
            .about(section.key("tunnel"))
            .help("`host` and `port` are this end of the tunnel; leave them out for a free port"));
    }
    let port: u16 = match port {
        Some(port) => {
            let refused = |_| Failure::usage(format!("{section}: {port:?} is not a port"));
            port.parse().map_err(|error| refused(error).about(section.key("port")))?
        }
        None if command.contains(tunnel::PORT) => tunnel::free_port()?,
        None => {
            return Err(Failure::usage(format!("nobody can know the port of the tunnel in {section}"))
                .about(section.key("tunnel"))
                .help(format!("write `port = …`, or {} into its command, for a free one", tunnel::PORT)));
        }
    };
    // Over PGHOST and the service, which may name another database.
    parameters.set_default(Keyword::Host, host.clone());
    parameters.set_default(Keyword::HostAddr, "");
    parameters.set(Keyword::Port, port.to_string());
    let patience = database.tunnel_timeout.map_or(PATIENCE, Duration::from_secs);
    Ok(Tunnel::new(command, host, port, patience, ctx.variables().of_file()))
}
