//! From a comparison to a [`Report`]: what differs by itself, what the plan touches besides, and what it
//! says over its statements.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::{Bond, Catalog, Note, ObjectId, Pair};
use limbeck_diff::rename::Ground;
use limbeck_diff::{Fate, Plan, Planned, Rename, Verb, difference};

use crate::fields::fields;
use crate::report::{
    ChangeWord, Changed, GroundWord, NoteWords, Object, Renamed, Report, UncomparedKind, VERSION,
};

/// A comparison, as it is known to those who made it.
#[derive(Clone, Debug)]
pub struct Compared<'a> {
    /// What both sides are, in words.
    pub names: Pair<String>,
    /// Both sides; `from` under its new names.
    pub sides: Pair<&'a Catalog>,
    /// The renames that lead to them.
    pub renames: &'a [Rename],
    /// The plan as [`limbeck_diff::candidate`] makes it, renames first; none where there is none.
    pub plan: Option<&'a Plan>,
    /// What could not be done, in words.
    pub unproven: &'a [String],
}

/// What there is to say.
pub fn gather(compared: &Compared<'_>) -> Report {
    let sides = compared.sides;
    let planned = compared.plan.map(|plan| &plan.steps[compared.renames.len().min(plan.steps.len())..]);
    let planned = planned.unwrap_or_default();
    let mut notes = notes(planned);
    let fates = difference(sides, false);
    let mut changes: Vec<Changed> = fates
        .iter()
        .map(|(id, fate)| Changed { notes: notes.remove(id).unwrap_or_default(), ..changed(sides, id, fate) })
        .collect();
    let touched: BTreeSet<&ObjectId> = planned.iter().map(|step| &step.id).collect();
    for id in touched.into_iter().filter(|id| !fates.contains_key(*id)) {
        let notes = notes.remove(id).unwrap_or_default();
        changes.push(Changed { notes, ..consequence(sides, id, planned) });
    }
    Report {
        version: VERSION,
        from: compared.names.from.clone(),
        to: compared.names.to.clone(),
        same: fates.is_empty() && compared.renames.is_empty(),
        renames: compared.renames.iter().map(|rename| renamed(sides, rename)).collect(),
        changes,
        uncompared: uncompared(sides.from),
        unreadable: sides.from.unreadable.clone(),
        unproven: compared.unproven.to_vec(),
        history: None,
    }
}

/// What differs between two states of one database, with nothing planned.
pub fn differing(sides: Pair<&Catalog>, ids: &[ObjectId]) -> Vec<Changed> {
    let fates = difference(sides, false);
    fates.iter().filter(|(id, _)| ids.contains(id)).map(|(id, fate)| changed(sides, id, fate)).collect()
}

/// What a catalog holds and isn't compared, by kind.
pub fn uncompared(catalog: &Catalog) -> Vec<UncomparedKind> {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for what in &catalog.uncompared {
        kinds.entry(&what.kind).or_default().push(what.name.clone());
    }
    kinds.into_iter().map(|(kind, names)| UncomparedKind { kind: kind.to_owned(), names }).collect()
}

/// What is said of each object, in the plan's order, each thing once.
fn notes(planned: &[Planned]) -> BTreeMap<ObjectId, Vec<NoteWords>> {
    let mut notes: BTreeMap<ObjectId, Vec<NoteWords>> = BTreeMap::new();
    for step in planned {
        for note in step.actions.iter().flat_map(|action| &action.notes) {
            let said = notes.entry(step.id.clone()).or_default();
            let words = NoteWords::from(note);
            if !said.contains(&words) {
                said.push(words);
            }
        }
    }
    notes
}

fn changed(sides: Pair<&Catalog>, id: &ObjectId, fate: &Fate) -> Changed {
    let refused = |note: &Note| note.words.clone();
    let (change, because) = match fate {
        Fate::Create => (ChangeWord::Create, None),
        Fate::Drop => (ChangeWord::Drop, None),
        Fate::Alter(_) => (ChangeWord::Alter, None),
        Fate::Recreate(why) => (ChangeWord::Recreate, Some(why.clone())),
        Fate::Refuse(note) => (ChangeWord::Refuse, Some(refused(note))),
    };
    Changed {
        object: object(sides, id),
        change,
        because,
        consequence: false,
        fields: fields(Pair { from: sides.from.get(id), to: sides.to.get(id) }),
        notes: Vec::new(),
        position: sides.to.positions.get(id).or(sides.from.positions.get(id)).copied().unwrap_or_default(),
    }
}

/// What says the same on both sides, and has to make way or follow.
fn consequence(sides: Pair<&Catalog>, id: &ObjectId, planned: &[Planned]) -> Changed {
    let is_made = |step: &Planned| step.id == *id && matches!(step.verb, Verb::Create | Verb::Shell);
    let change = if planned.iter().any(is_made) { ChangeWord::Recreate } else { ChangeWord::Alter };
    Changed { change, consequence: true, fields: Vec::new(), ..changed(sides, id, &Fate::Alter(Vec::new())) }
}

fn renamed(sides: Pair<&Catalog>, rename: &Rename) -> Renamed {
    let (ground, score, evidence) = match &rename.ground {
        Ground::Declared => (GroundWord::Declared, None, None),
        Ground::EqualBody => (GroundWord::EqualBody, None, None),
        Ground::Guess(score, why) => (GroundWord::Guess, Some(*score), Some(why.clone())),
    };
    let notes = rename.there.iter().flat_map(|action| &action.notes);
    Renamed {
        object: object(sides, &rename.to),
        from: rename.from.to_string(),
        from_name: rename.from.quoted(),
        ground,
        score,
        evidence,
        notes: notes.map(NoteWords::from).collect(),
    }
}

fn object(sides: Pair<&Catalog>, id: &ObjectId) -> Object {
    let ancestors = ancestors(sides, id);
    Object {
        name: id.to_string(),
        kind: id.kind.noun().to_owned(),
        path: id.path.iter().map(str::to_owned).collect(),
        within: ancestors.first().map(ToString::to_string),
        id: id.clone(),
        ancestors,
    }
}

/// What an object is a part of, from the top down.
fn ancestors(sides: Pair<&Catalog>, id: &ObjectId) -> Vec<ObjectId> {
    let side = if sides.to.contains(id) { sides.to } else { sides.from };
    let mut ancestors = Vec::new();
    let mut at = id.clone();
    while let Some((parent, Bond::Part)) = side.parent(&at) {
        ancestors.insert(0, parent.clone());
        at = parent;
    }
    ancestors
}
