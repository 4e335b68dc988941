//! Why there is no connection, in the words of the command line.

use limbeck_connect::{Error, Failed, Target, Why};

use crate::exit::{Code, Failure};

/// That no database is named anywhere.
pub(crate) fn nothing() -> Failure {
    Failure::usage("no database is configured")
        .help("set DATABASE_URL, write `-d postgres://user@host/name`, or fill in [database] in limbeck.toml")
}

/// That what stands in `from` can't be used.
pub(super) fn text(error: &Error, from: &str) -> Failure {
    let failure = Failure::usage(format!("{from}: {error}"));
    match error {
        Error::Syntax(_) => failure
            .help("postgres://user@host:5432/name, or 'host=… dbname=…', or service=…")
            .help("characters like @ : / # % in a URL's password are written as %40 %3A %2F %23 %25"),
        Error::Unknown { .. } => failure.help("docs/connections.md lists the parameters"),
        Error::Unsupported { .. } => failure.help("docs/connections.md lists what can't be had, and why"),
        Error::NoService { looked, .. } if looked.is_empty() => {
            failure.note("there is no service file").help("~/.pg_service.conf or PGSERVICEFILE")
        }
        Error::NoService { looked, .. } => {
            looked.iter().fold(failure, |f, path| f.note(format!("not in {}", path.display())))
        }
        Error::Invalid { .. }
        | Error::Counts { .. }
        | Error::ServiceFile { .. }
        | Error::File { .. }
        | Error::Unreachable(_) => failure,
    }
}

/// That no host gave a connection.
pub(super) fn connecting(target: &Target, error: &Error) -> Failure {
    match error {
        Error::Unreachable(failed) => match failed.as_slice() {
            [only] => alone(target, only),
            several => {
                let failure = Failure::new(Code::Database, format!("can't connect to {}", target.place()));
                let failure = several.iter().fold(failure, |f, failed| f.note(failed.to_string()));
                several.last().map_or(failure.clone(), |last| advised(failure, last))
            }
        },
        other => text(other, "the connection"),
    }
}

fn alone(target: &Target, failed: &Failed) -> Failure {
    let place = format!("{} on {}", target.dbname(), failed.place);
    let message = match &failed.why {
        Why::Refused { message, .. } => format!("{place} refused: {message}"),
        Why::Io(why) => format!("can't reach {place}: {why}"),
        Why::Tls(why) => format!("no TLS connection with {place}: {why}"),
        Why::Timeout(seconds) => format!("no answer from {place} within {seconds} s"),
        Why::Session(is) => format!("{place} is not the server that is wanted: {is}"),
        Why::Other(why) => format!("{place}: {why}"),
    };
    advised(Failure::new(Code::Database, message), failed)
}

fn advised(failure: Failure, failed: &Failed) -> Failure {
    match &failed.why {
        Why::Refused { code, password, .. } => {
            let failure = failure.note(format!("as user {}", failed.user));
            if code.starts_with("28") && !password {
                failure.note("no password was given, and no password file has one")
            } else {
                failure
            }
        }
        Why::Io(_) => {
            failure.help("is the server (or the port-forward to it) running, and are host and port right?")
        }
        Why::Tls(_) => failure.help("`sslmode` and `sslrootcert` say what is asked for"),
        Why::Timeout(_) => failure.help(
            "is a VPN or a port-forward missing? `connect_timeout` (or PGCONNECT_TIMEOUT) sets the seconds",
        ),
        Why::Session(_) => failure.help("`target_session_attrs` says which server is wanted"),
        Why::Other(_) => failure,
    }
}
