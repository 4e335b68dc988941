//! What comes with this crate: nothing of a command line, and no more of the workspace than it needs.

use std::process::Command;

use limbeck_migrate::{Embedded, Error, embed};

#[test]
fn no_command_line_comes_with_it() {
    let arguments =
        ["tree", "--package", "limbeck-migrate", "--edges", "normal", "--prefix", "none", "--locked"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"sqlx"), "{tree}");
    for name in ["clap", "anstream", "anstyle", "indicatif", "annotate-snippets", "anyhow", "toml"] {
        assert!(!names.contains(&name), "{name} comes along");
    }
    let workspace: Vec<&&str> = names.iter().filter(|name| name.starts_with("limbeck")).collect();
    let known = ["limbeck-connect", "limbeck-migrate", "limbeck-migrate-macros", "limbeck-sql"];
    assert!(workspace.iter().all(|name| known.contains(name)), "{workspace:?}");
}

#[test]
fn embedded_files_are_the_files() {
    static MIGRATIONS: Embedded = embed!("examples/migrations");
    let graph = MIGRATIONS.graph().unwrap();
    let paths: Vec<&str> = graph.revisions().iter().map(|r| r.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "examples/migrations/2026_11_20_0931-3f2c9a1b7d40_add_members.sql",
            "examples/migrations/2026_11_21_1002-77ab01c2d3e4_find_members_by_email.sql"
        ]
    );
    static TWICE: Embedded = embed!("examples/migrations", "examples/migrations");
    let Err(Error::Mistakes { mistakes }) = TWICE.graph() else { panic!("ids may not stand twice") };
    assert_eq!(mistakes.len(), 2);
    static NONE: Embedded = embed!("src");
    assert!(matches!(NONE.graph(), Err(Error::NothingEmbedded)));
}
