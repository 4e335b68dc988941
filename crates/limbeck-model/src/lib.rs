//! Models: YAML to declared objects and back, with positions and diagnostics.
//!
//! Reading order: [`diagnostic`] (what is wrong and where), `yaml` (text to a tree with positions),
//! `de` (a tree to a kind's fields), `sections` (which keys are objects of their own), `read`, `write`,
//! `splice` (changes to files that are there), `schema`.
//!
//! Nothing here talks to a server, and nothing here knows a kind's fields: the documents are the
//! kinds' own.

mod de;
pub mod diagnostic;
mod files;
mod locate;
mod read;
mod schema;
mod sections;
mod splice;
mod tree;
mod write;
mod yaml;

use camino::Utf8PathBuf;

pub use diagnostic::{Diagnostic, Place, Report, SourceFile, shortened};
pub use files::{find, is_model, refuse_large, source, utf8};
pub use read::{Asked, Declared, Stretch, read, read_files};
pub use schema::json_schema;
pub use splice::{FileChange, update};
pub use write::{WriteOptions, write};

/// A file as it is read, without what it means: maps, lists and texts. For
/// comparing this reader with others.
///
/// # Errors
///
/// Why it is refused, in a few words each.
pub fn plain_tree(text: &str) -> Result<serde_json::Value, Vec<String>> {
    let mut refused = Vec::new();
    let node = yaml::parse(text, 0, &mut refused);
    let said =
        refused.into_iter().map(|said| format!("{}: {}", said.message, said.label)).collect::<Vec<_>>();
    if said.is_empty() { Ok(tree::to_json(&node)) } else { Err(said) }
}

/// Why models can't be read at all. What is wrong *in* them is a [`Diagnostic`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("can't read {path}")]
    Read {
        /// The path.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that is no text.
    #[error("this file is not UTF-8")]
    NotUtf8 {
        /// Where that shows first.
        place: Place,
    },
    /// A file of a size that no model has.
    #[error("{path} has {} MB, and a model file has {} MB at most", bytes >> 20, most >> 20)]
    TooLarge {
        /// The path.
        path: Utf8PathBuf,
        /// Its size.
        bytes: u64,
        /// The largest that is read.
        most: u64,
    },
}
