//! From entries to objects: documents are read, names that were left out are chosen by Postgres's
//! rules against all that is declared, and what stands at the same place twice is said.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use limbeck_catalog::document::{Node, Span, Value};
use limbeck_catalog::names::{self, Label, Names};
use limbeck_catalog::{Kind, Object, ObjectId, Section, Since, Slot};

use super::walk::Walked;
use super::{Asked, Declared, Entry, Place, Said, Stretch, check, parse, serial};
use crate::Diagnostic;
use crate::tree;

/// Makes the objects.
pub(super) fn assemble(walked: Walked, diagnostics: &mut Vec<Diagnostic>) -> Declared {
    let mut assembly = Assembly {
        declared: Declared::default(),
        diagnostics,
        names: Names::default(),
        ids: HashMap::new(),
        slots: Slots::default(),
        columns: BTreeMap::new(),
    };
    let Walked { mut entries, serials, schemas, labels, absent } = walked;
    assembly.places(&entries);
    assembly.schemas(&schemas, &absent);
    for entry in entries.iter_mut().filter(|entry| matches!(entry.place, Place::At(_))) {
        assembly.known(entry);
        if !entry.said.document().is_some_and(check::looks_at) {
            entry.said = Said::Read(None);
        }
    }
    assembly.serials(&serials);
    assembly.unnamed(&entries);
    assembly.attached(&entries);
    assembly.implied_not_null();
    let ids = std::mem::take(&mut assembly.ids);
    let mut declared = std::mem::take(&mut assembly.declared);
    declared.renamed_from.extend(labels.into_iter().filter(|(_, names)| !names.is_empty()));
    declared.undeclared = check::check(&declared, &entries, &ids, diagnostics);
    declared
}

struct Assembly<'a> {
    declared: Declared,
    diagnostics: &'a mut Vec<Diagnostic>,
    names: Names,
    /// The identities of entries whose names were chosen, by index.
    ids: HashMap<usize, ObjectId>,
    slots: Slots,
    /// The columns of each table, in order.
    columns: BTreeMap<ObjectId, Vec<String>>,
}

/// Who holds which slot. Slots are found by their hashes, and their holders say what they hold: kept whole, the names of
/// large models would be there once more.
#[derive(Default)]
struct Slots {
    holders: HashMap<u64, ObjectId>,
    hasher: RandomState,
}

impl Slots {
    fn holder(&self, slot: &Slot) -> Option<ObjectId> {
        let holder = self.holders.get(&self.hasher.hash_one(slot))?;
        holder.slots().contains(slot).then(|| holder.clone())
    }

    /// Who holds it from now on: who did, or else the newcomer.
    fn take(&mut self, slot: &Slot, newcomer: &ObjectId) -> ObjectId {
        self.holder(slot).unwrap_or_else(|| {
            self.holders.insert(self.hasher.hash_one(slot), newcomer.clone());
            newcomer.clone()
        })
    }
}

impl Assembly<'_> {
    /// The columns' places, before anything is named by them.
    fn places(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| entry.kind == Kind::Column) {
            let Place::At(id) = &entry.place else { continue };
            let columns = self.columns.entry(id.prefix(Kind::Table, 2)).or_default();
            columns.push(id.name().to_owned());
            let place = i32::try_from(columns.len()).unwrap_or(i32::MAX);
            self.declared.catalog.positions.entry(id.clone()).or_insert(place);
        }
    }

    /// Every schema that a file is for is declared by that, and `public` always, unless it is said
    /// to be absent.
    fn schemas(&mut self, schemas: &[(String, Span)], absent: &[String]) {
        let public = ("public".to_owned(), Span::default());
        for (schema, span) in schemas.iter().chain([&public]).filter(|(schema, _)| !absent.contains(schema)) {
            self.diagnostics.extend(check::too_long(schema, *span));
            let id = ObjectId::new(Kind::Schema, [schema]);
            let empty = Node { value: Value::Map(Vec::new()), span: *span };
            if let Some(object) = parse::object(Kind::Schema, &empty, self.diagnostics) {
                self.declared.catalog.objects.insert(id.clone(), object);
                if *span != Span::default() {
                    self.declared.places.entry(id).or_insert(Stretch { name: *span, extent: None });
                }
            }
        }
    }

    fn known(&mut self, entry: &Entry) {
        if let Place::At(id) = &entry.place
            && let Some(object) = entry.said.object(entry.kind, self.diagnostics)
        {
            self.insert(id.clone(), object, entry);
        }
    }

    fn insert(&mut self, id: ObjectId, object: Object, entry: &Entry) {
        if let Some(Stretch { name: first, extent: Some(_) }) = self.declared.places.get(&id).copied() {
            let twice = Diagnostic::new(format!("{id} is defined twice"), entry.span);
            self.diagnostics.push(twice.label("the second time").related(first, "the first time"));
            return;
        }
        if !self.is_single(&id, entry) {
            return;
        }
        // A statistics object may live in another schema than its table.
        let elsewhere = matches!(&object, Object::StatisticsObject(facts) if facts.schema.is_some());
        for slot in id.slots().into_iter().filter(|_| !elsewhere) {
            if !self.occupy(slot, &id, entry.span) {
                break;
            }
        }
        self.names.take(&id);
        if !entry.renamed_from.is_empty() {
            self.declared.renamed_from.insert(id.clone(), entry.renamed_from.clone());
        }
        let asks = object.asks().into_iter();
        self.declared.asks.extend(asks.map(|since| asked(&id, since, entry)));
        let stretch = Stretch { name: entry.span, extent: Some(entry.extent) };
        self.declared.places.insert(id.clone(), stretch);
        self.declared.catalog.objects.insert(id, object);
    }

    /// Two objects of different kinds can't have one name where Postgres has one space for both.
    fn occupy(&mut self, slot: Slot, id: &ObjectId, span: Span) -> bool {
        let taken = match &slot {
            // What is a name of its own is in the catalog: there is no second list of all objects.
            Slot::Own(own) if own == id => self.slots.holder(&slot),
            Slot::Own(own) if self.declared.catalog.contains(own) => Some(own.clone()),
            _ => Some(self.slots.take(&slot, id)),
        };
        let Some(other) = taken.filter(|other| other != id) else { return true };
        let mut clash = Diagnostic::new(format!("{id} and {other} can't both have this name"), span);
        if let Some(first) = self.declared.span(&other) {
            clash = clash.related(first, "the other");
        }
        self.diagnostics.push(clash);
        false
    }

    fn serials(&mut self, serials: &[serial::Serial]) {
        for one in serials {
            if let Some(default) = self.declared.span(&one.column.prefix(Kind::Default, 3)) {
                let message = format!("{} is serial, which is a default already", one.column.quoted());
                let diagnostic = Diagnostic::new(message, default);
                self.diagnostics
                    .push(diagnostic.related(one.span, "serial").help("write its integer type instead"));
                continue;
            }
            let sequence = serial::sequence_id(&one.column, &self.names);
            let former = self.former(&one.column, |table, column| {
                names::make_name(table, Some(column), Label::Seq.text())
            });
            for entry in serial::expand(one, &sequence, former) {
                self.known(&entry);
            }
        }
    }

    /// The names that a table's or column's former ones would have led to.
    fn former(&self, column: &ObjectId, name: impl Fn(&str, &str) -> String) -> Vec<String> {
        let names = |id: &ObjectId| {
            let former = self.declared.renamed_from.get(id).cloned().unwrap_or_default();
            [vec![id.name().to_owned()], former].concat()
        };
        let (tables, columns) = (names(&column.prefix(Kind::Table, 2)), names(column));
        let pairs = tables.iter().flat_map(|table| columns.iter().map(move |column| (table, column)));
        pairs.skip(1).map(|(table, column)| name(table, column)).collect()
    }

    /// In the order of a `create table`: checks, primary key, uniques, foreign keys; then indexes.
    fn unnamed(&mut self, entries: &[Entry]) {
        let mut unnamed: Vec<_> = entries
            .iter()
            .enumerate()
            .filter_map(|(i, entry)| match &entry.place {
                Place::Unnamed { parent } => Some((i, entry, parent)),
                Place::At(_) | Place::On(_) => None,
            })
            .collect();
        unnamed.sort_by_key(|(_, entry, _)| rank(entry.kind));
        for (i, entry, parent) in unnamed {
            let Some(object) = entry.said.object(entry.kind, self.diagnostics) else { continue };
            let columns = self.columns.get(&parent.prefix(Kind::Table, 2)).cloned().unwrap_or_default();
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            let document = tree::to_json(&tree::of(&object));
            match names::choose(entry.kind, parent, &document, &columns, &self.names) {
                Some(name) => {
                    let id = parent.member(entry.kind, &name);
                    self.ids.insert(i, id.clone());
                    self.insert(id, object, entry);
                }
                None => {
                    let message = format!("a {} needs a name", entry.kind.noun());
                    self.diagnostics
                        .push(Diagnostic::new(message, entry.span).help("write a map: `name: …`"));
                }
            }
        }
    }

    /// What stands alone in its parent can't come twice.
    fn is_single(&mut self, id: &ObjectId, entry: &Entry) -> bool {
        if !matches!(id.kind.section(), Section::Single { .. }) {
            return true;
        }
        let parent = id.prefix(Kind::Table, id.path.len().saturating_sub(1));
        let first = self.declared.catalog.members(&parent, id.kind).next().map(|(id, _)| id.clone());
        let Some(first) = first else { return true };
        let message = format!("{parent} can have one {}", id.kind.noun());
        let help = "one over several columns is written at the table: `primary_key: [a, b]`";
        let span = self.declared.span(&first).unwrap_or(entry.span);
        let twice = Diagnostic::new(message, entry.span).label("the second");
        self.diagnostics.push(twice.related(span, "the first").help(help));
        false
    }

    fn attached(&mut self, entries: &[Entry]) {
        for entry in entries {
            let Place::On(index) = entry.place else { continue };
            let target = match &entries[index].place {
                Place::At(id) => Some(id),
                Place::Unnamed { .. } | Place::On(_) => self.ids.get(&index),
            };
            let Some(id) = target.map(|target| target.attached(entry.kind)) else { continue };
            if let Some(object) = entry.said.object(entry.kind, self.diagnostics) {
                self.insert(id, object, entry);
            }
        }
    }

    /// The columns of a primary key, and identities, are not null by that.
    fn implied_not_null(&mut self) {
        for column in not_null_by_others(&self.declared.catalog) {
            if let Some(Object::Column(facts)) = self.declared.catalog.objects.get_mut(&column) {
                Arc::make_mut(facts).not_null = true;
            }
        }
    }
}

/// The columns that can't be null because of a primary key or an identity.
pub(crate) fn not_null_by_others(catalog: &limbeck_catalog::Catalog) -> Vec<ObjectId> {
    let mut found: Vec<ObjectId> =
        catalog.of_kind(Kind::Identity).map(|(id, _)| id.prefix(Kind::Column, id.path.len())).collect();
    for (id, key) in catalog.of_kind(Kind::PrimaryKey) {
        let table = id.prefix(Kind::Table, 2);
        if let Some(Value::List(columns)) = tree::of(key).get("columns").map(|node| &node.value) {
            found.extend(
                columns.iter().filter_map(Node::as_text).map(|name| table.member(Kind::Column, name)),
            );
        }
    }
    found
}

/// With the place of the innermost key that is written for it.
fn asked(by: &ObjectId, since: Since, entry: &Entry) -> Asked {
    let mut span = entry.span;
    let mut node = entry.said.document();
    for key in since.keys {
        node = node.and_then(|node| node.get(key));
        span = node.map(|node| node.span).filter(|found| *found != Span::default()).unwrap_or(span);
    }
    Asked { by: by.clone(), since, span }
}

fn rank(kind: Kind) -> usize {
    let order = [Label::Seq, Label::Check, Label::Pkey, Label::Key, Label::Excl, Label::Fkey];
    Label::of(kind).and_then(|label| order.iter().position(|l| *l == label)).unwrap_or(order.len())
}
