//! A folder with models, and the built binary run in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::memory::Run;
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

    /// A run of the binary, which must end as it is expected to. What was found in the run before is forgotten:
    /// each does all its work.
    pub(super) fn limbeck(&self, url: &str, arguments: &[&str], code: i32) -> Run {
        let mut command = self.command(url, arguments);
        command.env("LIMBECK_NO_CACHE", "1");
        Run { command, code }
    }

    /// The same, and what earlier runs found is known.
    pub(super) fn knowing(&self, url: &str, arguments: &[&str], code: i32) -> Run {
        Run { command: self.command(url, arguments), code }
    }

    fn command(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.folder).env_remove("LIMBECK_NO_CACHE");
        command.env("DATABASE_URL", url).env("LIMBECK_PG_BIN", &self.bin);
        command
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
