//! Defaults of table columns (`pg_attrdef`): an object apart from the column, because a default
//! needs what its expression names (a function, a sequence) and the column doesn't.

use limbeck_sql::{ident, reparseable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A column's default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Default {
    /// The expression.
    pub expression: String,
}

impl Default {
    fn set(&self, id: &ObjectId) -> Action {
        Action::new(format!(
            "alter table {} alter column {} set default {}",
            id.qualified(),
            ident(id.at(2)),
            reparseable(&self.expression)
        ))
        .note(Hazard::brief_lock(&id.relation(Kind::Table)))
    }
}

impl Facts for Default {
    const KIND: Kind = Kind::Default;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Field { of: &[Kind::Column], key: "default" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Column, 3), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.expression]
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![self.set(id)]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let sql = format!("alter table {} alter column {} drop default", id.qualified(), ident(id.at(2)));
        vec![Action::new(sql).note(Hazard::brief_lock(&id.relation(Kind::Table)))]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { expression } = facts.to;
        if *expression == facts.from.expression {
            Change::Same
        } else {
            Change::Alter(vec![facts.to.set(id)])
        }
    }

    /// A column's new type takes the default along where an assignment cast leads there; a text that
    /// differs on the two sides makes way first, because the old one may have no such cast.
    fn react(
        _id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match event {
            Event::Altered if facts.from == facts.to => Reaction::Ride,
            Event::Altered | Event::Replaced => Reaction::Recreate,
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::Suffix(format!(" default {}", reparseable(&self.expression)))
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, _document: &mut Node) -> Vec<Extra> {
        Vec::new()
    }
}
