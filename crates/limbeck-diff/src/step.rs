//! Steps: what is done to one object, with what it acquires, releases, establishes and ends, and the
//! names that it frees and takes. These six are all that the order is made of.

use std::collections::BTreeSet;

use limbeck_catalog::facts::Side;
use limbeck_catalog::note::{BlindSpot, Hazard};
use limbeck_catalog::{Action, Catalog, Need, Object, ObjectId, Slot};

use crate::fate::{Fate, Fates, Sides};

/// What a step does. The order is the tie-break where dependencies leave one free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Replaces it by a stand-in that needs nothing, before it is dropped.
    Unlink,
    /// Drops it.
    Drop,
    /// Renames the old one of a recreated type aside, until what has it is converted.
    Aside,
    /// Alters it in place.
    Alter,
    /// Creates a stand-in that needs nothing.
    Shell,
    /// Creates it.
    Create,
    /// Drops what stood aside.
    DropAside,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub verb: Verb,
    /// To what.
    pub id: ObjectId,
    /// Its statements.
    pub actions: Vec<Action>,
    /// What has to be there before.
    pub acquires: BTreeSet<ObjectId>,
    /// What it would be good to have before, for bodies that are only looked at when they run.
    pub prefers: BTreeSet<ObjectId>,
    /// What can go after.
    pub releases: BTreeSet<ObjectId>,
    /// What would better go after, because a body names it.
    pub yields: BTreeSet<ObjectId>,
    /// What is there after.
    pub establishes: BTreeSet<ObjectId>,
    /// What is gone after, or is another one.
    pub ends: BTreeSet<ObjectId>,
    /// Names that are free after.
    pub frees: BTreeSet<Slot>,
    /// Names that have to be free before.
    pub takes: BTreeSet<Slot>,
    /// What isn't compared and hangs on what goes or is disrupted.
    pub strangers: BTreeSet<String>,
    /// Whether what depends on the object has to make way.
    pub disrupts: bool,
}

impl Step {
    fn new(verb: Verb, id: &ObjectId, actions: Vec<Action>) -> Self {
        Self {
            verb,
            id: id.clone(),
            disrupts: actions.iter().any(|a| a.disrupts),
            frees: actions.iter().flat_map(|a| a.frees.iter().cloned()).collect(),
            takes: actions.iter().flat_map(|a| a.takes.iter().cloned()).collect(),
            strangers: BTreeSet::new(),
            actions,
            acquires: BTreeSet::new(),
            prefers: BTreeSet::new(),
            releases: BTreeSet::new(),
            yields: BTreeSet::new(),
            establishes: BTreeSet::new(),
            ends: BTreeSet::new(),
        }
    }

    /// Takes another step into this one.
    pub(crate) fn absorb(&mut self, other: Step) {
        let Step { acquires, prefers, releases, yields, establishes, ends, frees, takes, .. } = other;
        self.strangers.extend(other.strangers);
        self.establishes.extend(establishes);
        self.ends.extend(ends);
        self.frees.extend(frees);
        self.takes.extend(takes);
        self.acquires.extend(acquires);
        self.prefers.extend(prefers);
        self.releases.extend(releases);
        self.yields.extend(yields);
    }
}

/// The steps of all fates. `shells` are created as a stand-in first.
pub(crate) fn steps(sides: &Sides<'_>, fates: &Fates, shells: &BTreeSet<ObjectId>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (id, fate) in fates {
        let (from, to) = (sides.catalogs.from.get(id), sides.catalogs.to.get(id));
        match (fate, from, to) {
            (Fate::Create, _, Some(to)) => steps.extend(create(sides, id, to, shells)),
            (Fate::Drop, Some(from), _) => {
                let (unlink, drop) = drop_unlinked(sides, id, from, shells);
                steps.extend(unlink);
                match is_succeeded(sides, id) {
                    true => steps.extend(set_aside(sides, id, from, drop)),
                    false => steps.push(drop),
                }
            }
            (Fate::Alter(actions), Some(_), Some(_)) => steps.push(alter(sides, id, actions.clone())),
            (Fate::Recreate(why), Some(from), Some(to)) => {
                steps.extend(recreate(sides, id, from, to, why, shells));
            }
            (Fate::Refuse(note), ..) => {
                let said = Action { commented: true, ..Action::new(format!("{id} stays as it is")) };
                steps.push(Step::new(Verb::Alter, id, vec![said.note(note.clone())]));
            }
            (Fate::Create | Fate::Drop | Fate::Alter(_) | Fate::Recreate(_), ..) => {}
        }
    }
    steps
}

fn create(sides: &Sides<'_>, id: &ObjectId, to: &Object, shells: &BTreeSet<ObjectId>) -> Vec<Step> {
    let side = sides.sides().to;
    let mut step = Step::new(Verb::Create, id, to.create(id, side));
    for (on, need) in side.catalog.needs_of(id) {
        if need == Need::Soft { &mut step.prefers } else { &mut step.acquires }.insert(on.clone());
    }
    step.establishes.insert(id.clone());
    step.takes.extend(id.slots());
    let Some(actions) = to.shell(id).filter(|_| shells.contains(id)) else { return vec![step] };
    // The stand-in is what others need; the real thing replaces it in place, once what it needs is there.
    let mut shell = Step::new(Verb::Shell, id, actions);
    shell.establishes = std::mem::take(&mut step.establishes);
    shell.takes = std::mem::take(&mut step.takes);
    let parent = side.catalog.parent(id).map(|(parent, _)| parent);
    shell.acquires.extend(parent);
    step.acquires.insert(id.clone());
    step.actions = step.actions.into_iter().map(Action::or_replace).collect();
    vec![shell, step]
}

/// A drop; of what stands in a cycle, a stand-in lets go of everything first.
fn drop_unlinked(
    sides: &Sides<'_>,
    id: &ObjectId,
    from: &Object,
    shells: &BTreeSet<ObjectId>,
) -> (Option<Step>, Step) {
    let mut step = drop(sides, id, from);
    let Some(actions) = from.shell(id).filter(|_| shells.contains(id)) else { return (None, step) };
    let mut unlink = Step::new(Verb::Unlink, id, actions.into_iter().map(Action::or_replace).collect());
    let parent = sides.catalogs.from.parent(id).map(|(parent, _)| parent);
    let kept = step.releases.iter().filter(|on| parent.as_ref() == Some(*on)).cloned().collect();
    unlink.releases = std::mem::replace(&mut step.releases, kept);
    unlink.yields = std::mem::take(&mut step.yields);
    let unlinked = Slot::Member("stand-in", id.path.iter().map(str::to_owned).collect());
    unlink.frees.insert(unlinked.clone());
    step.takes.insert(unlinked);
    (Some(unlink), step)
}

fn drop(sides: &Sides<'_>, id: &ObjectId, from: &Object) -> Step {
    let side = Side { ..sides.sides().from };
    let mut step = Step::new(Verb::Drop, id, from.drop(id, side));
    release(&mut step, side.catalog, id);
    step.ends.insert(id.clone());
    step.frees.extend(id.slots());
    step.strangers = sides.strangers(id);
    step
}

fn alter(sides: &Sides<'_>, id: &ObjectId, actions: Vec<Action>) -> Step {
    let mut step = Step::new(Verb::Alter, id, actions);
    for (on, need) in sides.catalogs.to.needs_of(id) {
        if need == Need::Soft { &mut step.prefers } else { &mut step.acquires }.insert(on.clone());
    }
    release(&mut step, sides.catalogs.from, id);
    step.establishes.insert(id.clone());
    if step.disrupts {
        step.strangers = sides.strangers(id);
    }
    step
}

fn release(step: &mut Step, from: &Catalog, id: &ObjectId) {
    for (on, need) in from.needs_of(id) {
        if need == Need::Soft { &mut step.yields } else { &mut step.releases }.insert(on.clone());
    }
}

fn recreate(
    sides: &Sides<'_>,
    id: &ObjectId,
    from: &Object,
    to: &Object,
    why: &str,
    shells: &BTreeSet<ObjectId>,
) -> Vec<Step> {
    let mut create = create(sides, id, to, shells);
    let (unlink, mut drop) = drop_unlinked(sides, id, from, shells);
    if let Some(first) = drop.actions.first_mut() {
        let words = format!("{id} is dropped and created again: {why}");
        first.notes.retain(|note| {
            note.code != limbeck_catalog::note::Code::Hazard(Hazard::DataLoss) || id.kind.holds_rows()
        });
        first.notes.insert(0, Hazard::Recreate.note(words));
    }
    if !id.kind.stands_aside() {
        return unlink.into_iter().chain([drop]).chain(create).collect();
    }
    create.extend(set_aside(sides, id, from, drop));
    create
}

/// Whether something of another kind takes its name, and what has the one is converted to the other.
fn is_succeeded(sides: &Sides<'_>, id: &ObjectId) -> bool {
    let slots = id.slots();
    let successor = |kind: &limbeck_catalog::Kind| {
        let other = ObjectId { kind: *kind, ..id.clone() };
        *kind != id.kind
            && sides.catalogs.to.contains(&other)
            && other.slots().iter().any(|slot| slots.contains(slot))
    };
    id.kind.stands_aside() && id.of.is_none() && limbeck_catalog::Kind::ALL.iter().any(successor)
}

/// In place of a drop: under another name first, and dropped once nothing has it any more.
fn set_aside(sides: &Sides<'_>, id: &ObjectId, from: &Object, mut drop: Step) -> Vec<Step> {
    let aside = aside(id);
    let Some(rename) = from.rename(id, &aside) else { return vec![drop] };
    let notes = drop.actions.first_mut().map(|first| std::mem::take(&mut first.notes)).unwrap_or_default();
    let mut step = Step::new(Verb::Aside, id, vec![Action { notes, ..rename }]);
    step.frees = std::mem::take(&mut drop.frees);
    step.strangers = std::mem::take(&mut drop.strangers);
    step.takes.extend(aside.slots());
    drop.verb = Verb::DropAside;
    drop.actions = from.drop(&aside, sides.sides().from);
    for action in &mut drop.actions {
        action.notes.clear();
    }
    vec![step, drop]
}

/// The name under which a type stands aside while its columns are converted.
fn aside(id: &ObjectId) -> ObjectId {
    let mut name: String = id.name().chars().take(50).collect();
    name.push_str("__before");
    let last = id.path.len() - 1;
    ObjectId::new(id.kind, id.path.iter().take(last).chain([name.as_str()]))
}

/// Says what isn't compared and hangs on a step, its parts included.
pub(crate) fn name_strangers(step: &mut Step) {
    let list = std::mem::take(&mut step.strangers).into_iter().collect::<Vec<_>>().join(", ");
    if let Some(first) = step.actions.first_mut().filter(|_| !list.is_empty()) {
        let words = format!("{list} depends on it and is not compared: it may stop this, or go with it");
        first.notes.push(BlindSpot::UncomparedDependant.note(words));
    }
}
