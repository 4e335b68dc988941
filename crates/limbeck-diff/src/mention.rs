//! Needs read off texts, where no `pg_depend` says them: for what models declare, before a server has
//! seen it, and for the bodies of functions that are only strings.
//!
//! A mention is a name in a text. It may be wrong (a column called as a table is), so it gives a soft
//! need: an order worth keeping, dropped in a cycle.

use std::collections::{BTreeMap, BTreeSet};

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

fn mentions(catalog: &Catalog, of: impl Fn(&ObjectId) -> bool) -> Vec<(ObjectId, ObjectId, Need)> {
    let mentions = Mentions::new(catalog);
    let ids = catalog.objects.keys().filter(|id| of(id));
    ids.flat_map(|id| mentions.of(id).into_iter().map(|on| (id.clone(), on, Need::Soft))).collect()
}

/// The names of a catalog, to be found in texts.
pub(crate) struct Mentions<'a> {
    catalog: &'a Catalog,
    /// What can be named in a text by its own name: relations, types, sequences, routines.
    names: BTreeMap<&'a str, Vec<&'a ObjectId>>,
    /// The keys and unique indexes of each table.
    keys: BTreeMap<ObjectId, Vec<&'a ObjectId>>,
    extensions: Vec<&'a ObjectId>,
}

impl<'a> Mentions<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        let (mut names, mut keys) = (BTreeMap::<&str, Vec<_>>::new(), BTreeMap::<ObjectId, Vec<_>>::new());
        for id in catalog.objects.keys().filter(|id| id.of.is_none()) {
            if id.path.len() == 2 || id.kind.is_routine() {
                names.entry(id.at(1)).or_default().push(id);
            }
            if id.kind.is_key() {
                keys.entry(id.relation(Kind::Table)).or_default().push(id);
            }
        }
        let extensions = catalog.of_kind(Kind::Extension).map(|(id, _)| id).collect();
        Self { catalog, names, keys, extensions }
    }

    /// What the texts of an object mention, with the keys of tables that aren't its own: a foreign key
    /// needs a key of what it names, and `group by` a key needs it too. What an extension brings can be
    /// named anywhere.
    pub(crate) fn of(&self, id: &ObjectId) -> Vec<ObjectId> {
        let Some(object) = self.catalog.get(id) else { return Vec::new() };
        let mut found: Vec<&ObjectId> = Vec::new();
        let words: BTreeSet<String> = object.texts().into_iter().flat_map(identifiers).collect();
        for word in &words {
            for on in self.names.get(word.as_str()).into_iter().flatten().filter(|on| **on != id) {
                found.push(on);
                if id.kind.is_routine() {
                    found.extend(self.columns(on, &words));
                }
                let own = id.path.first(2) == on.path.first(2);
                found.extend(self.keys.get(*on).into_iter().flatten().filter(|key| !own && **key != id));
            }
        }
        if !matches!(id.kind, Kind::Extension | Kind::Schema) {
            found.extend(&self.extensions);
        }
        found.sort();
        found.dedup();
        found.into_iter().cloned().collect()
    }

    /// The columns that a body names: Postgres looks at the body of a function in SQL when it is created.
    fn columns(&self, of: &'a ObjectId, words: &BTreeSet<String>) -> impl Iterator<Item = &'a ObjectId> {
        let columns = (of.kind == Kind::Table).then(|| self.catalog.members(of, Kind::Column));
        columns.into_iter().flatten().map(|(id, _)| id).filter(|id| words.contains(id.name()))
    }
}
