//! `set …` clauses (`pg_proc.proconfig`).

use limbeck_sql::{ident, literal, split_top_level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::entries::Entries;

/// Settings and their values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Settings(Entries);

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
    /// `set search_path to s, public`, each setting one clause.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(key, text)| clause(key, text))
    }

    /// The clauses of `alter function` that get from one to the other.
    pub(crate) fn change(from: &Self, to: &Self) -> Vec<String> {
        let changed = from.0.changed(&to.0);
        let set = changed.iter().map(|(key, text)| clause(key, text));
        set.chain(from.0.gone(&to.0).map(|key| format!("reset {}", name(key)))).collect()
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
        Settings(pairs.iter().copied().collect())
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
