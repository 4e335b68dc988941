//! What can go wrong before a connection is there. No password is in any of it: values are only repeated
//! where they can't hold one.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is neither a URL nor a `key=value` string.
    #[error("{0}")]
    Syntax(String),
    /// A parameter that libpq doesn't have either.
    #[error("unknown parameter {keyword:?}")]
    Unknown {
        /// As it was written.
        keyword: String,
    },
    /// A value that its parameter can't have.
    #[error("{value:?} is no {keyword}: {expected}")]
    Invalid {
        /// The parameter.
        keyword: &'static str,
        /// What was written.
        value: String,
        /// What may stand there.
        expected: String,
    },
    /// Something that libpq can do, and the driver under this crate can't.
    #[error("{keyword} can't be had: {why}")]
    Unsupported {
        /// The parameter, or its variable.
        keyword: String,
        /// What is missing, and what to do instead.
        why: String,
    },
    /// Lists of hosts, addresses and ports that don't go together.
    #[error("{what} can't be matched to {hosts} hosts")]
    Counts {
        /// What there is too much or too little of, and how many.
        what: String,
        /// How many hosts.
        hosts: usize,
    },
    /// A service that no file defines.
    #[error("the service {service:?} is defined nowhere")]
    NoService {
        /// Its name.
        service: String,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// A mistake in a service file.
    #[error("{}:{line}: {why}", .path.display())]
    ServiceFile {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A file that is needed and can't be used.
    #[error("{what} {} {why}", .path.display())]
    File {
        /// Which file that is.
        what: &'static str,
        /// Its path.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// No host gave a connection. One entry a try, in order.
    #[error("{}", told(.0))]
    Unreachable(Vec<Failed>),
}

/// A try that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Host and port, or the folder of the socket.
    pub place: String,
    /// The role.
    pub user: String,
    /// Whether TLS was asked for, where both were tried.
    pub how: Option<&'static str>,
    /// Why.
    pub why: Why,
}

/// Why a try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The server answered, and refused.
    Refused {
        /// Its words.
        message: String,
        /// The SQLSTATE.
        code: String,
        /// Whether a password was there to be given.
        password: bool,
    },
    /// The network, or the name of the host.
    Io(String),
    /// TLS.
    Tls(String),
    /// No answer within so many seconds.
    Timeout(u64),
    /// A server that isn't what `target_session_attrs` asks for.
    Session(&'static str),
    /// What came is not Postgres, or the driver failed.
    Other(String),
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Refused { message, .. } => write!(f, "refused: {message}"),
            Why::Io(why) | Why::Other(why) => f.write_str(why),
            Why::Tls(why) => write!(f, "no TLS connection: {why}"),
            Why::Timeout(seconds) => write!(f, "no answer within {seconds} s"),
            Why::Session(is) => write!(f, "{is}"),
        }
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.how {
            Some(how) => write!(f, "{} ({how}): {}", self.place, self.why),
            None => write!(f, "{}: {}", self.place, self.why),
        }
    }
}

fn told(failed: &[Failed]) -> String {
    failed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The driver's words about an error, without the file and line of its own source or the server's.
pub(crate) fn why(error: &sqlx::Error, password: bool) -> Why {
    match error {
        sqlx::Error::Database(said) => Why::Refused {
            message: said.message().to_owned(),
            code: said.code().map(|code| code.into_owned()).unwrap_or_default(),
            password,
        },
        // rustls ends a handshake by an I/O error that holds its own.
        sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData => Why::Tls(io.to_string()),
        sqlx::Error::Io(io) => Why::Io(io.to_string()),
        sqlx::Error::Tls(why) => Why::Tls(why.to_string()),
        other => Why::Other(other.to_string()),
    }
}
