//! What happens during a run, as data.

use std::time::Duration;

use super::{Finding, Holder};
use crate::alembic::VersionTable;
use crate::file::{Direction, Revision};
use crate::squashed;

/// What happens during a run, for whoever shows it.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another run holds the lock; said again and again.
    Waiting {
        /// Who, as far as the server tells.
        holder: Option<Holder>,
        /// How long this run has waited.
        waited: Duration,
    },
    /// What runs waits for locks of other sessions; said again and again.
    Blocked {
        /// What runs.
        work: Work<'a>,
        /// Whose.
        holders: &'a [Holder],
        /// How long it has run.
        waited: Duration,
    },
    /// An earlier run was cut off in a part outside a transaction, and this is what was found of it; or an
    /// index that such a part left invalid.
    Doubted {
        /// The revision.
        work: Work<'a>,
        /// The part, from 1.
        part: usize,
        /// What was found.
        finding: Finding,
    },
    /// An applied revision's file was edited since.
    Edited {
        /// The file.
        revision: &'a Revision,
        /// The directions that differ.
        directions: Vec<Direction>,
    },
    /// The database was where Alembic brought it, and that is recorded now.
    Adopted {
        /// Alembic's table.
        table: &'a VersionTable,
        /// What it says: the revisions that Alembic applied last.
        heads: Vec<String>,
    },
    /// The database stood inside a chain that one revision stands in for now, and that is recorded.
    Squashed(&'a squashed::Inside),
    /// A revision begins.
    Started(Work<'a>),
    /// A revision gave up waiting for a lock, was undone, and will be begun again.
    LockTimeout {
        /// Which.
        work: Work<'a>,
        /// How many times that has happened.
        attempt: u32,
        /// How many times it may.
        of: u32,
        /// How long the run rests first.
        rest: Duration,
        /// Who had the lock, as far as that was seen.
        holders: &'a [Holder],
    },
    /// A revision is done and recorded.
    Finished {
        /// Which.
        work: Work<'a>,
        /// How long it took.
        took: Duration,
    },
}

/// One revision in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The file.
    pub revision: &'a Revision,
    /// Which way.
    pub direction: Direction,
    /// How many parts an earlier run has done.
    pub done: usize,
}
