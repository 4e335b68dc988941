//! Objects to documents: an object's own fields, what stands in it, in the order in which one reads,
//! and the short forms that a hand would choose, each only where reading it gives the same object.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::document::{Key, Node, Span, Value};
use limbeck_catalog::kinds::{query::QueryColumn, view::View};
use limbeck_catalog::names::{Label, make_name};
use limbeck_catalog::{Catalog, Kind, Object, ObjectId, Section, Slot};
use limbeck_sql::{ident, short_type, split_at_symbol};

use super::circular;
use super::print::Doc;
use super::scalar;
use crate::de::NodeDeserializer;
use crate::read::qualify::{Declarations, names};
use crate::read::{not_null_by_others, serial};
use crate::sections::{self, Inner, Shape};
use crate::tree;

/// The keys of objects that stand in others, in reading order; what isn't named here comes last.
const ORDER: &[&str] = &[
    "columns",
    "primary_key",
    "unique",
    "checks",
    "foreign_keys",
    "exclude",
    "indexes",
    "statistics",
    "triggers",
    "rules",
    "policies",
];

/// What of a column's document comes first.
const COLUMN_ORDER: &[&str] = &["type", "not_null", "default", "identity", "generated"];

/// Makes the documents of a catalog's objects.
pub(crate) struct Documents<'a> {
    catalog: &'a Catalog,
    declarations: Declarations,
    /// What stands in what, in order.
    inner: BTreeMap<ObjectId, Vec<&'a ObjectId>>,
    /// Columns that are not null anyway.
    implied: Vec<ObjectId>,
    /// How many constraints of a schema have a name.
    constraints: BTreeMap<(String, String), usize>,
    /// The columns whose sequences `serial` stands for.
    serials: BTreeMap<ObjectId, ObjectId>,
    /// Those sequences.
    implied_sequences: BTreeSet<ObjectId>,
    /// Views whose columns have to be said.
    circular: BTreeSet<&'a ObjectId>,
}

impl<'a> Documents<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        let mut documents = Self {
            catalog,
            declarations: Declarations::default(),
            inner: BTreeMap::new(),
            implied: not_null_by_others(catalog),
            constraints: BTreeMap::new(),
            serials: BTreeMap::new(),
            implied_sequences: BTreeSet::new(),
            circular: circular::views(catalog),
        };
        documents.implied.sort();
        for id in catalog.objects.keys() {
            documents.declare(id);
            if let Some(outer) = outer(catalog, id) {
                documents.inner.entry(outer).or_default().push(id);
            }
        }
        for inner in documents.inner.values_mut() {
            inner.sort_by_key(|id| (id.kind, catalog.positions.get(*id).copied().unwrap_or(i32::MAX), *id));
        }
        documents.serials = documents.find_serials();
        documents.implied_sequences = documents.serials.values().cloned().collect();
        documents
    }

    /// The same, for models in which some sequences have entries of their own: they keep them.
    pub(crate) fn keeping(catalog: &'a Catalog, entries: &BTreeSet<ObjectId>) -> Self {
        let mut documents = Self::new(catalog);
        documents.serials.retain(|_, sequence| !entries.contains(sequence));
        documents.implied_sequences = documents.serials.values().cloned().collect();
        documents
    }

    /// All that the document of an object says: itself, what stands in it, and the sequences that
    /// `serial` stands for.
    pub(crate) fn within(&self, id: &'a ObjectId) -> BTreeSet<&ObjectId> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            open.extend(self.inner.get(id).into_iter().flatten().copied());
            let sequence = self.serials.get(id).and_then(|s| self.catalog.objects.get_key_value(s));
            open.extend(sequence.map(|(id, _)| id));
            found.insert(id);
        }
        found
    }

    fn declare(&mut self, id: &ObjectId) {
        for slot in id.slots() {
            match slot {
                Slot::Relation(schema, name) => drop(self.declarations.relations.insert((schema, name))),
                Slot::Type(schema, name) => drop(self.declarations.types.insert((schema, name))),
                Slot::Member("constraint", path) => {
                    if let (Some(schema), Some(name)) = (path.first(), path.last()) {
                        *self.constraints.entry((schema.clone(), name.clone())).or_default() += 1;
                    }
                }
                Slot::Member(..) | Slot::Own(_) => {}
            }
        }
    }

    /// The columns that are exactly what `serial` makes, with their sequences.
    fn find_serials(&self) -> BTreeMap<ObjectId, ObjectId> {
        let columns = self.catalog.of_kind(Kind::Column);
        columns.filter_map(|(id, column)| Some((id.clone(), self.serial(id, column)?))).collect()
    }

    fn serial(&self, column: &ObjectId, object: &Object) -> Option<ObjectId> {
        let Object::Column(facts) = object else { return None };
        serial::word_for(&facts.type_name).filter(|_| facts.not_null)?;
        let name = make_name(column.at(1), Some(column.name()), Label::Seq.text());
        let sequence = ObjectId::new(Kind::Sequence, [column.schema(), &name]);
        let same = |kind: Kind, id: &ObjectId, document: Node| {
            let id = ObjectId { kind, of: None, path: id.path.clone() };
            let there = self.catalog.get(&id)?;
            (tree::of(there) == tree::of(&self.reread(&id, document)?)).then_some(())
        };
        same(Kind::Sequence, &sequence, serial::sequence_document(&facts.type_name))?;
        same(Kind::OwnedBy, &sequence, Node::text(serial::owner_text(column)))?;
        same(Kind::Default, column, Node::text(serial::default_text(&sequence)))?;
        let alone =
            self.inner.get(&sequence).is_none_or(|inner| inner.iter().all(|id| id.kind == Kind::OwnedBy));
        alone.then_some(sequence)
    }

    /// Whether an object is part of what another's short form says.
    pub(crate) fn is_implied(&self, id: &ObjectId) -> bool {
        self.implied_sequences.contains(id)
    }

    /// The document of an object, with all that stands in it, for a file of `schema`.
    pub(crate) fn document(&self, id: &ObjectId, schema: &str) -> Doc {
        let Some(object) = self.catalog.get(id) else { return Doc::Null };
        let own = self.own(id, object, schema);
        let mut entries = match own {
            Node { value: Value::Map(entries), .. } => entries_of(entries),
            other => return doc(&other),
        };
        self.add_inner(id, schema, &mut entries);
        arrange(id.kind, &mut entries);
        let whole = if id.kind.is_relation() || id.kind.is_routine() {
            return shortened(id, Doc::Block { entries, apart: false });
        } else {
            Doc::Map(entries)
        };
        shortened(id, whole)
    }

    /// Its own fields, in the words of the file's schema.
    fn own(&self, id: &ObjectId, object: &Object, schema: &str) -> Node {
        let plain = tree::of(object);
        let mut short = plain.clone();
        self.contract(&mut short, schema);
        let mut back = short.clone();
        self.declarations.document(&mut back, schema);
        let same = self.reread(id, back).is_some_and(|back| tree::of(&back) == plain);
        let mut own = if same { short } else { plain };
        if self.implied.binary_search(id).is_ok() {
            own.take("not_null");
        }
        if self.serials.contains_key(id)
            && let Object::Column(column) = object
            && let Some(word) = serial::word_for(&column.type_name)
        {
            own.take("not_null");
            own.take("type");
            if let Value::Map(entries) = &mut own.value {
                entries.push((tree::key("type"), Node::text(word)));
            }
        }
        if self.circular.contains(id)
            && let (Object::View(view), Value::Map(entries)) = (object, &mut own.value)
        {
            entries.push((tree::key("columns"), self.columns(view, schema)));
        }
        own
    }

    /// The columns of a view, with their types.
    fn columns(&self, view: &View, schema: &str) -> Node {
        let column = |column: &QueryColumn| {
            let type_name = column.type_name.as_deref().map(|name| self.short_type(name, schema));
            let said = [("type", type_name), ("collation", column.collation.clone())].into_iter();
            let said = said.filter_map(|(key, text)| Some((tree::key(key), Node::text(text?))));
            (tree::key(&column.name), Node { value: Value::Map(said.collect()), span: Span::default() })
        };
        Node { value: Value::Map(view.columns.iter().map(column).collect()), span: Span::default() }
    }

    fn reread(&self, id: &ObjectId, mut document: Node) -> Option<Object> {
        id.kind.normalise(id, &mut document);
        let unknown = RefCell::new(Vec::new());
        id.kind.from_document(NodeDeserializer::new(&document, &unknown)).ok()
    }

    /// The names that a file of `schema` needs not say in full.
    fn contract(&self, node: &mut Node, schema: &str) {
        let Value::Map(entries) = &mut node.value else { return };
        for (key, node) in entries {
            match (key.text.as_str(), &mut node.value) {
                ("type" | "returns", Value::Scalar { text, .. }) => *text = self.short_type(text, schema),
                ("attributes", Value::Map(attributes)) => {
                    for (_, attribute) in attributes {
                        match &mut attribute.value {
                            Value::Scalar { text, .. } => *text = self.short_type(text, schema),
                            _ => self.contract(attribute, schema),
                        }
                    }
                }
                ("references", Value::Scalar { text, .. }) => *text = self.short_reference(text, schema),
                _ => {}
            }
        }
    }

    fn short_type(&self, text: &str, schema: &str) -> String {
        let (base, array) = split_at_symbol(text, "[");
        if let Some([_, (name, _)]) = names(base).as_deref() {
            let candidate = format!("{}{array}", ident(name));
            if self.declarations.type_name(&candidate, schema) == text {
                return candidate;
            }
        }
        short_type(text)
    }

    fn short_reference(&self, text: &str, schema: &str) -> String {
        let (base, columns) = split_at_symbol(text, "(");
        if let Some([_, (name, _)]) = names(base.trim()).as_deref() {
            let candidate = format!("{}{columns}", ident(name));
            if self.declarations.relation(&candidate, schema) == text {
                return candidate;
            }
        }
        text.to_owned()
    }

    fn add_inner(&self, id: &ObjectId, schema: &str, entries: &mut Vec<(String, Doc)>) {
        let Some(all) = self.inner.get(id) else { return };
        for section in sections::inner(id.kind) {
            let mut found = all.iter().filter(|inner| inner.kind == section.kind);
            let own_path = |inner: &&&ObjectId| inner.path.len() == id.path.len();
            match section.shape {
                Shape::Members => {
                    let members: Vec<_> =
                        found.map(|m| (m.name().to_owned(), self.document(m, schema))).collect();
                    if !members.is_empty() {
                        entries.push((section.key.to_owned(), self.members(id, members)));
                    }
                }
                Shape::Single => {
                    if let Some(single) = found.next() {
                        entries.push((section.key.to_owned(), self.single(single, schema)));
                    }
                }
                Shape::Field if self.serials.contains_key(id) && section.kind == Kind::Default => {}
                Shape::Field => {
                    if let Some(field) = found.next() {
                        entries.push((section.key.to_owned(), literal(self.document(field, schema))));
                    }
                }
                Shape::Attached => {
                    if let Some(attached) = found.clone().find(own_path) {
                        entries.push((section.key.to_owned(), self.document(attached, schema)));
                    }
                    let members: Vec<_> = found.filter(|inner| !own_path(inner)).collect();
                    self.attach_to_members(id, &section, &members, schema, entries);
                }
            }
        }
    }

    fn members(&self, id: &ObjectId, members: Vec<(String, Doc)>) -> Doc {
        if id.kind.is_relation() { Doc::Block { entries: members, apart: false } } else { Doc::Map(members) }
    }

    /// A document that has its name inside, unless it is the one that Postgres would choose.
    fn single(&self, id: &ObjectId, schema: &str) -> Doc {
        let document = self.document(id, schema);
        let label = Label::of(id.kind).map_or("", Label::text);
        let constraint = (id.schema().to_owned(), id.name().to_owned());
        let alone = self.constraints.get(&constraint).is_none_or(|count| *count <= 1);
        if id.name() == make_name(id.at(1), None, label) && alone {
            return document;
        }
        let name = ("name".to_owned(), Doc::Text(id.name().to_owned()));
        match document {
            Doc::Map(entries) => Doc::Map([vec![name], entries].concat()),
            short => {
                let mut whole = entries_of(match self.catalog.get(id).map(tree::of) {
                    Some(Node { value: Value::Map(entries), .. }) => entries,
                    _ => return short,
                });
                whole.insert(0, name);
                Doc::Map(whole)
            }
        }
    }

    /// Comments on the columns of a view, on the attributes of a type.
    fn attach_to_members(
        &self,
        id: &ObjectId,
        section: &Inner,
        attached: &[&&ObjectId],
        schema: &str,
        entries: &mut Vec<(String, Doc)>,
    ) {
        if attached.is_empty() {
            return;
        }
        let key = if id.kind == Kind::Composite { "attributes" } else { "columns" };
        if !entries.iter().any(|(k, _)| k == key) {
            entries.push((key.to_owned(), Doc::Map(Vec::new())));
        }
        let Some((_, Doc::Map(members))) = entries.iter_mut().find(|(k, _)| k == key) else { return };
        for one in attached {
            let said = (section.key.to_owned(), self.document(one, schema));
            match members.iter_mut().find(|(name, _)| name == one.name()) {
                Some((_, Doc::Map(member))) => member.push(said),
                Some((_, member)) => {
                    let type_name = ("type".to_owned(), std::mem::replace(member, Doc::Null));
                    *member = Doc::Map(vec![type_name, said]);
                }
                None => members.push((one.name().to_owned(), Doc::Map(vec![said]))),
            }
        }
    }
}

/// The object in whose document another stands.
pub(crate) fn outer(catalog: &Catalog, id: &ObjectId) -> Option<ObjectId> {
    let find = |kinds: &[Kind], len: usize| {
        let alike = |kind: &Kind| (len <= id.path.len()).then(|| id.prefix(*kind, len));
        kinds.iter().filter_map(alike).find(|outer| catalog.contains(outer))
    };
    match id.kind.section() {
        Section::Members { of, .. } | Section::Single { of, .. } => find(of, id.path.len().saturating_sub(1)),
        Section::Field { of, .. } => find(of, id.path.len()),
        Section::Attached(_) => id.target().filter(|target| catalog.contains(target)),
        Section::Top(_) | Section::None => None,
    }
}

/// The shortest form that reads back as the same document.
fn shortened(id: &ObjectId, whole: Doc) -> Doc {
    let (Doc::Map(entries) | Doc::Block { entries, .. }) = &whole else { return whole };
    let [(_, only @ (Doc::Text(_) | Doc::List(_)))] = entries.as_slice() else { return whole };
    let mut probe = node(only);
    let extras = id.kind.normalise(id, &mut probe);
    if extras.is_empty() && probe == node(&whole) { only.clone() } else { whole }
}

/// A value that needs no quotes where a person would write none.
fn literal(doc: Doc) -> Doc {
    match doc {
        Doc::Text(text) if scalar::is_number_or_flag(&text) => Doc::Plain(text),
        other => other,
    }
}

fn arrange(kind: Kind, entries: &mut [(String, Doc)]) {
    let end = ORDER.len() + 100;
    entries.sort_by_key(|(key, _)| {
        let key = key.as_str();
        if kind == Kind::Column {
            return match key {
                "comment" => end,
                _ => COLUMN_ORDER.iter().position(|k| *k == key).unwrap_or(COLUMN_ORDER.len()),
            };
        }
        let is_inner = sections::inner(kind).any(|inner| inner.key == key);
        match ORDER.iter().position(|k| *k == key) {
            _ if key == "comment" => 0,
            Some(place) if is_inner => place + 2,
            None if is_inner => end,
            Some(_) | None => 1,
        }
    });
}

fn entries_of(entries: Vec<(Key, Node)>) -> Vec<(String, Doc)> {
    entries
        .into_iter()
        .map(|(key, node)| {
            let doc = doc(&node);
            let doc = match doc {
                Doc::Map(values) if key.text == "with" => {
                    Doc::Map(values.into_iter().map(|(k, v)| (k, literal(v))).collect())
                }
                other => other,
            };
            (key.text, doc)
        })
        .collect()
}

fn doc(node: &Node) -> Doc {
    match &node.value {
        Value::Null => Doc::Null,
        Value::Scalar { text, quoted: true } => Doc::Text(text.clone()),
        Value::Scalar { text, quoted: false } => Doc::Plain(text.clone()),
        Value::List(items) => Doc::List(items.iter().map(doc).collect()),
        Value::Map(entries) => {
            Doc::Map(entries.iter().map(|(key, node)| (key.text.clone(), doc(node))).collect())
        }
    }
}

fn node(doc: &Doc) -> Node {
    let value = match doc {
        Doc::Null => Value::Null,
        Doc::Plain(text) => Value::Scalar { text: text.clone(), quoted: false },
        Doc::Text(text) => Value::Scalar { text: text.clone(), quoted: true },
        Doc::List(items) => Value::List(items.iter().map(node).collect()),
        Doc::Map(entries) | Doc::Block { entries, .. } => {
            Value::Map(entries.iter().map(|(key, doc)| (tree::key(key.as_str()), node(doc))).collect())
        }
    };
    Node { value, span: Span::default() }
}
