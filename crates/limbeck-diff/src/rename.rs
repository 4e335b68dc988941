//! Renames: which objects of the two sides are the same under another name.

use limbeck_catalog::ObjectId;

/// A rename.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// What it is called now.
    pub from: ObjectId,
    /// What it will be called.
    pub to: ObjectId,
}

/// Renames.
pub type Renames = Vec<Rename>;
