//! A document to an object: all of its mistakes, not the first alone.

use std::borrow::Cow;
use std::cell::RefCell;

use limbeck_catalog::document::{Node, Span, Value};
use limbeck_catalog::{Kind, Object};

use crate::Diagnostic;
use crate::de::{Error, NodeDeserializer, Unknown};
use crate::sections::{self, RENAMED_FROM};
use crate::yaml::extent_end;

/// Reads a document. serde stops at the first mistake: what it stopped at is taken out, and the rest
/// is read again, until all is read or nothing is left to take out.
pub(super) fn object(kind: Kind, document: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Object> {
    let mut document = Cow::Borrowed(document);
    let mut taken: Vec<String> = Vec::new();
    loop {
        let unknown = RefCell::new(Vec::new());
        let read = kind.from_document(NodeDeserializer::new(&document, &unknown));
        if taken.is_empty() {
            diagnostics.extend(unknown.borrow().iter().map(|unknown| unknown_key(kind, unknown)));
        }
        match read {
            Ok(object) => return (taken.is_empty() && unknown.borrow().is_empty()).then_some(object),
            Err(error) => {
                let span = error.span.unwrap_or(document.span);
                let follows = taken.iter().any(|key| error.message == format!("the key `{key}` is missing"));
                if !follows {
                    diagnostics.push(said(kind, error, span));
                }
                taken.push(take(document.to_mut(), span)?);
            }
        }
    }
}

fn said(kind: Kind, error: Error, span: Span) -> Diagnostic {
    let message = match error.message.strip_suffix("` is missing") {
        Some(key) => format!("{key}` of this {} is missing", kind.noun()),
        None => error.message,
    };
    Diagnostic::new(message, span).label(error.label)
}

fn unknown_key(kind: Kind, unknown: &Unknown) -> Diagnostic {
    let Unknown { key, fields } = unknown;
    let written_by_hand = known_keys(kind, fields);
    let diagnostic = Diagnostic::new(format!("unknown key `{}` in this {}", key.text, kind.noun()), key.span)
        .did_you_mean(&key.text, written_by_hand.iter().copied());
    if diagnostic.label.is_empty() {
        return diagnostic.help(format!("its keys are {}", written_by_hand.join(", ")));
    }
    diagnostic
}

/// The keys of a document, those that are objects of their own included.
fn known_keys(kind: Kind, fields: &'static [&'static str]) -> Vec<&'static str> {
    fields.iter().copied().chain(sections::inner(kind).map(|inner| inner.key)).chain([RENAMED_FROM]).collect()
}

/// Takes out the entry that a mistake stands in; `None` if there is none.
fn take(document: &mut Node, at: Span) -> Option<String> {
    let Value::Map(entries) = &mut document.value else { return None };
    let covers = |entry: &(_, _)| {
        let (key, _): &(limbeck_catalog::document::Key, Node) = entry;
        key.span.start <= at.start && at.end <= extent_end(entry) && at != document.span
    };
    let index = entries.iter().position(covers)?;
    Some(entries.remove(index).0.text)
}
