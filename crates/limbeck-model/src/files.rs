//! The model files of a folder.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::{Error, Place, SourceFile};

/// Every `*.yaml` and `*.yml` below a folder, sorted by path; what is hidden is left alone. Links are
/// followed, each folder once, so that a loop of them ends.
pub fn find(dir: &Utf8Path) -> Result<Vec<SourceFile>, Error> {
    let mut paths = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let real = folder.canonicalize_utf8().map_err(|source| error(&folder, source))?;
        if !seen.insert(real) {
            continue;
        }
        for entry in folder.read_dir_utf8().map_err(|source| error(&folder, source))? {
            let path = entry.map_err(|source| error(&folder, source))?.into_path();
            if path.file_name().is_some_and(|name| name.starts_with('.')) {
                continue;
            }
            // A link that leads nowhere would be a table that seems to be dropped.
            let at = path.metadata().map_err(|source| error(&path, source))?;
            if at.is_dir() {
                folders.push(path);
            } else if is_model(&path) {
                refuse_special(&path, &at)?;
                paths.insert(path);
            }
        }
    }
    paths.into_iter().map(open).collect()
}

/// Whether a file is a model, by its name.
pub fn is_model(path: &Utf8Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
}

/// What no model comes near to, and takes a moment to read.
const LARGEST: u64 = 64 << 20;

/// Whoever opens a named pipe waits for somebody to write into it; and some files have no end.
fn refuse_special(path: &Utf8Path, at: &Metadata) -> Result<(), Error> {
    if !at.is_file() {
        let source =
            io::Error::new(io::ErrorKind::InvalidInput, "it is no file, but a pipe, a socket or a device");
        return Err(error(path, source));
    }
    refuse_large(path, at.len())
}

/// Refuses a file of so many bytes, so that nobody has to read it.
///
/// # Errors
/// If no model comes near to that.
pub fn refuse_large(path: &Utf8Path, bytes: u64) -> Result<(), Error> {
    if bytes > LARGEST {
        return Err(Error::TooLarge { path: path.to_owned(), bytes, most: LARGEST });
    }
    Ok(())
}

fn open(path: Utf8PathBuf) -> Result<SourceFile, Error> {
    let bytes = std::fs::read(&path).map_err(|source| error(&path, source))?;
    source(path, bytes)
}

/// A model file out of the bytes that stand under its path, wherever they come from.
///
/// # Errors
/// If they are no text, or more than is read.
pub fn source(path: Utf8PathBuf, bytes: Vec<u8>) -> Result<SourceFile, Error> {
    refuse_large(&path, bytes.len() as u64)?;
    let text = utf8(&path, bytes).map_err(|place| Error::NotUtf8 { place })?;
    Ok(SourceFile { path, text })
}

/// The text that bytes are.
///
/// # Errors
/// The place of the first byte that isn't UTF-8.
pub fn utf8(path: &Utf8Path, bytes: Vec<u8>) -> Result<String, Place> {
    String::from_utf8(bytes).map_err(|not| {
        let good = not.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&not.as_bytes()[..good]);
        let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { path: path.to_owned(), line: text.matches('\n').count() + 1, column }
    })
}

fn error(path: &Utf8Path, source: io::Error) -> Error {
    Error::Read { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn loops_of_links_end() {
        let temp = tempfile::tempdir().expect("a folder");
        let root = Utf8Path::from_path(temp.path()).expect("a path in UTF-8");
        std::fs::create_dir_all(root.join("a/b")).expect("folders");
        std::fs::write(root.join("a/b/t.yml"), "tables: {}\n").expect("a file");
        std::fs::write(root.join("a/x.txt"), "").expect("a file");
        std::os::unix::fs::symlink(root, root.join("a/b/up")).expect("a link");
        std::os::unix::fs::symlink("self", root.join("a/.self")).expect("a link");
        let files = find(root).expect("files");
        assert_eq!(files.iter().map(|f| f.path.clone()).collect::<Vec<_>>(), [root.join("a/b/t.yml")]);
    }
}
