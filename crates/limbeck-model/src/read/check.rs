//! What can't be right, said with its place before a server would say it without.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use limbeck_catalog::document::{Node, Span, Value};
use limbeck_catalog::names::LONGEST;
use limbeck_catalog::{Kind, ObjectId, Section, Side};
use limbeck_sql::{TokenKind, tokens};

use super::qualify::names;
use super::{Declared, Entry, Place};
use crate::Diagnostic;

/// Checks what entries say of each other. What could not be read is there all the same, so that one
/// mistake does not lead to others.
pub(super) fn check(
    declared: &Declared,
    entries: &[Entry],
    ids: &HashMap<usize, ObjectId>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(ObjectId, Diagnostic)> {
    let tables = entries
        .iter()
        .filter_map(|entry| match &entry.place {
            Place::At(id) if id.kind == Kind::Table => Some(id),
            Place::At(_) | Place::Unnamed { .. } | Place::On(_) => None,
        })
        .collect();
    let mut checker = Checker { declared, tables, diagnostics, undeclared: Vec::new() };
    checker.wide_tables();
    for (i, entry) in entries.iter().enumerate() {
        checker.length(entry);
        let id = match &entry.place {
            Place::At(id) => Some(id),
            Place::Unnamed { .. } | Place::On(_) => ids.get(&i),
        };
        if let Some(id) = id {
            checker.one_statement(entry, id);
            checker.names_within(entry, id);
        }
        let path = match &entry.place {
            Place::Unnamed { parent } => Some(&parent.path),
            Place::At(_) | Place::On(_) => id.map(|id| &id.path),
        };
        let Some(path) = path.filter(|path| path.len() > 1) else { continue };
        let table = ObjectId { kind: Kind::Table, of: None, path: path.first(2) };
        let is_member = !entry.kind.is_routine() && !matches!(entry.kind, Kind::Column | Kind::Table);
        if is_member && checker.tables.contains(&table) {
            checker.own_columns(entry, &table);
            checker.references(entry);
        }
    }
    checker.undeclared
}

/// What of a document is looked at once all objects are known.
const LOOKED_AT: &[&str] = &["attributes", "arguments", "returns", "columns", "include", "on", "references"];

/// Whether an object's document is needed for its checks. Few are, and all documents together are larger than what
/// they say.
pub(super) fn looks_at(document: &Node) -> bool {
    LOOKED_AT.iter().any(|key| document.get(key).is_some()) || semicolon(document).is_some()
}

/// Columns of the widest table (`MaxHeapAttributeNumber`).
const WIDEST: usize = 1_600;

struct Checker<'a> {
    declared: &'a Declared,
    tables: BTreeSet<&'a ObjectId>,
    diagnostics: &'a mut Vec<Diagnostic>,
    undeclared: Vec<(ObjectId, Diagnostic)>,
}

impl Checker<'_> {
    /// Postgres cuts a longer name, and what is there would then be called otherwise than the models say.
    fn length(&mut self, entry: &Entry) {
        let Place::At(id) = &entry.place else { return };
        match entry.kind.section() {
            Section::Top(_) | Section::Members { .. } | Section::Single { .. } => {}
            Section::Field { .. } | Section::Attached(_) | Section::None => return,
        }
        let name = if entry.kind.is_routine() { id.at(1) } else { id.name() };
        self.diagnostics.extend(too_long(name, entry.span));
    }

    /// The server says so too, once it was asked to make the table: of 100 000 columns, after minutes.
    fn wide_tables(&mut self) {
        let mut columns: BTreeMap<_, usize> = BTreeMap::new();
        for (id, _) in self.declared.catalog.of_kind(Kind::Column) {
            *columns.entry(id.prefix(Kind::Table, 2)).or_default() += 1;
        }
        for (table, count) in columns.into_iter().filter(|(_, count)| *count > WIDEST) {
            let span = self.declared.places.get(&table).map(|place| place.name).unwrap_or_default();
            let message = format!("this table has {count} columns: Postgres takes {WIDEST} at most");
            self.diagnostics.push(Diagnostic::new(message, span).help("make several tables of it"));
        }
    }

    /// Names inside of an object: attributes, arguments, and what its expressions speak of.
    fn names_within(&mut self, entry: &Entry, id: &ObjectId) {
        let attributes = entry.key("attributes").map(|node| &node.value);
        if let (Kind::Composite, Some(Value::Map(attributes))) = (entry.kind, attributes) {
            self.diagnostics.extend(attributes.iter().filter_map(|(key, _)| too_long(&key.text, key.span)));
        }
        let object = self.declared.catalog.get(id).filter(|_| !entry.kind.is_routine());
        let texts = object.map(|object| object.texts()).unwrap_or_default();
        let written = ["arguments", "returns"].iter().filter_map(|key| entry.key(key)?.as_text());
        let texts = texts.into_iter().chain(written.filter(|_| entry.kind.is_routine()));
        for text in texts.filter(|text| text.len() > LONGEST) {
            let names = tokens(text).filter(|token| token.text.len() > LONGEST);
            let long = names.filter_map(|token| too_long(&token.identifier()?, entry.span)).next();
            self.diagnostics.extend(long);
        }
    }

    /// What would end the statement that it is a part of, and begin another one.
    fn one_statement(&mut self, entry: &Entry, id: &ObjectId) {
        let Some(span) = entry.said.document().and_then(semicolon) else { return };
        let catalog = &self.declared.catalog;
        let side = Side { catalog, restoring: false };
        let created = catalog.get(id).map(|object| object.create(id, side)).unwrap_or_default();
        if created.iter().any(|action| is_several(&action.text(), entry.kind)) {
            let message = format!("a `;` in this {} begins another statement", id.kind.noun());
            let span = if span == Span::default() { entry.span } else { span };
            self.diagnostics
                .push(Diagnostic::new(message, span).help("leave it out: an object is one statement"));
        }
    }

    /// The columns that a constraint or an index names are the table's.
    fn own_columns(&mut self, entry: &Entry, table: &ObjectId) {
        for node in ["columns", "include"].iter().flat_map(|key| items(entry.key(key))) {
            if let Some(name) = node.as_text() {
                self.column(table, name, node.span, entry.span);
            }
        }
        if entry.kind == Kind::Index {
            for node in items(entry.key("on")) {
                if let Some(name) = node.as_text().and_then(plain_column) {
                    self.column(table, &name, node.span, entry.span);
                }
            }
        }
    }

    /// `references: shop.customers(id)`: the table and the columns are declared.
    fn references(&mut self, entry: &Entry) {
        let Some(node) = entry.key("references") else { return };
        let span = if node.span == Span::default() { entry.span } else { node.span };
        let Some(text) = node.as_text() else { return };
        let (target, columns) = limbeck_sql::split_at_symbol(text, "(");
        let table = match names(target.trim()).as_deref() {
            Some([(schema, _), (name, _)]) => ObjectId::new(Kind::Table, [schema, name]),
            Some([(name, _)]) => ObjectId::new(Kind::Table, ["public", name]),
            Some(_) | None => return,
        };
        if !self.tables.contains(&table) {
            let known = self.tables.iter().map(|table| table.name());
            let missing = Diagnostic::new(format!("there is no table {}", target.trim()), span);
            let missing = missing.did_you_mean(table.name(), known);
            self.undeclared.push((table, missing));
            return;
        }
        for name in limbeck_sql::split_top_level(between(columns)) {
            if let Some([(name, _)]) = names(name).as_deref() {
                self.column(&table, name, span, entry.span);
            }
        }
    }

    fn column(&mut self, table: &ObjectId, name: &str, span: Span, fallback: Span) {
        let positions = &self.declared.catalog.positions;
        if positions.contains_key(&table.member(Kind::Column, name)) {
            return;
        }
        let first = table.member(Kind::Column, "");
        let of_table = positions.range(first..).take_while(|(id, _)| id.path.starts_with(&table.path));
        let known: Vec<&str> = of_table.map(|(id, _)| id.name()).collect();
        let span = if span == Span::default() { fallback } else { span };
        let message = format!("{table} has no column `{name}`");
        self.diagnostics.push(Diagnostic::new(message, span).did_you_mean(name, known));
    }
}

/// A name that Postgres would cut, in silence.
pub(super) fn too_long(name: &str, span: Span) -> Option<Diagnostic> {
    if name.len() <= LONGEST {
        return None;
    }
    let message = format!("this name is {} bytes long: Postgres keeps {LONGEST}", name.len());
    let kept = &name[..name.floor_char_boundary(LONGEST)];
    let help = format!("a shorter one, or what Postgres would make of it: `{kept}`");
    Some(Diagnostic::new(message, span).help(help))
}

/// The first text with a semicolon, which may well be inside of a string.
fn semicolon(node: &Node) -> Option<Span> {
    match &node.value {
        Value::Null => None,
        Value::Scalar { text, .. } => text.contains(';').then_some(node.span),
        Value::List(items) => items.iter().find_map(semicolon),
        Value::Map(entries) => entries.iter().find_map(|(key, node)| {
            let in_key = key.text.contains(';').then_some(key.span);
            in_key.or_else(|| semicolon(node))
        }),
    }
}

/// Whether a text is more than one statement, by a `;` outside of brackets, strings and names. Bodies between `begin
/// atomic` and `end` have theirs.
fn is_several(sql: &str, kind: Kind) -> bool {
    let mut depth = 0_i32;
    // One at the very end is what people are used to write.
    for token in tokens(sql.trim_end_matches(|c: char| c == ';' || c.is_whitespace())) {
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => depth += 1,
            (TokenKind::Symbol, ")" | "]") => depth -= 1,
            (TokenKind::Symbol, ";") if depth <= 0 => return true,
            (TokenKind::Word, _) if kind.is_routine() && token.is_word("atomic") => return false,
            _ => {}
        }
    }
    false
}

/// What stands between the brackets of `(a, b)`.
fn between(list: &str) -> &str {
    let list = list.trim();
    list.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(list)
}

/// The column of an index element that is no expression.
fn plain_column(element: &str) -> Option<String> {
    if !limbeck_sql::split_at_symbol(element, "(").1.is_empty() {
        return None;
    }
    let first = tokens(element.trim()).next()?;
    names(first.text).and_then(|parts| parts.into_iter().next()).map(|(name, _)| name)
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::List(items)) => items,
        Some(Value::Null | Value::Scalar { .. } | Value::Map(_)) | None => &[],
    }
}
