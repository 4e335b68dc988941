//! Sequences (`pg_sequence`), free ones and those that a column owns; who owns one is an object of
//! its own. The sequence of an identity is part of the identity.

use limbeck_sql::{canonical_type, ident};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) mod options;

use crate::document::{Extra, Node, Value};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Inline, Kind, ObjectId, Since};
use options::{Options, Position};

/// A sequence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, from = "Written")]
#[schemars(!from)]
pub struct Sequence {
    /// `smallint` or `integer`, if not `bigint`.
    #[serde(rename = "type", skip_serializing_if = "is_default")]
    pub type_name: Option<String>,
    /// The first value, if not the least one (the greatest one of a descending sequence).
    #[serde(skip_serializing_if = "is_default")]
    pub start: Option<i64>,
    /// The step, if not 1; descending if negative.
    #[serde(skip_serializing_if = "is_default")]
    pub increment: Option<i64>,
    /// The least value, if not 1 (the type's least of a descending sequence).
    #[serde(skip_serializing_if = "is_default")]
    pub min: Option<i64>,
    /// The greatest value, if not the type's (-1 of a descending sequence).
    #[serde(skip_serializing_if = "is_default")]
    pub max: Option<i64>,
    /// How many values a session takes at once, if not 1.
    #[serde(skip_serializing_if = "is_default")]
    pub cache: Option<i64>,
    /// Whether it begins again at its end.
    #[serde(skip_serializing_if = "is_default")]
    pub cycle: bool,
    /// Not written to the write-ahead log (from 15).
    #[serde(skip_serializing_if = "is_default")]
    pub unlogged: bool,
}

/// All of it, defaults or not.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(rename = "type")]
    type_name: Option<String>,
    start: Option<i64>,
    increment: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    cache: Option<i64>,
    cycle: bool,
    unlogged: bool,
}

impl From<Written> for Sequence {
    fn from(written: Written) -> Self {
        let Written { type_name, start, increment, min, max, cache, cycle, unlogged } = written;
        let type_name = type_name.map(|t| canonical_type(&t)).filter(|t| t != "bigint");
        let said = Options { start, increment, min, max, cache, cycle };
        let Options { start, increment, min, max, cache, cycle } =
            said.canonical(type_name.as_deref().unwrap_or("bigint"));
        Self { type_name, start, increment, min, max, cache, cycle, unlogged }
    }
}

impl Sequence {
    /// The type of its values.
    pub(crate) fn value_type(&self) -> &str {
        self.type_name.as_deref().unwrap_or("bigint")
    }

    pub(crate) fn options(&self) -> Options {
        let Self { type_name: _, start, increment, min, max, cache, cycle, unlogged: _ } = *self;
        Options { start, increment, min, max, cache, cycle }
    }

    fn is_owned(id: &ObjectId, side: Side<'_>) -> bool {
        side.catalog.contains(&id.prefix(Kind::OwnedBy, 2))
    }

    fn alter_options(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        let Pair { from, to } = facts;
        let (was, is) = (from.options(), to.options());
        let (was_type, is_type) = (from.value_type(), to.value_type());
        let mut clauses = Vec::new();
        if was_type != is_type {
            clauses.push(format!("as {is_type}"));
        }
        clauses.extend(was.changes(was_type, &is, is_type));
        if clauses.is_empty() {
            return Vec::new();
        }
        let position = was.position(was_type, &is, is_type);
        let mut actions: Vec<_> = position.statement(&id.qualified()).map(Action::new).into_iter().collect();
        if position == Position::Restarts {
            clauses.push("restart".to_owned());
        }
        let mut alter = Action::new(format!("alter sequence {} {}", id.qualified(), clauses.join(" ")));
        let ((from_min, from_max), (min, max)) = (was.bounds(was_type), is.bounds(is_type));
        if position == Position::Restarts {
            let words = format!(
                "begins anew with {}: its bounds have nothing in common with the old ones",
                is.first(is_type)
            );
            alter = alter.note(Hazard::DataLoss.note(words));
        } else if (!is.descends() && max < from_max) || (is.descends() && min > from_min) {
            alter = alter.note(Hazard::FailsOnRows.note("fails if it already stands beyond its new end"));
        }
        actions.push(alter);
        actions
    }
}

impl Facts for Sequence {
    const KIND: Kind = Kind::Sequence;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Top("sequences");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Schema, 1), Bond::Within))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::relation(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        Since::which([(self.unlogged, Since::new(15, "an unlogged sequence", &["unlogged"]))])
    }

    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        let unlogged = if self.unlogged { "unlogged " } else { "" };
        let mut sql = format!("create {unlogged}sequence {}", id.qualified());
        if let Some(type_name) = &self.type_name {
            sql += &format!(" as {type_name}");
        }
        for clause in self.options().clauses() {
            sql += &format!(" {clause}");
        }
        let action = Action::new(sql);
        if !side.restoring || Self::is_owned(id, side) {
            return vec![action];
        }
        let words = format!("{} begins anew: where it stood is lost", id.qualified());
        vec![action.note(BlindSpot::RowsNotRestored.note(words))]
    }

    /// One that a column owns gets its position back from the column's values.
    fn drop(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        let action = Action::new(format!("drop sequence {}", id.qualified()));
        if Self::is_owned(id, side) {
            return vec![action];
        }
        let words = format!("where {} stands is lost", id.qualified());
        vec![action.note(Hazard::DataLoss.note(words))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        let name = id.qualified();
        let sql = if id.schema() == to.schema() {
            format!("alter sequence {name} rename to {}", to.quoted())
        } else {
            format!("alter sequence {name} set schema {}", ident(to.schema()))
        };
        let action = Action::new(sql);
        let words = format!("queries that name {name} fail until they name {}", to.qualified());
        Some(action.note(Hazard::ApplicationBreaks.note(words)).note(BlindSpot::string_bodies(id)))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let mut actions = Self::alter_options(id, facts);
        if facts.from.unlogged != facts.to.unlogged {
            let word = if facts.to.unlogged { "unlogged" } else { "logged" };
            actions.push(Action::new(format!("alter sequence {} set {word}", id.qualified())));
        }
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

    /// `order_no:` with nothing after it says as much as `order_no: {}`.
    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        if document.value == Value::Null {
            document.value = Value::Map(Vec::new());
        }
        Vec::new()
    }
}
