//! What can't be right, said with its place before a server would say it without.

use std::collections::{BTreeSet, HashMap};

use limbeck_catalog::document::{Node, Span, Value};
use limbeck_catalog::names::LONGEST;
use limbeck_catalog::{Kind, ObjectId, Section};

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
    for (i, entry) in entries.iter().enumerate() {
        checker.length(entry);
        let path = match &entry.place {
            Place::At(id) => Some(&id.path),
            Place::Unnamed { parent } => Some(&parent.path),
            Place::On(_) => ids.get(&i).map(|id| &id.path),
        };
        let Some([schema, name, ..]) = path.map(|path| &path[..]) else { continue };
        let table = ObjectId::new(Kind::Table, [schema, name]);
        let is_member = !entry.kind.is_routine() && !matches!(entry.kind, Kind::Column | Kind::Table);
        if is_member && checker.tables.contains(&table) {
            checker.own_columns(entry, &table);
            checker.references(entry);
        }
    }
    checker.undeclared
}

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
        if name.len() > LONGEST {
            let message = format!("this name is {} bytes long: Postgres keeps {LONGEST}", name.len());
            let kept = &name[..name.floor_char_boundary(LONGEST)];
            let help = format!("a shorter one, or what Postgres would make of it: `{kept}`");
            self.diagnostics.push(Diagnostic::new(message, entry.span).help(help));
        }
    }

    /// The columns that a constraint or an index names are the table's.
    fn own_columns(&mut self, entry: &Entry, table: &ObjectId) {
        for node in ["columns", "include"].iter().flat_map(|key| items(entry.document.get(key))) {
            if let Some(name) = node.as_text() {
                self.column(table, name, node.span, entry.span);
            }
        }
        if entry.kind == Kind::Index {
            for node in items(entry.document.get("on")) {
                if let Some(name) = node.as_text().and_then(plain_column) {
                    self.column(table, &name, node.span, entry.span);
                }
            }
        }
    }

    /// `references: shop.customers(id)`: the table and the columns are declared.
    fn references(&mut self, entry: &Entry) {
        let Some(node) = entry.document.get("references") else { return };
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
        let of_table = positions.range(first..).take_while(|(id, _)| id.path[..2] == table.path[..]);
        let known: Vec<&str> = of_table.map(|(id, _)| id.name()).collect();
        let span = if span == Span::default() { fallback } else { span };
        let message = format!("{table} has no column `{name}`");
        self.diagnostics.push(Diagnostic::new(message, span).did_you_mean(name, known));
    }
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
    let first = limbeck_sql::tokens(element.trim()).next()?;
    names(first.text).and_then(|parts| parts.into_iter().next()).map(|(name, _)| name)
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::List(items)) => items,
        Some(Value::Null | Value::Scalar { .. } | Value::Map(_)) | None => &[],
    }
}
