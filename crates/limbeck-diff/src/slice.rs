//! Slices: which part of a large database has to be built on scratch to settle and prove a change.
//!
//! Three steps. *Changed*: what is missing on one side or says something else. *Down*: what depends on
//! that, transitively, by the live dependencies, at the grain of columns (what is unchanged can depend
//! on something new only if its own need was replaced, and then that is changed too). *Up*: what all of
//! these need, by dependencies where nothing changed, by mention where text is new. A table that is
//! only needed is built as its shell: its columns, without defaults, constraints and indexes.

use std::collections::BTreeSet;

use limbeck_catalog::facts::Bond;
use limbeck_catalog::{Catalog, Kind, Need, Object, ObjectId, Pair};

use crate::fate::difference;
use crate::mention::Mentions;

/// A catalog of fewer objects is built whole: there is nothing to gain.
pub const WHOLE_BELOW: usize = 2_000;

/// The objects to build, of both sides.
pub fn slice(live: &Catalog, declared: &Catalog) -> BTreeSet<ObjectId> {
    let fates = difference(Pair { from: live, to: declared }, false);
    // Rights are in no model: they come along with what has them.
    let changed: BTreeSet<ObjectId> = fates.into_keys().filter(|id| id.kind.is_compared()).collect();
    let mut keys = changed.clone();
    down(live, &mut keys);
    up(live, declared, &changed, &mut keys);
    let always = |id: &&ObjectId| matches!(id.kind, Kind::Schema | Kind::Extension);
    for id in live.objects.keys().chain(declared.objects.keys()).filter(always) {
        // An extension brings a comment along, whether it is asked for or not.
        let comment = id.attached(Kind::Comment);
        keys.extend([live, declared].iter().any(|side| side.contains(&comment)).then_some(comment));
        keys.insert(id.clone());
    }
    let rights = live.of_kind(Kind::Rights).map(|(id, _)| id.clone());
    let carried: Vec<_> = rights.filter(|id| id.target().is_some_and(|of| keys.contains(&of))).collect();
    keys.extend(carried);
    keys
}

/// The part of a catalog that a slice holds.
pub fn restrict(catalog: &Catalog, keys: &BTreeSet<ObjectId>) -> Catalog {
    let mut part = Catalog {
        server: catalog.server,
        casts: catalog.casts.clone(),
        statistics: catalog.statistics.clone(),
        uncompared: catalog.uncompared.clone(),
        uncompared_dependants: catalog.uncompared_dependants.clone(),
        uncompared_needs: catalog.uncompared_needs.clone(),
        unreadable: catalog.unreadable.clone(),
        ..Catalog::default()
    };
    for id in keys {
        let Some(object) = catalog.get(id) else { continue };
        part.objects.insert(id.clone(), object.clone());
        part.positions.extend(catalog.positions.get(id).map(|position| (id.clone(), *position)));
        for (on, need) in catalog.needs_of(id).filter(|(on, _)| keys.contains(*on)) {
            part.add_need(id, on, need);
        }
    }
    part
}

fn down(live: &Catalog, keys: &mut BTreeSet<ObjectId>) {
    let needed_by = live.needed_by();
    let mut todo: Vec<ObjectId> = keys.iter().cloned().collect();
    while let Some(id) = todo.pop() {
        for (dependant, need) in needed_by.get(&id).into_iter().flatten() {
            // What stands in a table that is itself only altered, or in a schema, is not touched.
            let stands_in = live.parent(dependant).is_some_and(|(parent, bond)| {
                parent == id && (bond == Bond::Within || (id.kind.is_relation() && id.kind.holds_rows()))
            });
            if *need > Need::Soft && !stands_in && keys.insert((*dependant).clone()) {
                todo.push((*dependant).clone());
            }
        }
    }
}

fn up(live: &Catalog, declared: &Catalog, changed: &BTreeSet<ObjectId>, keys: &mut BTreeSet<ObjectId>) {
    let mentions = Mentions::new(declared);
    let mut shells = BTreeSet::new();
    let mut todo: Vec<ObjectId> = keys.iter().cloned().collect();
    while let Some(id) = todo.pop() {
        let mut needs: Vec<ObjectId> = live.needs_of(&id).map(|(on, _)| on.clone()).collect();
        for catalog in [live, declared] {
            needs.extend(catalog.parent(&id).map(|(parent, _)| parent));
            needs.extend(catalog.get(&id).into_iter().flat_map(|object| object.requires(&id)));
        }
        if changed.contains(&id) {
            needs.extend(mentions.of(&id));
        }
        let kinds = keys_for(&id);
        if !kinds.is_empty() {
            needs = needs.iter().flat_map(|on| with_keys(live, declared, on, kinds)).collect();
        }
        if id.kind.is_relation() && shells.insert(id.clone()) {
            let columns = |catalog: &Catalog| {
                catalog.members(&id, Kind::Column).map(|(id, _)| id.clone()).collect::<Vec<_>>()
            };
            needs.extend(columns(live).into_iter().chain(columns(declared)));
        }
        let there = |on: &ObjectId| live.contains(on) || declared.contains(on);
        todo.extend(needs.into_iter().filter(|on| there(on) && keys.insert(on.clone())));
    }
}

/// A foreign key needs a key of what it names, and so does `on conflict`; a query that groups by a primary
/// key needs that.
fn keys_for(id: &ObjectId) -> &'static [Kind] {
    match id.kind {
        Kind::View | Kind::MaterializedView => &[Kind::PrimaryKey],
        kind if matches!(kind, Kind::ForeignKey | Kind::Rule) || kind.is_routine() => {
            &[Kind::PrimaryKey, Kind::Unique, Kind::Index]
        }
        _ => &[],
    }
}

fn with_keys(live: &Catalog, declared: &Catalog, on: &ObjectId, kinds: &[Kind]) -> Vec<ObjectId> {
    let mut all = vec![on.clone()];
    if on.path.len() >= 2 && matches!(on.kind, Kind::Table | Kind::Column) {
        let table = on.relation(Kind::Table);
        for catalog in [live, declared] {
            for kind in kinds {
                let keys = catalog.members(&table, *kind).filter(|(_, object)| is_key(object));
                all.extend(keys.map(|(id, _)| id.clone()));
            }
        }
    }
    all
}

/// Whether it tells rows apart: of indexes, only a unique one does.
fn is_key(object: &Object) -> bool {
    !matches!(object, Object::Index(index) if !index.unique)
}
