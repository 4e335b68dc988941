//! What all table constraints have in common: their statements, and how they ride through changes.

use crate::facts::{Change, Event, Pair, Reaction};
use crate::note::Hazard;
use crate::{Action, Kind, ObjectId};

/// `alter table … add constraint`.
pub(crate) fn add(id: &ObjectId, definition: &str, not_valid: bool) -> Action {
    let not_valid = if not_valid { " not valid" } else { "" };
    Action::new(format!(
        "alter table {} add constraint {} {definition}{not_valid}",
        id.qualified(),
        id.quoted()
    ))
}

/// `alter table … drop constraint`.
pub(crate) fn drop(id: &ObjectId) -> Action {
    Action::new(format!("alter table {} drop constraint {}", id.qualified(), id.quoted()))
}

/// `alter table … rename constraint`.
pub(crate) fn rename(id: &ObjectId, to: &ObjectId) -> Action {
    Action::new(format!(
        "alter table {} rename constraint {} to {}",
        id.qualified(),
        id.quoted(),
        to.quoted()
    ))
}

/// From not valid to valid in place, under a lock that lets reads and writes go on; the other way
/// only by making it anew.
pub(crate) fn validity(id: &ObjectId, was_not_valid: bool, not_valid: bool) -> Change {
    match (was_not_valid, not_valid) {
        (true, false) => {
            let table = id.relation(Kind::Table);
            let words = format!("fails if a row of {} does not satisfy it", table.qualified());
            let sql = format!("alter table {} validate constraint {}", id.qualified(), id.quoted());
            Change::Alter(vec![Action::new(sql).note(Hazard::FailsOnRows.on(&table, words))])
        }
        (false, true) => Change::Recreate("a valid constraint can't become not valid in place".to_owned()),
        (true, true) | (false, false) => Change::Same,
    }
}

/// Rides through a column's new type if it says the same on both sides; makes way for all else.
pub(crate) fn ride_if_equal<T: PartialEq>(facts: Pair<&T>, event: Event) -> Reaction {
    match event {
        Event::Altered if facts.from == facts.to => Reaction::Ride,
        Event::Altered | Event::Replaced => Reaction::Recreate,
    }
}
