//! Enums (`pg_type`, typtype `e`).

use limbeck_sql::literal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod labels;

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::kinds::user_type;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// An enum.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// Its labels, in order.
    pub values: Vec<String>,
}

impl Facts for Enum {
    const KIND: Kind = Kind::Enum;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Top("enums");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = true;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Schema, 1), Bond::Within))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::named_type(id)
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
        let labels = self.values.iter().map(|label| literal(label)).collect::<Vec<_>>().join(", ");
        vec![Action::new(format!("create type {} as enum ({labels})", id.qualified()))]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![user_type::drop(id)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(user_type::rename(id, to))
    }

    fn rename_within(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        labels::renames(id, &facts.from.values, &facts.to.values)
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { values } = facts.to;
        match labels::additions(id, &facts.from.values, values) {
            Some(actions) => Change::in_place(actions),
            None => Change::Recreate(labels::obstacle(&facts.from.values, values)),
        }
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

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("values");
        Vec::new()
    }
}
