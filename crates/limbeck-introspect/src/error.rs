//! Why a database could not be read.

use limbeck_catalog::{Kind, row};

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server refused, or the connection broke.
    #[error("{}", server_words(.0))]
    Server(#[from] sqlx::Error),
    /// A row of a catalog query is not what its kind expects.
    #[error("can't read a {} from the catalogs", kind.noun())]
    Row {
        /// The kind whose query it was.
        kind: Kind,
        /// What is unexpected about it.
        #[source]
        cause: row::Error,
    },
    /// What was taken down answers other queries than those of today.
    #[error("it was written by another version of limbeck")]
    Outdated,
    /// The schema changed while it was read, twice.
    #[error("the schema is changing while it is read: try again when the other migration is done")]
    Changing,
}

impl Error {
    /// Whether somebody else's change may be the reason: deparsing uses the newest catalogs, so a
    /// relation that was dropped meanwhile can't be opened, or a cache lookup fails.
    pub(crate) fn may_be_a_change(&self) -> bool {
        match self {
            Self::Changing => true,
            Self::Server(sqlx::Error::Database(error)) => {
                let message = error.message();
                message.starts_with("could not open relation") || message.starts_with("cache lookup failed")
            }
            Self::Server(_) | Self::Row { .. } | Self::Outdated => false,
        }
    }
}

/// The server's own words; never the library's, which end in a line of the server's source code.
fn server_words(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(database) => database.message().to_owned(),
        None => error.to_string(),
    }
}
