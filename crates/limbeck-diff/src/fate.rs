//! What happens to each object: created, dropped, altered, recreated, or nothing. First by its own
//! difference, then along dependencies until nothing changes any more.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use limbeck_catalog::facts::{Bond, Section, Side};
use limbeck_catalog::{Action, Catalog, Change, Event, Need, Note, ObjectId, Pair, Reaction};

/// What happens to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It comes.
    Create,
    /// It goes.
    Drop,
    /// It is altered in place.
    Alter(Vec<Action>),
    /// It goes and comes back, because of this.
    Recreate(String),
    /// It stays as it is although it differs, and this is said.
    Refuse(Note),
}

/// The fates of all objects that have one; what isn't listed stays.
pub type Fates = BTreeMap<ObjectId, Fate>;

/// The two sides, with what is looked up often.
pub(crate) struct Sides<'a> {
    pub(crate) catalogs: Pair<&'a Catalog>,
    pub(crate) restoring: bool,
    needed_by: OnceCell<Pair<NeededBy<'a>>>,
}

type NeededBy<'a> = BTreeMap<&'a ObjectId, BTreeMap<&'a ObjectId, Need>>;

impl<'a> Sides<'a> {
    pub(crate) fn new(catalogs: Pair<&'a Catalog>, restoring: bool) -> Self {
        Self { catalogs, restoring, needed_by: OnceCell::new() }
    }

    pub(crate) fn sides(&self) -> Pair<Side<'a>> {
        let side = |catalog| Side { catalog, restoring: self.restoring };
        Pair { from: side(self.catalogs.from), to: side(self.catalogs.to) }
    }

    /// What needs an object on either side, more than softly.
    fn dependants(&self, id: &ObjectId) -> BTreeSet<&'a ObjectId> {
        let catalogs = self.catalogs;
        let turned = || Pair { from: catalogs.from.needed_by(), to: catalogs.to.needed_by() };
        let needed_by = self.needed_by.get_or_init(turned);
        let of = |map: &NeededBy<'a>| {
            let hard = map.get(id).into_iter().flatten().filter(|(_, need)| **need > Need::Soft);
            hard.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        of(&needed_by.from).into_iter().chain(of(&needed_by.to)).collect()
    }

    /// What isn't compared and depends on an object, by name.
    pub(crate) fn strangers(&self, id: &ObjectId) -> BTreeSet<String> {
        let from = self.catalogs.from;
        let is_context = |id: &&ObjectId| id.kind.section() == Section::None && id.target().is_none();
        let noun = |id: &ObjectId| from.uncompared.iter().find(|what| what.name == id.qualified());
        let context = self.dependants(id).into_iter().filter(is_context);
        let context = context.map(|id| noun(id).map_or(id.to_string(), |w| format!("{} {}", w.kind, w.name)));
        let unknown = from.uncompared_dependants.get(id).into_iter().flatten().cloned();
        context.chain(unknown).collect()
    }

    fn is_part_of(&self, id: &ObjectId, parent: &ObjectId) -> bool {
        let bond = |catalog: &Catalog| catalog.parent(id).filter(|(p, _)| p == parent).map(|(_, bond)| bond);
        [self.catalogs.from, self.catalogs.to]
            .into_iter()
            .any(|c| c.contains(id) && bond(c) == Some(Bond::Part))
    }

    fn on_both(&self, id: &ObjectId) -> Option<Pair<&'a limbeck_catalog::Object>> {
        Some(Pair { from: self.catalogs.from.get(id)?, to: self.catalogs.to.get(id)? })
    }
}

/// What differs by itself, dependencies aside.
pub fn difference(catalogs: Pair<&Catalog>, restoring: bool) -> Fates {
    if std::ptr::eq(catalogs.from, catalogs.to) {
        return Fates::new();
    }
    let side = |catalog| Side { catalog, restoring };
    let sides = Pair { from: side(catalogs.from), to: side(catalogs.to) };
    let mut fates = Fates::new();
    // Both are in order: side by side, they are gone through once.
    let mut wanted = catalogs.to.objects.iter().peekable();
    for (id, from) in &catalogs.from.objects {
        while let Some((new, _)) = wanted.next_if(|(other, _)| *other < id) {
            fates.insert(new.clone(), Fate::Create);
        }
        let fate = match wanted.next_if(|(other, _)| *other == id) {
            None => Some(Fate::Drop),
            Some((_, to)) => match (Pair { from, to }).alter(id, sides) {
                Change::Same => None,
                Change::Alter(actions) => Some(Fate::Alter(actions)),
                Change::Recreate(why) => Some(Fate::Recreate(why)),
                Change::Refuse(note) => Some(Fate::Refuse(note)),
            },
        };
        fates.extend(fate.map(|fate| (id.clone(), fate)));
    }
    fates.extend(wanted.map(|(new, _)| (new.clone(), Fate::Create)));
    fates
}

/// The fates of all objects. `promoted` are recreated whatever their difference says: their alter in
/// place stood in a cycle.
pub(crate) fn fates(sides: &Sides<'_>, promoted: &BTreeSet<ObjectId>) -> Fates {
    let mut fates = difference(sides.catalogs, sides.restoring);
    for id in promoted {
        fates.insert(id.clone(), Fate::Recreate("it stands in a cycle of changes".to_owned()));
    }
    let mut events: VecDeque<(ObjectId, Event)> =
        fates.iter().filter_map(|(id, fate)| Some((id.clone(), event(fate)?))).collect();
    let mut told = BTreeSet::new();
    while let Some((cause, event)) = events.pop_front() {
        for id in sides.dependants(&cause) {
            if told.insert((id.clone(), cause.clone(), event == Event::Replaced)) {
                events.extend(tell(sides, &mut fates, id, &cause, event));
            }
        }
    }
    fates
}

/// What a fate means for dependants.
fn event(fate: &Fate) -> Option<Event> {
    match fate {
        Fate::Recreate(_) | Fate::Drop => Some(Event::Replaced),
        Fate::Alter(actions) if actions.iter().any(|a| a.disrupts) => Some(Event::Altered),
        Fate::Alter(_) | Fate::Create | Fate::Refuse(_) => None,
    }
}

/// Lets a dependant react; returns the event that its own new fate is, if it has one.
fn tell(
    sides: &Sides<'_>,
    fates: &mut Fates,
    id: &ObjectId,
    cause: &ObjectId,
    event_of_cause: Event,
) -> Option<(ObjectId, Event)> {
    let facts = sides.on_both(id)?;
    let own = fates.get(id);
    // What goes for good is let go by a dependant that changes itself.
    let gone = fates.get(cause) == Some(&Fate::Drop);
    if matches!(own, Some(Fate::Recreate(_))) || (gone && own.is_some()) {
        return None;
    }
    let reaction = if event_of_cause == Event::Replaced && sides.is_part_of(id, cause) {
        Reaction::Recreate
    } else {
        facts.react(id, cause, event_of_cause, sides.sides())
    };
    let fate = match reaction {
        Reaction::Ride => return None,
        Reaction::Alter(actions) => Fate::Alter(actions),
        Reaction::Recreate => Fate::Recreate(format!("{cause} {}", happened(event_of_cause, gone))),
    };
    let event = event(&fate).map(|event| (id.clone(), event));
    fates.insert(id.clone(), fate);
    event
}

fn happened(event: Event, gone: bool) -> &'static str {
    match event {
        Event::Altered => "changes",
        Event::Replaced if gone => "goes",
        Event::Replaced => "is made anew",
    }
}
