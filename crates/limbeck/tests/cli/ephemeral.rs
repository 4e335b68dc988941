//! Without a database: `-d ephemeral` where a command can do without, a refusal where it can't; what a fresh
//! clone lacks; and answers for programs of commands that used to have none.

use serde_json::json;

use crate::project::Project;
use crate::server::{server, url};

/// Two revisions and models that agree with them.
fn project(name: &str) -> Project {
    let project = Project::new(name);
    for (id, parents, up, down) in [
        ("f001", "", "create table a (id int primary key);", "drop table a;"),
        ("f002", "-- parents: f001\n", "alter table a add column v text;", "alter table a drop column v;"),
    ] {
        project.write(
            &format!("migrations/{id}.sql"),
            &format!("-- limbeck:revision {id}\n{parents}-- message: about {id}\n\n-- limbeck:upgrade\n{up}\n\n-- limbeck:downgrade\n{down}\n"),
        );
    }
    let table = "tables:\n  a:\n    columns: { id: int, v: text }\n    primary_key: [id]\n";
    project.write("models/a.yaml", table);
    project
}

#[test]
fn what_needs_no_database_that_stays_does_without_one() {
    let project = project("ephemeral");
    let ephemeral = |args: &[&str]| project.run(&[&["-d", "ephemeral"], args].concat());
    let ok = |args: &[&str]| {
        let ran = ephemeral(args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
        ran
    };
    ok(&["check"]);
    ok(&["diff", "--exit-code"]);
    ok(&["snapshot", "chain.snapshot"]);
    project.ok(&["check", "--from", "chain.snapshot"]);
    ok(&["prove"]);
    let pulled = ok(&["pull", "--models", "pulled", "--format", "json"]).json();
    assert_eq!(
        pulled,
        json!({ "version": 1, "models": "pulled", "written": ["pulled/public/a.yaml"], "removed": [] })
    );
    project.ok(&["diff", "--from", "./pulled", "--to", "models", "--exit-code"]);
    let none = Project::new("none").run(&["-d", "ephemeral", "upgrade", "head", "--dry-run"]);
    assert!(none.code == 0 && none.err.contains("no revision leads there"), "{}", none.err);
    let ran = ok(&["upgrade", "head", "--dry-run"]);
    assert!(ran.out.contains("would upgrade f001") && ran.out.contains("would upgrade f002"), "{}", ran.out);
    assert!(ran.err.contains("it runs on a scratch database that the revisions made"), "{}", ran.err);
    let ran = ok(&["downgrade", "f001", "--dry-run"]);
    assert!(ran.out.contains("would downgrade f002") && !ran.out.contains("f001  "), "{}", ran.out);
    assert!(ran.err.contains("made-up rows") && !ran.err.contains("and 0 made-up"), "{}", ran.err);
    project.write(
        "migrations/f003.sql",
        "-- limbeck:revision f003\n-- parents: f002\n\n-- limbeck:upgrade\nselect nowhere;\n",
    );
    let ran = ephemeral(&["upgrade", "head", "--dry-run"]);
    assert!(ran.code == 3 && ran.err.contains("f003.sql:5") && ran.err.contains("dry run"), "{}", ran.err);
}

#[test]
fn what_needs_a_database_that_stays_says_so() {
    let project = project("stays");
    for args in [
        &["upgrade", "head"][..],
        &["downgrade", "base"],
        &["stamp", "head"],
        &["current"],
        &["ensure-version"],
        &["history", "-i"],
    ] {
        let said = project.refused(2, &[&["-d", "ephemeral"], args].concat());
        assert!(said.contains("needs a database that stays") && said.contains("upgrade --dry-run"), "{said}");
    }
    project.configure("\n[scratch]\nprovider = \"server\"");
    let said = project.refused(2, &["-d", "ephemeral", "check"]);
    assert!(said.contains("provider = \"server\"") && said.contains("needs a database"), "{said}");
}

/// Git keeps no empty folders.
#[test]
fn a_fresh_clone_without_migrations_gets_them() {
    let project = Project::new("fresh-clone");
    std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
    let ran = project.run(&["revision", "--rev-id", "f001", "-m", "first"]);
    assert!(ran.code == 0 && ran.err.contains("there is no folder migrations yet"), "{}{}", ran.out, ran.err);
    assert_eq!(project.files("migrations").len(), 1);
    assert!(!project.run(&["revision", "-m", "second"]).err.contains("no folder"));
}

#[test]
fn check_tells_of_heads_where_there_are_no_models() {
    let project = project("no-models");
    project.revision("f003 < f001");
    std::fs::remove_file(project.path().join("models/a.yaml")).unwrap();
    let ran = project.run(&["check"]);
    assert!(ran.code == 5 && ran.out.contains("several heads: f002, f003"), "{}{}", ran.out, ran.err);
    std::fs::remove_dir_all(project.path().join("models")).unwrap();
    let ran = project.run(&["check"]);
    assert!(ran.code == 2 && ran.out.contains("several heads: f002, f003"), "{}{}", ran.out, ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_of_edits_where_there_are_no_models_and_of_what_is_pending() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let (project, at) = (project("pending"), url(&database));
    let made = project.ok_on(&at, &["ensure-version", "--format", "json"]).json();
    assert_eq!(made, json!({ "version": 1, "table": "public.limbeck_version", "created": true }));
    project.ok_on(&at, &["upgrade", "f001"]);
    let report = project.ok_on(&at, &["check", "--format", "json"]).json();
    assert_eq!(report["history"]["pending"], json!(["f002"]));
    let text = project.read("migrations/f001.sql").replace("int primary key", "bigint primary key");
    project.write("migrations/f001.sql", &text);
    std::fs::remove_file(project.path().join("models/a.yaml")).unwrap();
    let ran = project.run_on(&at, &["check"]);
    assert!(
        ran.code == 5 && ran.out.contains("f001 was edited after it was applied"),
        "{}{}",
        ran.out,
        ran.err
    );
    server.close().await.unwrap();
}

#[test]
fn init_says_what_it_wrote_to_programs() {
    let project = Project::empty("init-json");
    let ran = project.run(&["init", "--format", "json"]);
    let written = ran.json()["written"].clone();
    assert_eq!(written, json!(["limbeck.toml", "migrations/", "models/", "models/model.schema.json"]));
}

/// A folder of server binaries is beside the configuration, and taken whether or not the provider is said.
#[test]
fn server_binaries_that_are_named_are_taken() {
    let project = project("named");
    for provider in ["", "provider = 'native'\n"] {
        project.write("limbeck.toml", &format!("[scratch]\nbin = 'no/bin'\n{provider}"));
        let said = project.refused(4, &["-d", "ephemeral", "check"]);
        assert!(said.contains("no scratch Postgres was found") && said.contains("no/bin"), "{said}");
    }
}
