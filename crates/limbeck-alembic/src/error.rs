//! What keeps an Alembic environment from being taken over.

use camino::Utf8PathBuf;

/// Everything that stops an import. What can't be translated does not: it is marked in the revisions.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither an ini file nor a pyproject.toml speaks of Alembic there.
    #[error("no alembic.ini, and no [tool.alembic] in a pyproject.toml, at {path}")]
    NoConfig {
        /// Where was looked.
        path: Utf8PathBuf,
    },
    /// The configuration names no `script_location`.
    #[error("{path} names no script_location")]
    NoLocation {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A folder of revisions isn't there.
    #[error("the folder {path} is not there")]
    NoFolder {
        /// The folder.
        path: Utf8PathBuf,
    },
    /// A file or folder can't be read.
    #[error("can't read {path}")]
    Io {
        /// Which.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A configuration that can't be read as such.
    #[error("{path}: {message}")]
    Config {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A script whose identity or parents are no literals, or can't be ours.
    #[error("{path}:{line}: {message}")]
    Script {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The scripts don't make a graph.
    #[error("the chain of Alembic's revisions does not hold together")]
    Chain {
        /// What is wrong, by file and line.
        mistakes: Vec<String>,
    },
    /// A file that is no output of `alembic … --sql` of this chain.
    #[error("{path} holds no `-- Running upgrade` or `-- Running downgrade` line of these revisions")]
    NoSteps {
        /// The file.
        path: Utf8PathBuf,
    },
}

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A file's text.
pub(crate) fn read(path: &camino::Utf8Path) -> Result<String> {
    fs_err::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}
