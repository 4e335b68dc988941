//! Not-null constraints. From 18 on they are constraints of their own (`pg_constraint`, contype `n`), with a
//! name, and may be not valid; but each is its column's, and stands in its document.

use limbeck_sql::{ident, reparseable};

use super::alter::column;
use super::{Column, cast};
use crate::facts::{Pair, Side};
use crate::note::Hazard;
use crate::{Action, Kind, ObjectId};

/// How it stands in a column's definition, which has no words for one that isn't valid.
pub(super) fn clause(to: &Column) -> String {
    if !to.not_null || to.not_null_not_valid {
        return String::new();
    }
    let name = to.not_null_name.as_ref().map(|name| format!(" constraint {}", ident(name)));
    let inherit = if to.not_null_no_inherit { " no inherit" } else { "" };
    format!("{} not null{inherit}", name.unwrap_or_default())
}

/// What a column's definition has no words for.
pub(super) fn apart(id: &ObjectId, to: &Column) -> Option<Action> {
    (to.not_null && to.not_null_not_valid).then(|| add(id, to))
}

/// `alter table … add constraint … not null c not valid`.
fn add(id: &ObjectId, to: &Column) -> Action {
    let inherit = if to.not_null_no_inherit { " no inherit" } else { "" };
    let valid = if to.not_null_not_valid { " not valid" } else { "" };
    let what = format!("add constraint {} not null {}{inherit}{valid}", name(id, to), id.quoted());
    Action::new(format!("alter table {} {what}", id.qualified()))
}

/// The name that it has, quoted.
fn name(id: &ObjectId, facts: &Column) -> String {
    let chosen = || crate::names::make_name(id.at(1), Some(id.name()), "not_null");
    ident(&facts.not_null_name.clone().unwrap_or_else(chosen))
}

/// From one to the other.
pub(super) fn alter(id: &ObjectId, facts: Pair<&Column>, side: Side<'_>) -> Vec<Action> {
    let Pair { from, to } = facts;
    match (from.not_null, to.not_null) {
        (false, false) => Vec::new(),
        (true, false) => vec![drop(id)],
        (false, true) if to.not_null_not_valid => vec![add(id, to)],
        (false, true) => set(id, to, side),
        (true, true) if to.not_null_not_valid && !from.not_null_not_valid => vec![drop(id), add(id, to)],
        (true, true) => change(id, facts),
    }
}

fn drop(id: &ObjectId) -> Action {
    column(id, "drop not null").note(Hazard::brief_lock(&id.relation(Kind::Table)))
}

/// Its name, which a rename of its column or table leaves behind, whether it is valid and inherited.
fn change(id: &ObjectId, facts: Pair<&Column>) -> Vec<Action> {
    let Pair { from, to } = facts;
    let table = id.relation(Kind::Table);
    let alter = |what: String| Action::new(format!("alter table {} {what}", id.qualified()));
    let [was, is] = [from, to].map(|column| name(id, column));
    let mut actions = Vec::new();
    if from.not_null_name != to.not_null_name {
        actions.push(alter(format!("rename constraint {was} to {is}")));
    }
    if from.not_null_not_valid && !to.not_null_not_valid {
        let fails = format!("fails if a row of {} has no {}", table.qualified(), id.quoted());
        actions.push(alter(format!("validate constraint {is}")).note(Hazard::FailsOnRows.on(&table, fails)));
    }
    if from.not_null_no_inherit != to.not_null_no_inherit {
        let word = if to.not_null_no_inherit { "no inherit" } else { "inherit" };
        actions.push(alter(format!("alter constraint {is} {word}")));
    }
    actions
}

/// Sets it, with values for the rows that have none.
fn set(id: &ObjectId, to: &Column, side: Side<'_>) -> Vec<Action> {
    let (table, name) = (id.relation(Kind::Table), id.quoted());
    let fill = |value: &str| format!("update {} set {name} = {value} where {name} is null", id.qualified());
    let backfill = match Column::default(id, side) {
        Some(default) => {
            let words = format!("gives {} to every row of {} without a value", name, table.qualified());
            Action::new(fill(&reparseable(&default))).note(Hazard::ValueChange.on(&table, words))
        }
        None if side.restoring => {
            let words = format!("rows that were written without {name} since get a stand-in");
            Action::new(fill(&cast::placeholder(&to.type_name, side)))
                .note(crate::BlindSpot::RowsNotRestored.note(words))
        }
        None => Action::suggestion(fill("<value>")).note(Hazard::NeedsDecision.note(format!(
            "if rows have no {name}, choose a value for them: remove the dashes and fill it in"
        ))),
    };
    let fails = format!("fails if a row of {} has no {name}", table.qualified());
    let scan = format!("reads all of {} while nobody can read or write it", table.qualified());
    let has_words = to.not_null_name.is_some() || to.not_null_no_inherit;
    let set = if has_words { add(id, to) } else { column(id, "set not null") }
        .note(Hazard::FailsOnRows.on(&table, fails))
        .note(Hazard::LongScan.on(&table, scan));
    vec![backfill, set]
}
