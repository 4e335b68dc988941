//! Exclusion constraints (`pg_constraint`, contype `x`), each with its index.

use limbeck_sql::{ident, reparseable};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

mod element;

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::constraint::{self, key};
use crate::kinds::entries::Entries;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// An exclusion constraint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Columns or expressions, each with the operator by which no two rows may agree: `room_id with =`.
    #[serde(deserialize_with = "element::elements")]
    pub elements: Vec<String>,
    /// The access method of the index, if not `btree`.
    #[serde(default, deserialize_with = "method", skip_serializing_if = "is_default")]
    pub using: Option<String>,
    /// The condition of the rows that it is about.
    #[serde(
        rename = "where",
        default,
        deserialize_with = "constraint::optional_condition",
        skip_serializing_if = "is_default"
    )]
    pub predicate: Option<String>,
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

/// Reads an access method; the one that is used where none is named is none.
fn method<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|method| method != "btree"))
}

impl Exclusion {
    fn backing(&self) -> key::Backing<'_> {
        key::Backing {
            include: &self.include,
            with: &self.with,
            tablespace: self.tablespace.as_deref(),
            comment: self.index_comment.as_deref(),
        }
    }

    fn definition(&self) -> String {
        let using = self.using.as_ref().map(|method| format!("using {} ", ident(method))).unwrap_or_default();
        let elements = self.elements.iter().map(|e| reparseable(e)).collect::<Vec<_>>().join(", ");
        let clauses = self.backing().clauses();
        let predicate =
            self.predicate.as_ref().map(|p| format!(" where ({})", reparseable(p))).unwrap_or_default();
        let deferral = constraint::deferral(self.deferrable, self.initially_deferred);
        format!("exclude {using}({elements}){clauses}{predicate}{deferral}")
    }
}

impl Facts for Exclusion {
    const KIND: Kind = Kind::Exclusion;
    const FAMILY: Family = Family::Constraint;
    const SECTION: Section = Section::Members { of: &[Kind::Table], key: "exclude" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.relation(Kind::Table), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::constraint_with_index(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        self.elements.iter().chain(&self.predicate).map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let fails_if = format!("two rows of {} exclude each other", id.qualified());
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
            elements,
            using,
            predicate,
            include,
            deferrable,
            initially_deferred,
            with: _,
            tablespace: _,
            index_comment: _,
        } = to;
        let anew = constraint::anew(&[
            (*elements != from.elements, "its elements change"),
            (*using != from.using, "its method changes"),
            (*predicate != from.predicate, "its condition changes"),
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
        document.wrap("elements");
        constraint::imply_deferrable(document);
        Vec::new()
    }
}
