//! What one object says differently on the two sides: its document's keys, compared one by one. No kind
//! is known here.

use std::fmt;

use limbeck_catalog::{Object, Pair};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::report::Field;

/// The key of what stands in a document without one.
const ONLY: &str = "value";

/// The fields that differ between two objects; all of one, where the other isn't there.
pub fn fields(objects: Pair<Option<&Object>>) -> Vec<Field> {
    let document = |object: Option<&Object>| object.map(entries).unwrap_or_default();
    let mut fields = Vec::new();
    compare("", document(objects.from), document(objects.to), &mut fields);
    fields
}

/// A document's keys in the order in which the kind writes them.
#[derive(Default)]
struct Entries(Vec<(String, Value)>);

fn entries(object: &Object) -> Entries {
    let mut text = Vec::new();
    // A JSON text keeps the order of keys, which a map of values does not.
    if object.to_document(&mut serde_json::Serializer::new(&mut text)).is_err() {
        return Entries::default();
    }
    if text.first() == Some(&b'{') {
        return serde_json::from_slice(&text).unwrap_or_default();
    }
    // What says one thing only says it without a key: a default, a comment.
    let value = serde_json::from_slice(&text).unwrap_or_default();
    Entries(vec![(ONLY.to_owned(), value)])
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a document")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Entries(all))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn compare(above: &str, from: Entries, to: Entries, fields: &mut Vec<Field>) {
    let mut from = from.0;
    let mut both: Vec<(String, Option<Value>, Option<Value>)> = Vec::new();
    for (key, value) in to.0 {
        let before = from.iter().position(|(k, _)| *k == key).map(|at| from.remove(at).1);
        both.push((key, before, Some(value)));
    }
    both.extend(from.into_iter().map(|(key, value)| (key, Some(value), None)));
    for (key, from, to) in both.into_iter().filter(|(_, from, to)| from != to) {
        let field = if above.is_empty() { key } else { format!("{above}.{key}") };
        match (from, to) {
            (Some(Value::Object(from)), Some(Value::Object(to))) => {
                let entries = |map: serde_json::Map<String, Value>| Entries(map.into_iter().collect());
                compare(&field, entries(from), entries(to), fields);
            }
            (from, to) => fields.push(Field { field, from, to }),
        }
    }
}
