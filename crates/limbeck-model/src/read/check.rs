//! What can't be right, said with its place before a server would say it without.

use std::collections::HashMap;

use limbeck_catalog::document::{Node, Span, Value};
use limbeck_catalog::{Kind, ObjectId};

use super::qualify::names;
use super::{Declared, Entry, Place};
use crate::Diagnostic;

/// Checks what entries say of each other.
pub(super) fn check(
    declared: &Declared,
    entries: &[Entry],
    ids: &HashMap<usize, ObjectId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (i, entry) in entries.iter().enumerate() {
        let id = match &entry.place {
            Place::At(id) => Some(id),
            Place::Unnamed { .. } | Place::On(_) => ids.get(&i),
        };
        let Some(id) = id.filter(|id| id.path.len() == 3 && !id.kind.is_routine()) else { continue };
        let table = id.prefix(Kind::Table, 2);
        if id.kind != Kind::Column && declared.catalog.contains(&table) {
            own_columns(declared, entry, &table, diagnostics);
            references(declared, entry, diagnostics);
        }
    }
}

/// The columns that a constraint or an index names are the table's.
fn own_columns(declared: &Declared, entry: &Entry, table: &ObjectId, diagnostics: &mut Vec<Diagnostic>) {
    let lists = ["columns", "include", "set_null_columns", "set_default_columns"];
    for node in lists.iter().flat_map(|key| items(entry.document.get(key))) {
        if let Some(name) = node.as_text() {
            column(declared, table, name, node.span, entry.span, diagnostics);
        }
    }
    if entry.kind == Kind::Index {
        for node in items(entry.document.get("on")) {
            if let Some(name) = node.as_text().and_then(plain_column) {
                column(declared, table, &name, node.span, entry.span, diagnostics);
            }
        }
    }
}

/// `references: shop.customers(id)`: the table and the columns are declared.
fn references(declared: &Declared, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) {
    let Some(node) = entry.document.get("references") else { return };
    let Some(text) = node.as_text() else { return };
    let (target, columns) = text.split_once('(').unwrap_or((text, ""));
    let target_names = names(target.trim()).unwrap_or_default();
    let [(schema, _), (name, _)] = target_names.as_slice() else {
        let known = declared.catalog.of_kind(Kind::Table).map(|(id, _)| id.name());
        let missing = Diagnostic::new(format!("there is no table {}", target.trim()), node.span);
        diagnostics.push(missing.did_you_mean(target.trim(), known));
        return;
    };
    let table = ObjectId::new(Kind::Table, [schema, name]);
    if !declared.catalog.contains(&table) {
        diagnostics.push(Diagnostic::new(format!("there is no {table}"), node.span));
        return;
    }
    for name in limbeck_sql::split_top_level(columns.trim_end().trim_end_matches(')')) {
        if let Some([(name, _)]) = names(name).as_deref() {
            column(declared, &table, name, node.span, node.span, diagnostics);
        }
    }
}

fn column(
    declared: &Declared,
    table: &ObjectId,
    name: &str,
    span: Span,
    fallback: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if declared.catalog.positions.contains_key(&table.member(Kind::Column, name)) {
        return;
    }
    let known = declared.catalog.members(table, Kind::Column).map(|(id, _)| id.name());
    let span = if span == Span::default() { fallback } else { span };
    let message = format!("{table} has no column `{name}`");
    diagnostics.push(Diagnostic::new(message, span).did_you_mean(name, known));
}

/// The column of an index element that is no expression.
fn plain_column(element: &str) -> Option<String> {
    if element.contains('(') {
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
