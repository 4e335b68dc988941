//! Small catalogs written as text, and the helper that compares two.
//!
//! A line is an object: its kind, its path, what it says, and what it needs.
//!
//! ```text
//! column s.t.id integer not null
//! default s.t.id "0"
//! view s.v id integer: select id from s.t -> column s.t.id
//! function s.f() {"returns": "integer", …} ~> table s.t
//! rows s.t 12000 81920
//! cast integer bigint
//! uncompared column s.t.id event trigger e
//! ```
//!
//! What it says is a JSON document; columns and views have the short forms above. Needs after `->` are hard,
//! after `=>` automatic, after `~>` soft; those that follow from structure are added as introspection does.
//! Columns stand in the order of their lines. Schema `s` is always there.

use limbeck_catalog::catalog::{Cast, Statistics};
use limbeck_catalog::facts::Bond;
use limbeck_catalog::{Catalog, Kind, Need, ObjectId, Pair};
use limbeck_diff::{Direction, Plan, parts, plan};
use serde_json::{Value, json};

/// The object that a line's beginning names: `foreign key s.t.t_fk`, `comment on view s.v.id`.
pub(crate) fn id(text: &str) -> ObjectId {
    let (noun, path) = text.trim().rsplit_once(' ').unwrap_or_else(|| panic!("no id: {text}"));
    let (noun, of) = match noun.split_once(" on ") {
        Some((noun, of)) => (noun, Kind::from_noun(of)),
        None => (noun, None),
    };
    let kind = Kind::from_noun(noun).unwrap_or_else(|| panic!("no kind: {noun}"));
    let path = match path.split_once('(') {
        Some((name, arguments)) => {
            let arguments = arguments.trim_end_matches(')').replace(',', ", ");
            name.split('.').map(str::to_owned).chain([arguments]).collect::<Vec<_>>()
        }
        None => path.split('.').map(str::to_owned).collect(),
    };
    ObjectId { of, ..ObjectId::new(kind, path) }
}

/// A catalog from its lines.
pub(crate) fn catalog(text: &str) -> Catalog {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    read(lines.iter().copied().enumerate().collect())
}

/// The same with its lines the other way round: only columns have an order that says something.
fn reversed(text: &str) -> Catalog {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    read(lines.iter().copied().enumerate().rev().collect())
}

fn read(lines: Vec<(usize, &str)>) -> Catalog {
    let mut catalog = Catalog { server: 150_000, ..Catalog::default() };
    add(&mut catalog, 0, "schema s");
    for (place, line) in lines {
        if !setting(&mut catalog, line) {
            add(&mut catalog, place, line);
        }
    }
    structural(&mut catalog);
    catalog
}

/// Lines that are no object.
fn setting(catalog: &mut Catalog, line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["rows", table, rows, bytes] => {
            let statistics = Statistics { rows: rows.parse().ok(), bytes: bytes.parse().expect("bytes") };
            catalog.statistics.insert(id(&format!("table {table}")), statistics);
        }
        ["cast", from, to] => {
            let cast = Cast { assignment: true, binary: false };
            catalog.casts.insert((from.to_owned(), to.to_owned()), cast);
        }
        ["uncompared", kind, path, ..] => {
            let name = words[3..].join(" ");
            let id = id(&format!("{kind} {path}"));
            catalog.uncompared_dependants.entry(id).or_default().insert(name);
        }
        _ => return false,
    }
    true
}

fn add(catalog: &mut Catalog, place: usize, line: &str) {
    let mut rest = line;
    let mut needs = Vec::new();
    for (arrow, need) in [(" ~> ", Need::Soft), (" => ", Need::Auto), (" -> ", Need::Hard)] {
        if let Some((before, list)) = rest.split_once(arrow) {
            needs.extend(list.split("; ").map(|on| (id(on), need)));
            rest = before;
        }
    }
    let (head, says) = head(rest);
    let id = id(head);
    let document = document(id.kind, says);
    let object = id.kind.from_document(document).unwrap_or_else(|why| panic!("{line}: {why}"));
    if id.kind == Kind::Column {
        catalog.positions.insert(id.clone(), i32::try_from(place).expect("a place"));
    }
    catalog.objects.insert(id.clone(), object);
    for (on, need) in needs {
        catalog.add_need(&id, &on, need);
    }
}

/// A line's id, and what follows it: the id is the noun's words and the one word after them.
fn head(line: &str) -> (&str, &str) {
    let nouns = Kind::ALL.iter().map(|kind| kind.noun()).filter(|noun| line.starts_with(noun));
    let mut noun = nouns.max_by_key(|noun| noun.len()).unwrap_or_else(|| panic!("no kind: {line}")).len();
    if let Some(of) = line[noun..].strip_prefix(" on ") {
        let nouns = Kind::ALL.iter().map(|kind| kind.noun()).filter(|noun| of.starts_with(noun));
        noun += " on ".len() + nouns.map(str::len).max().unwrap_or_default();
    }
    let path = line[noun + 1..].find(' ').map_or(line.len(), |at| noun + 1 + at);
    (&line[..path], line[path..].trim())
}

fn document(kind: Kind, says: &str) -> Value {
    match kind {
        Kind::Column if !says.starts_with('{') => {
            let not_null = says.ends_with(" not null");
            json!({"type": says.trim_end_matches(" not null"), "not_null": not_null})
        }
        Kind::View if !says.starts_with('{') => {
            let (columns, query) = says.split_once(": ").unwrap_or_else(|| panic!("no view: {says}"));
            let columns = columns.split(", ").map(|column| {
                let (name, type_name) = column.split_once(' ').expect("a name and a type");
                json!({"name": name, "type": type_name})
            });
            json!({"query": query, "columns": columns.collect::<Vec<_>>()})
        }
        _ if says.is_empty() => json!({}),
        _ => serde_json::from_str(says).unwrap_or_else(|why| panic!("{says}: {why}")),
    }
}

/// As introspection has it.
fn structural(catalog: &mut Catalog) {
    let mut needs = Vec::new();
    for (id, object) in &catalog.objects {
        if let Some((parent, bond)) = catalog.parent(id) {
            let need = if bond == Bond::Part { Need::Auto } else { Need::Hard };
            needs.push((id.clone(), parent, need));
        }
        needs.extend(object.requires(id).into_iter().map(|on| (id.clone(), on, Need::Hard)));
    }
    for (id, on, need) in needs.into_iter().filter(|(_, on, _)| catalog.contains(on)).collect::<Vec<_>>() {
        catalog.add_need(&id, &on, need);
    }
}

/// The plan between two catalogs.
pub(crate) fn planned(from: &str, to: &str, direction: Direction) -> Plan {
    plan(Pair { from: &catalog(from), to: &catalog(to) }, direction).expect("an order")
}

/// The plan's text with its notes.
pub(crate) fn said(from: &str, to: &str, direction: Direction) -> String {
    text(&planned(from, to, direction))
}

/// All parts, those of their own set off.
pub(crate) fn text(plan: &Plan) -> String {
    let parts = parts(plan).into_iter().map(|part| match part.transactional {
        true => part.sql,
        false => format!("(own part)\n{}", part.sql),
    });
    parts.collect::<Vec<_>>().join("(next part)\n")
}

/// The statements, a line each, without what is said over them.
pub(crate) fn statements(plan: &Plan) -> String {
    let text = text(plan);
    let lines = text.lines().filter(|line| !line.starts_with("--") && !line.is_empty());
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The statements that lead from one catalog to the other are `expect`; in whatever order the two are
/// written down; and nothing leads from one to itself.
#[track_caller]
pub(crate) fn check(from: &str, to: &str, expect: &str) {
    let got = statements(&planned(from, to, Direction::Upgrade));
    let expect = expect.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
    let flat = got.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    assert!(flat == expect, "got\n{got}\n\nand not\n{expect}");
    let other =
        plan(Pair { from: &reversed(from), to: &reversed(to) }, Direction::Upgrade).expect("an order");
    assert_eq!(statements(&other), got, "the order in which the catalogs are written matters");
    for side in [from, to] {
        assert_eq!(statements(&planned(side, side, Direction::Upgrade)), "", "a difference to itself");
    }
}
