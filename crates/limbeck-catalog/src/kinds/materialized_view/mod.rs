//! Materialized views (`pg_class`, relkind `m`). Their indexes are objects of their own.

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
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A materialized view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterializedView {
    /// The query.
    #[serde(deserialize_with = "query::query")]
    pub query: String,
    /// Storage parameters.
    #[serde(default, skip_serializing_if = "is_default")]
    pub with: Entries,
    /// The tablespace, if not the database's own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tablespace: Option<String>,
    /// The access method, if not `heap`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub access_method: Option<String>,
    /// Created without rows, until somebody refreshes it. Only its create asks: later on, whether it
    /// has rows is the application's business, and is not compared.
    #[serde(default, skip_serializing_if = "is_default")]
    pub with_no_data: bool,
    /// What the query yields, which follows from it and is not compared, and what is set of its columns.
    #[serde(default, skip_serializing_if = "QueryColumns::say_nothing")]
    pub columns: QueryColumns,
}

impl MaterializedView {
    fn statement(&self, id: &ObjectId) -> String {
        let mut sql = format!("create materialized view {}", id.qualified());
        if let Some(method) = &self.access_method {
            sql += &format!(" using {}", ident(method));
        }
        if !self.with.is_empty() {
            sql += &format!(" with ({})", storage::parameters(&self.with));
        }
        if let Some(space) = &self.tablespace {
            sql += &format!(" tablespace {}", ident(space));
        }
        let no_data = if self.with_no_data { "\nwith no data" } else { "" };
        sql + &format!(" as\n{}{no_data}", reparseable(&self.query))
    }
}

impl Facts for MaterializedView {
    const KIND: Kind = Kind::MaterializedView;
    const FAMILY: Family = Family::Relation;
    const SECTION: Section = Section::Top("materialized_views");
    /// Its rows are those of its query: they can be had again.
    const ROWS: Rows = Rows::Derived;
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
        vec![&self.query]
    }

    fn asks(&self) -> Vec<Since> {
        storage::asks(&self.with)
    }

    /// Filling one from another that has no rows yet fails (`has not been populated`): what is
    /// created here keeps the state that its facts have.
    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let mut action = Action::new(self.statement(id));
        if !self.with_no_data {
            let words = format!("runs the whole query of {} to fill it", id.qualified());
            action = action.note(Hazard::LongScan.on(id, words));
        }
        [action].into_iter().chain(self.columns.settings(id)).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![query::drop(id)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(query::rename(id, to))
    }

    /// Saves filling it anew where only a column's name changes.
    fn rename_within(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        query::renames(id, Pair { from: &facts.from.columns, to: &facts.to.columns })
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { query, with, tablespace, access_method, with_no_data: _, columns } = to;
        if *query != from.query {
            return Change::Recreate("its query changes: it is filled anew".to_owned());
        }
        let mut actions = Vec::new();
        let set = |what: String| {
            let words = format!("copies {} while nobody can read it", id.qualified());
            Action::new(format!("alter materialized view {} set {what}", id.qualified()))
                .note(Hazard::TableRewrite.on(id, words))
        };
        if *access_method != from.access_method {
            if sides.to.catalog.server < 150_000 {
                // `set access method` exists from 15 on.
                return Change::Recreate("its access method changes".to_owned());
            }
            actions.push(set(format!("access method {}", ident(access_method.as_deref().unwrap_or("heap")))));
        }
        if *tablespace != from.tablespace {
            actions.push(set(format!("tablespace {}", ident(tablespace.as_deref().unwrap_or("pg_default")))));
        }
        actions.extend(storage::alter(&format!("materialized view {}", id.qualified()), &from.with, with));
        let columns = Pair { from: &from.columns, to: columns };
        actions.extend(QueryColumns::alter_settings(id, columns, sides.to));
        Change::in_place(actions)
    }

    /// Postgres refuses to change the type of a column that its query uses, and to drop what it names.
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

    /// None: the query of a materialized view can't be replaced.
    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
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

    #[test]
    fn only_a_new_query_fills_it_anew() {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let sides = Pair { from: side, to: side };
        let id = ObjectId::new(Kind::MaterializedView, ["s", "m"]);
        let from = MaterializedView { query: "select 1 as a".to_owned(), ..Default::default() };
        let empty = MaterializedView { with_no_data: true, ..from.clone() };
        assert_eq!(MaterializedView::alter(&id, Pair { from: &from, to: &empty }, sides), Change::Same);
        let spaced = MaterializedView { tablespace: Some("fast".to_owned()), ..from.clone() };
        let change = MaterializedView::alter(&id, Pair { from: &from, to: &spaced }, sides);
        let Change::Alter(actions) = change else { panic!("in place") };
        assert_eq!(actions[0].sql, "alter materialized view s.m set tablespace fast");
        let other = MaterializedView { query: "select 2 as a".to_owned(), ..Default::default() };
        assert!(matches!(
            MaterializedView::alter(&id, Pair { from: &from, to: &other }, sides),
            Change::Recreate(_)
        ));
    }
}
