//! `set …` clauses (`pg_proc.proconfig`).

use std::collections::BTreeMap;

use limbeck_sql::{ident, literal, split_top_level};

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

/// `set search_path to s, public`, each setting one clause.
pub(crate) fn settings(set: &BTreeMap<String, String>) -> Vec<String> {
    set.iter().map(|(key, text)| format!("set {} to {}", name(key), value(key, text))).collect()
}

/// The clauses of `alter function` that get from one to the other.
pub(crate) fn change_settings(from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) -> Vec<String> {
    let changed =
        to.iter().filter(|(k, v)| from.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    let gone = from.keys().filter(|k| !to.contains_key(*k)).map(|k| format!("reset {}", name(k)));
    settings(&changed).into_iter().chain(gone).collect()
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

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn lists_of_identifiers_are_no_strings() {
        let set = map(&[
            ("DateStyle", "ISO, MDY"),
            ("my.var", "it's"),
            ("search_path", "s, \"$user\", \"A b\""),
            ("temp_tablespaces", "\"\""),
        ]);
        assert_eq!(
            settings(&set),
            [
                "set datestyle to 'ISO, MDY'",
                "set my.var to 'it''s'",
                "set search_path to s, \"$user\", \"A b\"",
                "set temp_tablespaces to ''",
            ]
        );
    }

    #[test]
    fn settings_change_one_by_one() {
        let (from, to) = (map(&[("a", "1"), ("b", "2")]), map(&[("b", "3")]));
        assert_eq!(change_settings(&from, &to), ["set b to '3'", "reset a"]);
    }
}
