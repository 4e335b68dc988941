//! Foreign keys (`pg_constraint`, contype `f`).

use limbeck_sql::{ident_list, split_at_symbol};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod alter;
mod reference;

use reference::Reference;

use crate::document::{Extra, Node, Value};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::constraint;
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// Its columns.
    pub columns: Vec<String>,
    /// What they point at: `schema.table(column, …)`. A table without a schema is in the same one; its
    /// primary key is meant where no columns are named.
    #[serde(deserialize_with = "reference::references")]
    pub references: String,
    /// How rows with some nulls are taken.
    #[serde(rename = "match", default, skip_serializing_if = "is_default")]
    pub match_type: MatchType,
    /// What follows an update of what is pointed at: `cascade`, `restrict`, `set null`, `set default`.
    #[serde(default, deserialize_with = "reference::on_change", skip_serializing_if = "is_default")]
    pub on_update: Option<String>,
    /// What follows a delete of what is pointed at: as for an update, or `set null (column, …)` and
    /// `set default (column, …)` (from 15).
    #[serde(default, deserialize_with = "reference::on_change", skip_serializing_if = "is_default")]
    pub on_delete: Option<String>,
    /// Whether the last columns of both ends are periods (from 18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub period: bool,
    /// Whether a transaction may put it off to its end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deferrable: bool,
    /// Whether it is put off unless a transaction says otherwise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub initially_deferred: bool,
    /// Rows that were there before need not satisfy it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_valid: bool,
    /// Written down, and looked at for no row (from 18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_enforced: bool,
}

/// How rows with some nulls are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MatchType {
    /// One null is enough for a row to point at nothing.
    #[default]
    Simple,
    /// All columns of a row are null, or none is.
    Full,
}

impl ForeignKey {
    fn definition(&self) -> String {
        let period = |names: &[String]| match names.split_last() {
            Some((last, [])) if self.period => format!("period {}", ident_list([last])),
            Some((last, others)) if self.period => {
                format!("{}, period {}", ident_list(others), ident_list([last]))
            }
            Some(_) | None => ident_list(names),
        };
        let target = match Reference::parse(&self.references) {
            Some(Reference { columns, .. }) if self.period && !columns.is_empty() => {
                let (table, _) = split_at_symbol(&self.references, "(");
                format!("{table}({})", period(&columns))
            }
            Some(_) | None => self.references.clone(),
        };
        let full = if self.match_type == MatchType::Full { " match full" } else { "" };
        let on_update = self.on_update.as_ref().map(|a| format!(" on update {a}")).unwrap_or_default();
        let on_delete = self.on_delete.as_ref().map(|a| format!(" on delete {a}")).unwrap_or_default();
        let deferral = constraint::deferral(self.deferrable, self.initially_deferred);
        let enforced = if self.not_enforced { " not enforced" } else { "" };
        let columns = period(&self.columns);
        format!("foreign key ({columns}) references {target}{full}{on_update}{on_delete}{deferral}{enforced}")
    }

    /// The table that it points at.
    pub(crate) fn target(&self, id: &ObjectId) -> Option<ObjectId> {
        Reference::parse(&self.references).map(|reference| reference.table(id.schema()))
    }

    /// A statement that looks up every row, with what is said over it.
    fn scanning(&self, id: &ObjectId, action: Action) -> Action {
        let table = id.relation(Kind::Table);
        let Some(target) = self.target(id) else { return action };
        let fails =
            format!("fails if a row of {} points at no row of {}", table.qualified(), target.qualified());
        let scan = format!("looks up every row of {} in {}", table.qualified(), target.qualified());
        action.note(Hazard::FailsOnRows.on(&table, fails)).note(Hazard::LongScan.on(&table, scan))
    }

    /// `share row exclusive` on both tables: reads go on.
    fn locking(&self, id: &ObjectId, action: Action) -> Action {
        let table = id.relation(Kind::Table);
        let target = self.target(id).filter(|target| *target != table);
        let until = if self.looks_at_rows() { "until all rows are looked up" } else { "for a moment" };
        let lock = |table: &ObjectId| {
            Hazard::StrongLock.on(table, format!("blocks writes of {} {until}", table.qualified()))
        };
        action.note(lock(&table)).notes(target.as_ref().map(lock))
    }

    fn looks_at_rows(&self) -> bool {
        !self.not_valid && !self.not_enforced
    }
}

impl Facts for ForeignKey {
    const KIND: Kind = Kind::ForeignKey;
    const FAMILY: Family = Family::Constraint;
    const SECTION: Section = Section::Members { of: &[Kind::Table], key: "foreign_keys" };
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

    fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
        let other = Reference::parse(&self.references).into_iter().flat_map(|reference| {
            let table = reference.table(id.schema());
            let columns: Vec<_> = reference.columns.iter().map(|c| table.member(Kind::Column, c)).collect();
            if columns.is_empty() { vec![table] } else { columns }
        });
        constraint::columns(id, &self.columns).into_iter().chain(other).collect()
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.references]
    }

    fn asks(&self) -> Vec<Since> {
        let names_columns = self.on_delete.as_ref().is_some_and(|action| action.contains('('));
        Since::which([
            (self.not_enforced, Since::NOT_ENFORCED),
            (self.period, Since::new(18, "a foreign key over a period", &["period"])),
            (names_columns, Since::new(15, "`on delete set` of some columns only", &["on_delete"])),
        ])
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let action = constraint::add(id, &self.definition(), self.not_valid);
        let action = if self.looks_at_rows() { self.scanning(id, action) } else { action };
        vec![self.locking(id, action)]
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
        alter::alter(id, facts)
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

    /// `create table` ignores `not valid`.
    fn inline(&self, id: &ObjectId) -> Inline {
        if self.not_valid {
            return Inline::No;
        }
        Inline::Element(format!("constraint {} {}", id.quoted(), self.definition()))
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    /// A table without a schema stays so: whoever knows what is declared looks in the schema of the table
    /// that points at it, then in `public`.
    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        constraint::imply_deferrable(document);
        if let Value::Map(entries) = &mut document.value
            && let Some((_, node)) = entries.iter_mut().find(|(key, _)| key.text == "references")
            && let Some(reference) = node.as_text().and_then(Reference::parse)
        {
            node.value = Value::Scalar { text: reference.text(), quoted: true };
        }
        Vec::new()
    }
}
