//! `diff`, `check` and `prove` as they are run: on a server of the project's own, without a terminal.

use crate::project::Project;
use crate::server::{server, url};

const MODELS: &str =
    "tables:\n  members:\n    columns:\n      id: bigint\n      email: text\n    primary_key: [id]\n";

fn revision(project: &Project, id: &str, parents: &str, upgrade: &str, downgrade: &str) {
    let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
    let text = format!(
        "-- limbeck:revision {id}\n{parents}-- message: about {id}\n-- limbeck:upgrade\n{upgrade}\n-- limbeck:downgrade\n{downgrade}\n"
    );
    project.write(&format!("migrations/{id}.sql"), &text);
}

#[tokio::test(flavor = "multi_thread")]
async fn diff_shows_fields_and_hazards_and_exits_as_asked() {
    let server = server().await;
    let database = server.database().await.unwrap();
    database.run("create table members (id int primary key, fax text)").await.unwrap();
    let project = Project::new("diff");
    project.write("models/members.yaml", MODELS);
    let ran = project.run_on(&url(&database), &["diff"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "~ table public.members\n",
        "  ~ column id\n      type  integer → bigint\n      ! TABLE_REWRITE  ",
        "  - column fax\n",
        "  + column email  text\n",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
    assert!(project.run_on(&url(&database), &["diff", "--color", "always"]).out.contains('\u{1b}'));
    assert_eq!(project.run_on(&url(&database), &["diff", "--exit-code", "--short"]).code, 1);
    let same = project.run_on(&url(&database), &["diff", "--exit-code", "--to", &url(&database)]);
    assert!(same.code == 0 && same.out.starts_with("nothing differs"), "{}{}", same.out, same.err);
    for (source, part) in
        [("git:main", "git repository"), ("limbeck.toml", "is no snapshot"), ("nosuch", "no source")]
    {
        let ran = project.run(&["diff", "--to", source]);
        assert!(ran.code == 2 && ran.err.contains(part), "{}", ran.err);
    }
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn check_looks_at_revisions_too() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let at = url(&database);
    let project = Project::new("check");
    project.write("models/members.yaml", MODELS);
    let create = "create table members (id bigint primary key, email text);";
    revision(&project, "aaa", "", create, "drop table members;");
    let none = project.run(&["check"]);
    assert!(none.code == 0 && none.err.contains("no database is configured"), "{}{}", none.out, none.err);
    let behind = project.run_on(&at, &["check"]);
    assert!(
        behind.code == 0 && behind.err.contains("behind by 1:\n  aaa about aaa\n"),
        "{}{}",
        behind.out,
        behind.err
    );
    assert_eq!(project.run_on(&at, &["upgrade", "head"]).code, 0);
    let clean = project.run_on(&at, &["check"]);
    assert_eq!((clean.code, clean.out.as_str()), (0, "the database is as the models say\n"), "{}", clean.err);
    revision(&project, "aaa", "", &format!("{create} -- more"), "drop table  members;");
    let edited = project.run_on(&at, &["check"]);
    assert!(edited.code == 1 && edited.out.contains("aaa was edited after it was applied"), "{}", edited.out);
    revision(&project, "bbb", "aaa", "select 1;", "");
    revision(&project, "ccc", "aaa", "select 1;", "");
    let heads = project.run_on(&at, &["check", "--format", "github"]);
    assert!(
        heads.code == 1 && heads.out.contains("::error title=the revisions::there are several heads: "),
        "{}",
        heads.out
    );
    let json = project.run_on(&at, &["check", "--format", "json"]).out;
    assert!(json.contains("\"same\": true") && json.contains("\"edited\": [\n      \"aaa\""), "{json}");
    server.close().await.unwrap();
}

#[test]
fn prove_says_what_holds_and_what_does_not() {
    let project = Project::new("prove");
    let create = "create table members (id bigint primary key, email text);";
    revision(&project, "aaa", "", create, "drop table members;");
    revision(
        &project,
        "bbb",
        "aaa",
        "create index members_email on members (email);",
        "drop index members_email;",
    );
    let holds = project.run(&["prove"]);
    assert!(
        holds.code == 0 && holds.out.contains("kept by the upgrade, all 3"),
        "{}{}",
        holds.out,
        holds.err
    );
    revision(&project, "bbb", "aaa", "create index members_email on members (email);", "select 1;");
    let left = project.run(&["prove", "bbb"]);
    assert!(left.code == 1 && left.out.contains("+ index members_email"), "{}{}", left.out, left.err);
    revision(
        &project,
        "bbb",
        "aaa",
        "alter table members add c text not null;",
        "alter table members drop c;",
    );
    let rows = project.run(&["prove", "b"]);
    assert!(rows.code == 1 && rows.out.contains("empty tables don't"), "{}{}", rows.out, rows.err);
    revision(&project, "bbb", "aaa", "delete from members;", "select 1;");
    let lost = project.run(&["prove"]);
    assert!(
        lost.code == 1 && lost.out.contains("table public.members (3 of its rows)"),
        "{}{}",
        lost.out,
        lost.err
    );
    revision(&project, "bbb", "aaa", "alter table nosuch add c text;", "select 1;");
    let stops = project.run(&["prove"]);
    assert!(stops.code == 1 && stops.err.contains("migrations/bbb.sql:5"), "{}{}", stops.out, stops.err);
    assert_eq!(project.run(&["prove", "aaa"]).code, 0);
    revision(&project, "aaa", "", "nonsense;", "");
    assert_eq!(project.run(&["prove", "bbb"]).code, 3);
}
