//! Context: what isn't compared, as statements that build a likeness of it on scratch (partitioned
//! tables, range types, collations, operators, casts …), because compared objects may need it there.
//! Never planned, never written into a revision: it is the same on both sides.

use limbeck_sql::qualified;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// Something that isn't compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Postgres's word for what it is.
    pub noun: String,
    /// What builds it.
    pub statements: Vec<String>,
}

impl Facts for Context {
    const KIND: Kind = Kind::Context;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::None;
    // Whatever it is, it is never dropped.
    const ROWS: Rows = Rows::Kept;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(_id: &ObjectId) -> Option<(ObjectId, Bond)> {
        None
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
        vec![id.prefix(Kind::Schema, 1)]
    }

    fn texts(&self) -> Vec<&str> {
        self.statements.iter().map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, _id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        self.statements.iter().map(Action::new).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let name = qualified(id.at(0), id.at(1));
        vec![Action::suggestion(format!("{} {name} is not compared, and stays", self.noun))]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(_id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { noun: _, statements: _ } = facts.to;
        Change::Same
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
