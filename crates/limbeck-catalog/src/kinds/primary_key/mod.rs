//! Not written yet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Pair, Reaction, Section, Side, Slot};
use crate::{Action, Inline, Kind, ObjectId};

/// A schema: nothing but its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrimaryKey {}

impl Facts for PrimaryKey {
    const KIND: Kind = Kind::PrimaryKey;
    const SECTION: Section = Section::Single { of: &[Kind::Table], key: "primary_key" };
    const HOLDS_ROWS: bool = false;
    const STANDS_ASIDE: bool = false;

    fn query(_server: u32) -> &'static str {
        "select '' as addresses, '{}'::text[] as path where false"
    }

    fn parent(_id: &ObjectId) -> Option<(ObjectId, Bond)> {
        None
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("create primary key {}", id.quoted()))]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("drop primary key {}", id.quoted()))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(Action::new(format!("alter schema {} rename to {}", id.quoted(), to.quoted())))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(_id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let (Self {}, Self {}) = (facts.from, facts.to);
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
