//! The attributes of a composite type: in a model a map from name to type, in the order in which
//! they stand; from the catalog a list.

use std::borrow::Cow;
use std::fmt;

use limbeck_sql::{canonical_type, ident};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

/// All attributes, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(pub Vec<Attribute>);

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub body: Body,
}

/// What an attribute holds: a type, or a type with its collation.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// The type, with its modifiers.
    pub type_name: String,
    /// The collation, if not the type's own; qualified and quoted.
    pub collation: Option<String>,
}

/// A body in full.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Full {
    /// The type, with its modifiers.
    #[serde(rename = "type")]
    type_name: String,
    /// The collation, if not the type's own; qualified and quoted.
    #[serde(default)]
    collation: Option<String>,
}

/// An attribute as the catalog query lists it.
#[derive(Deserialize)]
struct Listed {
    name: String,
    #[serde(rename = "type")]
    type_name: String,
    collation: Option<String>,
}

impl Body {
    fn new(type_name: &str, collation: Option<String>) -> Self {
        Self { type_name: canonical_type(type_name), collation }
    }

    /// `text collate pg_catalog."C"`.
    pub fn definition(&self) -> String {
        let collate = self.collation.as_ref().map(|c| format!(" collate {c}")).unwrap_or_default();
        format!("{}{collate}", self.type_name)
    }
}

impl Attribute {
    /// `street text`.
    pub fn definition(&self) -> String {
        format!("{} {}", ident(&self.name), self.body.definition())
    }
}

impl Attributes {
    /// The attribute with a name.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|a| a.name == name)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|a| a.name.as_str())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for Attribute { name, body } in &self.0 {
            map.serialize_entry(name, body)?;
        }
        map.end()
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { type_name, collation } = self;
        match collation {
            None => serializer.serialize_str(type_name),
            Some(_) => {
                let full = Full { type_name: type_name.clone(), collation: collation.clone() };
                full.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadAttributes)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadBody)
    }
}

struct ReadAttributes;

impl<'de> Visitor<'de> for ReadAttributes {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from attributes to types")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut attributes = Vec::new();
        while let Some((name, body)) = map.next_entry()? {
            attributes.push(Attribute { name, body });
        }
        Ok(Attributes(attributes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Attributes, A::Error> {
        let mut attributes = Vec::new();
        while let Some(Listed { name, type_name, collation }) = seq.next_element()? {
            attributes.push(Attribute { name, body: Body::new(&type_name, collation) });
        }
        Ok(Attributes(attributes))
    }
}

struct ReadBody;

impl<'de> Visitor<'de> for ReadBody {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type, or a map with `type` and `collation`")
    }

    fn visit_str<E: de::Error>(self, type_name: &str) -> Result<Body, E> {
        Ok(Body::new(type_name, None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Body, A::Error> {
        let Full { type_name, collation } = Full::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Body::new(&type_name, collation))
    }
}

impl JsonSchema for Attributes {
    fn schema_name() -> Cow<'static, str> {
        "Attributes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = generator.subschema_for::<Full>();
        json_schema!({ "type": "object", "additionalProperties": { "anyOf": [{ "type": "string" }, full] } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_model_and_a_row_alike() {
        let model = r#"{"street": "varchar(20)", "city": {"type": "text", "collation": "pg_catalog.\"C\""}}"#;
        let row = r#"[{"name": "street", "type": "character varying(20)", "collation": null},
            {"name": "city", "type": "text", "collation": "pg_catalog.\"C\""}]"#;
        let model: Attributes = serde_json::from_str(model).expect("a model");
        let row: Attributes = serde_json::from_str(row).expect("a row");
        assert_eq!(model, row);
        assert_eq!(
            serde_json::to_string(&row).expect("a document"),
            r#"{"street":"character varying(20)","city":{"type":"text","collation":"pg_catalog.\"C\""}}"#
        );
    }
}
