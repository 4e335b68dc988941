//! What a change of a column takes, and what a column does when its type is replaced.

use limbeck_sql::reparseable;

use super::cast::{self, Cast};
use super::{Column, not_null};
use crate::facts::{Change, Event, Pair, Reaction, Side};
use crate::kinds::column_settings::{ColumnSettings, alter_column};
use crate::note::Hazard;
use crate::{Action, Kind, ObjectId};

pub(super) fn alter(id: &ObjectId, facts: Pair<&Column>, sides: Pair<Side<'_>>) -> Change {
    let Pair { from, to } = facts;
    let Column {
        type_name,
        not_null: _,
        not_null_name: _,
        not_null_not_valid: _,
        not_null_no_inherit: _,
        collation,
        generated,
        is_virtual,
        storage: _,
        compression: _,
        statistics: _,
        options: _,
    } = to;
    let mut actions = Vec::new();
    match (&from.generated, generated) {
        (Some(_), Some(_)) if *is_virtual != from.is_virtual => {
            return Change::Recreate("whether it is stored changes".to_owned());
        }
        (Some(_), None) if from.is_virtual => {
            return Change::Recreate("a virtual column can't become a plain one in place".to_owned());
        }
        (Some(_), None) => actions.push(column(id, "drop expression")),
        (None, Some(_)) => {
            return Change::Recreate("a plain column can't become a generated one in place".to_owned());
        }
        (Some(was), Some(is)) if was != is && sides.to.catalog.server >= 170_000 => {
            let set = column(id, &format!("set expression as ({})", reparseable(is))).disrupting();
            let rewrite = rewrite(id, "computes every value anew");
            actions.push(if *is_virtual { set } else { set.note(rewrite) });
        }
        (Some(was), Some(is)) if was != is => return Change::Recreate("its expression changes".to_owned()),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let retyped = *type_name != from.type_name || *collation != from.collation;
    if retyped {
        actions.push(set_type(id, facts, sides.to));
    }
    actions.extend(not_null::alter(id, facts, sides.to));
    actions.extend(settings(id, facts, retyped, sides.to));
    Change::in_place(actions)
}

/// A new type comes with its own storage and without a compression (`ATExecAlterColumnType`).
fn settings(id: &ObjectId, facts: Pair<&Column>, retyped: bool, side: Side<'_>) -> Vec<Action> {
    let Pair { from, to } = facts;
    let before = from.settings();
    let from = if retyped { ColumnSettings { storage: None, compression: None, ..before } } else { before };
    let settings = Pair { from, to: to.settings() };
    ColumnSettings::alter(&id.relation(Kind::Table), id.name(), settings, &to.type_name, side)
}

pub(super) fn column(id: &ObjectId, what: &str) -> Action {
    alter_column(&id.relation(Kind::Table), id.name(), what)
}

fn rewrite(id: &ObjectId, why: &str) -> crate::Note {
    let table = id.relation(Kind::Table);
    let words = format!("{why}: {} is written anew while nobody can read or write it", table.qualified());
    Hazard::TableRewrite.on(&table, words)
}

fn set_type(id: &ObjectId, facts: Pair<&Column>, side: Side<'_>) -> Action {
    let Pair { from, to } = facts;
    let table = id.relation(Kind::Table);
    let collate = match (&from.collation, &to.collation) {
        (_, Some(collation)) => format!(" collate {collation}"),
        (Some(_), None) | (None, None) => String::new(),
    };
    let cast = cast::cast(&id.quoted(), &from.type_name, &to.type_name, side);
    let using = match &cast {
        Cast::Automatic => String::new(),
        Cast::Explicit(e) | Cast::ThroughText(e) | Cast::Zone(e) | Cast::Decision(e) => format!(" using {e}"),
    };
    let mut action = column(id, &format!("type {}{collate}{using}", to.type_name)).disrupting();
    if cast::keeps_bytes(&from.type_name, &to.type_name, side) && using.is_empty() {
        let words = format!("blocks reads and writes of {} for a moment", table.qualified());
        action = action.note(Hazard::StrongLock.on(&table, words));
    } else {
        action = action.note(rewrite(id, "the type changes"));
    }
    match cast {
        Cast::Zone(_) => {
            let words = "is UTC the zone in which these times were meant? Write the right one";
            action = action.note(Hazard::NeedsDecision.note(words));
        }
        Cast::Decision(_) => {
            let words =
                format!("no cast leads from {} to {}: say how, after using", from.type_name, to.type_name);
            action = action.note(Hazard::NeedsDecision.note(words));
        }
        Cast::Automatic | Cast::Explicit(_) | Cast::ThroughText(_) => {}
    }
    if cast::narrows(&from.type_name, &to.type_name, side) {
        let words = format!("a value that does not fit {} is refused, cut or rounded", to.type_name);
        action = action.note(Hazard::ValueChange.on(&table, words));
    }
    action
}

/// A type that was replaced stands aside under another name until its columns are converted.
pub(super) fn react(
    id: &ObjectId,
    facts: Pair<&Column>,
    cause: &ObjectId,
    event: Event,
    sides: Pair<Side<'_>>,
) -> Reaction {
    let to = facts.to;
    match event {
        Event::Altered if to.generated.is_some() => Reaction::Recreate,
        Event::Altered => Reaction::Ride,
        Event::Replaced if to.generated.is_some() && !cause.kind.stands_aside() => Reaction::Recreate,
        Event::Replaced if cause.kind.stands_aside() => {
            let array = if to.type_name.ends_with("[]") { "text[]" } else { "text" };
            let action = column(id, &format!("type {0} using {1}::{array}::{0}", to.type_name, id.quoted()));
            let words = "a value that the new type does not have stops it";
            let table = id.relation(Kind::Table);
            let rest = match alter(id, facts, sides) {
                Change::Alter(actions) => actions.into_iter().filter(|a| !a.disrupts).collect(),
                Change::Same => settings(id, facts, true, sides.to),
                Change::Recreate(_) | Change::Refuse(_) => Vec::new(),
            };
            let action = action
                .note(rewrite(id, "its type is replaced"))
                .note(Hazard::FailsOnRows.on(&table, words))
                .disrupting();
            Reaction::Alter([action].into_iter().chain(rest).collect())
        }
        Event::Replaced => Reaction::Ride,
    }
}
