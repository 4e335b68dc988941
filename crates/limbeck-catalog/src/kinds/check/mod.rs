//! Check constraints of tables (`pg_constraint`, contype `c`).

use limbeck_sql::{reparseable, strip_outer_parens};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{Extra, Node};
use crate::facts::is_default;
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::kinds::constraint;
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A check constraint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The condition, without parentheses around the whole.
    #[serde(deserialize_with = "condition")]
    pub expression: String,
    /// Does not hold for children.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_inherit: bool,
    /// Rows that were there before need not satisfy it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_valid: bool,
    /// Rows need not satisfy it at all (from 18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_enforced: bool,
}

/// Reads a condition without the parentheses that the server puts around the whole.
pub(crate) fn condition<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(strip_outer_parens(&text).to_owned())
}

impl Check {
    fn definition(&self) -> String {
        let inherit = if self.no_inherit { " no inherit" } else { "" };
        let enforced = if self.not_enforced { " not enforced" } else { "" };
        format!("check ({}){inherit}{enforced}", reparseable(&self.expression))
    }
}

impl Facts for Check {
    const KIND: Kind = Kind::Check;
    const FAMILY: Family = Family::Constraint;
    const SECTION: Section = Section::Members { of: &[Kind::Table], key: "checks" };
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
        vec![Slot::constraint(id)]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.expression]
    }

    fn asks(&self) -> Vec<Since> {
        Since::which([(self.not_enforced, Since::NOT_ENFORCED)])
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let table = id.relation(Kind::Table);
        let action = constraint::add(id, &self.definition(), self.not_valid);
        if self.not_valid || self.not_enforced {
            return vec![action];
        }
        let scan = format!("reads all of {} while nobody can read or write it", table.qualified());
        let fails = format!("fails if a row of {} does not satisfy it", table.qualified());
        vec![action.note(Hazard::FailsOnRows.on(&table, fails)).note(Hazard::LongScan.on(&table, scan))]
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
        let Self { expression, no_inherit, not_valid, not_enforced } = facts.to;
        let from = facts.from;
        let anew = constraint::anew(&[
            (*expression != from.expression, "its condition changes"),
            (*no_inherit != from.no_inherit, "whether it holds for children changes"),
            (*not_enforced != from.not_enforced, "whether it is enforced changes"),
        ]);
        if let Some(anew) = anew {
            return anew;
        }
        constraint::validity(id, from.not_valid, *not_valid)
    }

    /// Postgres carries a check through a column's new type only while it means the same.
    fn react(
        _id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        constraint::ride_if_equal(facts, &facts.from.texts(), event)
    }

    fn inline(&self, id: &ObjectId) -> Inline {
        if self.not_valid {
            return Inline::No;
        }
        Inline::Element(format!("constraint {} {}", id.quoted(), self.definition()))
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("expression");
        Vec::new()
    }
}
