//! Schemas (`pg_namespace`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A schema: nothing but its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schema {}

impl Facts for Schema {
    const KIND: Kind = Kind::Schema;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Top("schemas");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        "select '2615:' || n.oid || ':0' as addresses, array[n.nspname] as path \
         from :user_schemas n \
         where (2615::oid, n.oid) not in (select m.classid, m.objid from :extension_members m)"
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

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("create schema {}", id.quoted()))]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("drop schema {}", id.quoted()))]
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
