//! Files that are written whole under a hidden name, and moved to their place then: no other run reads a half of one,
//! and a disk that fills up meanwhile leaves what is there as it was.
//!
//! Drafts lie in a folder of the run's own, `.limbeck-draft-…`, which nobody reads. In it is a file that the run keeps
//! locked for as long as it lives: what a killed run left is what nobody locks, and the next one removes it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::exit::{Failure, Result};

/// What folders of drafts are called, followed by the process and a number.
const PREFIX: &str = ".limbeck-draft-";

/// The file in it that is locked.
const OWNER: &str = "owner";

/// Files on their way to their places.
pub(crate) struct Drafts {
    /// The folder below which they all go, but for links that lead elsewhere.
    root: Utf8PathBuf,
    homes: Vec<Home>,
    /// Where each is, and where it goes.
    files: Vec<(Utf8PathBuf, Utf8PathBuf)>,
}

impl Drafts {
    /// For files below a folder; what killed runs left there goes.
    pub(crate) fn below(root: &Utf8Path) -> Self {
        let root = if root.as_str().is_empty() { Utf8Path::new(".") } else { root };
        sweep(root);
        Drafts { root: root.to_owned(), homes: Vec::new(), files: Vec::new() }
    }

    /// Writes what is going to be a file, which may be there already: a link to one stays a link, and a file keeps
    /// who may read and write it.
    ///
    /// # Errors
    /// If it can't be written, with the file that it would have been.
    pub(crate) fn write(&mut self, path: &Utf8Path, text: &str) -> Result<()> {
        let place = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
        let draft = self.draft(&place, text).map_err(|error| unwritten(path, &error))?;
        self.files.push((draft, place));
        Ok(())
    }

    fn draft(&mut self, place: &Utf8Path, text: &str) -> io::Result<Utf8PathBuf> {
        let folder = place.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(".".into());
        std::fs::create_dir_all(folder)?;
        let draft = self.home(folder)?.next();
        std::fs::write(&draft, text)?;
        if let Ok(old) = std::fs::metadata(place) {
            std::fs::set_permissions(&draft, old.permissions())?;
        }
        Ok(draft)
    }

    /// Where drafts for a folder are: on the same file system, or they could not be moved.
    fn home(&mut self, folder: &Utf8Path) -> io::Result<&mut Home> {
        let real = folder.canonicalize_utf8()?;
        let root = self.root.canonicalize_utf8()?;
        let within = if real.starts_with(&root) && device(&real)? == device(&root)? { root } else { real };
        if let Some(at) = self.homes.iter().position(|home| home.within == within) {
            return Ok(&mut self.homes[at]);
        }
        if within.as_path() != self.root {
            sweep(&within);
        }
        self.homes.push(Home::new(within)?);
        let last = self.homes.len() - 1;
        Ok(&mut self.homes[last])
    }

    /// Moves all to their places.
    ///
    /// # Errors
    /// If one can't be moved; those before it are at their places then.
    pub(crate) fn place(self) -> Result<()> {
        self.files
            .iter()
            .try_for_each(|(draft, place)| std::fs::rename(draft, place).map_err(|e| unwritten(place, &e)))
    }

    /// Puts all where nothing may be yet, written through to the disk. Nothing takes the place of another's.
    ///
    /// # Errors
    /// If something is there, or one can't be put there.
    pub(crate) fn place_new(self) -> Result<()> {
        self.files
            .iter()
            .try_for_each(|(draft, place)| appear(draft, place).map_err(|error| unwritten(place, &error)))
    }
}

/// Which file system a folder is on; a volume may be mounted anywhere.
fn device(folder: &Utf8Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(std::fs::metadata(folder)?.dev())
}

fn appear(draft: &Utf8Path, place: &Utf8Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(draft)?.sync_all()?;
    match std::fs::hard_link(draft, place) {
        // A file system without links.
        Err(_) if !place.exists() => std::fs::rename(draft, place),
        linked => linked,
    }
}

fn unwritten(path: &Utf8Path, error: &io::Error) -> Failure {
    Failure::usage(format!("can't write {path}: {error}"))
}

/// A run's folder of drafts; it goes with it.
struct Home {
    within: Utf8PathBuf,
    folder: Utf8PathBuf,
    drafts: usize,
    /// Locked, where the file system can.
    _owner: File,
}

impl Home {
    fn new(within: Utf8PathBuf) -> io::Result<Self> {
        for number in 0_u32.. {
            let folder = within.join(format!("{PREFIX}{}-{number}", std::process::id()));
            match std::fs::create_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            }
            if let Some(owner) = own(&folder)? {
                return Ok(Home { within, folder, drafts: 0, _owner: owner });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// A path for another draft.
    fn next(&mut self) -> Utf8PathBuf {
        self.drafts += 1;
        self.folder.join(self.drafts.to_string())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        empty(&self.folder);
    }
}

/// Locks a new folder; none, if another run was faster and took it for one that was left.
fn own(folder: &Utf8Path) -> io::Result<Option<File>> {
    let path = folder.join(OWNER);
    let owner = match File::create_new(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        made => made?,
    };
    match owner.try_lock() {
        Ok(()) => Ok(path.exists().then_some(owner)),
        Err(TryLockError::WouldBlock) => Ok(None),
        // A file system without locks: no other run gets one either, and none takes this for left.
        Err(TryLockError::Error(_)) => Ok(Some(owner)),
    }
}

/// Removes the drafts of runs that are no more.
fn sweep(within: &Utf8Path) {
    let Ok(entries) = within.read_dir_utf8() else { return };
    let drafts = entries.flatten().filter(|entry| entry.file_name().starts_with(PREFIX));
    for folder in drafts.map(|entry| entry.into_path()) {
        match File::open(folder.join(OWNER)) {
            Ok(owner) if owner.try_lock().is_ok() => empty(&folder),
            Ok(_) => {}
            // Not locked yet, or its removal was cut short: if there is nothing in it, it can go.
            Err(_) => drop(std::fs::remove_dir(&folder)),
        }
    }
}

/// Removes a folder, what says whose it is last: whatever ends this, the next run can go on.
fn empty(folder: &Utf8Path) {
    let drafts = folder.read_dir_utf8().into_iter().flatten().flatten();
    for draft in drafts.filter(|entry| entry.file_name() != OWNER) {
        drop(std::fs::remove_file(draft.path()));
    }
    drop(std::fs::remove_file(folder.join(OWNER)));
    drop(std::fs::remove_dir(folder));
}
