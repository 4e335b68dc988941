//! `limbeck init --from-alembic`: an Alembic environment, read as text, becomes a project of limbeck.

use camino::Utf8PathBuf;

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};

/// What `init` is asked to take over, and into which folder.
#[derive(Debug)]
pub(super) struct Import {
    /// `alembic.ini` or `pyproject.toml`, or the folder that has one.
    pub(super) alembic: Utf8PathBuf,
    /// The project's folder.
    pub(super) folder: Utf8PathBuf,
}

/// Writes the project.
///
/// # Errors
/// If the environment can't be read, or files of limbeck are there already.
pub(super) fn run(_ctx: &Ctx, import: &Import) -> Result<Answer> {
    let Import { alembic, folder } = import;
    Err(Failure::usage(format!("`--from-alembic` is not there yet ({alembic} into {folder})")))
}
