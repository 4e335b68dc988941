//! Names with values in the order in which they were set: storage parameters, options, settings. The order
//! makes no difference to the server, but a dump shows it, so it is kept and not compared.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names and their values, in order.
#[derive(Clone, Debug, Default)]
pub struct Entries(Vec<(String, String)>);

impl Entries {
    /// The value of a name.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is new on the other side, or has another value there.
    pub(crate) fn changed(&self, to: &Self) -> Self {
        to.iter().filter(|(key, value)| self.get(key) != Some(value)).collect()
    }

    /// The names that the other side doesn't have.
    pub(crate) fn gone<'a>(&'a self, to: &Self) -> impl Iterator<Item = &'a str> {
        self.iter().map(|(key, _)| key).filter(|key| to.get(key).is_none())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Entries {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

/// Takes the entries of a map in their order.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names to values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

impl JsonSchema for Entries {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Entries".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, String>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_not_compared() {
        let written: Entries = serde_json::from_str(r#"{"b": "2", "a": "1"}"#).expect("a map");
        assert_eq!(serde_json::to_string(&written).expect("JSON"), r#"{"b":"2","a":"1"}"#);
        assert_eq!(written, [("a", "1"), ("b", "2")].into_iter().collect());
        assert_ne!(written, [("a", "1"), ("b", "3")].into_iter().collect());
        assert_ne!(written, [("a", "1")].into_iter().collect());
    }
}
