//! Rules (`pg_rewrite`) of tables and views, but the one that makes a view a view.

use limbeck_sql::reparseable;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod definition;

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::firing::{self, Firing};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "definition::Written")]
#[schemars(!try_from)]
pub struct Rule {
    /// `insert`, `update` or `delete`.
    pub event: String,
    /// The condition, without parentheses around the whole.
    #[serde(rename = "where", skip_serializing_if = "is_default")]
    pub predicate: Option<String>,
    /// Whether its actions come in place of the statement.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub instead: bool,
    /// What it does; none for `do nothing`.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub actions: Vec<String>,
    /// In which sessions it fires.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub enabled: Firing,
}

impl Rule {
    fn statement(&self, id: &ObjectId, create: &str, side: Side<'_>) -> Action {
        let mut sql = format!("{create} rule {} as on {} to {}", id.quoted(), self.event, id.qualified());
        if let Some(predicate) = &self.predicate {
            sql += &format!("\nwhere ({})", reparseable(predicate));
        }
        let word = if self.instead { "instead" } else { "also" };
        let actions: Vec<_> = self.actions.iter().map(|action| reparseable(action)).collect();
        sql += &match actions.as_slice() {
            [] => format!("\ndo {word} nothing"),
            [one] => format!("\ndo {word}\n{one}"),
            several => format!("\ndo {word} (\n{}\n)", several.join(";\n")),
        };
        Self::locking(Action::new(sql), id, side)
    }

    /// Only tables hold rows that others could be reading or writing.
    fn locking(action: Action, id: &ObjectId, side: Side<'_>) -> Action {
        if side.catalog.contains(&id.relation(Kind::View)) {
            return action;
        }
        action.note(firing::lock(id, "reads and writes"))
    }
}

impl Facts for Rule {
    const KIND: Kind = Kind::Rule;
    const FAMILY: Family = Family::OnRelation;
    const SECTION: Section = Section::Members { of: &[Kind::Table, Kind::View], key: "rules" };
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
        vec![Slot::Member("rule", id.path.iter().map(str::to_owned).collect())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        self.predicate.iter().chain(&self.actions).map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        [self.statement(id, "create", side)].into_iter().chain(self.enabled.set_anew(id)).collect()
    }

    fn drop(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        let action = Action::new(format!("drop rule {} on {}", id.quoted(), id.qualified()));
        vec![Self::locking(action, id, side)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        let sql = format!("alter rule {} on {} rename to {}", id.quoted(), id.qualified(), to.quoted());
        Some(Action::new(sql))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    /// Replacing takes any change, and unlike a trigger's leaves alone in which sessions it fires.
    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { event, predicate, instead, actions, enabled } = to;
        let differs = *event != from.event
            || *predicate != from.predicate
            || *instead != from.instead
            || *actions != from.actions;
        let replace = differs.then(|| to.statement(id, "create or replace", sides.to));
        let switch = (*enabled != from.enabled).then(|| enabled.set(id));
        Change::in_place([replace, switch].into_iter().flatten().collect())
    }

    /// Postgres refuses to change the type of a column that a rule uses, and to drop what it names.
    fn react(
        _id: &ObjectId,
        _facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match event {
            Event::Altered | Event::Replaced => Reaction::Recreate,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn rules_are_replaced_in_place() {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let id = ObjectId::new(Kind::Rule, ["s", "t", "r"]);
        let rule = |actions: &[&str], enabled| Rule {
            event: "update".to_owned(),
            predicate: Some("old.a > 5".to_owned()),
            instead: false,
            actions: actions.iter().map(|a| (*a).to_owned()).collect(),
            enabled,
        };
        let (from, to) = (rule(&[], Firing::Origin), rule(&["notify a", "notify b"], Firing::Disabled));
        let change = Rule::alter(&id, Pair { from: &from, to: &to }, Pair { from: side, to: side });
        let Change::Alter(actions) = change else { panic!("in place") };
        let sql: Vec<_> = actions.iter().map(|a| a.sql.as_str()).collect();
        assert_eq!(
            sql,
            [
                "create or replace rule r as on update to s.t\nwhere (old.a > 5)\ndo also (\nnotify a;\nnotify b\n)",
                "alter table s.t disable rule r",
            ]
        );
    }
}
