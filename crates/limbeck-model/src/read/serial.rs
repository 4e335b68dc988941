//! `type: serial`: no type, but a sequence, a default that draws from it, and who owns it (manual,
//! "Serial Types").

use limbeck_catalog::document::{Key, Node, Span, Value};
use limbeck_catalog::names::{Label, Names};
use limbeck_catalog::{Kind, ObjectId};
use limbeck_sql::{literal, qualified};

use super::{Entry, Place, Said};
use crate::Diagnostic;

const SERIALS: &[(&str, &str)] = &[
    ("serial", "integer"),
    ("serial4", "integer"),
    ("bigserial", "bigint"),
    ("serial8", "bigint"),
    ("smallserial", "smallint"),
    ("serial2", "smallint"),
];

/// The word that stands for a type with a sequence of its own.
pub(crate) fn word_for(type_name: &str) -> Option<&'static str> {
    SERIALS.iter().find(|(_, long)| *long == type_name).map(|(word, _)| *word)
}

/// A column that asked for a sequence.
#[derive(Clone, Debug)]
pub(super) struct Serial {
    pub(super) column: ObjectId,
    pub(super) type_name: &'static str,
    pub(super) span: Span,
}

/// Turns a serial column's document into one of an integer that is not null.
pub(super) fn take(id: &ObjectId, document: &mut Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Serial> {
    let Value::Map(entries) = &mut document.value else { return None };
    let (key, node) = entries.iter_mut().find(|(key, _)| key.text == "type")?;
    let span = if node.span.end > node.span.start { node.span } else { key.span };
    let Value::Scalar { text, .. } = &mut node.value else { return None };
    let (_, type_name) = SERIALS.iter().find(|(word, _)| text.trim().eq_ignore_ascii_case(word))?;
    (*type_name).clone_into(text);
    if let Some((key, _)) = entries.iter().find(|(key, _)| key.text == "generated") {
        let message = format!("{} can't be both serial and generated", id.quoted());
        diagnostics.push(Diagnostic::new(message, key.span));
    }
    entries.retain(|(key, _)| key.text != "not_null");
    let flag = Node { value: Value::Scalar { text: "true".to_owned(), quoted: false }, span };
    entries.push((Key { text: "not_null".to_owned(), span }, flag));
    Some(Serial { column: id.clone(), type_name, span })
}

/// The sequence that Postgres would make for a column: its name among those that are there.
pub(crate) fn sequence_id(column: &ObjectId, names: &Names) -> ObjectId {
    let name = names.choose(column.schema(), column.at(1), Some(column.name()), Label::Seq);
    ObjectId::new(Kind::Sequence, [column.schema(), &name])
}

/// The default of a column that draws from a sequence, as the server deparses it.
pub(crate) fn default_text(sequence: &ObjectId) -> String {
    format!("nextval({}::regclass)", literal(&qualified(sequence.schema(), sequence.name())))
}

/// What a serial column's sequence says.
pub(crate) fn sequence_document(type_name: &str) -> Node {
    let key = Key { text: "type".to_owned(), span: Span::default() };
    Node { value: Value::Map(vec![(key, Node::text(type_name))]), span: Span::default() }
}

/// Who owns it: `table.column`, in the sequence's schema.
pub(crate) fn owner_text(column: &ObjectId) -> String {
    qualified(column.at(1), column.name())
}

/// The entries that a serial column stands for.
pub(super) fn expand(serial: &Serial, sequence: &ObjectId, former: Vec<String>) -> [Entry; 3] {
    let Serial { column, type_name, span } = serial;
    let entry = |kind: Kind, path: &ObjectId, mut document: Node| {
        document.span = *span;
        let id = ObjectId { kind, of: None, path: path.path.clone() };
        kind.normalise(&id, &mut document);
        let (place, said) = (Place::At(id), Said::Written(document));
        Entry { kind, place, said, span: *span, extent: *span, renamed_from: Vec::new() }
    };
    let mut made = entry(Kind::Sequence, sequence, sequence_document(type_name));
    made.renamed_from = former;
    [
        made,
        entry(Kind::OwnedBy, sequence, Node::text(owner_text(column))),
        entry(Kind::Default, column, Node::text(default_text(sequence))),
    ]
}
