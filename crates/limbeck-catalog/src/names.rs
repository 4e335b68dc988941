//! The names that Postgres chooses where a statement gives none (`makeObjectName`,
//! `ChooseRelationName`, `ChooseConstraintName`, `ChooseIndexColumnNames`), chosen here against a whole
//! schema: a server that holds a part of it would choose others.
//!
//! Two rules would need the server's parser and are approximated from the text: which column a check
//! refers to, and what the column of an index expression is called.

use std::collections::BTreeSet;

use limbeck_sql::{Token, TokenKind, balanced_end, bracketed, split_at_symbol, strip_outer_parens, tokens};
use serde_json::Value;

use crate::facts::Slot;
use crate::{Catalog, Kind, ObjectId};

/// Bytes of the longest name (`NAMEDATALEN` less its terminator).
pub const LONGEST: usize = 63;

/// What stands at the end of a chosen name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Of a primary key.
    Pkey,
    /// Of a unique constraint.
    Key,
    /// Of an exclusion constraint.
    Excl,
    /// Of an index.
    Idx,
    /// Of a sequence that a column owns.
    Seq,
    /// Of a check, on a table or a domain.
    Check,
    /// Of a foreign key.
    Fkey,
    /// Of a not-null constraint (from 18).
    NotNull,
    /// Of a statistics object (from 16).
    Stat,
}

impl Label {
    /// The text.
    pub fn text(self) -> &'static str {
        match self {
            Label::Pkey => "pkey",
            Label::Key => "key",
            Label::Excl => "excl",
            Label::Idx => "idx",
            Label::Seq => "seq",
            Label::Check => "check",
            Label::Fkey => "fkey",
            Label::NotNull => "not_null",
            Label::Stat => "stat",
        }
    }

    /// The label for objects of a kind, if Postgres would choose their names.
    pub fn of(kind: Kind) -> Option<Label> {
        match kind {
            Kind::PrimaryKey => Some(Label::Pkey),
            Kind::Unique => Some(Label::Key),
            Kind::Exclusion => Some(Label::Excl),
            Kind::Index => Some(Label::Idx),
            Kind::Sequence => Some(Label::Seq),
            Kind::Check | Kind::DomainCheck => Some(Label::Check),
            Kind::ForeignKey => Some(Label::Fkey),
            Kind::StatisticsObject => Some(Label::Stat),
            _ => None,
        }
    }
}

/// The names that are taken, each with its schema.
#[derive(Clone, Debug, Default)]
pub struct Names {
    relations: BTreeSet<(String, String)>,
    constraints: BTreeSet<(String, String)>,
    statistics: BTreeSet<(String, String)>,
}

impl Names {
    /// The names that a catalog's objects have.
    pub fn of(catalog: &Catalog) -> Self {
        let mut names = Self::default();
        catalog.objects.keys().for_each(|id| names.take(id));
        names
    }

    /// Marks the names of an object as taken.
    pub fn take(&mut self, id: &ObjectId) {
        for slot in id.slots() {
            match slot {
                Slot::Relation(schema, name) => drop(self.relations.insert((schema, name))),
                Slot::Member("constraint" | "domain constraint", path) => {
                    if let (Some(schema), Some(name)) = (path.first(), path.last()) {
                        self.constraints.insert((schema.clone(), name.clone()));
                    }
                }
                Slot::Type(..) | Slot::Member(..) | Slot::Own(_) => {}
            }
        }
        if id.kind == Kind::StatisticsObject {
            self.statistics.insert((id.schema().to_owned(), id.name().to_owned()));
        }
    }

    /// The first free name: a collision counts up the label (`idx`, `idx1`, `idx2`).
    pub fn choose(&self, schema: &str, first: &str, second: Option<&str>, label: Label) -> String {
        let mut name = make_name(first, second, label.text());
        for pass in 1.. {
            if self.is_free(schema, &name, label) {
                break;
            }
            name = make_name(first, second, &format!("{}{pass}", label.text()));
        }
        name
    }

    fn is_free(&self, schema: &str, name: &str, label: Label) -> bool {
        let name = (schema.to_owned(), name.to_owned());
        match label {
            Label::Pkey | Label::Key | Label::Excl => {
                !self.relations.contains(&name) && !self.constraints.contains(&name)
            }
            Label::Idx | Label::Seq => !self.relations.contains(&name),
            Label::Check | Label::Fkey | Label::NotNull => !self.constraints.contains(&name),
            Label::Stat => !self.statistics.contains(&name),
        }
    }
}

/// The name for an object of `kind` that would stand in `parent`, by what its document says;
/// `None` for kinds whose names have to be given. `columns` are the parent's.
pub fn choose(
    kind: Kind,
    parent: &ObjectId,
    document: &Value,
    columns: &[&str],
    names: &Names,
) -> Option<String> {
    let label = Label::of(kind)?;
    let second = match label {
        Label::Pkey | Label::Seq | Label::NotNull => None,
        Label::Check if kind == Kind::DomainCheck => None,
        Label::Check => {
            let expression = document.get("expression").and_then(Value::as_str).unwrap_or_default();
            only_column(expression, columns).map(str::to_owned)
        }
        Label::Fkey => Some(addition(&texts(document, "columns"))),
        Label::Key | Label::Excl | Label::Idx | Label::Stat => Some(addition(&index_columns(document))),
    };
    Some(names.choose(parent.schema(), parent.at(1), second.as_deref(), label))
}

/// `first_second_label` in at most 63 bytes: bytes are taken from the longer name, on a tie from the
/// second (`makeObjectName`).
pub fn make_name(first: &str, second: Option<&str>, label: &str) -> String {
    let room = LONGEST - (label.len() + 1) - usize::from(second.is_some());
    let (mut one, mut two) = (first.len(), second.map_or(0, str::len));
    while one + two > room {
        if one > two { one -= 1 } else { two -= 1 }
    }
    let first = clip(first, one);
    match second {
        Some(second) => format!("{first}_{}_{label}", clip(second, two)),
        None => format!("{first}_{label}"),
    }
}

/// The names of columns as the middle of a name: joined, until 64 bytes are reached.
pub fn addition<S: AsRef<str>>(columns: &[S]) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(clip(column.as_ref(), LONGEST));
        if joined.len() > LONGEST {
            break;
        }
    }
    joined
}

/// The one column that a condition refers to, if it is exactly one: found among the words that are
/// neither called, nor types, nor parts of a longer name's beginning.
pub fn only_column<'a>(expression: &str, columns: &[&'a str]) -> Option<&'a str> {
    let tokens: Vec<Token<'_>> = tokens(expression).filter(|t| t.kind != TokenKind::Blank).collect();
    let mut found = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        let Some(name) = token.identifier() else { continue };
        let next = tokens.get(i + 1);
        let called = next.is_some_and(|t| t.text == "(" || t.text == "." || t.kind == TokenKind::String);
        let is_type = i > 0 && tokens[i - 1].text == ":";
        if !called && !is_type {
            found.extend(columns.iter().copied().filter(|column| *column == name));
        }
    }
    if found.len() == 1 { found.into_iter().next() } else { None }
}

/// The names of an index's columns, those stored along included; a name that comes twice is counted.
fn index_columns(document: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let plain = texts(document, "columns").into_iter();
    let elements = texts(document, "on").into_iter().chain(texts(document, "elements"));
    let wanted = plain.chain(elements.map(|e| element_name(&e))).chain(texts(document, "include"));
    for wanted in wanted {
        let mut name = wanted.clone();
        for count in 1.. {
            if !names.contains(&name) {
                break;
            }
            let count = count.to_string();
            name = format!("{}{count}", clip(&wanted, LONGEST - count.len()));
        }
        names.push(name);
    }
    names
}

fn texts(document: &Value, key: &str) -> Vec<String> {
    let list = document.get(key).and_then(Value::as_array);
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => map.values().find_map(Value::as_str).map(str::to_owned),
        _ => None,
    };
    list.into_iter().flatten().filter_map(text).collect()
}

/// What an index's column is called: a column by its name, an expression by its outermost function
/// (`FigureIndexColname`), `expr` where there is none.
pub fn element_name(element: &str) -> String {
    let element = element.trim();
    let end = if element.starts_with('(') {
        balanced_end(element, 0)
    } else {
        balanced_end(element, split_at_symbol(element, "(").0.len())
    };
    let expression = &element[..end];
    let first = tokens(expression).next();
    match first.and_then(|token| token.identifier()) {
        // A column, with a collation, an operator class or an order behind it.
        Some(name) if split_at_symbol(expression, "(").1.is_empty() => name,
        _ => expression_name(expression).unwrap_or_else(|| "expr".to_owned()),
    }
}

/// The name of a column or the outermost function, seen through parentheses and casts.
fn expression_name(expression: &str) -> Option<String> {
    let expression = strip_outer_parens(expression);
    let mut names = Vec::new();
    let mut rest = expression;
    if expression.starts_with('(') {
        let (inside, after) = bracketed(expression, 0)?;
        return is_casts(after).then(|| expression_name(inside)).flatten();
    }
    // A name, perhaps qualified.
    while let Some(token) = tokens(rest).next() {
        names.push(token.identifier()?);
        rest = &rest[token.end()..];
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => break,
        }
    }
    let rest = rest.trim_start();
    let after = if rest.starts_with('(') { &rest[balanced_end(rest, 0)..] } else { rest };
    if is_casts(after) { names.pop() } else { None }
}

/// Whether nothing but casts follows.
fn is_casts(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty()
        || rest.strip_prefix("::").is_some_and(|types| {
            tokens(types).all(|t| {
                matches!(t.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Number | TokenKind::Blank)
                    || matches!(t.text, "(" | ")" | "[" | "]" | "." | "," | ":")
            })
        })
}

/// The beginning of a name, at most so many bytes, cut between characters.
fn clip(name: &str, bytes: usize) -> &str {
    &name[..name.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_bytes_from_the_longer_name() {
        let long = "a".repeat(60);
        assert_eq!(make_name("t", Some("c"), "idx"), "t_c_idx");
        assert_eq!(make_name(&long, None, "pkey"), format!("{}_pkey", &long[..58]));
        assert_eq!(make_name(&long, Some(&long), "key"), format!("{}_{}_key", &long[..29], &long[..29]));
        assert_eq!(make_name(&"ü".repeat(30), Some(&long), "key").len(), 28 + 1 + 29 + 4);
    }

    #[test]
    fn counts_up_the_label() {
        let mut names = Names::default();
        names.take(&ObjectId::new(Kind::Index, ["s", "t", "t_a_idx"]));
        assert_eq!(names.choose("s", "t", Some("a"), Label::Idx), "t_a_idx1");
        assert_eq!(names.choose("other", "t", Some("a"), Label::Idx), "t_a_idx");
    }

    #[test]
    fn names_index_columns_as_the_server_does() {
        for (element, want) in [
            ("created_at desc", "created_at"),
            ("\"Odd Name\" text_pattern_ops", "Odd Name"),
            ("lower(email)", "lower"),
            ("lower((email)::text) text_pattern_ops DESC", "lower"),
            ("((lower(email))::text)", "lower"),
            ("(a + b)", "expr"),
            ("(data ->> 'x')", "expr"),
            ("((data)::text)", "data"),
            ("public.f(a)", "f"),
            ("COALESCE(a, b)", "coalesce"),
            ("\"a(b)\" desc", "a(b)"),
            ("(", "expr"),
            ("((é", "expr"),
        ] {
            assert_eq!(element_name(element), want, "{element}");
        }
    }

    #[test]
    fn a_check_is_called_by_its_only_column() {
        let columns = ["price", "sale", "date"];
        assert_eq!(only_column("price > 0 and price < 10", &columns), Some("price"));
        assert_eq!(only_column("price > sale", &columns), None);
        assert_eq!(only_column("\"price\" > length('sale')", &columns), Some("price"));
        assert_eq!(only_column("price > date '2020-01-01'::date", &columns), Some("price"));
    }
}
