//! Revision files of some directories to a graph.

use std::collections::BTreeSet;
use std::io::{Error as IoError, ErrorKind};

use camino::{Utf8Path, Utf8PathBuf};

use super::Graph;
use crate::error::{Error, Mistake, Result};
use crate::file::{Revision, parse};

pub(super) fn load(directories: &[Utf8PathBuf]) -> Result<Graph> {
    let read = files(directories)?.into_iter().map(|path| read(&path)).collect::<Result<Vec<_>>>()?;
    gather(read)
}

/// A graph of what was read, or all mistakes in it.
pub(super) fn gather(read: impl IntoIterator<Item = Result<Revision, Vec<Mistake>>>) -> Result<Graph> {
    let (mut revisions, mut mistakes) = (Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok(revision) => revisions.push(revision),
            Err(found) => mistakes.extend(found),
        }
    }
    match super::order::arrange(revisions) {
        Ok(graph) if mistakes.is_empty() => Ok(graph),
        Ok(_) => Err(Error::Mistakes { mistakes }),
        // With an unreadable file, what names it as a parent would be reported as well, misleadingly.
        Err(_) if !mistakes.is_empty() => Err(Error::Mistakes { mistakes }),
        Err(error) => Err(error),
    }
}

/// More than a message to Postgres can hold.
const LARGEST: u64 = 1 << 30;

fn read(path: &Utf8Path) -> Result<Result<Revision, Vec<Mistake>>> {
    let bytes = fs_err::metadata(path).map_err(|e| Error::io(path, e))?.len();
    if bytes > LARGEST {
        let mistake = Mistake::new(path, 1, "", format!("the file has {bytes} bytes"));
        return Ok(Err(vec![
            mistake.help("Postgres takes messages of 1 GB at most: make several revisions of it"),
        ]));
    }
    let bytes = fs_err::read(path).map_err(|e| Error::io(path, e))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => parse(path, &text),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..good]);
            let (line, last) = (text.matches('\n').count() + 1, text.rsplit('\n').next().unwrap_or_default());
            Err(vec![
                Mistake::new(path, line, last, "not UTF-8").at(last.len()).help("save the file as UTF-8"),
            ])
        }
    })
}

/// The `.sql` files of some directories and the folders in them, hidden ones left out, by name.
fn files(directories: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>> {
    let mut open = directories.to_vec();
    let mut found = Vec::new();
    // A link may lead to a folder that holds it.
    let mut linked = BTreeSet::new();
    while let Some(directory) = open.pop() {
        let entries = match directory.read_dir_utf8() {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(Error::io(&directory, e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| Error::io(&directory, e))?;
            if entry.file_name().starts_with('.') {
                continue;
            }
            // The entry knows what it is without another look at the disk, unless it is a link.
            let kind = entry.file_type().map_err(|e| Error::io(entry.path(), e))?;
            let path = entry.path();
            if kind.is_dir() {
                open.push(path.to_owned());
            } else if kind.is_symlink() && path.is_dir() {
                let real = path.canonicalize_utf8().map_err(|e| Error::io(path, e))?;
                if !holds(&real, &directory) && linked.insert(real) {
                    open.push(path.to_owned());
                }
            } else if path.extension() == Some("sql") {
                refuse_special(path, kind)?;
                found.push(path.to_owned());
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Whether a folder is another, or is above it.
fn holds(real: &Utf8Path, other: &Utf8Path) -> bool {
    other.canonicalize_utf8().is_ok_and(|other| other.starts_with(real))
}

/// Whoever opens a named pipe waits for somebody to write into it.
fn refuse_special(path: &Utf8Path, kind: std::fs::FileType) -> Result<()> {
    if kind.is_file() || path.metadata().is_ok_and(|at| at.is_file()) || !path.exists() {
        return Ok(());
    }
    Err(Error::io(
        path,
        IoError::new(ErrorKind::InvalidInput, "it is no file, but a pipe, a socket or a device"),
    ))
}
