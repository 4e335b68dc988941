//! Needs read off texts, where no `pg_depend` says them: for what models declare, before a server has
//! seen it, and for the bodies of functions that are only strings.
//!
//! A mention is a name in a text. It may be wrong (a column called as a table is), so it gives a soft
//! need: an order worth keeping, dropped in a cycle.

use std::collections::BTreeMap;

use limbeck_catalog::{Catalog, Kind, Need, ObjectId};
use limbeck_sql::identifiers;

/// Adds what follows from structure and from mentions to a catalog that knows no needs.
pub fn add_declared_needs(catalog: &mut Catalog) {
    let mut needs = structural(catalog);
    needs.extend(mentions(catalog, |_| true));
    for (id, on, need) in needs {
        catalog.add_need(&id, &on, need);
    }
}

/// Adds the soft needs of routines, whose bodies `pg_depend` does not look into.
pub fn add_body_needs(catalog: &mut Catalog) {
    for (id, on, need) in mentions(catalog, |id| id.kind.is_routine()) {
        catalog.add_need(&id, &on, need);
    }
}

fn structural(catalog: &Catalog) -> Vec<(ObjectId, ObjectId, Need)> {
    let mut needs = Vec::new();
    for (id, object) in &catalog.objects {
        let parent = catalog.parent(id).map(|(parent, _)| parent);
        let requires = object.requires(id).into_iter().chain(parent).filter(|on| catalog.contains(on));
        needs.extend(requires.map(|on| (id.clone(), on, Need::Hard)));
    }
    needs
}

/// What can be named in a text by its own name: relations, types, sequences, routines.
fn nameable(catalog: &Catalog) -> BTreeMap<&str, Vec<&ObjectId>> {
    let mut names: BTreeMap<&str, Vec<&ObjectId>> = BTreeMap::new();
    for id in catalog.objects.keys() {
        let named = id.of.is_none() && (id.path.len() == 2 || id.kind.is_routine()) || id.kind == Kind::Extension;
        if named {
            names.entry(if id.path.len() == 1 { id.at(0) } else { id.at(1) }).or_default().push(id);
        }
    }
    names
}

fn mentions(catalog: &Catalog, of: impl Fn(&ObjectId) -> bool) -> Vec<(ObjectId, ObjectId, Need)> {
    let names = nameable(catalog);
    let keys = keys(catalog);
    let extensions: Vec<_> = catalog.of_kind(Kind::Extension).map(|(id, _)| id.clone()).collect();
    let mut needs = Vec::new();
    for (id, object) in catalog.objects.iter().filter(|(id, _)| of(id)) {
        for word in object.texts().into_iter().flat_map(identifiers) {
            for on in names.get(word.as_str()).into_iter().flatten().filter(|on| **on != id) {
                needs.push((id.clone(), (*on).clone(), Need::Soft));
                // A foreign key needs a key of what it names, and `group by` a key needs it too.
                let own = id.path.get(..2) == on.path.get(..2);
                let keys = keys.get(*on).into_iter().flatten().filter(|key| !own && *key != id);
                needs.extend(keys.map(|key| (id.clone(), key.clone(), Need::Soft)));
            }
        }
        // What an extension brings can be named anywhere.
        if id.kind != Kind::Extension && id.kind != Kind::Schema {
            needs.extend(extensions.iter().map(|on| (id.clone(), on.clone(), Need::Soft)));
        }
    }
    needs
}

/// The keys and unique indexes of each table.
fn keys(catalog: &Catalog) -> BTreeMap<ObjectId, Vec<ObjectId>> {
    let mut keys: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for id in catalog.objects.keys() {
        if matches!(id.kind, Kind::PrimaryKey | Kind::Unique | Kind::Index) && id.of.is_none() {
            keys.entry(id.relation(Kind::Table)).or_default().push(id.clone());
        }
    }
    keys
}
