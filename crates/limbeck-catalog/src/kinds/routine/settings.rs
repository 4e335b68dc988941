//! `set …` clauses (`pg_proc.proconfig`).

use std::collections::BTreeMap;
use std::fmt;

use limbeck_sql::{ident, literal, split_top_level};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Settings and their values, in the order in which they were made: it makes no difference, but a
/// dump shows it.
#[derive(Clone, Debug, Default)]
pub struct Settings(Vec<(String, String)>);

/// The settings that hold a list of identifiers (`GUC_LIST_QUOTE`): one string constant with the whole
/// list would be a single identifier. `pg_dump` has the same list.
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

impl Settings {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// `set search_path to s, public`, each setting one clause.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(key, text)| clause(key, text))
    }

    /// The clauses of `alter function` that get from one to the other.
    pub(crate) fn change(from: &Self, to: &Self) -> Vec<String> {
        let changed = to.0.iter().filter(|(k, v)| from.get(k) != Some(v)).map(|(k, v)| clause(k, v));
        let gone =
            from.0.iter().filter(|(k, _)| to.get(k).is_none()).map(|(k, _)| format!("reset {}", name(k)));
        changed.chain(gone).collect()
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|(k, v)| other.get(k) == Some(v))
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(k, v)| (k, v)))
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// Takes the entries of a map in their order.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Settings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Settings, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Settings(entries))
    }
}

impl JsonSchema for Settings {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Settings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, String>::json_schema(generator)
    }
}

fn clause(key: &str, text: &str) -> String {
    format!("set {} to {}", name(key), value(key, text))
}

/// Names of settings are folded by the server (`DateStyle`), so they need no quotes for their case.
fn name(setting: &str) -> String {
    setting.to_lowercase().split('.').map(ident).collect::<Vec<_>>().join(".")
}

/// An empty path is kept as `""`, which no statement takes for an identifier: it is written `''`.
fn value(setting: &str, text: &str) -> String {
    if !LISTS.contains(&setting) {
        return literal(text);
    }
    let item = |item: &str| match item.strip_prefix('"') {
        Some("\"") => "''".to_owned(),
        Some(_) => item.to_owned(),
        None => ident(item),
    };
    let items: Vec<_> = split_top_level(text).into_iter().map(item).collect();
    if items.is_empty() { "''".to_owned() } else { items.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn lists_of_identifiers_are_no_strings() {
        for (key, text, want) in [
            ("DateStyle", "ISO, MDY", "set datestyle to 'ISO, MDY'"),
            ("my.var", "it's", "set my.var to 'it''s'"),
            ("search_path", "s, \"$user\", \"A b\"", "set search_path to s, \"$user\", \"A b\""),
            ("temp_tablespaces", "\"\"", "set temp_tablespaces to ''"),
        ] {
            assert_eq!(clause(key, text), want);
        }
    }

    #[test]
    fn settings_change_one_by_one() {
        let (from, to) = (settings(&[("a", "1"), ("b", "2")]), settings(&[("b", "3")]));
        assert_eq!(Settings::change(&from, &to), ["set b to '3'", "reset a"]);
        assert_eq!(settings(&[("a", "1"), ("b", "2")]), settings(&[("b", "2"), ("a", "1")]));
    }
}
