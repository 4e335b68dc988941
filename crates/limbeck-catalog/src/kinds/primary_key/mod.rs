//! Primary keys (`pg_constraint`, contype `p`), each with its index.
//!
//! A primary key makes its columns not null, and they stay so when it goes: `not_null` is theirs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::constraint::{self, key};
use crate::kinds::entries::Entries;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A primary key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrimaryKey {
    /// Its columns, in their order in the index.
    pub columns: Vec<String>,
    /// Whether the last column is a range of which no two may overlap (from 18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub without_overlaps: bool,
    /// Columns that are stored along in the index.
    #[serde(default, skip_serializing_if = "is_default")]
    pub include: Vec<String>,
    /// Whether a transaction may put it off to its end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deferrable: bool,
    /// Whether it is put off unless a transaction says otherwise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub initially_deferred: bool,
    /// Storage parameters of the index.
    #[serde(default, skip_serializing_if = "is_default")]
    pub with: Entries,
    /// The tablespace of the index, if not the database's own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tablespace: Option<String>,
    /// A comment on the index, apart from that on the constraint.
    #[serde(default, skip_serializing_if = "is_default")]
    pub index_comment: Option<String>,
}

impl PrimaryKey {
    fn backing(&self) -> key::Backing<'_> {
        key::Backing {
            include: &self.include,
            with: &self.with,
            tablespace: self.tablespace.as_deref(),
            comment: self.index_comment.as_deref(),
        }
    }

    fn definition(&self) -> String {
        let columns = key::columns(&self.columns, self.without_overlaps);
        let deferral = constraint::deferral(self.deferrable, self.initially_deferred);
        format!("primary key {columns}{}{deferral}", self.backing().clauses())
    }
}

impl Facts for PrimaryKey {
    const KIND: Kind = Kind::PrimaryKey;
    const FAMILY: Family = Family::Constraint;
    const SECTION: Section = Section::Single { of: &[Kind::Table], key: "primary_key" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = true;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.relation(Kind::Table), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        let table = id.relation(Kind::Table);
        let only_one = Slot::Member("primary key", table.path.iter().map(str::to_owned).collect());
        Slot::constraint_with_index(id).into_iter().chain([only_one]).collect()
    }

    fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
        constraint::columns(id, &self.columns)
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        Since::which([(self.without_overlaps, Since::WITHOUT_OVERLAPS)])
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let fails_if = format!("rows of {} have equal values, or none", id.qualified());
        let built = key::built(constraint::add(id, &self.definition(), false), id, &fails_if);
        [built].into_iter().chain(self.backing().settings(id)).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![constraint::drop(id)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(constraint::rename(id, to))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self {
            columns,
            without_overlaps,
            include,
            deferrable,
            initially_deferred,
            with: _,
            tablespace: _,
            index_comment: _,
        } = to;
        let anew = constraint::anew(&[
            (*columns != from.columns, "its columns change"),
            (*without_overlaps != from.without_overlaps, "what it takes for equal changes"),
            (*include != from.include, "the columns stored along change"),
            (
                (*deferrable, *initially_deferred) != (from.deferrable, from.initially_deferred),
                "when it is looked at changes",
            ),
        ]);
        anew.unwrap_or_else(|| Change::in_place(from.backing().alter(id, &to.backing())))
    }

    /// Postgres rebuilds its index by itself around a column's new type.
    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        sides: Pair<Side<'_>>,
    ) -> Reaction {
        constraint::ride_in_place(Self::alter(id, facts, sides), event)
    }

    fn inline(&self, id: &ObjectId) -> Inline {
        let element = format!("constraint {} {}", id.quoted(), self.definition());
        Inline::ElementThen(element, self.backing().settings(id))
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("columns");
        constraint::imply_deferrable(document);
        Vec::new()
    }
}
