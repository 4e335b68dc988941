//! Renames: which objects of the two sides are the same under another name.
//!
//! Postgres carries a rename into every text that names the thing, so renames are found and made
//! before anything else is compared: on scratch, in rounds, since what stands in a renamed table can
//! only be paired once the table is. A rename is declared (`renamed_from`), or evident (a constraint of
//! equal body: nothing is lost either way), or a guess, which is said with its score.

mod labels;
mod likeness;

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::facts::Side;
use limbeck_catalog::note::BlindSpot;
use limbeck_catalog::{Action, Catalog, Change, ObjectId, Pair};

use crate::plan::{Direction, plan};
use crate::slice::restrict;
use likeness::{Likeness, likeness};

/// Why two objects are taken for the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Ground {
    /// The models say so.
    Declared,
    /// They say the same, and nothing is lost either way.
    EqualBody,
    /// They look alike: how much (0 to 1), and in what.
    Guess(f64, String),
}

/// A rename, both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// What it is called now.
    pub from: ObjectId,
    /// What it will be called; the same where only something within it is renamed.
    pub to: ObjectId,
    /// Why.
    pub ground: Ground,
    /// The statements there.
    pub there: Vec<Action>,
    /// The statements back.
    pub back: Vec<Action>,
}

/// Renames in the order in which they are made.
pub type Renames = Vec<Rename>;

/// What `renamed_from` says: for each object its former last names, newest first.
pub type Declared = BTreeMap<ObjectId, Vec<String>>;

/// The renames of one round: of objects whose parents have the same name on both sides. Called again
/// with `from` as it is after them, until there are none.
pub fn round(catalogs: Pair<&Catalog>, declared: &Declared, done: &BTreeSet<ObjectId>) -> Renames {
    let mut renames: Renames = Vec::new();
    let (mut taken_from, mut taken_to) = (BTreeSet::new(), BTreeSet::new());
    let candidates = candidates(catalogs);
    for (to, froms) in &candidates {
        if let Some(from) = declared_for(catalogs, declared, to)
            && froms.contains(&from)
        {
            taken_from.insert(from.clone());
            taken_to.insert(to.clone());
            renames.extend(rename(catalogs, &from, to, Ground::Declared));
        }
    }
    let open = |id: &ObjectId, taken: &BTreeSet<ObjectId>| !taken.contains(id);
    let mut pairs: Vec<(Likeness, &ObjectId, &ObjectId)> = candidates
        .iter()
        .filter(|(to, _)| open(to, &taken_to))
        .flat_map(|(to, froms)| {
            froms.iter().filter(|from| open(from, &taken_from)).map(move |from| (from, to))
        })
        .filter_map(|(from, to)| Some((likeness(catalogs, from, to)?, from, to)))
        .collect();
    pairs.sort_by(|a, b| b.0.score.total_cmp(&a.0.score).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    for (like, from, to) in &pairs {
        if unique(&pairs, like, from, to) && open(from, &taken_from) && open(to, &taken_to) {
            taken_from.insert((*from).clone());
            taken_to.insert((*to).clone());
            renames.extend(rename(catalogs, from, to, like.ground()));
        }
    }
    let labels = labels::renames(catalogs, declared);
    let said: BTreeSet<_> = labels.iter().map(|rename| rename.to.clone()).collect();
    renames.extend(within(catalogs, done).filter(|rename| !said.contains(&rename.to)));
    renames.extend(labels);
    renames
}

/// What goes, for everything that comes: same kind, same parent.
fn candidates(catalogs: Pair<&Catalog>) -> BTreeMap<ObjectId, Vec<ObjectId>> {
    let siblings = |id: &ObjectId| (id.kind, id.path.first(id.path.len() - 1));
    let mut gone: BTreeMap<_, Vec<ObjectId>> = BTreeMap::new();
    for id in catalogs.from.objects.keys().filter(|id| id.of.is_none() && !catalogs.to.contains(id)) {
        if !id.kind.is_routine() && id.path.len() > 1 {
            gone.entry(siblings(id)).or_default().push(id.clone());
        }
    }
    let comes = catalogs
        .to
        .objects
        .keys()
        .filter(|id| id.of.is_none() && !catalogs.from.contains(id) && id.path.len() > 1);
    comes.filter_map(|id| Some((id.clone(), gone.get(&siblings(id))?.clone()))).collect()
}

fn declared_for(catalogs: Pair<&Catalog>, declared: &Declared, to: &ObjectId) -> Option<ObjectId> {
    let last = to.path.len() - 1;
    let former = |name: &String| ObjectId::new(to.kind, to.path.iter().take(last).chain([name.as_str()]));
    declared.get(to)?.iter().map(former).find(|id| catalogs.from.contains(id) && !catalogs.to.contains(id))
}

/// Whether nothing else looks nearly as much like either of the two.
fn unique(
    pairs: &[(Likeness, &ObjectId, &ObjectId)],
    like: &Likeness,
    from: &ObjectId,
    to: &ObjectId,
) -> bool {
    const MARGIN: f64 = 0.15;
    let rival = |(other, f, t): &&(Likeness, &ObjectId, &ObjectId)| {
        (*f == from) != (*t == to) && other.score > like.score - MARGIN
    };
    !pairs.iter().any(|pair| rival(&pair))
}

fn sides(catalogs: Pair<&Catalog>) -> Pair<Side<'_>> {
    let side = |catalog| Side { catalog, restoring: false };
    Pair { from: side(catalogs.from), to: side(catalogs.to) }
}

fn rename(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId, ground: Ground) -> Option<Rename> {
    let object = catalogs.from.get(from)?;
    let (there, back) = (object.rename(from, to)?, object.rename(to, from)?);
    let mut actions = vec![there];
    if let Ground::Guess(score, why) = &ground {
        let words = format!(
            "{} looks like {} under a new name ({:.0} in 100: {why}); if it is another, use the lines that are commented out",
            to,
            from.quoted(),
            score * 100.0
        );
        actions[0].notes.insert(0, BlindSpot::PossibleRename.note(words));
        actions.extend(other_reading(catalogs, from, to));
    }
    Some(Rename { from: from.clone(), to: to.clone(), ground, there: actions, back: vec![back] })
}

/// Drop and create instead, with all that stands in it, commented out.
fn other_reading(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> Vec<Action> {
    let part = |catalog: &Catalog, of: &ObjectId| {
        let stands_in_it = |id: &&ObjectId| id.path.starts_with(&of.path);
        let is_part = |id: &&ObjectId| {
            **id == *of
                || id.of == Some(of.kind)
                || id.path.len() > of.path.len()
                || id.parent().is_some_and(|(parent, _)| parent == *of)
        };
        let keys = catalog.objects.keys().filter(stands_in_it).filter(is_part);
        restrict(catalog, &keys.cloned().collect())
    };
    let (from, to) = (part(catalogs.from, from), part(catalogs.to, to));
    let plan = plan(Pair { from: &from, to: &to }, Direction::Upgrade).unwrap_or_default();
    let actions = plan.steps.into_iter().flat_map(|step| step.actions).filter(|action| !action.commented);
    actions.map(|action| Action::suggestion(action.text())).collect()
}

/// Renames within objects that are on both sides.
fn within<'a>(
    catalogs: Pair<&'a Catalog>,
    done: &'a BTreeSet<ObjectId>,
) -> impl Iterator<Item = Rename> + 'a {
    let both =
        catalogs.from.objects.iter().filter_map(move |(id, from)| Some((id, from, catalogs.to.get(id)?)));
    both.filter(move |(id, ..)| !done.contains(*id)).filter_map(|(id, from, to)| {
        let there = (Pair { from, to }).rename_within(id);
        let back = (Pair { from: to, to: from }).rename_within(id);
        let rename = Rename { from: id.clone(), to: id.clone(), ground: Ground::EqualBody, there, back };
        (!rename.there.is_empty() && !rename.back.is_empty()).then_some(rename)
    })
}

/// An id as it is called after renames.
pub fn renamed(id: &ObjectId, renames: &[Rename]) -> ObjectId {
    let mut id = id.clone();
    for rename in renames.iter().filter(|r| r.from != r.to) {
        if id.path.starts_with(&rename.from.path) && is_or_stands_in(&id, &rename.from) {
            let rest = id.path.iter().skip(rename.from.path.len());
            id = ObjectId { path: rename.to.path.iter().chain(rest).collect(), ..id };
        }
    }
    id
}

/// Whether an object is `of`, stands in it at any depth, or is attached to one that does. Others may begin
/// with the same names: a function called as a table is.
fn is_or_stands_in(id: &ObjectId, of: &ObjectId) -> bool {
    let mut at = id.target().unwrap_or_else(|| id.clone());
    loop {
        // Where a kind says "table", it may be a view.
        if at == *of || (at.kind.is_relation() && of.kind.is_relation() && at.path == of.path) {
            return true;
        }
        match at.parent() {
            Some((parent, _)) => at = parent,
            None => return false,
        }
    }
}

/// Whether two objects say the same apart from their names.
pub(crate) fn equal_body(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> bool {
    match (catalogs.from.get(from), catalogs.to.get(to)) {
        (Some(a), Some(b)) => (Pair { from: a, to: b }).alter(to, sides(catalogs)) == Change::Same,
        (Some(_) | None, _) => false,
    }
}
