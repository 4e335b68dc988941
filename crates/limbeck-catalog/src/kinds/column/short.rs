//! The short forms on a column that stand for objects of their own: `primary_key: true`,
//! `unique: true`, `check: …`, `references: customers(id)`.

use crate::document::{Extra, Key, Node, Value};
use crate::{Kind, ObjectId};

/// Takes them out of a column's document.
pub(super) fn take(id: &ObjectId, document: &mut Node) -> Vec<Extra> {
    let table = id.relation(Kind::Table);
    let extra = |kind: Kind, document: Node| Extra { kind, parent: table.clone(), name: None, document };
    let columns = Node { value: Value::List(vec![Node::text(id.name())]), span: document.span };
    let mut extras = Vec::new();
    for (key, kind) in [("primary_key", Kind::PrimaryKey), ("unique", Kind::Unique)] {
        // Any other word stays where it is, and is refused there as what can't be understood.
        let flag = document.get(key).and_then(Node::as_text).map(str::to_owned);
        match flag.as_deref() {
            Some("true") => {
                document.take(key);
                extras.push(extra(kind, map([("columns", columns.clone())])));
            }
            Some("false") => drop(document.take(key)),
            Some(_) | None => {}
        }
    }
    if let Some((_, condition)) = document.take("check") {
        extras.push(extra(Kind::Check, map([("expression", condition)])));
    }
    if let Some((_, target)) = document.take("references") {
        let mut key = target;
        key.wrap("references");
        if let Value::Map(entries) = &mut key.value {
            entries.push((Key { text: "columns".to_owned(), span: document.span }, columns));
        }
        extras.push(extra(Kind::ForeignKey, key));
    }
    extras
}

fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    let span = entries.first().map(|(_, node)| node.span).unwrap_or_default();
    let entries = entries.into_iter().map(|(k, node)| (Key { text: k.to_owned(), span: node.span }, node));
    Node { value: Value::Map(entries.collect()), span }
}
