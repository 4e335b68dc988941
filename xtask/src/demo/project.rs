//! The developer's folder, and the built binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::edits::Edit;
use crate::{say, verify};

/// A project below `target`, left there for whoever wants to look.
pub(super) struct Project {
    folder: PathBuf,
    url: String,
    /// The server's binaries, which the tool finds for its own scratch databases, too.
    bin: PathBuf,
}

impl Project {
    pub(super) fn new(url: String, bin: PathBuf) -> Result<Self> {
        let folder = verify::target().join("demo");
        if folder.exists() {
            fs_err::remove_dir_all(&folder)?;
        }
        fs_err::create_dir_all(&folder)?;
        Ok(Self { folder, url, bin })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs the binary as the developer would, and shows it.
    pub(super) fn limbeck(&self, arguments: &[&str]) -> Result<()> {
        let shown =
            arguments.iter().map(|a| if a.contains(' ') { format!("{a:?}") } else { (*a).to_owned() });
        say::command(format!("limbeck {}", shown.collect::<Vec<_>>().join(" ")));
        let status = self.command(&self.folder, arguments).status().context("the binary can't be run")?;
        ensure!(status.success(), "limbeck {} ended with {status}", arguments.join(" "));
        Ok(())
    }

    /// Pulls into a folder of its own, to see what stands in the database.
    pub(super) fn pulled(&self) -> Result<String> {
        let folder = verify::target().join("demo-look");
        if folder.exists() {
            fs_err::remove_dir_all(&folder)?;
        }
        fs_err::create_dir_all(&folder)?;
        for arguments in [&["init"][..], &["pull"]] {
            let said = self.command(&folder, arguments).output().context("the binary can't be run")?;
            ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        }
        let texts: Result<Vec<_>, _> =
            files_below(&folder.join("models"))?.iter().map(fs_err::read_to_string).collect();
        let texts = texts?;
        fs_err::remove_dir_all(&folder)?;
        Ok(texts.join("\n"))
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(verify::target().join("debug").join("limbeck"));
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.env("DATABASE_URL", &self.url).env("LIMBECK_PG_BIN", &self.bin);
        command
    }

    /// Prints a file.
    pub(super) fn show(&self, file: &str) -> Result<()> {
        let text = fs_err::read_to_string(self.folder.join(file))?;
        say::file(file, &text);
        Ok(())
    }

    /// Changes a model as a hand would.
    pub(super) fn edit(&self, edit: &Edit) -> Result<()> {
        let model = |path: &PathBuf| fs_err::read_to_string(path).is_ok_and(|text| edit.is_in(&text));
        let path = files_below(&self.folder.join("models"))?.into_iter().find(model);
        let path = path.with_context(|| format!("no model of {} was pulled", edit.object))?;
        let text = fs_err::read_to_string(&path)?;
        let changed =
            edit.apply(&text).with_context(|| format!("{} is not as expected:\n{text}", path.display()))?;
        fs_err::write(path, changed)?;
        Ok(())
    }

    /// The one revision that there is.
    pub(super) fn revision(&self) -> Result<String> {
        let files = fs_err::read_dir(self.folder.join("migrations"))?.flatten();
        let mut names =
            files.map(|f| f.file_name().to_string_lossy().into_owned()).filter(|n| n.ends_with(".sql"));
        Ok(format!("migrations/{}", names.next().context("no revision was written")?))
    }
}

/// All files below a folder, by name.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs_err::read_dir(next)?.flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
