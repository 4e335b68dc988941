//! Files that people arranged: when one table changes, everything else stays byte for byte, comments, order
//! and folders included.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::Catalog;
use limbeck_model::{Declared, SourceFile, WriteOptions, read_files, update};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What stands around tables in a file: comments, other keys, blank lines.
const HEADS: &[&str] = &[
    "",
    "# by hand\n",
    "# yaml-language-server: $schema=x\n\n# the shop\n",
    "enums:\n  kind: [a, b] # two\n",
    "\n\n",
];

/// What stands between tables.
const BETWEEN: &[&str] = &["", "\n", "  # about the next\n", "\n  # one\n  # two\n", "\n# at the margin\n"];

/// Comments inside a table.
const INSIDE: &[&str] = &["", "    # of the table\n", "\n"];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z][a-z_]{0,6}", 1 => proptest::sample::select(vec!["Odd Name", "no", "1", "a: b", "it's", "a#b"]).prop_map(str::to_owned)]
}

fn words() -> impl Strategy<Value = Option<String>> {
    let odd = vec!["two\nlines", "ends in a line\n", "a # b", "a\n   ", "\n x", "- a", "'", "yes"];
    proptest::option::of(proptest::sample::select(odd).prop_map(str::to_owned))
}

fn table() -> impl Strategy<Value = Value> {
    let kind = proptest::sample::select(vec!["integer", "text", "varchar(3)", "timestamptz"]);
    let column = (kind, words()).prop_map(|(kind, comment)| match comment {
        Some(comment) => json!({ "type": kind, "comment": comment }),
        None => json!(kind),
    });
    (proptest::collection::btree_map(word(), column, 1..4), words()).prop_map(|(columns, comment)| {
        match comment {
            Some(comment) => json!({ "columns": columns, "comment": comment }),
            None => json!({ "columns": columns }),
        }
    })
}

/// A table as it stands in a file, and what stands over it.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    table: Value,
    above: &'static str,
    inside: &'static str,
}

fn entry() -> impl Strategy<Value = Entry> {
    let select = proptest::sample::select;
    (word(), table(), select(BETWEEN), select(INSIDE)).prop_map(|(name, table, above, inside)| Entry {
        name,
        table,
        above,
        inside,
    })
}

impl Entry {
    /// Its lines.
    fn text(&self) -> String {
        let yaml = serde_yaml::to_string(&json!({ &self.name: self.table })).unwrap_or_default();
        let mut lines: Vec<String> = yaml.lines().map(|line| format!("  {line}\n")).collect();
        lines.insert(1, self.inside.to_owned());
        lines.concat()
    }
}

/// A folder of files, each with its head and its tables.
type Arranged = Vec<(&'static str, Vec<Entry>)>;

fn arranged() -> impl Strategy<Value = Arranged> {
    let file = (proptest::sample::select(HEADS), proptest::collection::vec(entry(), 1..5));
    let unique = |files: &Arranged| {
        let mut names: Vec<_> = files.iter().flat_map(|(_, tables)| tables.iter().map(|t| &t.name)).collect();
        names.sort();
        let enums = files.iter().filter(|(head, _)| head.contains("enums")).count();
        enums < 2 && names.windows(2).all(|pair| pair[0] != pair[1])
    };
    proptest::collection::vec(file, 1..3).prop_filter("names are there once", unique)
}

fn path(file: usize) -> Utf8PathBuf {
    Utf8PathBuf::from(["models/by hand/a/first.yaml", "models/second.yml"][file])
}

fn text((head, tables): &(&str, Vec<Entry>)) -> String {
    let tables: String = tables.iter().map(|entry| format!("{}{}", entry.above, entry.text())).collect();
    format!("{head}tables:\n{tables}")
}

fn read(files: &Arranged) -> Option<Declared> {
    let file = |(i, file)| SourceFile { path: path(i), text: text(file) };
    let (declared, said) = read_files(files.iter().enumerate().map(file).collect());
    said.is_empty().then_some(declared)
}

/// The files after they were brought to what a catalog holds.
fn brought(existing: &Declared, to: &Catalog) -> BTreeMap<Utf8PathBuf, String> {
    let mut files: BTreeMap<_, _> = existing.files.iter().map(|f| (f.path.clone(), f.text.clone())).collect();
    for change in update(Utf8Path::new("models"), existing, &existing.catalog, to, &WriteOptions::default()) {
        match change.after {
            Some(text) => drop(files.insert(change.path, text)),
            None => drop(files.remove(&change.path)),
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 250,
        failure_persistence: None,
        max_global_rejects: 50_000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(
            std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(15),
        ),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_did_not_change_stays(files in arranged(), at in any::<prop::sample::Index>(), other in proptest::option::of(table())) {
        let Some(existing) = read(&files) else { return Err(TestCaseError::reject("a mistake")) };
        let places: Vec<_> = files.iter().enumerate().flat_map(|(f, (_, t))| (0..t.len()).map(move |e| (f, e))).collect();
        let (file, entry) = places[at.index(places.len())];
        let mut wanted = files.clone();
        match other {
            Some(table) => wanted[file].1[entry].table = table,
            None => drop(wanted[file].1.remove(entry)),
        }
        let Some(new) = read(&wanted) else { return Err(TestCaseError::reject("a mistake")) };
        let now = brought(&existing, &new.catalog);
        for (i, (head, tables)) in files.iter().enumerate() {
            let stays: Vec<_> = tables.iter().enumerate().filter(|(e, _)| (i, *e) != (file, entry)).collect();
            let Some(now) = now.get(&path(i)) else {
                prop_assert!(stays.is_empty(), "{} is gone", path(i));
                continue;
            };
            let shown = format!("{}\n-->\n{now}", text(&files[i]));
            if i != file {
                prop_assert_eq!(now, &text(&files[i]));
            }
            prop_assert!(now.starts_with(head.trim_end()), "the head\n{shown}");
            let mut rest = now.as_str();
            for (e, table) in stays {
                // What stands over a table that goes, goes with it; over one that stays, it stays.
                let own = format!("{}{}", table.above.trim_start_matches('\n'), table.text());
                let found = rest.find(own.trim_end());
                prop_assert!(found.is_some(), "table {e}, {}\n{shown}", table.name);
                rest = &rest[found.unwrap_or_default() + own.trim_end().len()..];
            }
        }
        let (back, said) = read_files(now.into_iter().map(|(path, text)| SourceFile { path, text }).collect());
        prop_assert!(said.is_empty());
        let ids = |catalog: &Catalog| catalog.objects.keys().cloned().collect::<Vec<_>>();
        prop_assert_eq!(ids(&back.catalog), ids(&new.catalog));
    }
}
