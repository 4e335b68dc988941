//! House rules that no compiler checks: heads and lengths of files, words that must not stay, and crates
//! whose arrows go one way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Lines that a source file may have without its tests.
const LONGEST: usize = 500;

/// What each crate may know of the others. Order: from what knows nothing to what knows all.
const ARROWS: &[(&str, &[&str])] = &[
    ("limbeck-sql", &[]),
    ("limbeck-catalog", &["limbeck-sql"]),
    ("limbeck-introspect", &["limbeck-catalog", "limbeck-sql"]),
    ("limbeck-model", &["limbeck-catalog", "limbeck-sql"]),
    ("limbeck-diff", &["limbeck-catalog", "limbeck-sql"]),
    ("limbeck-connect", &[]),
    ("limbeck-migrate-macros", &[]),
    ("limbeck-migrate", &["limbeck-connect", "limbeck-migrate-macros", "limbeck-sql"]),
    ("limbeck-alembic", &["limbeck-migrate", "limbeck-sql"]),
    (
        "limbeck-scratch",
        &["limbeck-catalog", "limbeck-connect", "limbeck-diff", "limbeck-introspect", "limbeck-sql"],
    ),
    ("limbeck-report", &["limbeck-catalog", "limbeck-diff", "limbeck-sql"]),
    ("xtask", &["limbeck-scratch"]),
];

/// Libraries that only some crates may use: what is pure stays pure.
const ONLY_IN: &[(&str, &[&str])] = &[
    (
        "sqlx",
        &["limbeck-connect", "limbeck-introspect", "limbeck-scratch", "limbeck-migrate", "limbeck", "xtask"],
    ),
    (
        "tokio",
        &["limbeck-connect", "limbeck-introspect", "limbeck-scratch", "limbeck-migrate", "limbeck", "xtask"],
    ),
    ("anyhow", &["limbeck", "xtask"]),
    ("clap", &["limbeck", "xtask"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// All Rust sources, by their path from the root.
fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let mut folders: Vec<_> = ["crates", "tests", "xtask"].iter().map(|f| root().join(f)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                sources.insert(name, fs_err::read_to_string(&path).expect("a source"));
            }
        }
    }
    assert!(sources.len() > 20, "the sources were not found");
    sources
}

/// The part of a file that is not its tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// Fails with all that is untidy.
fn none(untidy: Vec<String>) {
    assert!(untidy.is_empty(), "\n{}", untidy.join("\n"));
}

#[test]
fn every_file_says_what_lives_in_it() {
    let bare = sources().into_iter().filter(|(_, text)| !text.starts_with("//! "));
    none(bare.map(|(name, _)| format!("{name} does not open with `//!`")).collect());
}

#[test]
fn no_file_is_long() {
    let lengths = sources().into_iter().map(|(name, text)| (name, without_tests(&text).lines().count()));
    none(lengths.filter(|(_, n)| *n > LONGEST).map(|(name, n)| format!("{name} has {n} lines")).collect());
}

#[test]
fn no_word_stays_that_should_not() {
    // Put together, so that this file does not hold them.
    let words = [["to", "do!("], ["unimple", "mented!("], ["db", "g!("], ["FIX", "ME"], ["XX", "X "]];
    let words = words.map(|halves| halves.concat());
    let mut untidy = Vec::new();
    for (name, text) in sources() {
        let found = words.iter().filter(|w| text.contains(w.as_str()));
        untidy.extend(found.map(|w| format!("{name} holds {w}")));
        let allows = |line: &str| {
            ["#[al", "#![al"].iter().any(|a| line.trim_start().starts_with(&[a, "low("].concat()))
        };
        if text.lines().any(allows) {
            untidy.push(format!("{name} allows a lint where it should expect it"));
        }
    }
    none(untidy);
}

#[test]
fn no_module_is_called_by_what_it_is_not() {
    let names = ["utils", "util", "common", "helpers", "helper", "misc", "imp"];
    let stem = |path: &str| Path::new(path).with_extension("").display().to_string();
    let parts = |path: &str| stem(path).split('/').map(str::to_owned).collect::<Vec<_>>();
    let bad = sources().into_keys().filter(|path| parts(path).iter().any(|p| names.contains(&p.as_str())));
    none(bad.map(|path| format!("{path} has a name that says nothing")).collect());
}

/// Each crate's dependencies, by the crate's name.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let crates = fs_err::read_dir(root().join("crates")).expect("crates").flatten().map(|e| e.path());
    let mut found = BTreeMap::new();
    for folder in crates.chain([root().join("xtask")]) {
        let text = fs_err::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("a manifest that can be read");
        let name = manifest["package"]["name"].as_str().expect("a name").to_owned();
        let tables = manifest.get("dependencies").and_then(toml::Value::as_table);
        found.insert(name, tables.into_iter().flat_map(|t| t.keys().cloned()).collect());
    }
    found
}

#[test]
fn crates_know_only_what_is_below_them() {
    let mut untidy = Vec::new();
    for (name, known) in dependencies() {
        // The command knows all of them.
        let Some((_, may)) = ARROWS.iter().find(|(n, _)| *n == name) else {
            assert_eq!(name, "limbeck", "a crate that this test does not know");
            continue;
        };
        let ours = known.iter().filter(|d| d.starts_with("limbeck") && !may.contains(&d.as_str()));
        untidy.extend(ours.map(|d| format!("{name} must not know {d}")));
    }
    none(untidy);
}

#[test]
fn pure_crates_stay_pure() {
    let mut untidy = Vec::new();
    for (name, known) in dependencies() {
        for (library, may) in ONLY_IN {
            if known.iter().any(|d| d == library) && !may.contains(&name.as_str()) {
                untidy.push(format!("{name} must not use {library}"));
            }
        }
    }
    none(untidy);
}
