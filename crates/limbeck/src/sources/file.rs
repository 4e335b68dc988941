//! Snapshot files on disk.

use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_introspect::file::{self, About, FileError};
use limbeck_report::printable_line;

use super::{SOURCES, Taken};
use crate::drafts::Drafts;
use crate::exit::{Code, Failure, Result, Snippet};

/// Reads one; and what to call it.
///
/// # Errors
/// If it is none, or not as it was written.
pub(super) fn read(path: &Utf8Path) -> Result<(Taken, String)> {
    let bytes = bytes(path)?;
    let (about, recording) = file::read(&bytes).map_err(|error| broken(path, &bytes, &error))?;
    let snapshot = recording.replay().map_err(|error| {
        let failure = Failure::of(Code::Content, &error).note(format!("it is what {path} says"));
        failure.help("take the snapshot again: `limbeck snapshot`")
    })?;
    let (of, version) = (printable_line(&about.of), printable_line(&about.postgres));
    let name = format!("the snapshot {path} ({of}, PostgreSQL {version})");
    Ok((Taken { snapshot, recording, applied: about.applied, of: Some(about.of) }, name))
}

/// What a file holds. Any file can be named here: as long as it does not begin as a snapshot does, it is not read.
fn bytes(path: &Utf8Path) -> Result<Vec<u8>> {
    if !file::is_one(&beginning(path)?) {
        return Err(foreign(path));
    }
    let size = fs_err::metadata(path)?.len();
    if size > LARGEST {
        return Err(Failure::new(Code::Content, format!("the snapshot {path} has {} MB", size >> 20))
            .note(format!("at most {} MB are read", LARGEST >> 20))
            .help("take the snapshot again: `limbeck snapshot`"));
    }
    Ok(fs_err::read(path)?)
}

/// What no snapshot comes near to: that of 5 000 tables has some 30 MB.
const LARGEST: u64 = 1 << 30;

/// The first bytes of a file.
fn beginning(path: &Utf8Path) -> std::io::Result<Vec<u8>> {
    // A pipe or a terminal would be waited for.
    if !fs_err::metadata(path)?.is_file() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    fs_err::File::open(path)?.take(64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn foreign(path: &Utf8Path) -> Failure {
    Failure::usage(format!("{path} is no snapshot of limbeck's")).help(SOURCES)
}

/// The text of one; `name` says what it is of, where nothing else does.
pub(crate) fn text(taken: Taken, name: String, sizes: bool) -> Result<String> {
    // Debian's text goes on: `15.18 (Debian 15.18-0+deb12u1)`.
    let version = taken.snapshot.server.version_text.split(' ').next().unwrap_or_default();
    let about = About {
        of: taken.of.unwrap_or(name),
        postgres: version.to_owned(),
        limbeck: env!("CARGO_PKG_VERSION").to_owned(),
        applied: taken.applied,
    };
    let text = file::write(&taken.recording.canonical(sizes), about);
    text.map_err(|error| Failure::of(Code::Content, &error))
}

/// Writes a file beside its place and moves it there, so that there is always the old one or the new one.
/// What is there and no snapshot is somebody's.
///
/// # Errors
/// If something else is there, or it can't be written.
pub(crate) fn write(path: &Utf8PathBuf, text: &str) -> Result<()> {
    if path.exists() && !beginning(path).is_ok_and(|bytes| file::is_one(&bytes)) {
        return Err(Failure::usage(format!("{path} is there, and is no snapshot"))
            .note("nothing was written")
            .help("name another file"));
    }
    let mut drafts = Drafts::below(path.parent().unwrap_or(path));
    drafts.write(path, text)?;
    drafts.place()
}

fn broken(path: &Utf8Path, bytes: &[u8], error: &FileError) -> Failure {
    let failure = Failure::of(Code::Content, error);
    let mut failure = match error {
        FileError::Foreign => foreign(path),
        FileError::Format { .. } | FileError::Outdated { .. } => {
            failure.help("take the snapshot again with this limbeck, or read it with that one")
        }
        FileError::Cut { .. } | FileError::Altered | FileError::Query { .. } => {
            failure.help("take it again: a snapshot is not edited, and two of them can't be merged")
        }
        FileError::Utf8 { .. } | FileError::Line { .. } => {
            let merged = bytes.windows(9).any(|bytes| bytes == b"\n<<<<<<< ");
            let why = merged.then_some("it has the marks of a merge: two snapshots can't be merged");
            why.into_iter().fold(failure, Failure::note).help("take it again: `limbeck snapshot`")
        }
    };
    if !matches!(error, FileError::Foreign) {
        let report = &mut failure.reports[0];
        report.message = format!("can't read the snapshot {path}: {}", report.message);
    }
    match error.line() {
        Some(line) => {
            failure.at(Snippet { path: path.to_string(), line, first_line: line, ..Snippet::default() })
        }
        None => failure,
    }
}
