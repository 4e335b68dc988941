//! How much two objects look like one under two names.
//!
//! Type and nullability are no evidence: half of all columns share them. What counts is the name, the
//! place between neighbours, a default, a comment, and the constraints and indexes they stand in.

use std::collections::BTreeSet;

use limbeck_catalog::kinds::column::Column;
use limbeck_catalog::names::make_name;
use limbeck_catalog::{Catalog, Change, Kind, Object, ObjectId, Pair};

use super::{Ground, equal_body, sides};

/// A score, and what it is made of.
#[derive(Clone, Debug)]
pub(super) struct Likeness {
    /// From 0 to 1.
    pub(super) score: f64,
    /// In words.
    why: Vec<&'static str>,
    /// Whether nothing is lost if it is wrong.
    safe: bool,
}

impl Likeness {
    pub(super) fn ground(&self) -> Ground {
        if self.safe { Ground::EqualBody } else { Ground::Guess(self.score, self.why.join(", ")) }
    }

    fn add(&mut self, weight: f64, why: &'static str) {
        self.score += weight;
        self.why.push(why);
    }
}

/// The least that makes a rename of what holds rows.
const ENOUGH: f64 = 0.4;

/// How much `to` looks like `from`; `None` if not enough.
pub(super) fn likeness(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> Option<Likeness> {
    let like = match from.kind {
        Kind::Table => table(catalogs, from, to),
        Kind::Column if equal_column(catalogs, from, to) => column(catalogs, from, to),
        Kind::Column => return None,
        _ if !equal_body(catalogs, from, to) => return None,
        // Their bodies are too small to tell one from another.
        Kind::Sequence | Kind::Domain => {
            let like = by_name(from, to, 0.2);
            return (like.score >= 0.6).then_some(like);
        }
        _ => {
            // Of several that say the same, the one with the nearest name.
            let like = by_name(from, to, 0.7);
            return Some(Likeness { safe: from.kind != Kind::Enum, ..like });
        }
    };
    (like.score >= ENOUGH).then_some(like)
}

fn by_name(from: &ObjectId, to: &ObjectId, base: f64) -> Likeness {
    let score = base + (1.0 - base) * similar(from.name(), to.name());
    Likeness { score, why: vec!["equal but for the name"], safe: false }
}

fn similar(a: &str, b: &str) -> f64 {
    let contained = a.len() >= 3 && b.len() >= 3 && (a.contains(b) || b.contains(a));
    strsim::normalized_levenshtein(a, b).max(if contained { 0.75 } else { 0.0 })
}

fn table(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> Likeness {
    let columns = |catalog: &Catalog, id: &ObjectId| -> BTreeSet<String> {
        let say = |(id, object): (&ObjectId, &Object)| {
            format!("{} {}", id.name(), object.texts().first().unwrap_or(&""))
        };
        catalog.members(id, Kind::Column).map(say).collect()
    };
    let (a, b) = (columns(catalogs.from, from), columns(catalogs.to, to));
    let (shared, all) = (a.intersection(&b).count(), a.union(&b).count());
    let mut like = Likeness { score: 0.0, why: Vec::new(), safe: false };
    if shared == 0 {
        return like;
    }
    // One or two columns in common are in common to many tables.
    #[expect(clippy::cast_precision_loss, reason = "a table has at most 1 600 columns")]
    let (share, weight) = (shared as f64 / all as f64, (all as f64 / 3.0).min(1.0));
    if share < 0.5 {
        return like;
    }
    like.add(0.6 * share * weight, if shared == all { "the same columns" } else { "most columns the same" });
    let name = similar(from.name(), to.name());
    if name >= 0.5 {
        like.add(0.4 * name, "a similar name");
    }
    like
}

/// Whether two columns say the same apart from their names, and that of the not-null constraint: from 18 on
/// a rename leaves it behind.
fn equal_column(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> bool {
    let nameless = |object: &Object| match object {
        Object::Column(column) => Column { not_null_name: None, ..Column::clone(column) }.into(),
        other => other.clone(),
    };
    match (catalogs.from.get(from).map(nameless), catalogs.to.get(to).map(nameless)) {
        (Some(a), Some(b)) => (Pair { from: &a, to: &b }).alter(to, sides(catalogs)) == Change::Same,
        (Some(_) | None, _) => false,
    }
}

/// Whether the one's not-null constraint is called as the other's would be.
fn left_its_name(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> bool {
    let Some(Object::Column(column)) = catalogs.to.get(to) else { return false };
    let former = make_name(from.at(1), Some(from.name()), "not_null");
    column.not_null_name.as_ref() == Some(&former)
}

fn column(catalogs: Pair<&Catalog>, from: &ObjectId, to: &ObjectId) -> Likeness {
    let mut like = Likeness { score: 0.0, why: Vec::new(), safe: false };
    let name = similar(from.name(), to.name());
    if name >= 0.5 {
        like.add(0.4 * name, "a similar name");
    }
    if neighbours(catalogs.from, from, catalogs.to) == neighbours(catalogs.to, to, catalogs.from) {
        like.add(0.25, "the same place");
    }
    if left_its_name(catalogs, from, to) {
        like.add(0.5, "its not-null constraint has the old name");
    }
    let attached = |kind: Kind| {
        let at = |catalog: &Catalog, id: &ObjectId| match kind {
            Kind::Comment => catalog.get(&id.attached(kind)).cloned(),
            _ => catalog.get(&id.prefix(kind, 3)).cloned(),
        };
        match (at(catalogs.from, from), at(catalogs.to, to)) {
            (Some(a), Some(b)) => Some(a == b),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => Some(false),
        }
    };
    for (kind, why) in [
        (Kind::Default, "the same default"),
        (Kind::Comment, "the same comment"),
        (Kind::Identity, "the same identity"),
    ] {
        match attached(kind) {
            Some(true) => like.add(0.2, why),
            Some(false) => like.score -= 0.1,
            None => {}
        }
    }
    let (a, b) = (stands_in(catalogs.from, from), stands_in(catalogs.to, to));
    if !a.is_empty() && a == b {
        like.add(0.25, "the same constraints and indexes");
    } else if a != b {
        like.score -= 0.1;
    }
    like
}

/// The nearest columns before and after that both sides have.
fn neighbours(catalog: &Catalog, id: &ObjectId, other: &Catalog) -> (Option<String>, Option<String>) {
    let place = |id: &ObjectId| catalog.positions.get(id).copied().unwrap_or_default();
    let table = id.relation(Kind::Table);
    let mut columns: Vec<_> = catalog.members(&table, Kind::Column).map(|(id, _)| id).collect();
    columns.sort_by_key(|id| place(id));
    let at = place(id);
    let shared = |c: &&&ObjectId| other.contains(c);
    let before = columns.iter().filter(|c| place(c) < at).rfind(shared);
    let after = columns.iter().filter(|c| place(c) > at).find(shared);
    let name = |id: Option<&&ObjectId>| id.map(|id| id.name().to_owned());
    (name(before), name(after))
}

/// The kinds of constraints and indexes that a column stands in, as often as it does.
fn stands_in(catalog: &Catalog, id: &ObjectId) -> Vec<Kind> {
    let table = id.relation(Kind::Table);
    let members = |kind: Kind| catalog.members(&table, kind);
    let needs = |member: &ObjectId| catalog.needs_of(member).any(|(on, _)| on == id);
    Kind::ALL
        .iter()
        .filter(|kind| kind.is_constraint() || kind.is_key())
        .flat_map(|kind| members(*kind))
        .filter(|(member, _)| needs(member))
        .map(|(member, _)| member.kind)
        .collect()
}
