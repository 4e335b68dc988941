//! What primary keys, unique and exclusion constraints have in common: the index behind them.

use limbeck_sql::{ident, ident_list, literal, qualified};

use crate::kinds::entries::Entries;
use crate::kinds::storage;
use crate::note::Hazard;
use crate::{Action, Kind, ObjectId};

/// What is said of the index of a constraint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backing<'a> {
    /// Columns that are stored along.
    pub(crate) include: &'a [String],
    /// Storage parameters.
    pub(crate) with: &'a Entries,
    /// The tablespace, if not the database's own.
    pub(crate) tablespace: Option<&'a str>,
    /// What is said of it, apart from what is said of the constraint.
    pub(crate) comment: Option<&'a str>,
}

impl Backing<'_> {
    /// What follows a constraint's columns: ` include (b) with (fillfactor='70') using index tablespace fast`.
    pub(crate) fn clauses(&self) -> String {
        let mut sql = String::new();
        if !self.include.is_empty() {
            sql += &format!(" include ({})", ident_list(self.include));
        }
        if !self.with.is_empty() {
            sql += &format!(" with ({})", storage::parameters(self.with));
        }
        if let Some(space) = self.tablespace {
            sql += &format!(" using index tablespace {}", ident(space));
        }
        sql
    }

    fn set_comment(&self, id: &ObjectId) -> Action {
        let words = self.comment.map_or("null".to_owned(), literal);
        Action::new(format!("comment on index {} is {words}", qualified(id.schema(), id.name())))
    }

    /// What follows the statement that makes the constraint.
    pub(crate) fn settings(&self, id: &ObjectId) -> Vec<Action> {
        self.comment.map(|_| self.set_comment(id)).into_iter().collect()
    }

    /// The parameters and the tablespace can be changed in place, as any index's.
    pub(crate) fn alter(&self, id: &ObjectId, to: &Self) -> Vec<Action> {
        let index = format!("index {}", qualified(id.schema(), id.name()));
        let mut actions = storage::alter(&index, self.with, to.with);
        if self.tablespace != to.tablespace {
            let space = to.tablespace.unwrap_or("pg_default");
            let words = "copies the index while nobody can read or write its table";
            let sql = format!("alter {index} set tablespace {}", ident(space));
            actions.push(Action::new(sql).note(Hazard::StrongLock.note(words)));
        }
        if self.comment != to.comment {
            actions.push(to.set_comment(id));
        }
        actions
    }
}

/// A list of key columns, the last of which may be a range that must not overlap (from 18).
pub(crate) fn columns(names: &[String], without_overlaps: bool) -> String {
    format!("({}{})", ident_list(names), if without_overlaps { " without overlaps" } else { "" })
}

/// The statement that adds a constraint, with what building its index means for its table.
pub(crate) fn built(action: Action, id: &ObjectId, fails_if: &str) -> Action {
    let table = id.relation(Kind::Table);
    let name = table.qualified();
    action
        .note(Hazard::FailsOnRows.on(&table, format!("fails if {fails_if}")))
        .note(Hazard::IndexBuild.on(&table, format!("builds an index over all rows of {name}")))
        .note(
            Hazard::StrongLock
                .on(&table, format!("blocks reads and writes of {name} while the index is built")),
        )
}
