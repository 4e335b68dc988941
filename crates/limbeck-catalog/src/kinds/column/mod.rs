//! Columns of tables (`pg_attribute`). Defaults and identities are objects of their own; the
//! expression of a generated column is part of the column, which can't be without it.

use limbeck_sql::{canonical_type, reparseable, strip_outer_parens};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

mod alter;
pub(crate) mod cast;
mod not_null;
mod short;

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::column_settings::ColumnSettings;
use crate::kinds::entries::Entries;
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The type, with its modifiers.
    #[serde(rename = "type", deserialize_with = "type_name")]
    pub type_name: String,
    /// Whether nulls are refused.
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null: bool,
    /// The name of its not-null constraint, if not the one that Postgres chooses (from 18, which
    /// records them; `table_column_not_null`, which a rename of either leaves behind).
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null_name: Option<String>,
    /// Whether nulls that were there before its not-null constraint are let be (from 18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null_not_valid: bool,
    /// Whether its not-null constraint does not hold for children (from 18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null_no_inherit: bool,
    /// The collation, if not the type's own; qualified and quoted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub collation: Option<String>,
    /// The expression of a generated column.
    #[serde(default, deserialize_with = "expression", skip_serializing_if = "is_default")]
    pub generated: Option<String>,
    /// Whether a generated column is computed when it is read, and not stored (from 18).
    #[serde(rename = "virtual", default, skip_serializing_if = "is_default")]
    pub is_virtual: bool,
    /// `plain`, `external`, `extended` or `main`, if not the type's own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub storage: Option<String>,
    /// `pglz` or `lz4`, if not the server's setting.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compression: Option<String>,
    /// The statistics target, if not the server's setting.
    #[serde(default, skip_serializing_if = "is_default")]
    pub statistics: Option<i32>,
    /// `n_distinct` and `n_distinct_inherited`: how many values the planner takes it to have.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Entries,
}

/// Reads a type in any spelling of the grammar as `format_type` spells it.
pub(crate) fn type_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(canonical_type(&String::deserialize(deserializer)?))
}

fn expression<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|t| strip_outer_parens(&t).to_owned()))
}

impl Column {
    /// The column as it stands in `create table` and after `add column`.
    fn definition(&self, id: &ObjectId) -> String {
        let mut sql = format!("{} {}", id.quoted(), self.type_name);
        if let Some(collation) = &self.collation {
            sql += &format!(" collate {collation}");
        }
        if let Some(expression) = &self.generated {
            let kept = if self.is_virtual { "virtual" } else { "stored" };
            sql += &format!(" generated always as ({}) {kept}", reparseable(expression));
        }
        sql + &not_null::clause(self)
    }

    /// What `create table` has no words for, or has only from 16 on.
    fn apart(&self, id: &ObjectId) -> Vec<Action> {
        let settings = self.settings().all(&id.relation(Kind::Table), id.name());
        not_null::apart(id, self).into_iter().chain(settings).collect()
    }

    fn settings(&self) -> ColumnSettings<'_> {
        ColumnSettings {
            storage: self.storage.as_deref(),
            compression: self.compression.as_deref(),
            statistics: self.statistics,
            options: &self.options,
        }
    }

    fn default(id: &ObjectId, side: Side<'_>) -> Option<String> {
        let default = id.prefix(Kind::Default, 3);
        side.catalog.get(&default)?.texts().first().map(|text| (*text).to_owned())
    }

    /// Adds a column that must not be null, to rows that have no value for it.
    fn add_without_value(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        let (table, column) = (id.relation(Kind::Table), id.quoted());
        let add = format!("alter table {} add column {}", id.qualified(), self.definition(id));
        if side.restoring {
            let value = cast::placeholder(&self.type_name, side);
            let words = format!("{column} comes back with {value} in every row: what stood there is lost");
            return vec![
                Action::new(format!("{add} default {value}")).note(BlindSpot::RowsNotRestored.note(words)),
                Action::new(format!("alter table {} alter column {column} drop default", id.qualified())),
            ];
        }
        let fails =
            format!("fails if {} has rows: {column} is not null and has no default", table.qualified());
        let decide = "choose a value for the rows that are there, as in the lines below";
        let nullable = Self { not_null: false, ..self.clone() };
        vec![
            Action::new(add)
                .note(Hazard::FailsOnRows.on(&table, fails))
                .note(Hazard::NeedsDecision.note(decide)),
            Action::suggestion(format!(
                "alter table {} add column {}",
                id.qualified(),
                nullable.definition(id)
            )),
            Action::suggestion(format!("update {} set {column} = <value>", id.qualified())),
            Action::suggestion(format!("alter table {} alter column {column} set not null", id.qualified())),
        ]
    }
}

impl Facts for Column {
    const KIND: Kind = Kind::Column;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Members { of: &[Kind::Table], key: "columns" };
    const ROWS: Rows = Rows::Kept;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.relation(Kind::Table), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        [Some(&self.type_name), self.collation.as_ref(), self.generated.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }

    fn asks(&self) -> Vec<Since> {
        let name = Since::forgotten_before(18, "a name of a not-null constraint", &["not_null_name"]);
        Since::which([
            (self.not_null_name.is_some(), name),
            (self.is_virtual, Since::new(18, "a virtual generated column", &["virtual"])),
            (
                self.not_null_not_valid,
                Since::new(18, "a not-null constraint that isn't valid", &["not_null_not_valid"]),
            ),
            (
                self.not_null_no_inherit,
                Since::new(18, "a not-null constraint that isn't inherited", &["not_null_no_inherit"]),
            ),
        ])
    }

    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        let table = id.relation(Kind::Table);
        let has_value = Self::default(id, side).is_some()
            || self.generated.is_some()
            || side.catalog.contains(&id.prefix(Kind::Identity, 3));
        let mut actions = if self.not_null && !self.not_null_not_valid && !has_value {
            self.add_without_value(id, side)
        } else {
            vec![Action::new(format!("alter table {} add column {}", id.qualified(), self.definition(id)))]
        };
        let lock = format!("blocks reads and writes of {} for a moment", table.qualified());
        let rewrites = (self.generated.is_some() && !self.is_virtual)
            || side.catalog.contains(&id.prefix(Kind::Identity, 3))
            || Self::default(id, side).is_some_and(|d| cast::looks_volatile(&d));
        let note = if rewrites {
            let words = format!("writes {} anew while nobody can read or write it", table.qualified());
            Hazard::TableRewrite.on(&table, words)
        } else {
            Hazard::StrongLock.on(&table, lock)
        };
        if let Some(first) = actions.first_mut() {
            first.notes.push(note);
        }
        actions.extend(self.apart(id));
        actions
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let table = id.relation(Kind::Table);
        let mut action = Action::new(format!("alter table {} drop column {}", id.qualified(), id.quoted()));
        if self.generated.is_none() {
            let words = format!("all values of {}.{} are lost", table.qualified(), id.quoted());
            action = action.note(Hazard::DataLoss.on(&table, words));
        }
        vec![action.note(Hazard::brief_lock(&table))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        let sql = format!("alter table {} rename column {} to {}", id.qualified(), id.quoted(), to.quoted());
        let words =
            format!("what uses {}.{} fails until it says {}", id.qualified(), id.quoted(), to.quoted());
        Some(Action::new(sql).note(Hazard::ApplicationBreaks.note(words)).note(BlindSpot::string_bodies(id)))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        alter::alter(id, facts, sides)
    }

    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        cause: &ObjectId,
        event: Event,
        sides: Pair<Side<'_>>,
    ) -> Reaction {
        alter::react(id, facts, cause, event, sides)
    }

    fn inline(&self, id: &ObjectId) -> Inline {
        Inline::ElementThen(self.definition(id), self.apart(id))
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("type");
        short::take(id, document)
    }
}
