//! A folder with models, and the built binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::schema::Edit;
use crate::verify;

/// A project below `target`, left there for whoever wants to look.
pub(super) struct Project {
    folder: PathBuf,
    binary: PathBuf,
    /// The server's binaries, which the tool finds for its scratch databases, too.
    bin: PathBuf,
}

impl Project {
    pub(super) fn new(name: &str, binary: &Path, bin: PathBuf) -> Result<Self> {
        let folder = verify::target().join("bench").join(name);
        if folder.exists() {
            fs_err::remove_dir_all(&folder)?;
        }
        fs_err::create_dir_all(&folder)?;
        Ok(Self { folder, binary: binary.to_owned(), bin })
    }

    /// Runs the binary; it must end as it is expected to. Returns all that it said.
    pub(super) fn limbeck(&self, url: &str, arguments: &[&str], code: i32) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        // What was settled in the run before would be known: each run does all its work.
        command.env("DATABASE_URL", url).env("LIMBECK_PG_BIN", &self.bin).env("LIMBECK_NO_CACHE", "1");
        let said = command.output().context("the binary can't be run")?;
        let words =
            String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
        let status = said.status;
        ensure!(status.code() == Some(code), "limbeck {} ended with {status}:\n{words}", arguments.join(" "));
        Ok(words)
    }

    /// Changes a model.
    pub(super) fn edit(&self, edit: &Edit) -> Result<()> {
        let path = self.folder.join("models").join(&edit.file);
        let mut text = fs_err::read_to_string(&path)?;
        for (old, new) in &edit.replace {
            ensure!(text.contains(old), "{} has no {old:?}:\n{text}", path.display());
            text = text.replace(old, new);
        }
        fs_err::write(path, text)?;
        Ok(())
    }
}
