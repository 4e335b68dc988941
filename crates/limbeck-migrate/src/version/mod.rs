//! What a database remembers of revisions, in two tables side by side: the version table, one row an
//! applied revision (the heads are the rows that no row has as a parent); and the history, one row
//! whatever was done, with the downgrade of what was applied.

mod history;
mod look;
mod sql;

use std::collections::BTreeSet;

use limbeck_sql::ident;

use crate::file::{Direction, Revision, RevisionId};
use crate::graph::Graph;

pub use history::{Action, Entry, Kept};
pub(crate) use look::Found;

/// Where the version table stands, and the history beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its schema; `search_path` never decides.
    pub schema: String,
    /// Its name, which begins with `limbeck_`: so it shows up in no diff.
    pub name: String,
    /// Whether the history keeps the downgrades of what is applied, for a checkout that lacks their files.
    pub keep_downgrades: bool,
}

impl Default for Table {
    fn default() -> Self {
        Table { schema: "public".into(), name: "limbeck_version".into(), keep_downgrades: true }
    }
}

impl Table {
    /// Its quoted, qualified name.
    pub fn qualified(&self) -> String {
        format!("{}.{}", ident(&self.schema), ident(&self.name))
    }

    /// The name of the history beside it: `limbeck_version` has `limbeck_history`.
    pub fn history_name(&self) -> String {
        let stem = self.name.strip_suffix("_version").unwrap_or(&self.name);
        // Postgres cuts names at 63 bytes, and what it cut would not be found again.
        let end = (0..=stem.len().min(55)).rev().find(|&at| stem.is_char_boundary(at)).unwrap_or(0);
        format!("{}_history", &stem[..end])
    }

    /// The quoted, qualified name of the history.
    pub fn qualified_history(&self) -> String {
        format!("{}.{}", ident(&self.schema), ident(&self.history_name()))
    }
}

/// How far a revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Wholly applied.
    Applied,
    /// On its way up: this many parts are done.
    Upgrading(usize),
    /// On its way down: this many parts are done.
    Downgrading(usize),
}

impl State {
    pub(crate) fn columns(self) -> (&'static str, usize) {
        match self {
            State::Applied => ("applied", 0),
            State::Upgrading(parts) => ("upgrading", parts),
            State::Downgrading(parts) => ("downgrading", parts),
        }
    }

    /// A state as it is stored; none where the word means nothing to this version.
    fn stored(word: &str, parts: usize) -> Option<Self> {
        match word {
            "applied" => Some(State::Applied),
            "upgrading" => Some(State::Upgrading(parts)),
            "downgrading" => Some(State::Downgrading(parts)),
            _ => None,
        }
    }
}

/// A row of the version table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The revision.
    pub revision: RevisionId,
    /// Its parents when it was applied.
    pub parents: Vec<RevisionId>,
    /// Its message when it was applied.
    pub message: String,
    /// The checksum of its upgrade; while half-way, of the parts that are done.
    pub upgrade_sha256: String,
    /// The checksum of its downgrade; while half-way down, of the parts that are done.
    pub downgrade_sha256: String,
    /// When, as the server writes it.
    pub applied_at: String,
    /// How long it took; none where it was only stamped, and while a part runs outside a transaction.
    pub duration_ms: Option<i64>,
    /// The server's role.
    pub applied_by: String,
    /// The tool and its version.
    pub tool_version: String,
    /// How far it is.
    pub state: State,
}

impl Applied {
    /// The directions whose SQL was edited since this was applied.
    pub fn edited(&self, revision: &Revision) -> Vec<Direction> {
        if self.state != State::Applied {
            return Vec::new();
        }
        let differs = |direction, sum: &str| (revision.checksum(direction) != sum).then_some(direction);
        [
            differs(Direction::Upgrade, &self.upgrade_sha256),
            differs(Direction::Downgrade, &self.downgrade_sha256),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether a part that runs outside a transaction was begun, and nobody recorded how it ended: as long as
    /// that is so, the row has no duration.
    pub fn is_in_doubt(&self) -> bool {
        self.state != State::Applied && self.duration_ms.is_none()
    }

    /// Whether stamping this revision would record nothing else.
    pub(crate) fn records(&self, revision: &Revision) -> bool {
        self.revision == *revision.id()
            && self.state == State::Applied
            && self.parents == revision.header.parents
            && self.edited(revision).is_empty()
    }
}

/// The applied revisions that no applied revision has as a parent, be it in its row or in its file, which
/// says another one after a splice or a rebase. What is half-way up doesn't count.
pub fn heads(graph: &Graph, applied: &[Applied]) -> Vec<RevisionId> {
    let whole = || applied.iter().filter(|row| !matches!(row.state, State::Upgrading(_)));
    let of_file = |row: &Applied| graph.get(&row.revision).map(|file| &file.header.parents);
    let parents: BTreeSet<&RevisionId> =
        whole().flat_map(|row| row.parents.iter().chain(of_file(row).into_iter().flatten())).collect();
    whole().filter(|row| !parents.contains(&row.revision)).map(|row| row.revision.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_named_after_the_version_table() {
        let name = |name: &str| Table { name: name.into(), ..Table::default() }.history_name();
        assert_eq!(name("limbeck_version"), "limbeck_history");
        assert_eq!(name("limbeck_shop_version"), "limbeck_shop_history");
        assert_eq!(name("limbeck_state"), "limbeck_state_history");
        let long = name(&format!("limbeck_{}", "ä".repeat(27)));
        assert!(long.len() <= 63 && long.ends_with("ä_history"), "{long}");
    }
}
