//! Revision files inside a binary.

use camino::Utf8Path;

use crate::error::{Error, Result};
use crate::graph::Graph;

/// The revision files that [`embed!`](crate::embed) put into a binary.
///
/// A folder that isn't there is a mistake that the compiler says:
///
/// ```compile_fail
/// static MIGRATIONS: limbeck_migrate::Embedded = limbeck_migrate::embed!("no/such/folder");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    files: &'static [(&'static str, &'static str)],
}

impl Embedded {
    /// Files as pairs of path and text. What [`embed!`](crate::embed) expands to; rarely written by hand.
    pub const fn new(files: &'static [(&'static str, &'static str)]) -> Self {
        Embedded { files }
    }

    /// Reads them. In a unit test this finds what [`Migrator`](crate::Migrator) would only find when the
    /// application starts.
    ///
    /// # Errors
    /// All mistakes in all files and in how they follow each other; and if there is no file at all, which
    /// nobody means.
    pub fn graph(&self) -> Result<Graph> {
        if self.files.is_empty() {
            return Err(Error::NothingEmbedded);
        }
        Graph::read(self.files.iter().map(|(path, text)| (Utf8Path::new(path), *text)))
    }
}
