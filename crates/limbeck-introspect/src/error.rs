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
    /// Whether somebody else's change may be the reason, which the fingerprint then tells: texts are made
    /// with the newest catalogs, so of what was dropped meanwhile there is none, or an error. It is known by its
    /// code, as words are in the server's language.
    pub(crate) fn may_be_a_change(&self) -> bool {
        // "could not open relation" and "cache lookup failed"; what no name stands for any more.
        const CODES: [&str; 6] = ["XX000", "42P01", "42703", "42704", "42883", "3F000"];
        match self {
            Self::Row { .. } => true,
            Self::Server(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| CODES.contains(&code.as_ref()))
            }
            Self::Server(_) | Self::Outdated | Self::Changing => false,
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
