//! Where a run's embedded databases lie: a folder in the temporary folder, locked while its process lives.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::provider::error::Error;

const PREFIX: &str = "limbeck-embedded-";

/// A run's folder.
#[derive(Debug)]
pub(super) struct Home {
    folder: PathBuf,
    next: AtomicU32,
    /// Locked; the system lets it go with the process, however that ends.
    _owner: File,
}

impl Home {
    /// Makes one, and removes those whose processes are gone.
    pub(super) fn new() -> Result<Self, Error> {
        sweep(&std::env::temp_dir());
        // Short: a path to a socket ends near 107 bytes. Private: whoever reaches the socket is superuser.
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir();
        let folder = made.map_err(|source| io("making", &std::env::temp_dir(), source))?.keep();
        let path = folder.join("owner");
        let owner = File::create(&path).map_err(|source| io("making", &path, source))?;
        owner.lock().map_err(|source| io("locking", &path, source))?;
        Ok(Self { folder, next: AtomicU32::new(1), _owner: owner })
    }

    /// A new, empty folder for a database.
    pub(super) fn folder(&self) -> Result<PathBuf, Error> {
        let folder = self.folder.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        fs_err::create_dir(&folder).map_err(|source| io("making", &folder, source))?;
        Ok(folder)
    }

    /// Removes all that is in it.
    pub(super) fn remove(&self) -> Result<(), Error> {
        fs_err::remove_dir_all(&self.folder).map_err(|source| io("removing", &self.folder, source))
    }
}

/// Removes folders that nobody owns any more. Those of other users can't be opened, and stay.
fn sweep(within: &Path) {
    let Ok(entries) = within.read_dir() else { return };
    let ours = entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in ours.map(|e| e.path()) {
        // One without the file is being made this moment.
        let Ok(owner) = File::open(folder.join("owner")) else { continue };
        if owner.try_lock().is_ok() {
            let _ = fs_err::remove_dir_all(folder);
        }
    }
}

pub(super) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_lives_stays() {
        let living = Home::new().expect("a folder");
        let dead = Home::new().expect("another");
        let left = dead.folder.clone();
        fs_err::write(left.join("file"), "x").expect("written");
        drop(dead);
        sweep(&std::env::temp_dir());
        assert!(!left.exists());
        assert!(living.folder.exists());
        living.remove().expect("removed");
    }
}
