//! The order in which tables that point at each other become unlogged and logged: a logged table may not
//! point at an unlogged one, so what points goes first one way, and last the other.

use crate::facts::{Side, Slot};
use crate::{Action, Kind, Object, ObjectId};

/// A `set logged` or `set unlogged` with its place among those of other tables.
pub(super) fn ordered(mut action: Action, id: &ObjectId, unlogged: bool, side: Side<'_>) -> Action {
    let slot = |id: &ObjectId| Slot::Own(id.clone());
    let keys = side.catalog.of_kind(Kind::ForeignKey).filter_map(|(key, object)| match object {
        Object::ForeignKey(facts) => Some((key.relation(Kind::Table), facts.target(key)?)),
        _ => None,
    });
    for (pointing, target) in keys.filter(|(pointing, target)| pointing != target) {
        if unlogged && target == *id {
            action.takes.push(slot(&pointing));
        } else if !unlogged && pointing == *id {
            action.takes.push(slot(&target));
        }
    }
    action.frees.push(slot(id));
    action
}
