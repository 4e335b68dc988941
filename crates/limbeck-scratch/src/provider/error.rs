//! What can go wrong with a scratch server.

use std::io;
use std::path::PathBuf;

/// A provider that was tried in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was tried: a folder, a provider.
    pub what: String,
    /// Why it did not do.
    pub why: String,
}

/// Errors of the providers. No password can be in any of them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No provider could be had.
    #[error("no scratch Postgres was found{}", listed(.tried))]
    Unavailable {
        /// What was tried, in order.
        tried: Vec<Attempt>,
    },
    /// Scratch is switched off.
    #[error("scratch is switched off")]
    Off,
    /// The address of a scratch server can't be read.
    #[error("the scratch server's address can't be used: {why}")]
    Url {
        /// What is wrong with it.
        why: String,
    },
    /// The scratch server that is named doesn't take a connection.
    #[error("can't connect to the scratch server {server}: {why}")]
    Unreachable {
        /// Its database, host and port.
        server: String,
        /// What each try came to.
        why: String,
    },
    /// The role may not create databases.
    #[error("the role {role} may not create databases on the scratch server {server}")]
    NoCreatedb {
        /// The role's name.
        role: String,
        /// The server's host and port.
        server: String,
    },
    /// What is to run changes more than its database.
    #[error("roles belong to the whole server: what makes or changes them is not run on a server of yours")]
    Roles,
    /// A server program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Its path.
        program: PathBuf,
        /// What it said last.
        said: String,
    },
    /// The cluster did not come up, or did not go down, in time.
    #[error("the scratch cluster in {} {what}", .folder.display())]
    Cluster {
        /// The cluster's folder.
        folder: PathBuf,
        /// What it did not do.
        what: String,
    },
    /// The server inside this program is asked for, and there is none.
    #[error("this limbeck was built without a server inside")]
    NotBuiltIn,
    /// The server inside this program does not work.
    #[error("the embedded server: {why}")]
    Embedded {
        /// What it said.
        why: String,
    },
    /// The scratch server can't be reached, or refused a statement.
    #[error("{doing}: {said}")]
    Sql {
        /// What was being done.
        doing: String,
        /// The server's words.
        said: String,
        /// The SQLSTATE, where the server answered at all.
        code: Option<String>,
    },
    /// A file or folder of the cache.
    #[error("{doing} {}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// With which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn sql(doing: impl Into<String>, source: &sqlx::Error) -> Self {
        let database = source.as_database_error();
        Self::Sql {
            doing: doing.into(),
            // Not the driver's `Display`: it ends in a line number of the server's C source.
            said: database.map_or_else(|| source.to_string(), |e| e.message().to_owned()),
            code: database.and_then(|e| e.code()).map(|c| c.into_owned()),
        }
    }

    /// The SQLSTATE, where a server answered with one.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Sql { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// What a person can do about it, where anything.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Unavailable { .. } => Some(
                "install PostgreSQL's server binaries, or name their folder in LIMBECK_PG_BIN or [scratch] bin, \
                 or a server that may be used in [scratch] url; or take a limbeck with a server inside \
                 (`--features embedded`)",
            ),
            Self::NotBuiltIn => Some("build it with `--features embedded`"),
            Self::Roles => Some(
                "leave [scratch] to limbeck: a server that it starts itself is its own, and has no such role afterwards",
            ),
            Self::NoCreatedb { .. } => Some("alter role … createdb, or name another server in [scratch] url"),
            Self::Cluster { .. } => Some("the folder holds nothing of value and can be deleted"),
            _ => None,
        }
    }
}

fn listed(tried: &[Attempt]) -> String {
    if tried.is_empty() {
        return ": no server binaries on PATH or in the usual places".to_owned();
    }
    let each: Vec<_> = tried.iter().map(|a| format!("{} ({})", a.what, a.why)).collect();
    format!("; tried {}", each.join(", "))
}
