//! Where a run's embedded databases lie: a folder of its own in the temporary folder.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::provider::error::Error;
use crate::provider::owned::{Owned, io};

/// A run's folder.
#[derive(Debug)]
pub(super) struct Home {
    owned: Owned,
    next: AtomicU32,
}

impl Home {
    /// Makes one, and removes those whose processes are gone.
    pub(super) fn new() -> Result<Self, Error> {
        // Short: a path to a socket ends near 107 bytes. Private: whoever reaches the socket is superuser.
        let owned = Owned::new(&std::env::temp_dir(), "limbeck-embedded-")?;
        Ok(Self { owned, next: AtomicU32::new(1) })
    }

    /// A new, empty folder for a database.
    pub(super) fn folder(&self) -> Result<PathBuf, Error> {
        let folder = self.owned.folder().join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        fs_err::create_dir(&folder).map_err(|source| io("making", &folder, source))?;
        Ok(folder)
    }

    /// Removes all that is in it.
    pub(super) fn remove(&self) -> Result<(), Error> {
        self.owned.remove()
    }
}
