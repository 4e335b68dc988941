//! The order in which tables that point at each other become unlogged and logged: a logged table may not
//! point at an unlogged one, so what points goes first one way, and last the other.

use crate::facts::{Pair, Side, Slot};
use crate::{Action, Kind, Object, ObjectId};

/// A `set logged` or `set unlogged` with its place among those of other tables.
pub(super) fn ordered(mut action: Action, id: &ObjectId, unlogged: bool, sides: Pair<Side<'_>>) -> Action {
    let slot = |id: &ObjectId| Slot::Own(id.clone());
    // A key that goes is gone before, and one that comes comes after.
    let stays = |key: &ObjectId| sides.to.catalog.contains(key);
    let keys = sides.from.catalog.of_kind(Kind::ForeignKey).filter(|(key, _)| stays(key));
    let keys = keys.filter_map(|(key, object)| match object {
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
