//! Triggers (`pg_trigger`) of tables and views, but those that constraints make for themselves.

use limbeck_sql::{ident, literal, reparseable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod definition;

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::firing::{self, Firing};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "definition::Written")]
#[schemars(!try_from)]
pub struct Trigger {
    /// When it fires.
    pub timing: Timing,
    /// `insert`, `update`, `update of a, b`, `delete`, `truncate`.
    pub events: Vec<String>,
    /// What it fires for.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub for_each: Level,
    /// The condition, without parentheses around the whole.
    #[serde(skip_serializing_if = "is_default")]
    pub when: Option<String>,
    /// The function, qualified.
    pub function: String,
    /// What the function gets.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub arguments: Vec<String>,
    /// Whether it is a constraint trigger.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub constraint: bool,
    /// Whether a constraint trigger can wait until the transaction ends.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub deferrable: bool,
    /// Whether it does so unless told otherwise.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub initially_deferred: bool,
    /// The other table of a constraint trigger, qualified.
    #[serde(skip_serializing_if = "is_default")]
    pub from: Option<String>,
    /// The name of the table of rows as they were.
    #[serde(skip_serializing_if = "is_default")]
    pub old_table: Option<String>,
    /// The name of the table of rows as they are.
    #[serde(skip_serializing_if = "is_default")]
    pub new_table: Option<String>,
    /// In which sessions it fires.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub enabled: Firing,
}

/// When a trigger fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Before the row, or the statement.
    #[default]
    Before,
    /// After it.
    After,
    /// In its place, on a view.
    #[serde(rename = "instead of")]
    InsteadOf,
}

/// What a trigger fires for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Once a statement.
    #[default]
    Statement,
    /// Once a row.
    Row,
}

impl Timing {
    fn words(self) -> &'static str {
        match self {
            Timing::Before => "before",
            Timing::After => "after",
            Timing::InsteadOf => "instead of",
        }
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Statement => "statement",
            Level::Row => "row",
        }
    }
}

impl Trigger {
    /// `create trigger …` or `create or replace trigger …`, in three lines.
    fn statement(&self, id: &ObjectId, create: &str) -> Action {
        let constraint = if self.constraint { "constraint " } else { "" };
        let events = self.events.join(" or ");
        let mut sql =
            format!("{create} {constraint}trigger {} {} {events}", id.quoted(), self.timing.words());
        sql += &format!(" on {}", id.qualified());
        if let Some(table) = &self.from {
            sql += &format!(" from {table}");
        }
        if self.deferrable {
            sql += " deferrable";
        }
        if self.initially_deferred {
            sql += " initially deferred";
        }
        if self.old_table.is_some() || self.new_table.is_some() {
            let old = self.old_table.as_ref().map(|name| format!(" old table as {}", ident(name)));
            let new = self.new_table.as_ref().map(|name| format!(" new table as {}", ident(name)));
            sql += &[Some("\nreferencing".to_owned()), old, new].into_iter().flatten().collect::<String>();
        }
        sql += &format!("\nfor each {}", self.for_each.word());
        if let Some(when) = &self.when {
            sql += &format!(" when ({})", reparseable(when));
        }
        let arguments = self.arguments.iter().map(|a| literal(a)).collect::<Vec<_>>().join(", ");
        sql += &format!("\nexecute function {}({arguments})", self.function);
        self.locking(Action::new(sql), id, "writes")
    }

    /// Only tables hold rows that others could be writing; a trigger on a view blocks nobody.
    fn locking(&self, action: Action, id: &ObjectId, what: &str) -> Action {
        match self.timing {
            Timing::InsteadOf => action,
            Timing::Before | Timing::After => action.note(firing::lock(id, what)),
        }
    }
}

impl Facts for Trigger {
    const KIND: Kind = Kind::Trigger;
    const FAMILY: Family = Family::OnRelation;
    const SECTION: Section = Section::Members { of: &[Kind::Table, Kind::View], key: "triggers" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.relation(Kind::Table), Bond::Part))
    }

    /// A constraint trigger takes a place among the table's constraints as well, which its name alone
    /// doesn't tell.
    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Member("trigger", id.path.iter().map(str::to_owned).collect())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        [Some(&self.function), self.when.as_ref(), self.from.as_ref()]
            .into_iter()
            .flatten()
            .chain(&self.events)
            .map(String::as_str)
            .collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        [self.statement(id, "create")].into_iter().chain(self.enabled.set_anew(id)).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let action = Action::new(format!("drop trigger {} on {}", id.quoted(), id.qualified()));
        vec![self.locking(action, id, "reads and writes")]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        let sql = format!("alter trigger {} on {} rename to {}", id.quoted(), id.qualified(), to.quoted());
        Some(Action::new(sql))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    /// Replacing keeps the comment, but makes the trigger fire in `origin` sessions again, whatever it
    /// did before. A constraint trigger can be neither replaced nor altered.
    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        if (Self { enabled: to.enabled, ..from.clone() }) == *to {
            let switch = (to.enabled != from.enabled).then(|| to.enabled.set(id));
            return Change::in_place(switch.into_iter().collect());
        }
        if from.constraint || to.constraint {
            return Change::Recreate("a constraint trigger can't be replaced in place".to_owned());
        }
        let replace = to.statement(id, "create or replace");
        Change::Alter([replace].into_iter().chain(to.enabled.set_anew(id)).collect())
    }

    /// Postgres refuses to change the type of a column that a trigger names (`update of`, `when`);
    /// `pg_depend` knows no others. A trigger's function that is replaced in place disrupts nothing.
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

    fn trigger(events: &[&str]) -> Trigger {
        Trigger {
            timing: Timing::Before,
            events: events.iter().map(|e| (*e).to_owned()).collect(),
            for_each: Level::Row,
            when: Some("new.a > 0".to_owned()),
            function: "s.touch".to_owned(),
            arguments: vec!["it's".to_owned()],
            constraint: false,
            deferrable: false,
            initially_deferred: false,
            from: None,
            old_table: None,
            new_table: None,
            enabled: Firing::Origin,
        }
    }

    fn alter(from: &Trigger, to: &Trigger) -> Change {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let id = ObjectId::new(Kind::Trigger, ["s", "t", "tr"]);
        Trigger::alter(&id, Pair { from, to }, Pair { from: side, to: side })
    }

    fn sql(change: Change) -> Vec<String> {
        let Change::Alter(actions) = change else { panic!("in place: {change:?}") };
        actions.into_iter().map(|a| a.sql).collect()
    }

    #[test]
    fn a_replaced_trigger_keeps_its_state() {
        let from = Trigger { enabled: Firing::Always, ..trigger(&["insert"]) };
        let to = Trigger { enabled: Firing::Always, ..trigger(&["insert", "update of a"]) };
        assert_eq!(
            sql(alter(&from, &to)),
            [
                "create or replace trigger tr before insert or update of a on s.t\n\
                 for each row when (new.a > 0)\nexecute function s.touch('it''s')",
                "alter table s.t enable always trigger tr",
            ]
        );
    }

    #[test]
    fn states_change_in_place() {
        let from = trigger(&["insert"]);
        let to = Trigger { enabled: Firing::Disabled, ..from.clone() };
        assert_eq!(sql(alter(&from, &to)), ["alter table s.t disable trigger tr"]);
        assert_eq!(alter(&from, &from), Change::Same);
    }

    #[test]
    fn constraint_triggers_are_recreated() {
        let from = Trigger { constraint: true, ..trigger(&["insert"]) };
        let to = Trigger { deferrable: true, ..from.clone() };
        assert!(matches!(alter(&from, &to), Change::Recreate(_)));
    }
}
