//! Views (`pg_class`, relkind `v`).

use std::collections::BTreeMap;

use limbeck_sql::{ident, reparseable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::entries::Entries;
use crate::kinds::query::{self, QueryColumns};
use crate::kinds::storage;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The query.
    #[serde(deserialize_with = "query::query")]
    pub query: String,
    /// Options: `security_barrier`, `security_invoker` (from 15), `check_option`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub with: Entries,
    /// The defaults that inserts through the view use, by column.
    #[serde(default, skip_serializing_if = "is_default")]
    pub defaults: BTreeMap<String, String>,
    /// What the query yields. Follows from it, so it is not compared.
    #[serde(default, deserialize_with = "query::view_columns", skip_serializing)]
    pub columns: QueryColumns,
}

impl View {
    /// `create view …` or `create or replace view …`. Replacing forgets the options that it does not
    /// repeat (`AT_ReplaceRelOptions`), so both say all of them; it leaves column defaults alone.
    fn statement(&self, id: &ObjectId, create: &str) -> Action {
        let with = match self.with.is_empty() {
            true => String::new(),
            false => format!(" with ({})", storage::parameters(&self.with)),
        };
        Action::new(format!("{create} view {}{with} as\n{}", id.qualified(), reparseable(&self.query)))
    }

    fn set_default(id: &ObjectId, column: &str, expression: &str) -> Action {
        let expression = reparseable(expression);
        Action::new(format!(
            "alter view {} alter column {} set default {expression}",
            id.qualified(),
            ident(column)
        ))
    }

    /// Changes of column defaults; those of columns that are new come after the query that adds them.
    fn alter_defaults(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        let Pair { from, to } = facts;
        let gone = from.defaults.keys().filter(|column| !to.defaults.contains_key(*column)).map(|column| {
            Action::new(format!("alter view {} alter column {} drop default", id.qualified(), ident(column)))
        });
        let set = to
            .defaults
            .iter()
            .filter(|(column, expression)| from.defaults.get(*column) != Some(expression))
            .map(|(column, expression)| Self::set_default(id, column, expression));
        gone.chain(set).collect()
    }
}

impl Facts for View {
    const KIND: Kind = Kind::View;
    const FAMILY: Family = Family::Relation;
    const SECTION: Section = Section::Top("views");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((query::schema(id), Bond::Within))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::relation_with_type(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        [&self.query].into_iter().chain(self.defaults.values()).map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        let invoker = self.with.get("security_invoker").is_some();
        Since::which([(invoker, Since::new(15, "`security_invoker`", &["with", "security_invoker"]))])
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let defaults =
            self.defaults.iter().map(|(column, expression)| Self::set_default(id, column, expression));
        [self.statement(id, "create")].into_iter().chain(defaults).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![query::drop(id)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(query::rename(id, to))
    }

    fn rename_within(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        query::renames(id, Pair { from: &facts.from.columns, to: &facts.to.columns })
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { query, with, defaults: _, columns } = to;
        let mut actions = if *query == from.query {
            storage::alter(&format!("view {}", id.qualified()), &from.with, with)
        } else if query::extends(&from.columns, columns) {
            vec![to.statement(id, "create or replace")]
        } else {
            return Change::Recreate("its columns change other than by new ones at the end".to_owned());
        };
        actions.extend(Self::alter_defaults(id, facts));
        Change::in_place(actions)
    }

    /// Postgres refuses to change the type of a column that a view uses, and to drop what it names.
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

    /// Names and types as they will be, so that `create or replace` can put the query in. It needs the
    /// types; options and defaults come with the real thing.
    fn shell(&self, id: &ObjectId) -> Option<Vec<Action>> {
        let query = self.columns.stand_in()?;
        Some(vec![Action::new(format!("create view {} as\n{query}", id.qualified()))])
    }

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("query");
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::kinds::query::QueryColumn;

    fn view(query: &str, columns: &[&str]) -> View {
        let columns = columns.iter().map(|name| QueryColumn {
            name: (*name).to_owned(),
            type_name: Some("integer".to_owned()),
            ..QueryColumn::default()
        });
        View { query: query.to_owned(), columns: columns.collect(), ..View::default() }
    }

    fn alter(from: &View, to: &View) -> Change {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        View::alter(&ObjectId::new(Kind::View, ["s", "v"]), Pair { from, to }, Pair { from: side, to: side })
    }

    #[test]
    fn new_columns_at_the_end_are_made_in_place() {
        let mut from = view("select 1 as a", &["a"]);
        from.with = [("security_barrier", "true")].into_iter().collect();
        let to = View { with: from.with.clone(), ..view("select 1 as a, 2 as b", &["a", "b"]) };
        let Change::Alter(actions) = alter(&from, &to) else { panic!("in place") };
        assert_eq!(
            actions[0].sql,
            "create or replace view s.v with (security_barrier='true') as\nselect 1 as a, 2 as b"
        );
        assert!(matches!(alter(&to, &from), Change::Recreate(_)));
    }

    #[test]
    fn what_only_the_catalog_knows_makes_no_difference() {
        assert_eq!(alter(&view("select 1 as a", &["a"]), &view("select 1 as a", &[])), Change::Same);
    }

    #[test]
    fn options_and_defaults_change_in_place() {
        let from = view("select 1 as a", &["a"]);
        let mut to = from.clone();
        to.with = [("check_option", "local")].into_iter().collect();
        to.defaults.insert("a".to_owned(), "5".to_owned());
        let Change::Alter(actions) = alter(&from, &to) else { panic!("in place") };
        let sql: Vec<_> = actions.iter().map(|a| a.sql.as_str()).collect();
        assert_eq!(
            sql,
            ["alter view s.v set (check_option='local')", "alter view s.v alter column a set default 5"]
        );
    }
}
