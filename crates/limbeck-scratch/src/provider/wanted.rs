//! What a caller asks of a scratch server.

use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;

use super::Places;

/// What a scratch server should be like.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The major version to look for first: the live server's.
    pub major: Option<u16>,
    /// The locale of the databases; `C.UTF-8` (or `C`) where none is given.
    pub locale: Option<Locale>,
    /// Which provider.
    pub choice: Choice,
    /// Where binaries are looked for, and where clusters are kept.
    pub places: Places,
    /// Whether what runs there makes, changes or drops roles, or whatever else belongs to a server and not to a
    /// database: then the server is no other run's at the time, and it is none of somebody's.
    pub roles: bool,
}

/// Which provider to use.
#[derive(Debug, Clone, Default)]
pub enum Choice {
    /// The first that can be had.
    #[default]
    Auto,
    /// A server that the user names for this, by URL.
    Url(String),
    /// Server binaries: those of this folder, or those that are found.
    Native {
        /// The folder that holds `postgres` and `initdb`.
        bin: Option<PathBuf>,
    },
    /// The server inside this program, if it was built with one.
    Embedded,
    /// The very server that is compared. Boxed, as the options are large.
    Server(Box<PgConnectOptions>),
    /// No scratch at all.
    None,
}

/// A database's locale, as `pg_database` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    /// `datcollate`.
    pub collate: String,
    /// `datctype`.
    pub ctype: String,
    /// The ICU locale, where ICU is the database's provider.
    pub icu: Option<String>,
}

impl Locale {
    /// A locale of the operating system, the same for collation and character types.
    pub fn libc(name: &str) -> Self {
        Self { collate: name.to_owned(), ctype: name.to_owned(), icu: None }
    }
}
