//! One side of a comparison: all objects, what each needs, and what else the database holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Bond;
use crate::needs::{Need, Needs};
use crate::{Kind, Object, ObjectId};

/// Live figures of a table, for the words of hazards (`pg_class`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// `reltuples`; `None` if it was never analyzed.
    pub rows: Option<f64>,
    /// `relpages` times the block size, indexes and toast excluded.
    pub bytes: u64,
}

/// A cast between two types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    /// Whether it is applied without being asked for when a value is assigned.
    pub assignment: bool,
    /// Whether the bytes stay as they are, so that nothing has to be rewritten.
    pub binary: bool,
}

/// Something that a database holds of a kind that isn't compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncompared {
    /// The kind, in Postgres's word: `event trigger`.
    pub kind: String,
    /// Its name, qualified and quoted.
    pub name: String,
}

/// Objects, their needs, and what is known about the server they live on.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Every object by its id.
    pub objects: BTreeMap<ObjectId, Object>,
    /// What each object needs, and how.
    pub needs: Needs,
    /// The place of what stands in an order: a table's columns. Not compared, but kept.
    pub positions: BTreeMap<ObjectId, i32>,
    /// The casts that the server has, by the names of source and target: whether an assignment uses
    /// it, and whether it leaves the bytes alone (`pg_cast`).
    pub casts: BTreeMap<(String, String), Cast>,
    /// Figures of tables; empty for what is declared.
    pub statistics: BTreeMap<ObjectId, Statistics>,
    /// What is there and isn't compared.
    pub uncompared: Vec<Uncompared>,
    /// Compared objects that something uncompared depends on, with that something.
    pub uncompared_dependants: BTreeMap<ObjectId, BTreeSet<String>>,
    /// Compared objects that need something uncompared, with that something.
    pub uncompared_needs: BTreeMap<ObjectId, BTreeSet<String>>,
    /// What could not be read, in words.
    pub unreadable: Vec<String>,
    /// `server_version_num`; 0 for what is declared.
    pub server: u32,
}

impl Catalog {
    /// What is said of a database beside its objects.
    pub fn without_objects(&self) -> Self {
        Self {
            uncompared: self.uncompared.clone(),
            unreadable: self.unreadable.clone(),
            server: self.server,
            ..Self::default()
        }
    }

    /// The object with an id.
    pub fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id)
    }

    /// Whether the object is there.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.objects.contains_key(id)
    }

    /// What an object is a part of or stands within, on this side: where its kind says "table", it may
    /// be a view or a materialized view of that name, which share one space of names.
    pub fn parent(&self, id: &ObjectId) -> Option<(ObjectId, Bond)> {
        let (parent, bond) = id.parent()?;
        if parent.kind != Kind::Table || self.contains(&parent) {
            return Some((parent, bond));
        }
        let alike = |kind| ObjectId { kind, ..parent.clone() };
        let other = Kind::ALL
            .iter()
            .filter(|kind| kind.is_relation())
            .map(|kind| alike(*kind))
            .find(|id| self.contains(id));
        Some((other.unwrap_or(parent), bond))
    }

    /// Adds that `id` needs `on`; the stronger of two needs stays.
    pub fn add_need(&mut self, id: &ObjectId, on: &ObjectId, need: Need) {
        self.needs.add(id, on, need);
    }

    /// What an object needs.
    pub fn needs_of(&self, id: &ObjectId) -> impl Iterator<Item = (&ObjectId, Need)> {
        self.needs.of(id)
    }

    /// The objects of a kind, in order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&ObjectId, &Object)> {
        self.objects.iter().filter(move |(id, _)| id.kind == kind)
    }

    /// The members that stand directly in an object, of one kind: a table's columns.
    pub fn members(&self, of: &ObjectId, kind: Kind) -> impl Iterator<Item = (&ObjectId, &Object)> {
        let first = ObjectId { kind, of: None, path: of.path.clone() };
        let path = of.path.clone();
        self.objects.range(first..).take_while(move |(id, _)| id.kind == kind && id.path.starts_with(&path))
    }

    /// Who needs what, turned round.
    pub fn needed_by(&self) -> BTreeMap<&ObjectId, BTreeMap<&ObjectId, Need>> {
        let mut turned: BTreeMap<&ObjectId, BTreeMap<&ObjectId, Need>> = BTreeMap::new();
        for (id, on, need) in self.needs.iter() {
            turned.entry(on).or_default().insert(id, need);
        }
        turned
    }
}
