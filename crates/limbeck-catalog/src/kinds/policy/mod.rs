//! Row security policies (`pg_policy`). Whether a table's policies are enabled is the table's own.

use limbeck_sql::{ident, reparseable};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::constraint;
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The command that it applies to, if not all.
    #[serde(rename = "for", default, skip_serializing_if = "is_default")]
    pub command: PolicyCommand,
    /// Whether it takes away from what other policies allow.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restrictive: bool,
    /// The roles that it applies to, if not all.
    #[serde(rename = "to", default, deserialize_with = "roles", skip_serializing_if = "is_default")]
    pub roles: Vec<String>,
    /// The condition of rows that are seen.
    #[serde(
        default,
        deserialize_with = "constraint::optional_condition",
        skip_serializing_if = "is_default"
    )]
    pub using: Option<String>,
    /// The condition of rows that are written, if not the one of rows that are seen.
    #[serde(
        default,
        deserialize_with = "constraint::optional_condition",
        skip_serializing_if = "is_default"
    )]
    pub with_check: Option<String>,
}

/// What a policy applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PolicyCommand {
    /// Every command.
    #[default]
    All,
    /// `select`.
    Select,
    /// `insert`.
    Insert,
    /// `update`.
    Update,
    /// `delete`.
    Delete,
}

/// Words of the grammar that stand in place of a role, and are not quoted.
const ROLE_WORDS: [&str; 4] = ["public", "current_user", "current_role", "session_user"];

/// Reads roles in one order; `public` is all of them, as if none were named.
fn roles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut roles = Vec::<String>::deserialize(deserializer)?;
    roles.sort_unstable();
    roles.dedup();
    if roles.iter().any(|role| role == "public") {
        roles.clear();
    }
    Ok(roles)
}

fn role(name: &str) -> String {
    if ROLE_WORDS.contains(&name) { name.to_owned() } else { ident(name) }
}

impl Policy {
    fn to_roles(&self) -> String {
        if self.roles.is_empty() {
            return " to public".to_owned();
        }
        format!(" to {}", self.roles.iter().map(|r| role(r)).collect::<Vec<_>>().join(", "))
    }

    fn using_clause(&self) -> String {
        self.using.as_ref().map(|e| format!(" using ({})", reparseable(e))).unwrap_or_default()
    }

    fn check_clause(&self) -> String {
        self.with_check.as_ref().map(|e| format!(" with check ({})", reparseable(e))).unwrap_or_default()
    }

    fn statement(&self, id: &ObjectId) -> String {
        let kind = if self.restrictive { " as restrictive" } else { "" };
        let command = match self.command {
            PolicyCommand::All => "",
            PolicyCommand::Select => " for select",
            PolicyCommand::Insert => " for insert",
            PolicyCommand::Update => " for update",
            PolicyCommand::Delete => " for delete",
        };
        let roles = if self.roles.is_empty() { String::new() } else { self.to_roles() };
        let (using, check) = (self.using_clause(), self.check_clause());
        format!("create policy {} on {}{kind}{command}{roles}{using}{check}", id.quoted(), id.qualified())
    }

    /// `alter policy` with what differs; it has no words for taking a condition away.
    fn altered(&self, id: &ObjectId, from: &Self) -> Option<Action> {
        let clauses = [
            (self.roles != from.roles).then(|| self.to_roles()),
            (self.using != from.using).then(|| self.using_clause()),
            (self.with_check != from.with_check).then(|| self.check_clause()),
        ];
        let clauses: String = clauses.into_iter().flatten().collect();
        let sql = format!("alter policy {} on {}{clauses}", id.quoted(), id.qualified());
        (!clauses.is_empty()).then(|| changes_access(id, Action::new(sql)))
    }
}

/// Says that other rows are seen and written than before, by roles that policies bind.
fn changes_access(id: &ObjectId, action: Action) -> Action {
    let table = id.relation(Kind::Table);
    let words = format!("which rows of {} a role sees or writes changes", table.qualified());
    action.note(Hazard::ApplicationBreaks.on(&table, words))
}

impl Facts for Policy {
    const KIND: Kind = Kind::Policy;
    const FAMILY: Family = Family::OnRelation;
    const SECTION: Section = Section::Members { of: &[Kind::Table], key: "policies" };
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
        vec![Slot::Member("policy", id.path.iter().map(str::to_owned).collect())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        self.using.iter().chain(&self.with_check).map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![changes_access(id, Action::new(self.statement(id)))]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let sql = format!("drop policy {} on {}", id.quoted(), id.qualified());
        vec![changes_access(id, Action::new(sql))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        let (name, table) = (id.quoted(), id.qualified());
        Some(Action::new(format!("alter policy {name} on {table} rename to {}", to.quoted())))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { command, restrictive, roles: _, using, with_check } = to;
        let anew = constraint::anew(&[
            (*command != from.command, "its command changes"),
            (*restrictive != from.restrictive, "whether it allows or restricts changes"),
            (using.is_none() && from.using.is_some(), "its condition for rows that are seen goes"),
            (
                with_check.is_none() && from.with_check.is_some(),
                "its condition for rows that are written goes",
            ),
        ]);
        anew.unwrap_or_else(|| Change::in_place(to.altered(id, from).into_iter().collect()))
    }

    /// Postgres refuses to alter the type of a column that a policy names.
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

    fn policy(document: &str) -> Policy {
        serde_json::from_str(document).expect("a policy")
    }

    fn change(from: &str, to: &str) -> Change {
        let id = ObjectId::new(Kind::Policy, ["s", "t", "p"]);
        let catalog = crate::Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        Policy::alter(&id, Pair { from: &policy(from), to: &policy(to) }, Pair { from: side, to: side })
    }

    fn altered(from: &str, to: &str) -> String {
        match change(from, to) {
            Change::Alter(actions) => actions.into_iter().map(|a| a.sql).collect(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn conditions_and_roles_change_in_place() {
        assert_eq!(altered(r#"{"using": "a"}"#, r#"{"using": "(b)"}"#), "alter policy p on s.t using (b)");
        assert_eq!(
            altered(r#"{"to": ["x"]}"#, r#"{"with_check": "c", "to": ["public", "x"]}"#),
            "alter policy p on s.t to public with check (c)"
        );
        assert_eq!(change(r#"{"to": ["a", "b"]}"#, r#"{"to": ["b", "a"]}"#), Change::Same);
    }

    #[test]
    fn what_alter_has_no_words_for_is_recreated() {
        for (from, to) in [
            (r#"{"using": "a"}"#, r#"{"with_check": "a"}"#),
            (r#"{"for": "select"}"#, "{}"),
            (r#"{"restrictive": true}"#, "{}"),
        ] {
            assert!(matches!(change(from, to), Change::Recreate(_)), "{from} {to}");
        }
    }
}
