//! Checks of domains (`pg_constraint`, contype `c`, with a `contypid`).

use limbeck_sql::reparseable;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::check::condition;
use crate::kinds::{constraint, domain};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A check constraint of a domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainCheck {
    /// The condition on `VALUE`, without parentheses around the whole.
    #[serde(deserialize_with = "condition")]
    pub expression: String,
    /// Values that were there before need not satisfy it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_valid: bool,
}

fn alter_domain(id: &ObjectId, what: &str) -> Action {
    Action::new(format!("alter domain {} {what}", id.qualified()))
}

impl DomainCheck {
    fn definition(&self, id: &ObjectId) -> String {
        format!("constraint {} check ({})", id.quoted(), reparseable(&self.expression))
    }
}

impl Facts for DomainCheck {
    const KIND: Kind = Kind::DomainCheck;
    const FAMILY: Family = Family::Constraint;
    const SECTION: Section = Section::Members { of: &[Kind::Domain], key: "checks" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Domain, 2), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Member("domain constraint", id.path.iter().map(str::to_owned).collect())]
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
        let domain = id.prefix(Kind::Domain, 2);
        let add = format!("add {}", self.definition(id));
        if self.not_valid {
            return vec![alter_domain(id, &format!("{add} not valid"))];
        }
        vec![domain::with_scan(alter_domain(id, &add), &domain, "does not satisfy it")]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![alter_domain(id, &format!("drop constraint {}", id.quoted()))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(alter_domain(id, &format!("rename constraint {} to {}", id.quoted(), to.quoted())))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { expression, not_valid } = facts.to;
        if *expression != facts.from.expression {
            return Change::Recreate("its condition changes".to_owned());
        }
        match (facts.from.not_valid, *not_valid) {
            (true, false) => {
                let validate = alter_domain(id, &format!("validate constraint {}", id.quoted()));
                let domain = id.prefix(Kind::Domain, 2);
                Change::Alter(vec![domain::with_scan(validate, &domain, "does not satisfy it")])
            }
            (false, true) => {
                Change::Recreate("a valid constraint can't become not valid in place".to_owned())
            }
            (true, true) | (false, false) => Change::Same,
        }
    }

    fn react(
        _id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        constraint::ride_if_equal(facts, &facts.from.texts(), event)
    }

    /// After its domain's own words: a domain that is created has its checks before anything uses it.
    fn inline(&self, id: &ObjectId) -> Inline {
        if self.not_valid { Inline::No } else { Inline::Suffix(format!(" {}", self.definition(id))) }
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("expression");
        Vec::new()
    }
}
