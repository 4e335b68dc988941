//! Objects tied together: addresses become identities, `pg_depend` becomes needs.
//!
//! One object answers to several addresses (a view is its class, its row type and its `_RETURN`
//! rule; a key is its constraint and its index). Addresses serve dependencies only.

use std::collections::{BTreeSet, HashMap};

use limbeck_catalog::catalog::Uncompared;
use limbeck_catalog::facts::Bond;
use limbeck_catalog::row::Address;
use limbeck_catalog::{Catalog, Need, Needs, ObjectId, Tie};

use crate::answer::{Attached, Depend, Found, Named};

/// Puts objects and their needs into the catalog. Returns the addresses of dependants that nothing
/// accounts for, each with the compared object that it depends on.
pub(crate) fn assemble(
    catalog: &mut Catalog,
    found: Found,
    depends: Vec<Depend>,
    context: &[(Uncompared, Address)],
) -> Vec<(Address, ObjectId)> {
    let (told, strangers) = identities(catalog, found, depends, context);
    let objects: Vec<ObjectId> = catalog.objects.keys().cloned().collect();
    let ties = structural(catalog, &objects, told);
    catalog.needs = Needs::new(objects, ties);
    strangers
}

/// Puts the objects into the catalog. Returns what `pg_depend` says of them, and the strangers.
fn identities(
    catalog: &mut Catalog,
    found: Found,
    depends: Vec<Depend>,
    context: &[(Uncompared, Address)],
) -> (Vec<Tie>, Vec<(Address, ObjectId)>) {
    let (addresses, ids) = identify(catalog, found);
    let context: HashMap<Address, &Uncompared> = context.iter().map(|(what, at)| (*at, what)).collect();
    let name = |what: &Uncompared| format!("{} {}", what.kind, what.name);
    let (mut needs, mut strangers) = (Vec::new(), BTreeSet::new());
    for depend in depends {
        match (addresses.get(depend.object), addresses.get(depend.needs)) {
            (Some(object), Some(on)) => {
                let need = if depend.auto { Need::Auto } else { Need::Hard };
                needs.push((object, on, need));
            }
            (None, Some(on)) => match context.get(&depend.object) {
                Some(what) => {
                    catalog.uncompared_dependants.entry(ids[on].clone()).or_default().insert(name(what));
                }
                None if !depend.internal => drop(strangers.insert((depend.object, ids[on].clone()))),
                None => {}
            },
            (Some(object), None) => {
                if let Some(what) = context.get(&depend.needs) {
                    catalog.uncompared_needs.entry(ids[object].clone()).or_default().insert(name(what));
                }
            }
            (None, None) => {}
        }
    }
    let places = places(&ids, catalog.objects.keys());
    let told = needs.into_iter().map(|(object, on, need)| (places[object], places[on], need)).collect();
    (told, strangers.into_iter().collect())
}

/// The places of some objects among all; both are in order.
fn places<'a>(some: &[ObjectId], all: impl Iterator<Item = &'a ObjectId>) -> Vec<u32> {
    let mut all = (0..).zip(all);
    some.iter().filter_map(|id| all.find(|(_, other)| *other == id).map(|(at, _)| at)).collect()
}

/// Which object an address belongs to, by its place.
#[derive(Default)]
struct Addresses {
    /// An object's own.
    own: HashMap<Address, usize>,
    /// All by which `pg_depend` may name it.
    any: HashMap<Address, usize>,
}

impl Addresses {
    /// The object at an address; a column that is no object is part of its relation.
    fn get(&self, (class, object, sub): Address) -> Option<usize> {
        let look = |at: &Address| self.own.get(at).or_else(|| self.any.get(at)).copied();
        look(&(class, object, sub)).or_else(|| look(&(class, object, 0)))
    }

    /// What something attached to an address is attached to, with the name of the column where that
    /// is no object of its own.
    fn target(
        &self,
        (class, object, sub): Address,
        member: Option<&str>,
        ids: &[ObjectId],
    ) -> Option<ObjectId> {
        if let Some(at) = self.own.get(&(class, object, sub)) {
            return Some(ids[*at].clone());
        }
        // A column is named by its relation, which is another address of a composite type.
        let (relation, member) = ((class, object, 0), member?);
        let whole = &ids[*self.own.get(&relation).or_else(|| self.any.get(&relation))?];
        Some(whole.member(whole.kind, member))
    }
}

/// Puts the objects into the catalog. Returns those that have addresses, in order.
fn identify(catalog: &mut Catalog, found: Found) -> (Addresses, Vec<ObjectId>) {
    let Found { mut named, attached } = found;
    named.sort_by(|one, other| one.id.cmp(&other.id));
    let (mut addresses, mut ids) = (Addresses::default(), Vec::<ObjectId>::with_capacity(named.len()));
    // A map that is made of all its entries at once has no gaps, and is made faster.
    let (mut objects, mut positions) = (Vec::with_capacity(named.len() + attached.len()), Vec::new());
    for Named { id, addresses: known_by, position, object } in named {
        if ids.last() != Some(&id) {
            ids.push(id.clone());
        }
        let (at, mut known_by) = (ids.len() - 1, known_by.into_iter());
        if let Some(own) = known_by.next() {
            addresses.own.entry(own).or_insert(at);
        }
        for other in known_by {
            addresses.any.entry(other).or_insert(at);
        }
        positions.extend(position.map(|position| (id.clone(), position)));
        objects.push((id, object));
    }
    for Attached { kind, target, member, object } in attached {
        // What is attached to something that isn't compared isn't either.
        let target = addresses.target(target, member.as_deref(), &ids);
        if let Some(target) = target.filter(|target| target.kind.is_compared()) {
            objects.push((target.attached(kind), object));
        }
    }
    catalog.objects = objects.into_iter().collect();
    catalog.positions = positions.into_iter().collect();
    (addresses, ids)
}

/// Adds what follows from structure and not from `pg_depend`: parents, and what kinds require.
fn structural(catalog: &Catalog, objects: &[ObjectId], mut told: Vec<Tie>) -> Vec<Tie> {
    told.sort_unstable();
    let place = |id: &ObjectId| u32::try_from(objects.binary_search(id).ok()?).ok();
    let is_told = |object, on| {
        let first = told.partition_point(|(one, other, _)| (*one, *other) < (object, on));
        told.get(first).is_some_and(|(one, other, _)| (*one, *other) == (object, on))
    };
    let (mut needs, mut taken) = (Vec::new(), BTreeSet::new());
    // Members of one object follow each other.
    let (mut within, mut parent) = (None, None);
    for (at, (id, object)) in (0..).zip(&catalog.objects) {
        let written = id.parent();
        if written != within {
            parent = catalog.parent(id).and_then(|(parent, bond)| Some((place(&parent)?, bond)));
            within = written;
        }
        if let Some((parent, bond)) = parent {
            needs.push((at, parent, if bond == Bond::Part { Need::Auto } else { Need::Hard }));
        }
        for required in object.requires(id).iter().filter_map(place) {
            // A part that says what it stands for takes that need from its parent: `owned by` is
            // what ties a sequence to a column, and `pg_depend` has it on the sequence.
            let of_parent = parent.filter(|(parent, bond)| *bond == Bond::Part && is_told(*parent, required));
            taken.extend(of_parent.map(|(parent, _)| (parent, required)));
            needs.push((at, required, of_parent.map_or(Need::Hard, |_| Need::Auto)));
        }
    }
    told.retain(|(object, on, _)| !taken.contains(&(*object, *on)));
    needs.extend(told);
    needs
}
