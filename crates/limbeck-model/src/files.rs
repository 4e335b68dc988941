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
    match at.len() {
        bytes if bytes > LARGEST => Err(Error::TooLarge { path: path.to_owned(), bytes, most: LARGEST }),
        _ => Ok(()),
    }
}

fn open(path: Utf8PathBuf) -> Result<SourceFile, Error> {
    let bytes = std::fs::read(&path).map_err(|source| error(&path, source))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile { path, text }),
        Err(not) => {
            let good = not.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&not.as_bytes()[..good]);
            let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Err(Error::NotUtf8 { place: Place { path, line: text.matches('\n').count() + 1, column } })
        }
    }
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
