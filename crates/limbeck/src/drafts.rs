//! Files that are written under a hidden name beside their place, and moved there once they are whole: no other run
//! reads a half of one.

use camino::{Utf8Path, Utf8PathBuf};

/// `.NAME.draft-PID` beside `NAME`: nobody reads what begins with a dot, and each run has drafts of its own.
pub(crate) fn beside(path: &Utf8Path) -> Utf8PathBuf {
    path.with_file_name(format!(".{}.draft-{}", path.file_name().unwrap_or_default(), std::process::id()))
}
