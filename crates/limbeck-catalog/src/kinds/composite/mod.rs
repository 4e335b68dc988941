//! Composite types (`pg_type`, typtype `c`, of a `pg_class` of relkind `c`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod alter;
mod attributes;

pub use attributes::{Attribute, Attributes, Body};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::kinds::user_type;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A composite type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Composite {
    /// Its attributes: each a type, or a map with `type` and `collation`.
    pub attributes: Attributes,
}

impl Facts for Composite {
    const KIND: Kind = Kind::Composite;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Top("types");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = true;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Schema, 1), Bond::Within))
    }

    /// It has a row of its own in `pg_class`, like a table.
    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::relation_with_type(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        let bodies = || self.attributes.0.iter().map(|a| &a.body);
        let collations = bodies().filter_map(|b| b.collation.as_deref());
        bodies().map(|b| b.type_name.as_str()).chain(collations).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let attributes: Vec<_> = self.attributes.0.iter().map(Attribute::definition).collect();
        let body = match attributes.as_slice() {
            [] => "()".to_owned(),
            attributes => format!("(\n    {}\n)", attributes.join(",\n    ")),
        };
        vec![Action::new(format!("create type {} as {body}", id.qualified()))]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![user_type::drop(id)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(user_type::rename(id, to))
    }

    fn rename_within(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        alter::renames(id, facts)
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        alter::alter(id, facts, sides)
    }

    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        cause: &ObjectId,
        event: Event,
        sides: Pair<Side<'_>>,
    ) -> Reaction {
        alter::react(id, facts, cause, event, sides)
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
