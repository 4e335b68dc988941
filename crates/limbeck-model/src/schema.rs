//! The JSON Schema of a model file, from the kinds' own schemas: editors complete and check by it.

use limbeck_catalog::document::{Node, Value as NodeValue};
use limbeck_catalog::names::Label;
use limbeck_catalog::{Kind, ObjectId, Section};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::sections::{self, RENAMED_FROM, Shape};

/// The JSON Schema of a model file.
pub fn json_schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let roots: Vec<(Kind, Value)> = Kind::ALL
        .iter()
        .filter(|kind| kind.is_compared())
        .map(|kind| (*kind, kind.json_schema(&mut generator).to_value()))
        .collect();
    let mut definitions: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    let own: Vec<_> = roots.into_iter().map(|(kind, root)| (kind, resolved(&root, &definitions))).collect();
    for (kind, own) in own {
        definitions.insert(name(kind), document(kind, own));
    }
    // A comment is an object of its own, whose place is in the document that a query's column has.
    if let Some(column) = definitions.get_mut("QueryColumn").and_then(|schema| schema.get_mut("properties")) {
        column["comment"] = reference(Kind::Comment);
    }
    let mut properties = Map::new();
    let words = "The schema of all that stands below; `public` if left out.";
    properties.insert("schema".to_owned(), json!({ "description": words, "type": "string" }));
    for (key, kind) in sections::top() {
        properties.insert(key.to_owned(), section(kind));
    }
    let mut definitions = used(definitions, &properties);
    definitions.values_mut().for_each(accept_plain_scalars);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "limbeck model",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// The name of a kind's document among the definitions.
fn name(kind: Kind) -> String {
    kind.noun().replace(' ', "_")
}

fn reference(kind: Kind) -> Value {
    json!({ "$ref": format!("#/$defs/{}", name(kind)) })
}

/// A section at the top of a file: what needs no document may stand in a list.
fn section(kind: Kind) -> Value {
    let named = json!({ "type": ["object", "null"], "additionalProperties": reference(kind) });
    json!({ "anyOf": [named, { "type": "array", "items": { "type": "string" } }] })
}

fn resolved(schema: &Value, definitions: &Map<String, Value>) -> Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| definitions.get(name)).unwrap_or(schema).clone()
}

/// A kind's document: its fields, what stands in it, and its short forms.
fn document(kind: Kind, mut own: Value) -> Value {
    let Some(properties) = own.get_mut("properties").and_then(Value::as_object_mut) else { return own };
    let shorts = shorts(kind, properties);
    for inner in sections::inner(kind) {
        let schema = match inner.shape {
            Shape::Members => members(inner.kind),
            Shape::Single | Shape::Field | Shape::Attached => reference(inner.kind),
        };
        properties.insert(inner.key.to_owned(), schema);
    }
    by_hand(kind, properties);
    if own.get("required").is_none() {
        own["type"] = json!(["object", "null"]);
    }
    if shorts.is_empty() {
        return own;
    }
    let description = own.get("description").cloned().unwrap_or_default();
    let forms: Vec<Value> = [own].into_iter().chain(shorts).collect();
    json!({ "description": description, "anyOf": forms })
}

/// Members by name, or in a list where Postgres chooses the names.
fn members(kind: Kind) -> Value {
    let named = json!({ "type": ["object", "null"], "additionalProperties": reference(kind) });
    match Label::of(kind) {
        Some(_) => json!({ "anyOf": [named, { "type": "array", "items": reference(kind) }] }),
        None => named,
    }
}

/// What a hand may write that no field says: former names, and the short forms on a column.
fn by_hand(kind: Kind, properties: &mut Map<String, Value>) {
    if !matches!(kind.section(), Section::Field { .. } | Section::Attached(_)) {
        let names =
            json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
        properties.insert(RENAMED_FROM.to_owned(), names);
    }
    if matches!(kind.section(), Section::Single { .. }) {
        properties.insert("name".to_owned(), json!({ "type": "string" }));
    }
    match kind {
        Kind::Column => {
            for key in ["primary_key", "unique"] {
                properties.insert(key.to_owned(), json!({ "type": "boolean" }));
            }
            properties.insert("check".to_owned(), json!({ "type": "string" }));
            properties.insert("references".to_owned(), json!({ "type": ["string", "object"] }));
        }
        Kind::Enum => {
            let text = json!({ "type": "string" });
            let names = json!({ "anyOf": [text, { "type": "array", "items": text }] });
            let fields = json!({ "name": text, RENAMED_FROM: names });
            let full = json!({ "type": "object", "properties": fields, "required": ["name"] });
            properties
                .insert("values".to_owned(), json!({ "type": "array", "items": { "anyOf": [text, full] } }));
        }
        Kind::View => {
            let text = json!({ "type": "string" });
            let said = json!({ "comment": reference(Kind::Comment), "type": text, "collation": text });
            let column = json!({ "type": "object", "properties": said, "additionalProperties": false });
            properties
                .insert("columns".to_owned(), json!({ "type": "object", "additionalProperties": column }));
        }
        Kind::Composite => {
            let text = json!({ "type": "string" });
            let fields = json!({ "type": text, "collation": text, "comment": reference(Kind::Comment) });
            let full = json!({ "type": "object", "properties": fields, "required": ["type"] });
            let attribute = json!({ "anyOf": [text, full] });
            properties.insert(
                "attributes".to_owned(),
                json!({ "type": "object", "additionalProperties": attribute }),
            );
        }
        _ => {}
    }
}

/// The definitions that something still points to.
fn used(definitions: Map<String, Value>, properties: &Map<String, Value>) -> Map<String, Value> {
    let mut wanted: Vec<String> = properties.values().flat_map(references).collect();
    let mut kept = Map::new();
    while let Some(name) = wanted.pop() {
        if let Some(definition) = definitions.get(&name).filter(|_| !kept.contains_key(&name)) {
            wanted.extend(references(definition));
            kept.insert(name, definition.clone());
        }
    }
    kept
}

/// The names of the definitions that a schema points to.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            own.map(str::to_owned).into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The short forms: what a scalar or a list is wrapped into, found by asking.
fn shorts(kind: Kind, properties: &Map<String, Value>) -> Vec<Value> {
    let id = ObjectId::new(kind, ["schema", "name", "member"]);
    let list = Node { value: NodeValue::List(vec![Node::text("a")]), ..Node::default() };
    let wrapped = |mut node: Node| {
        kind.normalise(&id, &mut node);
        match &node.value {
            NodeValue::Map(entries) => {
                entries.first().and_then(|(key, _)| properties.get(&key.text)).cloned()
            }
            NodeValue::Null | NodeValue::Scalar { .. } | NodeValue::List(_) => None,
        }
    };
    let mut found: Vec<Value> = [Node::text("a"), list].into_iter().filter_map(wrapped).collect();
    found.dedup();
    found
}

/// A plain number or boolean is text where text is wanted (`default: 0`).
fn accept_plain_scalars(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(accept_plain_scalars),
        Value::Object(map) => {
            let is_choice = map.contains_key("enum") || map.contains_key("const");
            match map.get_mut("type") {
                Some(one) if *one == json!("string") && !is_choice => {
                    *one = json!(["string", "number", "boolean"])
                }
                Some(one) if *one == json!(["string", "null"]) && !is_choice => {
                    *one = json!(["string", "number", "boolean", "null"]);
                }
                _ => {}
            }
            map.values_mut().for_each(accept_plain_scalars);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
