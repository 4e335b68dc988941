//! Views that select from each other: nobody can make them in any order without knowing what columns they
//! have, so their documents say so.

use std::collections::BTreeSet;

use limbeck_catalog::{Catalog, Kind, Need, ObjectId};

/// The views that need themselves through other views, and those that need such.
pub(super) fn views(catalog: &Catalog) -> BTreeSet<&ObjectId> {
    let mut left: BTreeSet<_> = catalog.of_kind(Kind::View).map(|(id, _)| id).collect();
    loop {
        let waits = |id: &&ObjectId| {
            let hard = catalog.needs_of(id).filter(|(_, need)| *need > Need::Soft);
            hard.map(|(on, _)| on).any(|on| left.contains(on))
        };
        let still: BTreeSet<_> = left.iter().copied().filter(waits).collect();
        if still.len() == left.len() {
            return left;
        }
        left = still;
    }
}
