//! The plan: fates, steps, cycles dissolved, parts contracted, one sort.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::note::{BlindSpot, Code, Hazard};
use limbeck_catalog::{Action, Catalog, Note, ObjectId, Pair};

use crate::contract::{Ejected, contract};
use crate::fate::{Fate, Sides, fates};
use crate::graph::Graph;
use crate::step::{Step, Verb, steps};

/// Which way a plan goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the models.
    Upgrade,
    /// Back to what was there.
    Downgrade,
}

/// One step of a plan, in its place.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it does.
    pub verb: Verb,
    /// To what.
    pub id: ObjectId,
    /// Its statements.
    pub actions: Vec<Action>,
}

/// Statements in an order that works.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Planned>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.actions.iter().all(|action| action.commented))
    }

    /// All notes, in order.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.steps.iter().flat_map(|step| &step.actions).flat_map(|action| &action.notes)
    }
}

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Steps wait for each other, and nothing known dissolves it.
    #[error("these changes wait for each other: {}", list(.0))]
    Cycle(Vec<ObjectId>),
}

fn list(ids: &[ObjectId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The plan from one catalog to another.
///
/// # Errors
///
/// A cycle that neither a recreate nor a shell dissolves: a bug, which says where.
pub fn plan(catalogs: Pair<&Catalog>, direction: Direction) -> Result<Plan, Error> {
    let sides = Sides::new(catalogs, direction == Direction::Downgrade);
    let steps = acyclic(&sides)?;
    let steps = contracted(&sides, steps)?;
    let order = Graph::new(&steps).sort(|i| key(&sides, &steps[i]));
    let needed_later = needed_in_plan(&steps);
    let mut steps: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let steps = order.into_iter().filter_map(|i| steps[i].take());
    let mut plan =
        Plan { steps: steps.map(|s| Planned { verb: s.verb, id: s.id, actions: s.actions }).collect() };
    finish(&sides, direction, &needed_later, &mut plan);
    Ok(plan)
}

/// Exactly two things dissolve a cycle: an alter in place is promoted to a recreate, never of a kind
/// that holds rows; and what has a shell is split into it and its body.
fn acyclic(sides: &Sides<'_>) -> Result<Vec<Step>, Error> {
    let (mut promoted, mut shells) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let fates = fates(sides, &promoted);
        let steps = steps(sides, &fates, &shells);
        let cycles = Graph::new(&steps).cycles();
        if cycles.is_empty() {
            return Ok(steps);
        }
        let split = shells.clone();
        for cycle in cycles {
            let members = || cycle.iter().map(|i| &steps[*i]);
            let mut alters = members().filter(|s| {
                s.verb == Verb::Alter
                    && !s.id.kind.holds_rows()
                    && !matches!(fates.get(&s.id), Some(Fate::Recreate(_)))
            });
            let shell = |step: &&Step| {
                let side = match step.verb {
                    Verb::Create => sides.catalogs.to,
                    Verb::Drop => sides.catalogs.from,
                    Verb::Unlink | Verb::Aside | Verb::Alter | Verb::Shell | Verb::DropAside => return false,
                };
                !split.contains(&step.id) && side.get(&step.id).is_some_and(|o| o.shell(&step.id).is_some())
            };
            if let Some(step) = alters.next() {
                promoted.insert(step.id.clone());
            } else if let Some(step) = members().filter(shell).min_by_key(|s| &s.id) {
                shells.insert(step.id.clone());
            } else {
                return Err(Error::Cycle(members().map(|s| s.id.clone()).collect()));
            }
        }
    }
}

/// Contracts; where that closes a cycle (foreign keys that point at each other), what is in it keeps
/// its own statement.
fn contracted(sides: &Sides<'_>, steps: Vec<Step>) -> Result<Vec<Step>, Error> {
    let mut ejected = Ejected::new();
    loop {
        let contracted = contract(sides, steps.clone(), &ejected);
        let cycles = Graph::new(&contracted).cycles();
        if cycles.is_empty() {
            return Ok(contracted);
        }
        for cycle in cycles {
            let members: Vec<&Step> = cycle.iter().map(|i| &contracted[*i]).collect();
            let before = ejected.len();
            ejected.extend(reaching(&steps, &members));
            if ejected.len() == before {
                return Err(Error::Cycle(members.iter().map(|step| step.id.clone()).collect()));
            }
        }
    }
}

/// The parts in the members of a cycle that need something of another member.
fn reaching(steps: &[Step], members: &[&Step]) -> Ejected {
    let (mut hosts, mut touched) = (BTreeMap::new(), BTreeMap::<&ObjectId, BTreeSet<usize>>::new());
    for (i, member) in members.iter().enumerate() {
        let parts = match member.verb {
            Verb::Create => Some(&member.establishes),
            Verb::Drop => Some(&member.ends),
            Verb::Unlink | Verb::Aside | Verb::Alter | Verb::Shell | Verb::DropAside => None,
        };
        hosts.extend(parts.into_iter().flatten().map(|id| ((member.verb, id), i)));
        for id in member.establishes.iter().chain(&member.ends) {
            touched.entry(id).or_default().insert(i);
        }
    }
    let reaches = |step: &&Step| {
        let Some(host) = hosts.get(&(step.verb, &step.id)) else { return false };
        let needs = step.acquires.iter().chain(&step.releases).filter_map(|on| touched.get(on));
        members[*host].id != step.id && needs.flatten().any(|other| other != host)
    };
    steps.iter().filter(reaches).map(|step| (step.verb, step.id.clone())).collect()
}

/// What decides where dependencies leave it open: parts of their own first, then what is done, kinds
/// in their order (backwards for what goes), and places.
fn key(sides: &Sides<'_>, step: &Step) -> (bool, Verb, i32, i32, ObjectId) {
    let kind = limbeck_catalog::Kind::ALL.iter().position(|k| *k == step.id.kind).unwrap_or_default();
    let kind = i32::try_from(kind).unwrap_or_default();
    let kind = if matches!(step.verb, Verb::Drop | Verb::DropAside) { -kind } else { kind };
    let position = sides.catalogs.to.positions.get(&step.id).copied().unwrap_or_default();
    (!step.actions.iter().any(|a| a.own_part), step.verb, kind, position, step.id.clone())
}

/// What some step of the plan needs to be there.
fn needed_in_plan(steps: &[Step]) -> BTreeSet<ObjectId> {
    steps.iter().flat_map(|s| s.acquires.iter().filter(|id| **id != s.id)).cloned().collect()
}

/// What is said, once everything is in its place.
fn finish(sides: &Sides<'_>, direction: Direction, needed: &BTreeSet<ObjectId>, plan: &mut Plan) {
    // What the plan itself creates has nobody waiting for it, and no rows but those of its query.
    let made = |s: &&Planned| s.verb == Verb::Create && s.id.kind.is_relation();
    let created: BTreeMap<_, _> =
        plan.steps.iter().filter(made).map(|s| (s.id.path.clone(), s.id.kind.is_made_with_rows())).collect();
    let matters = |note: &Note| match note.table.as_ref().and_then(|table| created.get(&table.path)) {
        Some(has_rows) => *has_rows && note.code == Code::Hazard(Hazard::FailsOnRows),
        None => true,
    };
    for step in &mut plan.steps {
        step.actions.retain(|action| {
            action.for_rows_of.as_ref().is_none_or(|table| !created.contains_key(&table.path))
        });
        for action in &mut step.actions {
            // A new label of an enum can't be used in the transaction that adds it; if nothing in this
            // plan needs the enum, it can share the transaction.
            action.own_part &= needed.contains(&step.id);
            action.notes.retain(matters);
            let taken = std::mem::take(&mut action.notes);
            action.notes =
                taken.into_iter().map(|note| sized(sides.catalogs.from, direction, note)).collect();
        }
        if let Some(first) = step.actions.first_mut() {
            first.notes.extend(comes_back(sides, direction, step.verb, &step.id));
        }
    }
}

/// Adds a table's rows and size to the words. What a downgrade loses is what was written since.
fn sized(from: &Catalog, direction: Direction, mut note: Note) -> Note {
    if direction == Direction::Downgrade && note.code == Code::Hazard(Hazard::DataLoss) {
        note.code = Code::BlindSpot(BlindSpot::RowsNotRestored);
        note.words = match note.words.strip_suffix(" are lost") {
            Some(what) => format!("{what} go, and what was written since the upgrade does not come back"),
            None => format!("{}, and what was written since the upgrade does not come back", note.words),
        };
    }
    let statistics = note.table.as_ref().and_then(|table| from.statistics.get(table));
    if let Some(words) = statistics.and_then(size_words) {
        note.words = format!("{} ({words})", note.words);
    }
    note
}

fn size_words(statistics: &limbeck_catalog::Statistics) -> Option<String> {
    let rows = statistics.rows?;
    Some(format!("about {} rows, {}", thousands(rows), bytes(statistics.bytes)))
}

/// `12 000`, with thin groups: for a reader, not for a parser.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes, 0);
    while value >= 10_240 && unit + 1 < UNITS.len() {
        (value, unit) = (value / 1024, unit + 1);
    }
    format!("{value} {}", UNITS[unit])
}

/// What a create on the way back can't bring back.
fn comes_back(sides: &Sides<'_>, direction: Direction, verb: Verb, id: &ObjectId) -> Option<Note> {
    let rows_are_gone = direction == Direction::Downgrade
        && verb == Verb::Create
        && id.kind.holds_rows()
        && !sides.catalogs.from.contains(id);
    let words = || format!("{id} comes back empty: what stood in it when it was dropped is lost");
    rows_are_gone.then(|| BlindSpot::RowsNotRestored.note(words()))
}
