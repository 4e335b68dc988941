//! `docs/alembic-commands.md`: its tests are there, its words are known, and none of Alembic's is missing.

use std::path::{Path, PathBuf};

use crate::project::Project;

/// What `alembic --help` and `alembic COMMAND --help` of 1.20.1 list, and the keys of its `alembic.ini`.
const ALEMBIC: &[&str] = &[
    "branches --verbose",
    "check",
    "current --check-heads",
    "current --verbose",
    "downgrade REV",
    "downgrade --sql",
    "downgrade --tag",
    "edit REV",
    "ensure_version --sql",
    "heads --verbose",
    "heads --resolve-dependencies",
    "history --rev-range",
    "history --verbose",
    "history --indicate-current",
    "init DIRECTORY",
    "init --template",
    "init --package",
    "list_templates",
    "merge REVS",
    "merge --message",
    "merge --branch-label",
    "merge --rev-id",
    "merge --splice",
    "revision --message",
    "revision --autogenerate",
    "revision --sql",
    "revision --head",
    "revision --splice",
    "revision --branch-label",
    "revision --version-path",
    "revision --rev-id",
    "revision --depends-on",
    "show REV",
    "stamp REVS",
    "stamp --sql",
    "stamp --tag",
    "stamp --purge",
    "upgrade REV",
    "upgrade --sql",
    "upgrade --tag",
    "--version",
    "--config",
    "--name",
    "-x",
    "--raiseerr",
    "--quiet",
    "script_location",
    "file_template",
    "prepend_sys_path",
    "timezone",
    "truncate_slug_length",
    "revision_environment",
    "sourceless",
    "version_locations",
    "path_separator",
    "recursive_version_locations",
    "output_encoding",
    "sqlalchemy.url",
    "post_write_hooks",
    ".entrypoint",
    ".executable",
    ".module",
    ".options",
    ".cwd",
    "loggers",
];

/// A row: Alembic's word, ours, the test.
struct Row {
    alembic: String,
    limbeck: String,
    test: String,
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli")
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(tests().join("../../../../docs/alembic-commands.md")).unwrap();
    let cells = |line: &str| {
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        let [_, alembic, limbeck, test, _] =
            cells.try_into().unwrap_or_else(|_| panic!("not three cells: {line}"));
        Row { alembic, limbeck, test }
    };
    page.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

/// The words of the first `code` of a cell.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').nth(1).unwrap_or_default().split_whitespace().collect()
}

#[test]
fn every_row_has_a_test_that_is_there() {
    let rows = rows();
    assert!(rows.len() > 60, "{} rows", rows.len());
    for Row { alembic, limbeck, test } in &rows {
        assert!(!limbeck.is_empty(), "{alembic}");
        let (file, name) =
            test.trim_matches('`').split_once(": ").unwrap_or_else(|| panic!("{alembic}: {test:?}"));
        let text = std::fs::read_to_string(tests().join(file)).unwrap();
        assert!(text.contains(&format!("fn {name}()")), "{alembic}: {test}");
    }
}

#[test]
fn nothing_of_alembics_is_missing() {
    let rows = rows();
    for word in ALEMBIC {
        let (command, option) = word.split_once(' ').unwrap_or(("", word));
        let has = |row: &Row| {
            row.alembic.contains(option) && row.alembic.trim_start_matches('`').starts_with(command)
        };
        assert!(rows.iter().any(has), "no row for {word}");
    }
}

#[test]
fn every_word_of_ours_is_known() {
    let project = Project::empty("table");
    for Row { alembic, limbeck, .. } in rows().iter().filter(|row| row.limbeck.starts_with('`')) {
        let words = code(limbeck);
        let (command, option) = match words[..] {
            [command, option] => (Some(command), Some(option)),
            [word] if word.starts_with('-') => (None, Some(word)),
            [word] => (Some(word), None),
            _ => panic!("{alembic}: {limbeck}"),
        };
        // Keys and variables are no words of the command line.
        let is_command = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if command.is_some_and(|word| {
            !is_command(word)
                || ["directory", "timezone", "template", "command", "cwd", "url"].contains(&word)
        }) {
            continue;
        }
        let help = project.ok(&command.into_iter().chain(["--help"]).collect::<Vec<_>>());
        assert!(option.is_none_or(|option| help.contains(option)), "{alembic}: no {option:?} in\n{help}");
    }
}
