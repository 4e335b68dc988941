//! What is kept between runs, under names made of what it follows from: settled models, as a server of some
//! version said them, and [`agreed`](crate::agreed) ones. Safe to delete at any moment, and never more than a
//! shortcut: a file that can't be read is as if it were not there.

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::Catalog;
use limbeck_introspect::Recording;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// A folder of what is known; `None` keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    folder: Option<Utf8PathBuf>,
}

/// So many files of a sort are kept; the oldest go.
const KEPT: usize = 20;

/// The sort of settled models.
const SETTLED: &str = "settled";

impl Cache {
    /// A cache in a folder, which is made when something is kept.
    pub fn new(folder: impl AsRef<Utf8Path>) -> Self {
        Self { folder: Some(folder.as_ref().to_owned()) }
    }

    /// No cache.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether it keeps nothing.
    pub fn is_off(&self) -> bool {
        self.folder.is_none()
    }

    /// What the models came to on a server of this version, if that is known.
    pub(crate) fn load(&self, declared: &Catalog, server: u32) -> Option<Catalog> {
        let recording: Recording = self.get(SETTLED, &settled_key(declared, server))?;
        recording.replay().ok().map(|snapshot| snapshot.catalog)
    }

    /// Keeps what the models came to.
    pub(crate) fn store(&self, declared: &Catalog, server: u32, recording: &Recording) {
        if !self.is_off() {
            self.put(SETTLED, &settled_key(declared, server), recording);
        }
    }

    /// What is kept under a key.
    pub(crate) fn get<T: DeserializeOwned>(&self, what: &str, key: &str) -> Option<T> {
        let text = fs_err::read_to_string(self.folder.as_ref()?.join(name(what, key))).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps something under a key; that it can't be kept is no failure.
    pub(crate) fn put<T: Serialize>(&self, what: &str, key: &str, value: &T) {
        let Some(folder) = &self.folder else { return };
        if let Err(error) = put(folder, what, key, value) {
            tracing::debug!("{what} {key} is not kept: {error}");
        }
    }
}

fn name(what: &str, key: &str) -> String {
    format!("{what}-{key}.json")
}

fn put<T: Serialize>(folder: &Utf8Path, what: &str, key: &str, value: &T) -> std::io::Result<()> {
    fs_err::create_dir_all(folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs_err::write(ignore, "*\n")?;
    }
    // Written beside and renamed, so that another run never sees half of it. What a killed one left counts among the
    // files of its sort, and goes with them.
    let draft = folder.join(format!("{}.draft-{}", name(what, key), std::process::id()));
    fs_err::write(&draft, serde_json::to_vec(value)?)?;
    fs_err::rename(&draft, folder.join(name(what, key)))?;
    let alike = |file: &fs_err::DirEntry| file.file_name().to_string_lossy().starts_with(what);
    let mut files: Vec<_> = fs_err::read_dir(folder)?.flatten().filter(alike).collect();
    files.sort_by_key(|file| file.metadata().and_then(|m| m.modified()).ok());
    let surplus = files.len().saturating_sub(KEPT);
    files.into_iter().take(surplus).try_for_each(|file| fs_err::remove_file(file.path()))
}

fn settled_key(declared: &Catalog, server: u32) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{} {}\n", env!("CARGO_PKG_VERSION"), server / 10_000));
    hasher.update(content(declared));
    short(hasher)
}

/// All that decides what a server makes of a catalog, as text: its objects, and the order in which columns
/// stand, which `select *` and `insert` without names go by.
pub fn content(catalog: &Catalog) -> String {
    let objects = catalog.objects.iter().map(|(id, object)| format!("{id}: {object:?}\n"));
    let positions = catalog.positions.iter().map(|(id, position)| format!("{id} at {position}\n"));
    objects.chain(positions).collect()
}

/// A digest as part of a file's name.
pub(crate) fn short(hasher: Sha256) -> String {
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
