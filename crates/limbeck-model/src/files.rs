//! The model files of a folder.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::{Error, SourceFile};

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
            if path.is_dir() {
                folders.push(path);
            } else if is_model(&path) && path.exists() {
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

fn open(path: Utf8PathBuf) -> Result<SourceFile, Error> {
    let text = std::fs::read_to_string(&path).map_err(|source| error(&path, source))?;
    Ok(SourceFile { path, text })
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
        let files = find(root).expect("files");
        assert_eq!(files.iter().map(|f| f.path.clone()).collect::<Vec<_>>(), [root.join("a/b/t.yml")]);
    }
}
