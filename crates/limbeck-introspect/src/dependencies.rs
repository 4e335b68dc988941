//! Objects tied together: addresses become identities, `pg_depend` becomes needs.
//!
//! One object answers to several addresses (a view is its class, its row type and its `_RETURN`
//! rule; a key is its constraint and its index). Addresses serve dependencies only.

use std::collections::{BTreeSet, HashMap};

use limbeck_catalog::catalog::Uncompared;
use limbeck_catalog::facts::Bond;
use limbeck_catalog::row::Address;
use limbeck_catalog::{Catalog, Need, ObjectId};

use crate::answer::{Depend, Found, Place};

/// Puts objects and their needs into the catalog. Returns the addresses of dependants that nothing
/// accounts for, each with the compared object that it depends on.
pub(crate) fn assemble(
    catalog: &mut Catalog,
    found: Vec<Found>,
    depends: Vec<Depend>,
    context: &[(Uncompared, Address)],
) -> Vec<(Address, ObjectId)> {
    let addresses = identify(catalog, found);
    let context: HashMap<Address, &Uncompared> = context.iter().map(|(what, at)| (*at, what)).collect();
    let mut strangers = BTreeSet::new();
    for depend in depends {
        match (addresses.get(depend.object), addresses.get(depend.needs)) {
            (Some(object), Some(needs)) => {
                let need = if depend.auto { Need::Auto } else { Need::Hard };
                catalog.add_need(object, needs, need);
            }
            (None, Some(needs)) => match context.get(&depend.object) {
                Some(what) => {
                    let name = format!("{} {}", what.kind, what.name);
                    catalog.uncompared_dependants.entry(needs.clone()).or_default().insert(name);
                }
                None if !depend.internal => drop(strangers.insert((depend.object, needs.clone()))),
                None => {}
            },
            (Some(object), None) => {
                if let Some(what) = context.get(&depend.needs) {
                    let name = format!("{} {}", what.kind, what.name);
                    catalog.uncompared_needs.entry(object.clone()).or_default().insert(name);
                }
            }
            (None, None) => {}
        }
    }
    structural(catalog);
    strangers.into_iter().collect()
}

/// Which object an address belongs to.
#[derive(Default)]
struct Addresses {
    /// An object's own.
    own: HashMap<Address, ObjectId>,
    /// All by which `pg_depend` may name it.
    any: HashMap<Address, ObjectId>,
}

impl Addresses {
    /// The object at an address; a column that is no object is part of its relation.
    fn get(&self, (class, object, sub): Address) -> Option<&ObjectId> {
        let look = |at: &Address| self.own.get(at).or_else(|| self.any.get(at));
        look(&(class, object, sub)).or_else(|| look(&(class, object, 0)))
    }

    /// What something attached to an address is attached to, with the name of the column where that
    /// is no object of its own.
    fn target(&self, (class, object, sub): Address, member: Option<&str>) -> Option<ObjectId> {
        if let Some(id) = self.own.get(&(class, object, sub)) {
            return Some(id.clone());
        }
        // A column is named by its relation, which is another address of a composite type.
        let (relation, member) = ((class, object, 0), member?);
        let whole = self.own.get(&relation).or_else(|| self.any.get(&relation))?;
        Some(whole.member(whole.kind, member))
    }
}

fn identify(catalog: &mut Catalog, found: Vec<Found>) -> Addresses {
    let mut addresses = Addresses::default();
    // A map that is made of all its entries at once has no gaps, and is made faster.
    let (mut objects, mut attached) = (Vec::with_capacity(found.len()), Vec::new());
    for found in found {
        let Found { kind, place, addresses: at, position, object } = found;
        match place {
            Place::Own(id) => {
                let mut at = at.into_iter();
                if let Some(own) = at.next() {
                    addresses.own.entry(own).or_insert_with(|| id.clone());
                }
                for other in at {
                    addresses.any.entry(other).or_insert_with(|| id.clone());
                }
                catalog.positions.extend(position.map(|p| (id.clone(), p)));
                objects.push((id, object));
            }
            Place::Attached { target, member } => attached.push((kind, target, member, object)),
        }
    }
    for (kind, target, member, object) in attached {
        // What is attached to something that isn't compared isn't either.
        let target = addresses.target(target, member.as_deref()).filter(|target| target.kind.is_compared());
        if let Some(target) = target {
            objects.push((target.attached(kind), object));
        }
    }
    catalog.objects = objects.into_iter().collect();
    addresses
}

/// What follows from structure and not from `pg_depend`: parents, and what kinds require.
fn structural(catalog: &mut Catalog) {
    let (mut needs, mut taken) = (Vec::new(), Vec::new());
    for (id, object) in &catalog.objects {
        let parent = catalog.parent(id).filter(|(parent, _)| catalog.contains(parent));
        if let Some((parent, bond)) = &parent {
            let need = if *bond == Bond::Part { Need::Auto } else { Need::Hard };
            needs.push((id.clone(), parent.clone(), need));
        }
        for required in object.requires(id).into_iter().filter(|r| catalog.contains(r)) {
            // A part that says what it stands for takes that need from its parent: `owned by` is
            // what ties a sequence to a column, and `pg_depend` has it on the sequence.
            let of_parent = parent.as_ref().filter(|(parent, bond)| {
                *bond == Bond::Part && catalog.needs_of(parent).any(|(on, _)| *on == required)
            });
            let need = of_parent.map_or(Need::Hard, |_| Need::Auto);
            taken.extend(of_parent.map(|(parent, _)| (parent.clone(), required.clone())));
            needs.push((id.clone(), required, need));
        }
    }
    for (id, on) in taken {
        if let Some(of_parent) = catalog.needs.get_mut(&id) {
            of_parent.remove(&on);
        }
    }
    for (id, on, need) in needs {
        catalog.add_need(&id, &on, need);
    }
}
