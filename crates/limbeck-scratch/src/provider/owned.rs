//! Folders that belong to a run: each with a file that the run keeps locked, so that the next one can tell what a
//! killed one left, and remove it.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::Error;
use super::native::user_id;

/// The file in a folder that is locked.
const OWNER: &str = "owner";

/// What a folder is called, after the prefix, that is being removed: nobody owns it.
const GONE: &str = "gone-";

/// How old a folder without that file must be not to be taken for one that is being made this moment.
const HALF_MADE: Duration = Duration::from_secs(60 * 60);

/// A folder of this run's.
#[derive(Debug)]
pub(super) struct Owned {
    folder: PathBuf,
    prefix: &'static str,
    /// Locked; the system lets it go with the process, however that ends.
    _owner: File,
}

impl Owned {
    /// Makes one that only this user can enter, and removes those of runs that are gone.
    pub(super) fn new(within: &Path, prefix: &'static str) -> Result<Self, Error> {
        sweep(within, prefix);
        let made = tempfile::Builder::new().prefix(prefix).tempdir_in(within);
        let folder = made.map_err(|source| io("making", within, source))?.keep();
        // Locked before it has its name: what has it and is not locked has no owner.
        let new = folder.join("new");
        let owner = File::create(&new).map_err(|source| io("making", &new, source))?;
        owner.lock().map_err(|source| io("locking", &new, source))?;
        fs_err::rename(&new, folder.join(OWNER)).map_err(|source| io("making", &folder, source))?;
        Ok(Self { folder, prefix, _owner: owner })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes it with all that is in it.
    pub(super) fn remove(&self) -> Result<(), Error> {
        remove(&self.folder, self.prefix).map_err(|source| io("removing", &self.folder, source))
    }
}

/// Under another name first: a folder of which half is removed may have lost the file that tells whose it is.
fn remove(folder: &Path, prefix: &str) -> std::io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let gone = folder.with_file_name(format!("{prefix}{GONE}{}", name.trim_start_matches(prefix)));
    fs_err::rename(folder, &gone)?;
    fs_err::remove_dir_all(gone)
}

/// Removes folders that nobody owns any more. Those of other users stay: what is in them may be made to trap us.
fn sweep(within: &Path, prefix: &str) {
    let Ok(entries) = within.read_dir() else { return };
    for entry in entries.flatten() {
        let (name, folder) = (entry.file_name(), entry.path());
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else { continue };
        let Ok(known) = fs_err::symlink_metadata(&folder) else { continue };
        if !known.is_dir() || known.uid() != user_id() {
            continue;
        }
        let done = match rest.starts_with(GONE) {
            true => fs_err::remove_dir_all(&folder),
            false if is_left(&folder, &known) => remove(&folder, prefix),
            false => Ok(()),
        };
        if let Err(error) = done {
            tracing::debug!("{error}");
        }
    }
}

/// Whether whoever made a folder is gone.
fn is_left(folder: &Path, known: &Metadata) -> bool {
    let owner = folder.join(OWNER);
    match fs_err::symlink_metadata(&owner) {
        Ok(file) => file.is_file() && File::open(&owner).is_ok_and(|owner| owner.try_lock().is_ok()),
        Err(_) => known.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > HALF_MADE)),
    }
}

pub(super) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::SystemTime;

    use super::*;

    const PREFIX: &str = "limbeck-owned-";

    fn names(within: &Path) -> Vec<String> {
        let entries = within.read_dir().expect("a folder").flatten();
        let mut names: Vec<_> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_lives_stays() {
        let within = tempfile::tempdir().expect("a folder");
        let living = Owned::new(within.path(), PREFIX).expect("a folder");
        let dead = Owned::new(within.path(), PREFIX).expect("another");
        fs_err::create_dir(dead.folder().join("c")).expect("a folder in it");
        fs_err::write(dead.folder().join("c/file"), "x").expect("written");
        drop(dead);
        assert_eq!(names(within.path()).len(), 2);
        sweep(within.path(), PREFIX);
        assert!(living.folder().exists());
        assert_eq!(names(within.path()).len(), 1);
        living.remove().expect("removed");
        assert_eq!(names(within.path()), [""; 0]);
    }

    #[test]
    fn what_was_half_removed_or_half_made_is_removed_and_what_is_being_made_stays() {
        let within = tempfile::tempdir().expect("a folder");
        for name in ["gone-abc", "made-now", "made-long-ago"] {
            let folder = within.path().join(format!("{PREFIX}{name}"));
            fs_err::create_dir(&folder).expect("a folder");
            fs_err::write(folder.join("file"), "x").expect("written");
        }
        let old = File::open(within.path().join(format!("{PREFIX}made-long-ago"))).expect("opened");
        old.set_modified(SystemTime::now() - HALF_MADE - HALF_MADE).expect("its time");
        sweep(within.path(), PREFIX);
        assert_eq!(names(within.path()), [format!("{PREFIX}made-now")]);
    }

    /// Opening a pipe waits for somebody who writes.
    #[test]
    fn what_is_no_file_stops_nobody() {
        let within = tempfile::tempdir().expect("a folder");
        let folder = within.path().join(format!("{PREFIX}trap"));
        fs_err::create_dir(&folder).expect("a folder");
        let made = Command::new("mkfifo").arg(folder.join(OWNER)).status().expect("mkfifo runs");
        assert!(made.success());
        std::os::unix::fs::symlink("/nowhere", within.path().join(format!("{PREFIX}link"))).expect("a link");
        sweep(within.path(), PREFIX);
        assert_eq!(names(within.path()).len(), 2);
    }
}
