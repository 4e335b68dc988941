//! Tables (`pg_class`, relkind `r`): what belongs to the table as a whole. Its columns, constraints
//! and indexes are objects of their own.

use limbeck_sql::ident;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod persistence;

use crate::document::{Extra, Node};
use crate::facts::is_default;
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::kinds::entries::Entries;
use crate::kinds::storage;
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Table {
    /// Not written to the write-ahead log: emptied after a crash.
    #[serde(skip_serializing_if = "is_default")]
    pub unlogged: bool,
    /// Storage parameters; those of its TOAST table begin with `toast.`.
    #[serde(skip_serializing_if = "is_default")]
    pub with: Entries,
    /// The tablespace, if not the database's own.
    #[serde(skip_serializing_if = "is_default")]
    pub tablespace: Option<String>,
    /// The access method, if not `heap`.
    #[serde(skip_serializing_if = "is_default")]
    pub access_method: Option<String>,
    /// Whether its policies are enabled.
    #[serde(skip_serializing_if = "is_default")]
    pub row_security: bool,
    /// Whether its policies bind the owner too.
    #[serde(skip_serializing_if = "is_default")]
    pub force_row_security: bool,
}

impl Table {
    fn row_security(&self, id: &ObjectId) -> impl Iterator<Item = Action> {
        let table = id.qualified();
        let enable =
            self.row_security.then(|| Action::new(format!("alter table {table} enable row level security")));
        let force = self
            .force_row_security
            .then(|| Action::new(format!("alter table {table} force row level security")));
        enable.into_iter().chain(force)
    }

    fn alter_row_security(id: &ObjectId, from: &Self, to: &Self) -> Vec<Action> {
        let switch = |was: bool, is: bool, on: &str, off: &str| {
            (was != is).then(|| {
                let word = if is { on } else { off };
                Action::new(format!("alter table {} {word} row level security", id.qualified()))
                    .note(Hazard::ApplicationBreaks.note("which rows a role sees changes"))
            })
        };
        [
            switch(from.row_security, to.row_security, "enable", "disable"),
            switch(from.force_row_security, to.force_row_security, "force", "no force"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Facts for Table {
    const KIND: Kind = Kind::Table;
    const FAMILY: Family = Family::Relation;
    const SECTION: Section = Section::Top("tables");
    const ROWS: Rows = Rows::Kept;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Schema, 1), Bond::Within))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::relation_with_type(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        storage::asks(&self.with)
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let head = format!("create {}table {}", if self.unlogged { "unlogged " } else { "" }, id.qualified());
        let method = self.access_method.as_ref().map(|m| format!(" using {}", ident(m)));
        let with = (!self.with.is_empty()).then(|| format!(" with ({})", storage::parameters(&self.with)));
        let space = self.tablespace.as_ref().map(|t| format!(" tablespace {}", ident(t)));
        let tail = [method, with, space].into_iter().flatten().collect::<String>();
        [Action::container(head, tail)].into_iter().chain(self.row_security(id)).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let words = format!("all rows of {} are lost", id.qualified());
        vec![Action::new(format!("drop table {}", id.qualified())).note(Hazard::DataLoss.on(id, words))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        let sql = if id.schema() == to.schema() {
            format!("alter table {} rename to {}", id.qualified(), to.quoted())
        } else {
            format!("alter table {} set schema {}", id.qualified(), ident(to.schema()))
        };
        let words = format!("what uses {} fails until it says {}", id.qualified(), to.qualified());
        Some(Action::new(sql).note(Hazard::ApplicationBreaks.note(words)).note(BlindSpot::string_bodies(id)))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { unlogged, with, tablespace, access_method, row_security: _, force_row_security: _ } = to;
        let table = id.qualified();
        let rewrite =
            || Hazard::TableRewrite.on(id, format!("writes {table} anew while nobody can read or write it"));
        let mut actions = Vec::new();
        if *unlogged != from.unlogged {
            let word = if *unlogged { "unlogged" } else { "logged" };
            let action = Action::new(format!("alter table {table} set {word}")).note(rewrite());
            let action = persistence::ordered(action, id, *unlogged, sides);
            actions.push(if *unlogged {
                action.note(
                    Hazard::DataLoss.note("an unlogged table is emptied after a crash and not replicated"),
                )
            } else {
                action
            });
        }
        if *access_method != from.access_method {
            let method = access_method.as_deref().unwrap_or("heap");
            actions.push(
                Action::new(format!("alter table {table} set access method {}", ident(method)))
                    .note(rewrite()),
            );
        }
        if *tablespace != from.tablespace {
            let space = tablespace.as_deref().unwrap_or("pg_default");
            actions.push(
                Action::new(format!("alter table {table} set tablespace {}", ident(space))).note(rewrite()),
            );
        }
        actions.extend(storage::alter(&format!("table {table}"), &from.with, with));
        actions.extend(Self::alter_row_security(id, from, to));
        Change::in_place(actions)
    }

    fn react(
        _id: &ObjectId,
        _facts: Pair<&Self>,
        _cause: &ObjectId,
        _event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        Reaction::Ride
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, _document: &mut Node) -> Vec<Extra> {
        Vec::new()
    }
}
