//! Indexes (`pg_index`) that belong to no constraint.

use std::collections::BTreeMap;

use limbeck_sql::{ident, ident_list, qualified, reparseable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod definition;

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::entries::Entries;
use crate::kinds::{constraint, storage};
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// An index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "definition::Written")]
#[schemars(!try_from)]
pub struct Index {
    /// Columns or expressions, each with its collation, operator class and order.
    pub on: Vec<String>,
    /// The access method, if not `btree`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub using: Option<String>,
    /// Whether values are unique.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unique: bool,
    /// Whether nulls are equal to each other (from 15).
    #[serde(default, skip_serializing_if = "is_default")]
    pub nulls_not_distinct: bool,
    /// Columns that are stored along.
    #[serde(default, skip_serializing_if = "is_default")]
    pub include: Vec<String>,
    /// Storage parameters.
    #[serde(default, skip_serializing_if = "is_default")]
    pub with: Entries,
    /// The tablespace, if not the database's own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tablespace: Option<String>,
    /// The condition of the rows that are in it.
    #[serde(rename = "where", default, skip_serializing_if = "is_default")]
    pub predicate: Option<String>,
    /// Statistics targets of its expressions, by their places among its columns, the first being 1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub statistics: BTreeMap<String, i32>,
    /// Set where a concurrent build failed and left an index that queries don't use.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(skip)]
    pub invalid: bool,
}

impl Index {
    fn statement(&self, id: &ObjectId) -> String {
        let unique = if self.unique { "unique " } else { "" };
        let on = self.on.iter().map(|e| reparseable(e)).collect::<Vec<_>>().join(", ");
        let mut sql = format!("create {unique}index {} on {}", id.quoted(), id.qualified());
        if let Some(method) = &self.using {
            sql += &format!(" using {}", ident(method));
        }
        sql += &format!(" ({on})");
        if !self.include.is_empty() {
            sql += &format!(" include ({})", ident_list(&self.include));
        }
        if self.nulls_not_distinct {
            sql += " nulls not distinct";
        }
        if !self.with.is_empty() {
            sql += &format!(" with ({})", storage::parameters(&self.with));
        }
        if let Some(space) = &self.tablespace {
            sql += &format!(" tablespace {}", ident(space));
        }
        if let Some(predicate) = &self.predicate {
            sql += &format!(" where {}", reparseable(predicate));
        }
        sql
    }

    fn set_target(id: &ObjectId, place: &str, target: i32) -> Action {
        let what = format!("alter column {place} set statistics {target}");
        Action::new(format!("alter index {} {what}", Self::own_name(id)))
    }

    fn set_targets(&self, id: &ObjectId) -> impl Iterator<Item = Action> {
        self.statistics.iter().map(|(place, target)| Self::set_target(id, place, *target))
    }

    fn alter_targets(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action> {
        let Pair { from, to } = facts;
        let reset = from.statistics.keys().filter(|place| !to.statistics.contains_key(*place));
        let set = to.statistics.iter().filter(|(place, target)| from.statistics.get(*place) != Some(target));
        reset
            .map(|place| Self::set_target(id, place, -1))
            .chain(set.map(|(place, target)| Self::set_target(id, place, *target)))
            .collect()
    }

    fn own_name(id: &ObjectId) -> String {
        qualified(id.schema(), id.name())
    }
}

impl Facts for Index {
    const KIND: Kind = Kind::Index;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Members { of: &[Kind::Table, Kind::MaterializedView], key: "indexes" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = true;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.relation(Kind::Table), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Relation(id.schema().to_owned(), id.name().to_owned())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        self.on.iter().chain(&self.predicate).map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Since::which([(self.nulls_not_distinct, Since::NULLS_NOT_DISTINCT)])
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let table = id.relation(Kind::Table);
        let words = format!("writes to {} wait while it is built", table.qualified());
        let action = Action::new(self.statement(id)).note(Hazard::IndexBuild.on(&table, words));
        let fails = format!("fails if rows of {} have equal values", table.qualified());
        let action = if self.unique { action.note(Hazard::FailsOnRows.on(&table, fails)) } else { action };
        [action].into_iter().chain(self.set_targets(id)).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("drop index {}", Self::own_name(id)))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(Action::new(format!("alter index {} rename to {}", Self::own_name(id), to.quoted())))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self {
            on,
            using,
            unique,
            nulls_not_distinct,
            include,
            with,
            tablespace,
            predicate,
            statistics: _,
            invalid,
        } = to;
        let anew = [
            (on != &from.on, "its columns change"),
            (using != &from.using, "its method changes"),
            (unique != &from.unique, "its uniqueness changes"),
            (nulls_not_distinct != &from.nulls_not_distinct, "what it takes for equal changes"),
            (include != &from.include, "the columns stored along change"),
            (predicate != &from.predicate, "its condition changes"),
            (from.invalid && !invalid, "the one that is there is invalid"),
        ];
        if let Some((_, why)) = anew.iter().find(|(differs, _)| *differs) {
            return Change::Recreate((*why).to_owned());
        }
        let mut actions = storage::alter(&format!("index {}", Self::own_name(id)), &from.with, with);
        if *tablespace != from.tablespace {
            let space = tablespace.as_deref().unwrap_or("pg_default");
            let words = "copies the index while nobody can read or write its table";
            let sql = format!("alter index {} set tablespace {}", Self::own_name(id), ident(space));
            actions.push(Action::new(sql).note(Hazard::StrongLock.note(words)));
        }
        actions.extend(Self::alter_targets(id, facts));
        Change::in_place(actions)
    }

    /// Postgres rebuilds an index by itself around a column's new type, while its text stays, and forgets the
    /// targets of its statistics.
    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match constraint::ride_if_equal(facts, &facts.from.texts(), event) {
            Reaction::Ride if !facts.to.statistics.is_empty() => {
                Reaction::Alter(facts.to.set_targets(id).collect())
            }
            reaction => reaction,
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("on");
        Vec::new()
    }
}
