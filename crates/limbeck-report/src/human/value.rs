//! Values of fields: on one line where they fit, otherwise line by line, with what changed marked by
//! word.

use anstyle::Style;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::line::{BOLD, DIM, GONE, Line, NEW, PLAIN, Page};
use crate::report::Field;

/// How many lines are shown of a text that is wholly new.
const SHOWN: usize = 12;
/// How many unchanged lines stand around changed ones.
const AROUND: usize = 2;

/// A field's name for readers.
pub(crate) fn label(field: &Field) -> String {
    field.field.replace(['_', '.'], " ")
}

/// A value on one line.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(entries) => entries.iter().map(entry).collect::<Vec<_>>().join(", "),
    }
}

fn entry((key, value): (&String, &Value)) -> String {
    format!("{}: {}", key.replace('_', " "), inline(value))
}

/// A value as a text of lines.
fn block(value: &Value) -> String {
    let lines = |items: Vec<String>| items.join("\n");
    match value {
        Value::Array(items) => lines(items.iter().map(inline).collect()),
        Value::Object(entries) => lines(entries.iter().map(entry).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => inline(value),
    }
}

/// A field that differs.
pub(crate) fn changed(page: &mut Page, indent: usize, pad: usize, field: &Field) {
    let label = label(field);
    // What only a switch says reads best as the switch itself.
    match (&field.from, &field.to) {
        (None, Some(Value::Bool(true))) => {
            return page.line(indent, 2, &Line::new().with(NEW, &format!("+ {label}")));
        }
        (Some(Value::Bool(true)), None) => {
            return page.line(indent, 2, &Line::new().with(GONE, &format!("- {label}")));
        }
        _ => {}
    }
    let short = |value: &Option<Value>| value.as_ref().map_or_else(|| "(none)".to_owned(), inline);
    let (from, to) = (short(&field.from), short(&field.to));
    let style = |value: &Option<Value>, style: Style| if value.is_some() { style } else { DIM };
    let line = Line::new()
        .with(DIM, &format!("{label:pad$}  "))
        .with(style(&field.from, GONE), &from)
        .with(DIM, " → ")
        .with(style(&field.to, NEW), &to);
    if !from.contains('\n') && !to.contains('\n') && line.width() <= page.room(indent) {
        return page.line(indent, 2, &line);
    }
    page.line(indent, 2, &Line::new().with(DIM, &label));
    let text = |value: &Option<Value>| value.as_ref().map(block).unwrap_or_default();
    texts(page, indent + 2, &text(&field.from), &text(&field.to));
}

/// Two texts, line by line: what is the same only around what isn't, and the words that differ marked.
fn texts(page: &mut Page, indent: usize, from: &str, to: &str) {
    let (from, to) = (format!("{}\n", from.trim_end()), format!("{}\n", to.trim_end()));
    let from = if from == "\n" { String::new() } else { from };
    let to = if to == "\n" { String::new() } else { to };
    let diff = TextDiff::from_lines(&from, &to);
    for (at, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if at > 0 {
            page.line(indent, 2, &Line::new().with(DIM, "  ⋯"));
        }
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => ("  ", DIM),
                ChangeTag::Delete => ("- ", GONE),
                ChangeTag::Insert => ("+ ", NEW),
            };
            let mut line = Line::new().with(style, sign);
            for (marked, piece) in change.iter_strings_lossy() {
                let style = if marked { style.bold().underline() } else { style };
                line.push(style, piece.trim_end_matches(['\n', '\r']));
            }
            page.line(indent, 4, &line);
        }
    }
}

/// What a new object says, in a few words: `text, not null`; none if it takes more than a line. What it
/// says first is what matters most, and needs no label where it is a word.
pub(crate) fn summary(fields: &[Field]) -> Option<String> {
    let one = fields.len() == 1;
    let words = fields.iter().enumerate().filter_map(|(at, field)| match field.to.as_ref()? {
        Value::Bool(true) => Some(label(field)),
        value if one || (at == 0 && value.is_string()) => Some(inline(value)),
        value => Some(format!("{} {}", label(field), inline(value))),
    });
    let words = words.collect::<Vec<_>>().join(", ");
    (!words.contains('\n')).then_some(words)
}

/// A field of what is new.
pub(crate) fn new(page: &mut Page, indent: usize, pad: usize, field: &Field) {
    let Some(value) = &field.to else { return };
    let label = label(field);
    if *value == Value::Bool(true) {
        return page.line(indent, 2, &Line::new().with(PLAIN, &label));
    }
    let text = inline(value);
    let line = Line::new().with(DIM, &format!("{label:pad$}  ")).with(PLAIN, &text);
    if !text.contains('\n') && (line.width() <= page.room(indent) || !text.contains(' ')) {
        return page.line(indent, 2, &line);
    }
    page.line(indent, 2, &Line::new().with(DIM, &label));
    let text = block(value);
    let count = text.trim_end().lines().count();
    // A line that says that one more is there takes as much room as the line.
    let shown = if count <= SHOWN + 1 { count } else { SHOWN };
    for line in text.lines().take(shown) {
        page.line(indent + 2, 4, &Line::new().with(NEW, "+ ").with(NEW, line));
    }
    if count > shown {
        let words = format!("  ⋯ {} more lines", count - shown);
        page.line(indent + 2, 4, &Line::new().with(DIM, &words));
    }
}

/// The widest label of those that stand in a column.
pub(crate) fn pad(fields: &[Field]) -> usize {
    let is_switch = |value: &Option<Value>| matches!(value, None | Some(Value::Bool(true)));
    let labelled = fields.iter().filter(|f| !(is_switch(&f.from) && is_switch(&f.to)));
    labelled.map(|field| label(field).chars().count()).max().unwrap_or_default().min(16)
}

/// A heading's own style.
pub(crate) const NAME: Style = BOLD;
