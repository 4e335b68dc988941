//! Model files to declared objects: every mistake in one run.
//!
//! [`walk`] takes the trees apart, file by file, into entries, one an object. What an entry says is made an object
//! there and then, unless something that may stand in a later file has a say in it: then it stays a document, with
//! positions. [`assemble`] makes objects of these too, and gives names to those that have none; [`check`] says what
//! can't be right before a server would.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use camino::Utf8Path;
use limbeck_catalog::document::{Node, Span};
use limbeck_catalog::{Catalog, Kind, Object, ObjectId, Since};

mod assemble;
mod check;
mod parse;
pub(crate) mod qualify;
pub(crate) mod serial;
mod walk;

pub(crate) use assemble::not_null_by_others;

use crate::{Diagnostic, Error, SourceFile, files, yaml};

/// What models declare.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The objects, with the places of columns. Texts are as written: nothing is settled yet.
    pub catalog: Catalog,
    /// Where each object stands.
    pub places: BTreeMap<ObjectId, Stretch>,
    /// The files that were read; spans index them. Having none is different from declaring nothing.
    pub files: Vec<SourceFile>,
    /// Former names, newest first.
    pub renamed_from: BTreeMap<ObjectId, Vec<String>>,
    /// Tables that foreign keys point at and that no model declares: a mistake, unless the database has
    /// them and they are of a kind that isn't compared (a partitioned table).
    pub undeclared: Vec<(ObjectId, Diagnostic)>,
    /// What only newer servers can do, and where it is asked for.
    pub asks: Vec<Asked>,
    /// The trees of the files, once somebody asks for them.
    trees: OnceLock<Vec<Node>>,
}

/// Where an object stands in the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its name, or its document where it has no name there.
    pub name: Span,
    /// From its name to the end of its document; none, where it only follows from what a file says.
    pub extent: Option<Span>,
}

/// Something that only newer servers can do.
#[derive(Clone, Debug)]
pub struct Asked {
    /// By which object.
    pub by: ObjectId,
    /// What.
    pub since: Since,
    /// Where.
    pub span: Span,
}

/// Reads the model files of a folder.
pub fn read(dir: &Utf8Path) -> Result<(Declared, Vec<Diagnostic>), Error> {
    Ok(read_files(files::find(dir)?))
}

/// Reads model files, which may depend on each other in any way.
pub fn read_files(files: Vec<SourceFile>) -> (Declared, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let walked = walk::walk(&files, &mut diagnostics);
    let mut declared = assemble::assemble(walked, &mut diagnostics);
    declared.files = files;
    diagnostics.sort_by_key(|d| d.span);
    (declared, diagnostics)
}

fn tree(index: usize, file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Node {
    yaml::parse(&file.text, u32::try_from(index).unwrap_or(u32::MAX), diagnostics)
}

impl Declared {
    /// Where an object's name stands, or its document where it has no name there.
    pub fn span(&self, id: &ObjectId) -> Option<Span> {
        self.places.get(id).map(|place| place.name)
    }

    /// The trees of the files, for changes to their text. Whoever only compares never needs them again, and they
    /// are larger than all objects: so they are made anew.
    pub(crate) fn trees(&self) -> &[Node] {
        let tree = |(index, file)| tree(index, file, &mut Vec::new());
        self.trees.get_or_init(|| self.files.iter().enumerate().map(tree).collect())
    }
}

/// Where an object belongs.
#[derive(Clone, Debug)]
enum Place {
    /// Its identity is written.
    At(ObjectId),
    /// Its name is for Postgres's rules to choose; it stands in this object.
    Unnamed {
        /// What it stands in.
        parent: ObjectId,
    },
    /// Attached to the entry with this index.
    On(usize),
}

/// What an entry says.
#[derive(Clone, Debug)]
enum Said {
    /// The canonical document, without what are objects of their own.
    Written(Node),
    /// The object of that, unless it has mistakes. All documents together are many times as large.
    Read(Option<Object>),
}

impl Said {
    /// The document, where something of it is still looked at.
    fn document(&self) -> Option<&Node> {
        match self {
            Said::Written(document) => Some(document),
            Said::Read(_) => None,
        }
    }

    /// The object. Mistakes are said the first time that somebody wants it.
    fn object(&self, kind: Kind, diagnostics: &mut Vec<Diagnostic>) -> Option<Object> {
        match self {
            Said::Written(document) => parse::object(kind, document, diagnostics),
            Said::Read(object) => object.clone(),
        }
    }
}

/// An object as it was found.
#[derive(Clone, Debug)]
struct Entry {
    kind: Kind,
    place: Place,
    said: Said,
    /// Where its name stands, or its document if it has none.
    span: Span,
    /// All that it covers.
    extent: Span,
    renamed_from: Vec<String>,
}

impl Entry {
    /// The value of a key of its document, where that is still looked at.
    fn key(&self, key: &str) -> Option<&Node> {
        self.said.document()?.get(key)
    }
}
