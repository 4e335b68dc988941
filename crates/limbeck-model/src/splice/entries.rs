//! Where each object stands in the files that are there: its entry, in a section, in a file.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::document::{Key, Node, Span, Value};
use limbeck_catalog::{Kind, ObjectId};

use crate::read::Declared;
use crate::sections;
use crate::write::layout::is_top;

/// A section of a file.
#[derive(Clone, Debug)]
pub(super) struct SectionText {
    pub(super) file: usize,
    pub(super) kind: Kind,
    pub(super) key: Key,
    pub(super) span: Span,
    /// Whether each of its entries has lines of its own.
    pub(super) is_block: bool,
    /// Its objects, in order, with all that they cover.
    pub(super) entries: Vec<(ObjectId, Span)>,
    /// The entry that says that `public` is absent.
    pub(super) absent: Option<Span>,
}

/// All sections of all files.
pub(super) fn sections(existing: &Declared) -> Vec<SectionText> {
    let by_place: BTreeMap<Span, &ObjectId> =
        existing.places.iter().filter(|(id, _)| is_top(id.kind)).map(|(id, at)| (at.name, id)).collect();
    let mut found = Vec::new();
    for (file, tree) in existing.trees().iter().enumerate() {
        let Value::Map(keys) = &tree.value else { continue };
        for (key, node) in keys {
            let Some((_, kind)) = sections::top().find(|(section, _)| *section == key.text) else { continue };
            let span = Span { end: node.span.end.max(key.span.end), ..key.span };
            let text = &existing.files[file].text;
            found.push(section(
                SectionText {
                    file,
                    kind,
                    key: key.clone(),
                    span,
                    is_block: matches!(&node.value, Value::Map(m) if !m.is_empty())
                        && is_block(text, key, node),
                    entries: Vec::new(),
                    absent: None,
                },
                node,
                &by_place,
            ));
        }
    }
    found
}

fn section(mut section: SectionText, node: &Node, by_place: &BTreeMap<Span, &ObjectId>) -> SectionText {
    let mut add = |span: Span, extent: Span| match by_place.get(&span) {
        Some(id) if id.kind == section.kind => section.entries.push(((*id).clone(), extent)),
        Some(_) | None => {}
    };
    match &node.value {
        Value::Map(entries) => {
            for (key, node) in entries {
                let extent = Span { end: node.span.end.max(key.span.end), ..key.span };
                add(key.span, extent);
                if section.kind == Kind::Schema && node.as_text() == Some("absent") {
                    section.absent = Some(extent);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| add(item.span, item.span)),
        Value::Null | Value::Scalar { .. } => {}
    }
    section
}

/// Whether a section and each of its entries begin lines.
fn is_block(text: &str, key: &Key, node: &Node) -> bool {
    let Value::Map(entries) = &node.value else { return false };
    indent(text, key.span.start) == Some(0)
        && entries.iter().all(|(key, _)| {
            // `? key` is the other way to write one, over several lines.
            let (written, after) = text.split_at(key.span.end as usize);
            let is_simple = after.trim_start_matches(' ').starts_with(':');
            // One of nothing but line breaks has nothing that a place could be given of.
            let written = &written[key.span.start as usize..];
            let is_one_line = !written.is_empty() && !written.contains('\n');
            is_simple && is_one_line && indent(text, key.span.start).is_some_and(|indent| indent > 0)
        })
}

/// Whether a file's keys begin its lines, so that it can be changed line by line.
pub(super) fn has_lines(existing: &Declared, file: usize) -> bool {
    match &existing.trees()[file].value {
        Value::Map(keys) => {
            keys.iter().all(|(key, _)| indent(&existing.files[file].text, key.span.start) == Some(0))
        }
        Value::Null => true,
        Value::Scalar { .. } | Value::List(_) => false,
    }
}

/// How far a place is indented; `None` if its line has something before it.
pub(super) fn indent(text: &str, at: u32) -> Option<usize> {
    let before = &text[..at as usize];
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    // What some editors begin files with is no text.
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    line.bytes().all(|b| b == b' ').then_some(line.len())
}

/// All objects by where they stand.
pub(super) struct Extents<'a>(BTreeMap<Span, Vec<&'a ObjectId>>);

impl<'a> Extents<'a> {
    pub(super) fn of(existing: &'a Declared) -> Self {
        let mut found: BTreeMap<Span, Vec<&'a ObjectId>> = BTreeMap::new();
        for (id, span) in existing.places.iter().filter_map(|(id, at)| Some((id, at.extent?))) {
            found.entry(span).or_default().push(id);
        }
        Self(found)
    }

    /// What stands inside an entry: the object itself, and all that its document says, sequences of
    /// serial columns included.
    pub(super) fn within(&self, extent: Span) -> BTreeSet<&'a ObjectId> {
        let first = Span { end: extent.start, ..extent };
        let last = Span { start: extent.end, end: u32::MAX, ..extent };
        let inside = self.0.range(first..=last).filter(|(span, _)| span.end <= extent.end);
        inside.flat_map(|(_, ids)| ids.iter().copied()).collect()
    }
}

/// The schema that a file is for.
pub(super) fn schema(existing: &Declared, file: usize) -> &str {
    existing.trees()[file].get("schema").and_then(Node::as_text).unwrap_or("public")
}
