//! PostgreSQL inside this program: compiled to WebAssembly, all its bytes in crates, no download, no root.
//!
//! It has no postmaster: one backend at a time works on a cluster's files. So each scratch database is a
//! cluster of its own ([`instance`]), a copy of a fresh one or of another's, with a socket and a backend that
//! serves client after client. Two databases don't wait for each other; two sessions on one do, and the second
//! is refused before it could wait for ever.
//!
//! The runs' folders lie in the temporary folder, each with a lock that its process holds: what a killed run
//! left is removed by the next.

mod backend;
mod cluster;
mod home;
mod instance;
mod slot;
mod watch;
mod wire;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use oliphaunt_wasix::Extension;

use self::home::Home;
pub(super) use self::instance::Instance;
use self::instance::{Stop, cluster_of};
use super::error::Error;
use super::{Locale, Wanted};

/// `server_version_num` of what is inside. A test asks the server itself.
const VERSION: u32 = 180_004;
/// The same for people.
const VERSION_TEXT: &str = "18.4";
/// The user and the database that a cluster has.
pub(super) const NAME: &str = "postgres";
/// The one collation that it has; it knows which bytes are letters in no other.
const LOCALE: &str = "C.UTF-8";

/// The servers inside this program, one a database.
#[derive(Debug)]
pub(super) struct Embedded {
    home: Home,
    cache: PathBuf,
    notes: Vec<String>,
    /// Those that may still run.
    running: Mutex<Vec<Arc<Stop>>>,
}

impl Embedded {
    /// Makes a place for this run's databases. None of them is started yet.
    pub(super) fn open(wanted: &Wanted) -> Result<Self, Error> {
        let cache = wanted.places.cache_folder()?;
        Ok(Self { home: Home::new()?, cache, notes: notes(wanted), running: Mutex::default() })
    }

    pub(super) fn version(&self) -> u32 {
        VERSION
    }

    pub(super) fn version_text(&self) -> &str {
        VERSION_TEXT
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// A new, empty database, served on a socket of its own.
    pub(super) async fn create(&self) -> Result<Instance, Error> {
        let (folder, cache) = (self.home.folder()?, self.cache.clone());
        let to = cluster_of(&folder);
        let copied = tokio::task::spawn_blocking(move || cluster::copy(&cluster::template(&cache)?, &to));
        copied.await.unwrap_or_else(|e| Err(Error::Embedded { why: e.to_string() }))?;
        self.start(folder).await
    }

    /// A new database with the files of another, on which nobody works meanwhile.
    pub(super) async fn copy(&self, of: &Instance) -> Result<Instance, Error> {
        let folder = self.home.folder()?;
        of.copy_to(&folder).await?;
        self.start(folder).await
    }

    async fn start(&self, folder: PathBuf) -> Result<Instance, Error> {
        let instance = Instance::start(folder).await?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push(instance.stop());
        Ok(instance)
    }

    /// Ends all servers and removes their files.
    pub(super) async fn close(&self) -> Result<(), Error> {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        for stop in running {
            stop.and_wait().await;
        }
        self.home.remove()
    }
}

/// The extensions whose files are inside: those of PostgreSQL's own that models may use, as the features of
/// the dependency name them.
const EXTENSIONS: &[&str] = &[
    "bloom",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dict_int",
    "dict_xsyn",
    "earthdistance",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "isn",
    "lo",
    "ltree",
    "pg_trgm",
    "pgcrypto",
    "seg",
    "tablefunc",
    "tcn",
    "unaccent",
    "uuid-ossp",
];

fn extensions() -> Vec<Extension> {
    EXTENSIONS.iter().filter_map(|name| Extension::by_sql_name(name)).collect()
}

/// What differs from what was wanted.
fn notes(wanted: &Wanted) -> Vec<String> {
    let major = VERSION / 10_000;
    let other = wanted.major.filter(|w| u32::from(*w) != major);
    let other = other.map(|w| {
        format!("scratch is PostgreSQL {VERSION_TEXT} inside limbeck, as no server of {w} was found")
    });
    let locale = wanted.locale.as_ref().and_then(|l| foreign(l)).map(|name| {
        format!("locale {name} is not in the embedded server, {LOCALE} stands in: what sorts or compares text may differ")
    });
    other.into_iter().chain(locale).collect()
}

/// The name of a locale that the embedded server does not have.
fn foreign(locale: &Locale) -> Option<&str> {
    let known = |name: &str| matches!(name, "C" | "POSIX" | "C.UTF-8" | "C.utf8");
    match &locale.icu {
        Some(icu) => Some(icu),
        None => (!known(&locale.collate)).then_some(&locale.collate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_lacks_is_said() {
        let wanted = |locale: &str, major| Wanted {
            locale: Some(Locale::libc(locale)),
            major: Some(major),
            ..Wanted::default()
        };
        assert_eq!(notes(&wanted("C.UTF-8", 18)), Vec::<String>::new());
        let said = notes(&wanted("de_DE.UTF-8", 15));
        assert!(said[0].contains("as no server of 15 was found"), "{said:?}");
        assert!(said[1].starts_with("locale de_DE.UTF-8 is not in the embedded server"), "{said:?}");
    }
}
