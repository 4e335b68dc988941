//! Contraction: columns and constraints into their `create table`, parts into their parent's drop.
//! Before the sort, so that nothing has to be moved afterwards.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::facts::Bond;
use limbeck_catalog::{Action, Catalog, Inline, Kind, Need, ObjectId};

use crate::fate::Sides;
use crate::step::{Step, Verb, name_strangers};

/// Steps that keep a statement of their own although they could go into another: they closed a cycle.
pub(crate) type Ejected = BTreeSet<(Verb, ObjectId)>;

/// The steps with parts contracted into their parents.
pub(crate) fn contract(sides: &Sides<'_>, steps: Vec<Step>, ejected: &Ejected) -> Vec<Step> {
    let mut table = Table::new(steps);
    absorb_drops(sides.catalogs.from, &mut table, ejected);
    inline_creates(sides.catalogs.to, &mut table, ejected);
    let mut steps: Vec<Step> = table.steps.into_iter().flatten().collect();
    steps.iter_mut().for_each(name_strangers);
    steps
}

/// Steps that can be found by what they do, and taken out.
struct Table {
    steps: Vec<Option<Step>>,
    at: BTreeMap<(Verb, ObjectId), usize>,
}

impl Table {
    fn new(steps: Vec<Step>) -> Self {
        let at = steps.iter().enumerate().map(|(i, step)| ((step.verb, step.id.clone()), i)).collect();
        Self { steps: steps.into_iter().map(Some).collect(), at }
    }

    fn has(&self, verb: Verb, id: &ObjectId) -> bool {
        self.at.contains_key(&(verb, id.clone()))
    }

    fn get(&mut self, verb: Verb, id: &ObjectId) -> Option<&mut Step> {
        self.at.get(&(verb, id.clone())).and_then(|i| self.steps[*i].as_mut())
    }

    fn take(&mut self, verb: Verb, id: &ObjectId) -> Option<Step> {
        self.at.get(&(verb, id.clone())).and_then(|i| self.steps[*i].take())
    }

    fn ids(&self, verb: Verb) -> Vec<ObjectId> {
        self.at.keys().filter(|(v, _)| *v == verb).map(|(_, id)| id.clone()).collect()
    }
}

/// What goes with its parent has no statement of its own.
fn absorb_drops(from: &Catalog, table: &mut Table, ejected: &Ejected) {
    let roots: Vec<(ObjectId, (Verb, ObjectId))> = table
        .ids(Verb::Drop)
        .into_iter()
        .filter_map(|id| {
            let root = drop_root(from, table, ejected, &id)?;
            Some((id, root))
        })
        .collect();
    for (id, (verb, root)) in roots {
        let Some(part) = table.take(Verb::Drop, &id) else { continue };
        if let Some(step) = table.get(verb, &root) {
            step.absorb(part);
            step.releases = &step.releases - &step.ends;
        }
    }
}

/// The step in which a drop is contained, through any number of parents.
fn drop_root(from: &Catalog, table: &Table, ejected: &Ejected, id: &ObjectId) -> Option<(Verb, ObjectId)> {
    let (mut at, mut found) = (id.clone(), None);
    // A path of parents is short; the bound only rules out running for ever.
    for _ in 0..8 {
        if ejected.contains(&(Verb::Drop, at.clone())) {
            break;
        }
        let Some(step) = taken_along_by(from, table, &at) else { break };
        at = step.1.clone();
        found = Some(step);
    }
    found
}

/// The step that takes an object along: its parent's, or that of the column whose drop takes the
/// sequence that it owns.
fn taken_along_by(from: &Catalog, table: &Table, id: &ObjectId) -> Option<(Verb, ObjectId)> {
    if let Some((parent, Bond::Part)) = from.parent(id) {
        // With the old one of a type that stands aside, its parts are out of the way.
        let verbs = [Verb::Aside, Verb::Drop];
        return verbs.into_iter().find(|verb| table.has(*verb, &parent)).map(|verb| (verb, parent));
    }
    let namesakes =
        Kind::ALL.iter().filter(|kind| **kind != id.kind).map(|kind| id.prefix(*kind, id.path.len()));
    namesakes.filter(|part| table.has(Verb::Drop, part)).find_map(|part| {
        let is_part = from.parent(&part).is_some_and(|(parent, _)| parent == *id);
        let mut needs = from.needs_of(&part).filter(|_| is_part);
        let on = needs.find(|(on, need)| *need == Need::Auto && *on != id && table.has(Verb::Drop, on));
        on.map(|(on, _)| (Verb::Drop, on.clone()))
    })
}

/// What has a place inside its parent's create goes there.
fn inline_creates(to: &Catalog, table: &mut Table, ejected: &Ejected) {
    let mut suffixes: BTreeMap<ObjectId, String> = BTreeMap::new();
    let mut elements: BTreeMap<ObjectId, Vec<(i32, ObjectId, String)>> = BTreeMap::new();
    let mut ids = table.ids(Verb::Create);
    // Suffixes first, so that a column has its default when it becomes a line of its table.
    ids.sort_by_key(|id| {
        std::cmp::Reverse(
            id.path.len() * 2 + usize::from(id.parent().is_some_and(|(p, _)| p.path == id.path)),
        )
    });
    for id in ids {
        let place = place_of(to, table, ejected, &id);
        let Some((parent, inline)) = place else { continue };
        let Some(part) = table.take(Verb::Create, &id) else { continue };
        let mut then = Vec::new();
        match inline {
            Inline::Suffix(text) => suffixes.entry(parent.clone()).or_default().push_str(&text),
            Inline::Element(line) => push_element(to, &mut elements, &suffixes, &parent, &id, line),
            Inline::ElementThen(line, actions) => {
                push_element(to, &mut elements, &suffixes, &parent, &id, line);
                then = actions;
            }
            Inline::No => {}
        }
        if let Some(step) = table.get(Verb::Create, &parent) {
            step.absorb(part);
            step.acquires = &step.acquires - &step.establishes;
            step.actions.extend(then);
        }
    }
    write_suffixes(table, suffixes);
    write_elements(table, elements);
}

/// Where an object goes inside its parent's create, if it does.
fn place_of(to: &Catalog, table: &Table, ejected: &Ejected, id: &ObjectId) -> Option<(ObjectId, Inline)> {
    if ejected.contains(&(Verb::Create, id.clone())) || table.has(Verb::Shell, id) {
        return None;
    }
    let (parent, bond) = to.parent(id)?;
    let has_place =
        bond == Bond::Part && table.has(Verb::Create, &parent) && !table.has(Verb::Shell, &parent);
    if !has_place {
        return None;
    }
    match to.get(id)?.inline(id) {
        Inline::No => None,
        inline => Some((parent, inline)),
    }
}

fn push_element(
    to: &Catalog,
    elements: &mut BTreeMap<ObjectId, Vec<(i32, ObjectId, String)>>,
    suffixes: &BTreeMap<ObjectId, String>,
    parent: &ObjectId,
    id: &ObjectId,
    line: String,
) {
    let suffix = suffixes.get(id).map_or("", |s| s);
    let position = to.positions.get(id).copied().unwrap_or_default();
    elements.entry(parent.clone()).or_default().push((position, id.clone(), line + suffix));
}

/// Suffixes of columns that have a statement of their own.
fn write_suffixes(table: &mut Table, suffixes: BTreeMap<ObjectId, String>) {
    for (id, suffix) in suffixes {
        if let Some(first) = table.get(Verb::Create, &id).and_then(|step| step.actions.first_mut()) {
            first.tail.push_str(&suffix);
        }
    }
}

fn write_elements(table: &mut Table, elements: BTreeMap<ObjectId, Vec<(i32, ObjectId, String)>>) {
    for (parent, mut lines) in elements {
        lines.sort_by(|a, b| (a.1.kind, a.0, &a.1).cmp(&(b.1.kind, b.0, &b.1)));
        let container = |action: &&mut Action| action.elements.is_some();
        if let Some(action) =
            table.get(Verb::Create, &parent).and_then(|s| s.actions.iter_mut().find(container))
        {
            action.elements = Some(lines.into_iter().map(|(_, _, line)| line).collect());
        }
    }
}
