//! What is said of a candidate as a whole, once both sides and the plan are known: what a single kind
//! can't see.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::note::{BlindSpot, Code, Hazard};
use limbeck_catalog::{Catalog, Kind, Note, ObjectId, Pair};
use limbeck_sql::identifiers;

use crate::plan::{Direction, Plan, Planned};
use crate::rename::equal_body;
use crate::step::Verb;

/// Adds the remarks to a plan.
pub(crate) fn add(catalogs: Pair<&Catalog>, direction: Direction, plan: &mut Plan) {
    let ids = |verb: Verb| {
        plan.steps.iter().filter(|s| s.verb == verb).map(|s| s.id.clone()).collect::<BTreeSet<_>>()
    };
    let (dropped, created) = (ids(Verb::Drop), ids(Verb::Create));
    let bodies = Bodies::new(catalogs.from);
    for step in &mut plan.steps {
        let remarks = remarks(catalogs, direction, step, &dropped, &created, &bodies);
        if let Some(first) = step.actions.first_mut() {
            first.notes.extend(remarks);
        }
    }
}

fn remarks(
    catalogs: Pair<&Catalog>,
    direction: Direction,
    step: &Planned,
    dropped: &BTreeSet<ObjectId>,
    created: &BTreeSet<ObjectId>,
    bodies: &Bodies<'_>,
) -> Vec<Note> {
    let goes_for_good = step.verb == Verb::Drop && !created.contains(&step.id);
    let mut notes = Vec::new();
    if goes_for_good && is_used_by_name(step.id.kind) {
        let said = |note: &Note| note.code == Code::Hazard(Hazard::ApplicationBreaks);
        if !step.actions.iter().any(|action| action.notes.iter().any(said)) {
            let words = format!("what still uses {} fails", short(&step.id));
            notes.push(Hazard::ApplicationBreaks.note(words));
        }
        notes.extend(bodies.that_name(&step.id));
    }
    if direction == Direction::Upgrade && goes_for_good && step.id.kind.holds_rows() {
        let new = |other: &&ObjectId| other.kind == step.id.kind && !dropped.contains(*other);
        let siblings = created.iter().filter(new).filter(|other| siblings(other, &step.id));
        let alike = siblings.filter(|to| may_be(catalogs, &step.id, to)).min();
        notes.extend(alike.map(|to| {
            let words = format!(
                "{} comes and looks much like it: if it is {} under a new name, say `renamed_from: {}` in the models",
                short(to),
                step.id.quoted(),
                step.id.name()
            );
            BlindSpot::PossibleRename.note(words)
        }));
    }
    if direction == Direction::Upgrade && step.verb == Verb::Create && step.id.kind == Kind::Column {
        notes.extend(out_of_place(catalogs, &step.id));
    }
    notes
}

fn is_used_by_name(kind: Kind) -> bool {
    kind.is_relation()
        || kind.is_routine()
        || matches!(kind, Kind::Column | Kind::Sequence | Kind::Enum | Kind::Domain | Kind::Composite)
}

fn siblings(a: &ObjectId, b: &ObjectId) -> bool {
    a.path.first(a.path.len() - 1) == b.path.first(b.path.len() - 1)
}

/// Whether one may be the other under a new name, though not surely enough to write a rename: columns of
/// one type, or two tables that have most columns in common.
fn may_be(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> bool {
    if from.kind != Kind::Table {
        return equal_body(catalogs, from, to);
    }
    let columns = |catalog: &Catalog, id: &ObjectId| -> BTreeSet<String> {
        catalog.members(id, Kind::Column).map(|(column, _)| column.name().to_owned()).collect()
    };
    let (a, b) = (columns(catalogs.from, from), columns(catalogs.to, to));
    a.intersection(&b).count() * 2 > a.union(&b).count()
}

/// `public.members.email`.
fn short(id: &ObjectId) -> String {
    id.path.iter().map(limbeck_sql::ident).collect::<Vec<_>>().join(".")
}

/// The routines by the words in their bodies, which are strings: nobody checks them, and they break when
/// they run.
struct Bodies<'a> {
    naming: BTreeMap<String, BTreeSet<&'a ObjectId>>,
}

impl<'a> Bodies<'a> {
    fn new(from: &'a Catalog) -> Self {
        let mut naming = BTreeMap::<_, BTreeSet<_>>::new();
        for (id, object) in from.objects.iter().filter(|(id, _)| id.kind.is_routine()) {
            for word in object.texts().into_iter().flat_map(identifiers) {
                naming.entry(word).or_default().insert(id);
            }
        }
        Self { naming }
    }

    /// Says which of them may name what goes.
    fn that_name(&self, id: &ObjectId) -> Option<Note> {
        let naming = self.naming.get(id.name()).into_iter().flatten().filter(|other| **other != id);
        let routines: Vec<_> =
            naming.map(|other| format!("{}({})", other.qualified(), other.at(2))).collect();
        let shown = routines.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = match routines.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let words = format!("{shown}{more} may name {} in the body", id.quoted());
        (!routines.is_empty()).then(|| BlindSpot::StringBodies.note(words))
    }
}

/// A new column stands last, wherever the models have it.
fn out_of_place(catalogs: Pair<&Catalog>, id: &ObjectId) -> Option<Note> {
    let place = catalogs.to.positions.get(id)?;
    let table = id.relation(Kind::Table);
    let after = |other: &ObjectId| catalogs.to.positions.get(other).is_some_and(|p| p > place);
    let next = catalogs
        .to
        .members(&table, Kind::Column)
        .map(|(other, _)| other)
        .find(|other| after(other) && catalogs.from.contains(other))?;
    let words =
        format!("{} becomes the last column; in the models it stands before {}", id.quoted(), next.quoted());
    Some(BlindSpot::ColumnOrder.note(words))
}
