//! Changes of revision files that happen together, or not at all. Each new text is written beside its
//! place first; only then are files moved, and whatever was moved goes back where one step fails.

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

/// Files to write and files to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    written: Vec<(Utf8PathBuf, String)>,
    removed: Vec<Utf8PathBuf>,
}

/// What has been done so far, to be undone.
#[derive(Default)]
struct Done {
    /// Files that stand under another name for now: where they were, where they are.
    aside: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// Files that are there now and were not.
    placed: Vec<Utf8PathBuf>,
}

impl Edits {
    /// Adds a file with a new text; it may be there already.
    pub fn write(&mut self, path: impl Into<Utf8PathBuf>, text: impl Into<String>) {
        self.written.push((path.into(), text.into()));
    }

    /// Adds a file that goes.
    pub fn remove(&mut self, path: impl Into<Utf8PathBuf>) {
        self.removed.push(path.into());
    }

    /// Adds a file that gets a new text and perhaps another name.
    pub fn replace(&mut self, from: &Utf8Path, to: &Utf8Path, text: impl Into<String>) {
        self.write(to, text);
        if from != to {
            self.remove(from);
        }
    }

    /// The files that get a text.
    pub fn paths(&self) -> impl Iterator<Item = &Utf8Path> {
        self.written.iter().map(|(path, _)| path.as_path())
    }

    /// The files that are there before and change or go.
    pub fn touched(&self) -> impl Iterator<Item = &Utf8Path> {
        let written = self.written.iter().map(|(path, _)| path).filter(|path| path.exists());
        written.chain(&self.removed).map(Utf8PathBuf::as_path)
    }

    /// Does all of it.
    ///
    /// # Errors
    /// The file that can't be written or moved; everything is as it was then.
    pub fn apply(&self) -> Result<()> {
        let drafts = self.drafts()?;
        let mut done = Done::default();
        match self.exchange(&drafts, &mut done) {
            Ok(()) => {
                // Hidden files are no revisions: one that can't be removed disturbs nothing.
                done.aside.iter().for_each(|(_, aside)| drop(fs_err::remove_file(aside)));
                Ok(())
            }
            Err((path, error)) => {
                done.undo();
                drafts.iter().for_each(|draft| drop(fs_err::remove_file(draft)));
                Err(Error::Edit { path, source: error })
            }
        }
    }

    /// Writes every new text under a hidden name beside its place.
    fn drafts(&self) -> Result<Vec<Utf8PathBuf>> {
        let mut drafts = Vec::new();
        for (path, text) in &self.written {
            let draft = hidden(path, "new");
            let written =
                path.parent().map_or(Ok(()), fs_err::create_dir_all).and_then(|()| write(&draft, text));
            drafts.push(draft);
            if let Err(error) = written {
                drafts.iter().for_each(|draft| drop(fs_err::remove_file(draft)));
                return Err(Error::Edit { path: path.clone(), source: error });
            }
        }
        Ok(drafts)
    }

    fn exchange(&self, drafts: &[Utf8PathBuf], done: &mut Done) -> Result<(), (Utf8PathBuf, io::Error)> {
        let named = |path: &Utf8Path| {
            let path = path.to_owned();
            move |error: io::Error| (path, error)
        };
        for ((path, _), draft) in self.written.iter().zip(drafts) {
            if path.exists() {
                let aside = hidden(path, "old");
                // A copy and not a move: whatever ends this process, the file is there, old or new.
                fs_err::copy(path, &aside).map_err(named(path))?;
                done.aside.push((path.clone(), aside.clone()));
                let permissions = fs_err::metadata(&aside).map_err(named(path))?.permissions();
                fs_err::set_permissions(draft, permissions).map_err(named(path))?;
            }
            fs_err::rename(draft, path).map_err(named(path))?;
            done.placed.push(path.clone());
        }
        // Last: whatever ends this process before, a revision is there twice, which every command says, and never
        // gone, which none would know.
        let written = |path: &&Utf8PathBuf| self.written.iter().any(|(written, _)| written == *path);
        for path in self.removed.iter().filter(|path| !written(path)) {
            let aside = hidden(path, "old");
            fs_err::rename(path, &aside).map_err(named(path))?;
            done.aside.push((path.clone(), aside));
        }
        Ok(())
    }
}

impl Done {
    fn undo(&self) {
        // What can't be put back either is still there under its hidden name.
        self.placed.iter().for_each(|path| drop(fs_err::remove_file(path)));
        self.aside.iter().rev().for_each(|(path, aside)| drop(fs_err::rename(aside, path)));
    }
}

/// `.NAME.new` beside `NAME`: files that begin with a dot are not read as revisions.
fn hidden(path: &Utf8Path, word: &str) -> Utf8PathBuf {
    path.with_file_name(format!(".{}.{word}", path.file_name().unwrap_or_default()))
}

fn write(path: &Utf8Path, text: &str) -> io::Result<()> {
    let mut file = fs_err::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(Utf8PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("limbeck-edit-{}-{name}", std::process::id()));
            fs_err::create_dir_all(&path).unwrap();
            Folder(Utf8PathBuf::from_path_buf(path).unwrap())
        }

        /// All names, hidden ones too, with their texts.
        fn holds(&self) -> Vec<String> {
            let entries = self.0.read_dir_utf8().unwrap().map(Result::unwrap);
            let files = entries.filter(|entry| entry.path().is_file());
            let mut all: Vec<String> = files
                .map(|f| format!("{}={}", f.file_name(), fs_err::read_to_string(f.path()).unwrap()))
                .collect();
            all.sort();
            all
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs_err::remove_dir_all(&self.0));
        }
    }

    fn edits(folder: &Folder) -> Edits {
        let mut edits = Edits::default();
        edits.write(folder.0.join("a"), "new a");
        edits.replace(&folder.0.join("b"), &folder.0.join("d"), "new b");
        edits.remove(folder.0.join("c"));
        edits
    }

    #[test]
    fn all_of_it_happens() {
        let folder = Folder::new("all");
        ["a", "b", "c"].iter().for_each(|name| fs_err::write(folder.0.join(name), name).unwrap());
        edits(&folder).apply().unwrap();
        assert_eq!(folder.holds(), ["a=new a", "d=new b"]);
    }

    #[test]
    fn files_can_take_each_others_names() {
        let folder = Folder::new("swap");
        ["a", "b"].iter().for_each(|name| fs_err::write(folder.0.join(name), name).unwrap());
        let (a, b) = (folder.0.join("a"), folder.0.join("b"));
        let mut edits = Edits::default();
        edits.replace(&a, &b, "was a");
        edits.replace(&b, &a, "was b");
        edits.apply().unwrap();
        assert_eq!(folder.holds(), ["a=was b", "b=was a"]);
    }

    /// What takes a file away can't go before what stands in for it is there.
    #[test]
    fn nothing_goes_before_its_successor_is_there() {
        let folder = Folder::new("order");
        ["b", "c"].iter().for_each(|name| fs_err::write(folder.0.join(name), name).unwrap());
        fs_err::create_dir_all(folder.0.join("d/full")).unwrap();
        let error = edits(&folder).exchange(&edits(&folder).drafts().unwrap(), &mut Done::default());
        assert!(error.is_err_and(|(path, _)| path.ends_with("d")));
        assert!(folder.holds().contains(&"b=b".to_owned()), "{:?}", folder.holds());
    }

    #[test]
    fn none_of_it_happens_where_one_step_fails() {
        let folder = Folder::new("none");
        ["a", "b"].iter().for_each(|name| fs_err::write(folder.0.join(name), name).unwrap());
        // `c`, which was to go, is not there.
        let error = edits(&folder).apply().unwrap_err();
        assert!(error.to_string().contains("/c,"), "{error}");
        assert_eq!(folder.holds(), ["a=a", "b=b"]);
        // A folder stands where a file was to be.
        fs_err::write(folder.0.join("c"), "c").unwrap();
        fs_err::create_dir_all(folder.0.join(".d.new")).unwrap();
        assert!(edits(&folder).apply().is_err());
        assert_eq!(folder.holds(), ["a=a", "b=b", "c=c"]);
    }
}
