//! A report for readers: grouped by the object at the top, with `+ - ~ →` so that it reads without
//! colour, within a width. Styles are ANSI escapes, for a stream that strips them where they don't
//! belong; whatever comes from outside is made harmless first.

mod line;
mod tree;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use anstyle::Style;
use limbeck_catalog::{Kind, ObjectId};
use limbeck_sql::ident;

use crate::report::{ChangeWord, Changed, GroundWord, NoteSort, NoteWords, Renamed, Report, UncomparedKind};
use line::{BLIND, CHANGED, DIM, GONE, HAZARD, Line, NEW, PLAIN, Page, RENAMED};
use tree::Node;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything: fields from and to, changed texts, hazards.
    Full,
    /// A line an object.
    Short,
}

/// A report as text; empty where nothing differs.
pub fn human(report: &Report, detail: Detail, width: usize) -> String {
    let mut writer = Writer { page: Page::new(width.max(40)), detail };
    for top in tree::of(report) {
        if detail == Detail::Full {
            writer.page.blank();
        }
        writer.node(&top, None, 0);
    }
    if !report.same {
        writer.totals(report);
    }
    writer.page.finish()
}

/// Objects alone, without totals: what a proof missed.
pub fn objects(changes: &[Changed], width: usize) -> String {
    let mut writer = Writer { page: Page::new(width.max(40)), detail: Detail::Full };
    for top in tree::tree(changes, &[]) {
        writer.node(&top, None, 2);
    }
    writer.page.finish()
}

/// What isn't compared, a line a kind: counted, with the first names.
pub fn uncompared(kinds: &[UncomparedKind]) -> Vec<String> {
    let line = |what: &UncomparedKind| {
        let list = what.names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = what.names.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let words = format!("not compared: {} ({list}{more})", counted(what.names.len(), &what.kind));
        crate::printable_line(&words)
    };
    kinds.iter().map(line).collect()
}

struct Writer {
    page: Page,
    detail: Detail,
}

impl Writer {
    fn node(&mut self, node: &Node<'_>, parent: Option<&ObjectId>, indent: usize) {
        let change = node.change.map(|change| change.change);
        let whole = matches!(change, Some(ChangeWord::Drop))
            || (change == Some(ChangeWord::Create) && self.detail == Detail::Short);
        let mut heading = heading(node, parent);
        if whole {
            heading.push(DIM, &with_parts(node));
        }
        let inline = node.change.filter(|_| !whole).and_then(|change| self.inline(change, &heading, indent));
        if let Some(words) = &inline {
            heading.push(PLAIN, words);
        }
        self.page.line(indent, 4, &heading);
        if self.detail == Detail::Full {
            self.body(node, inline.is_some() || whole, indent);
        }
        if !whole {
            node.parts.iter().for_each(|part| self.node(part, Some(node.id), indent + 2));
        }
    }

    /// What stands on the line of the object itself.
    fn inline(&self, change: &Changed, heading: &Line, indent: usize) -> Option<String> {
        match (self.detail, change.change) {
            (Detail::Short, ChangeWord::Create | ChangeWord::Drop) => None,
            (Detail::Short, _) => {
                let fields: Vec<_> = change.fields.iter().map(value::label).collect();
                (!fields.is_empty()).then(|| format!("  {}", fields.join(", ")))
            }
            (Detail::Full, ChangeWord::Create) => {
                let words = format!("  {}", value::summary(&change.fields)?);
                (heading.width() + words.chars().count() <= self.page.room(indent)).then_some(words)
            }
            (Detail::Full, _) => None,
        }
    }

    fn body(&mut self, node: &Node<'_>, said: bool, indent: usize) {
        let indent = indent + 4;
        let Some(change) = node.change else {
            node.rename.iter().for_each(|rename| self.notes(&rename.notes, indent));
            return;
        };
        let pad = value::pad(&change.fields);
        for field in change.fields.iter().filter(|_| !said) {
            match change.change {
                ChangeWord::Create => value::new(&mut self.page, indent, pad, field),
                _ => value::changed(&mut self.page, indent, pad, field),
            }
        }
        node.rename.iter().for_each(|rename| self.notes(&rename.notes, indent));
        self.notes(&change.notes, indent);
        let is_said =
            |because: &String| change.notes.iter().any(|note| note.words.contains(because.as_str()));
        if let Some(because) = change.because.as_ref().filter(|because| !is_said(because)) {
            self.page.line(indent, 2, &Line::new().with(DIM, because));
        }
    }

    fn notes(&mut self, notes: &[NoteWords], indent: usize) {
        for note in notes {
            let (sign, style) = match note.sort {
                NoteSort::Hazard => ("! ", HAZARD),
                NoteSort::BlindSpot => ("? ", BLIND),
            };
            let line = Line::new().with(style, &format!("{sign}{}", note.code));
            self.page.line(indent, 2, &line.with(PLAIN, &format!("  {}", note.words)));
        }
    }

    fn totals(&mut self, report: &Report) {
        let mut words = Vec::new();
        let own = report.own();
        let count = |word| own.iter().filter(|change| change.change == word).count();
        for (word, said) in [
            (ChangeWord::Create, "to create"),
            (ChangeWord::Drop, "to drop"),
            (ChangeWord::Alter, "to alter"),
            (ChangeWord::Recreate, "to recreate"),
            (ChangeWord::Refuse, "that can't be changed"),
        ] {
            words.extend(Some(count(word)).filter(|n| *n > 0).map(|n| format!("{n} {said}")));
        }
        let renames = report.renames.len();
        words.extend((renames > 0).then(|| format!("{renames} to rename")));
        let along = report.changes.iter().filter(|change| change.consequence).count();
        words.extend((along > 0).then(|| format!("{along} touched along the way")));
        self.page.blank();
        self.page.line(0, 2, &Line::new().with(DIM, &words.join(", ")));
        if self.detail == Detail::Full {
            self.codes(report);
        }
    }

    /// Which codes were said, so that a reader of a long report knows what to look for.
    fn codes(&mut self, report: &Report) {
        let renamed = report.renames.iter().flat_map(|rename| &rename.notes);
        let notes: Vec<_> = report.changes.iter().flat_map(|change| &change.notes).chain(renamed).collect();
        for (sort, word, style) in
            [(NoteSort::Hazard, "! hazards: ", HAZARD), (NoteSort::BlindSpot, "? blind spots: ", BLIND)]
        {
            let codes: BTreeSet<&str> =
                notes.iter().filter(|n| n.sort == sort).map(|n| n.code.as_str()).collect();
            if !codes.is_empty() {
                let list = codes.into_iter().collect::<Vec<_>>().join(", ");
                self.page.line(0, 4, &Line::new().with(style, word).with(PLAIN, &list));
            }
        }
    }
}

/// The object's line: sign, kind, name; and what it was called.
fn heading(node: &Node<'_>, parent: Option<&ObjectId>) -> Line {
    let (sign, style) = sign(node);
    let noun = format!("{sign} {}", node.id.kind.noun());
    let name = name(node.id, parent);
    let mut line = Line::new().with(style, &noun);
    if !name.is_empty() {
        line.push(PLAIN, " ").push(value::NAME, &name);
    }
    if let Some(rename) = node.rename.filter(|rename| rename.from != rename.object.name) {
        line.push(RENAMED, &format!("  was {}", rename.from_name)).push(DIM, &ground(rename));
    }
    match node.change {
        Some(change) if change.consequence => line.push(DIM, "  along with what changes"),
        Some(change) if change.change == ChangeWord::Recreate => line.push(DIM, "  recreated"),
        Some(change) if change.change == ChangeWord::Refuse => line.push(DIM, "  stays as it is"),
        _ => &mut line,
    };
    line
}

fn sign(node: &Node<'_>) -> (&'static str, Style) {
    match (node.change.map(|change| change.change), node.rename) {
        (Some(ChangeWord::Create), _) => ("+", NEW),
        (Some(ChangeWord::Drop), _) => ("-", GONE),
        (_, Some(_)) => ("→", RENAMED),
        _ => ("~", CHANGED),
    }
}

fn ground(rename: &Renamed) -> String {
    match (rename.ground, rename.score) {
        (GroundWord::Guess, Some(score)) => format!("  a guess, {:.0} in 100", score * 100.0),
        (GroundWord::Guess | GroundWord::Declared | GroundWord::EqualBody, _) => String::new(),
    }
}

/// The name, without what the line above says already.
fn name(id: &ObjectId, parent: Option<&ObjectId>) -> String {
    let Some(parent) = parent.filter(|parent| id.path.starts_with(&parent.path)) else {
        let whole = id.to_string();
        let noun = id.kind.noun();
        return whole.strip_prefix(noun).unwrap_or(&whole).trim_start().to_owned();
    };
    let rest: Vec<String> = id.path.iter().skip(parent.path.len()).map(ident).collect();
    rest.join(".")
}

/// ` with 5 columns, 2 indexes`: what goes or comes with an object, most of it first.
fn with_parts(node: &Node<'_>) -> String {
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for part in &node.parts {
        *kinds.entry(part.id.kind).or_default() += 1;
    }
    let words: Vec<_> = kinds.into_iter().map(|(kind, count)| counted(count, kind.noun())).collect();
    if words.is_empty() { String::new() } else { format!("  with {}", words.join(", ")) }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_owned(),
        Some(stem) if !noun.ends_with("key") => format!("{stem}ies"),
        None if noun.ends_with('x') || noun.ends_with("ss") => format!("{noun}es"),
        None if noun.ends_with('s') => noun.to_owned(),
        Some(_) | None => format!("{noun}s"),
    };
    format!("{count} {plural}")
}
