//! Documents to text: small maps and lists on one line, everything else in blocks.

use super::scalar::{self, Context};

/// The longest line that a map or a list is put on.
const WIDTH: usize = 110;
/// The longest key that readers find without a `?` before it (YAML 1.2, 8.1.3: 1024 characters).
const LONGEST_KEY: usize = 1000;

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doc {
    /// Nothing.
    Null,
    /// A scalar as it stands: a number, a boolean.
    Plain(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Doc>),
    /// A map that may stand on one line.
    Map(Vec<(String, Doc)>),
    /// A map that never does.
    Block {
        /// What it holds.
        entries: Vec<(String, Doc)>,
        /// Whether a line is left free between its entries.
        apart: bool,
    },
}

impl Doc {
    pub(crate) fn is_empty_map(&self) -> bool {
        matches!(self, Doc::Map(entries) | Doc::Block { entries, .. } if entries.is_empty())
    }
}

/// A file's text: a map in block form.
pub(crate) fn file(entries: &[(String, Doc)]) -> String {
    let mut out = String::new();
    for (i, (key, doc)) in entries.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        entry(&mut out, key, doc, 0);
    }
    out
}

/// `key: document` at an indentation, with the line breaks at its end.
pub(crate) fn entry(out: &mut String, key: &str, doc: &Doc, indent: usize) {
    let key = key_text(key, doc, Context::Block);
    out.push_str(&" ".repeat(indent));
    if key.len() > LONGEST_KEY {
        out.push_str(&format!("? {key}\n{}:", " ".repeat(indent)));
    } else {
        out.push_str(&format!("{key}:"));
    }
    let used = indent + key.chars().count() + 1;
    value(out, doc, indent, used);
}

/// A key. `on: [a, b]` of an index needs no quotes: who reads it as a boolean does so with every key
/// `on` that people write.
fn key_text(key: &str, doc: &Doc, context: Context) -> String {
    match doc {
        Doc::List(_) if key == "on" => key.to_owned(),
        _ => scalar::string(key, context),
    }
}

/// A value after its key or its dash, up to the line break.
fn value(out: &mut String, doc: &Doc, indent: usize, used: usize) {
    if let Doc::Text(text) = doc
        && scalar::fits_block(text)
    {
        out.push(' ');
        out.push_str(&scalar::block(text, indent + 2));
        out.push('\n');
        return;
    }
    match (doc, one_line(doc, Context::Block)) {
        (Doc::Null | Doc::Plain(_) | Doc::Text(_), Some(line)) => out.push_str(&format!(" {line}\n")),
        (_, Some(line)) if used + 1 + line.chars().count() <= WIDTH => out.push_str(&format!(" {line}\n")),
        (Doc::List(items), _) => {
            out.push('\n');
            items.iter().for_each(|one| item(out, one, indent + 2));
        }
        (Doc::Map(entries), _) => entries_below(out, entries, indent, false),
        (Doc::Block { entries, apart }, _) => entries_below(out, entries, indent, *apart),
        (Doc::Null | Doc::Plain(_) | Doc::Text(_), None) => out.push('\n'),
    }
}

fn entries_below(out: &mut String, entries: &[(String, Doc)], indent: usize, apart: bool) {
    out.push('\n');
    for (i, (key, doc)) in entries.iter().enumerate() {
        if apart && i > 0 {
            out.push('\n');
        }
        entry(out, key, doc, indent + 2);
    }
}

/// `- item`; a map's first key stands behind the dash.
fn item(out: &mut String, doc: &Doc, indent: usize) {
    let fits = one_line(doc, Context::Block).is_some_and(|line| indent + 2 + line.chars().count() <= WIDTH);
    match doc {
        Doc::Map(entries) if !fits && !entries.is_empty() => {
            let mut text = String::new();
            entries.iter().for_each(|(key, doc)| entry(&mut text, key, doc, indent + 2));
            text.replace_range(indent..indent + 1, "-");
            out.push_str(&text);
        }
        _ => {
            out.push_str(&format!("{}-", " ".repeat(indent)));
            value(out, doc, indent, indent + 1);
        }
    }
}

/// The form on one line, if there is one.
pub(super) fn one_line(doc: &Doc, context: Context) -> Option<String> {
    match doc {
        Doc::Null => Some("null".to_owned()),
        Doc::Plain(text) => Some(text.clone()),
        Doc::Text(text) if scalar::fits_block(text) => None,
        Doc::Text(text) => Some(scalar::string(text, context)),
        Doc::List(items) => {
            let items: Option<Vec<_>> = items.iter().map(|item| one_line(item, Context::Flow)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Doc::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Doc::Map(entries) => braces(entries),
        Doc::Block { entries, .. } if entries.is_empty() => Some("{}".to_owned()),
        Doc::Block { .. } => None,
    }
}

fn braces(entries: &[(String, Doc)]) -> Option<String> {
    let entry = |(key, doc): &(String, Doc)| {
        let key = key_text(key, doc, Context::Flow);
        let doc = one_line(doc, Context::Flow)?;
        (key.len() <= LONGEST_KEY).then(|| format!("{key}: {doc}"))
    };
    let entries: Option<Vec<_>> = entries.iter().map(entry).collect();
    Some(format!("{{ {} }}", entries?.join(", ")))
}
