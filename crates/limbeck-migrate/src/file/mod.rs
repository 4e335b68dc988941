//! One revision: its identity, its header, its parts of SQL. The format outlives all code, so reading
//! ([`parse`]), writing ([`render`]) and naming ([`FileNames`]) stand side by side here.

mod checksum;
pub mod edit;
mod id;
mod name;
mod parse;
mod render;
mod scan;

pub use checksum::checksum;
pub(crate) use checksum::text_checksum;
pub use id::{BadId, RevisionId};
pub use name::{BadTemplate, DEFAULT_TEMPLATE, FileNames};
pub use parse::parse;
pub(crate) use render::render_downgrade;
pub use render::{render, render_header, render_parts, with_header};
pub use scan::{StatementSpan, statements};

use camino::Utf8PathBuf;

/// Which way a part leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the parents to the revision.
    Upgrade,
    /// From the revision back to its parents.
    Downgrade,
}

impl Direction {
    /// The word in part lines and messages.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
        }
    }
}

/// What a revision says of itself, in the order in which the header's lines stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its identity.
    pub id: RevisionId,
    /// The revisions that it follows: none for a base, several for a merge.
    pub parents: Vec<RevisionId>,
    /// One line of text.
    pub message: String,
    /// When it was written, as written there.
    pub created: Option<String>,
    /// Branch labels.
    pub labels: Vec<String>,
    /// Revisions (ids or labels) that must be applied before this one without being its parents.
    pub depends_on: Vec<String>,
    /// Names of releases.
    pub tags: Vec<String>,
    /// The revisions in whose place this one stands, oldest first: a squash names them.
    pub replaces: Vec<RevisionId>,
    /// What wrote the file, from what.
    pub made: Option<String>,
    /// What was proven, a line each.
    pub proof: Vec<String>,
}

impl Header {
    /// A header with an id and a message, and nothing else.
    pub fn new(id: RevisionId, message: impl Into<String>) -> Self {
        Header {
            id,
            parents: Vec::new(),
            message: message.into(),
            created: None,
            labels: Vec::new(),
            depends_on: Vec::new(),
            tags: Vec::new(),
            replaces: Vec::new(),
            made: None,
            proof: Vec::new(),
        }
    }
}

/// SQL that is run in one piece, as an author gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartText {
    /// Whether it must run outside a transaction; it then holds one statement.
    pub no_transaction: bool,
    /// Settings that hold for this part alone, `lock_timeout` for instance.
    pub settings: Vec<(String, String)>,
    /// The revision that it was a part of, where a squash put it into another one.
    pub of: Option<RevisionId>,
    /// The SQL with its comments.
    pub sql: String,
}

/// A part as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What is run.
    pub text: PartText,
    /// The line of the file, from 1, on which `text.sql` begins.
    pub line: usize,
}

/// A revision file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Where it was read.
    pub path: Utf8PathBuf,
    /// What it says of itself.
    pub header: Header,
    /// Parts of the upgrade, in order.
    pub upgrade: Vec<Part>,
    /// Parts of the downgrade, in order.
    pub downgrade: Vec<Part>,
}

impl Revision {
    /// Its identity.
    pub fn id(&self) -> &RevisionId {
        &self.header.id
    }

    /// The parts of one direction.
    pub fn parts(&self, direction: Direction) -> &[Part] {
        match direction {
            Direction::Upgrade => &self.upgrade,
            Direction::Downgrade => &self.downgrade,
        }
    }

    /// The checksum of one direction's SQL.
    pub fn checksum(&self, direction: Direction) -> String {
        checksum(self.parts(direction))
    }
}
