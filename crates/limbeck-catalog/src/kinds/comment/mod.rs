//! Comments (`pg_description`), attached to any other object.

use limbeck_sql::{ident, literal, qualified};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::kinds::statistics;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A comment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Comment {
    /// The words.
    pub text: String,
}

/// `comment on … is …`; `null` removes it.
fn statement(id: &ObjectId, side: Side<'_>, text: &str) -> Action {
    let of = id.of.unwrap_or(Kind::Table);
    let on_relation_member = id.path.len() == 3;
    let name = match of {
        Kind::Schema => id.quoted(),
        _ if of.is_constraint() => {
            let domain = if of.noun().starts_with("domain") { "domain " } else { "" };
            format!("{} on {domain}{}", id.quoted(), id.qualified())
        }
        Kind::Index => qualified(id.schema(), id.name()),
        Kind::StatisticsObject => {
            id.target().map(|target| statistics::name_of(&target, side)).unwrap_or_default()
        }
        _ if of.is_routine() => format!("{}({})", id.qualified(), id.at(2)),
        _ if of.is_named_on_relation() => format!("{} on {}", id.quoted(), id.qualified()),
        _ if on_relation_member => format!("{}.{}", id.qualified(), id.quoted()),
        _ => id.path.iter().map(ident).collect::<Vec<_>>().join("."),
    };
    let noun = match of {
        _ if of.is_constraint() => "constraint",
        Kind::Index | Kind::StatisticsObject => of.sql_noun(),
        _ if on_relation_member && !of.is_named_on_relation() && !of.is_routine() => "column",
        _ => of.sql_noun(),
    };
    Action::new(format!("comment on {noun} {name} is {text}"))
}

impl Facts for Comment {
    const KIND: Kind = Kind::Comment;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Attached("comment");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        id.target().map(|target| (target, Bond::Part))
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

    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        vec![statement(id, side, &literal(&self.text))]
    }

    /// `public` has a comment in every fresh database: without one of its own, it has that again.
    fn drop(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        let is_public = id.of == Some(Kind::Schema) && id.name() == "public";
        vec![statement(id, side, if is_public { "'standard public schema'" } else { "null" })]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        let Self { text } = facts.to;
        if *text == facts.from.text {
            Change::Same
        } else {
            Change::Alter(vec![statement(id, sides.to, &literal(text))])
        }
    }

    fn react(
        _id: &ObjectId,
        _facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match event {
            Event::Altered => Reaction::Ride,
            Event::Replaced => Reaction::Recreate,
        }
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
