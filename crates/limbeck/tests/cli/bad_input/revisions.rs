//! Revision files that can't be read, don't make a chain, or that the server refuses: nothing is applied.

use crate::bad_input::{refused, traces};
use crate::project::Project;
use crate::server::server;

/// The files by their names, where the mistake stands, and what is said of it.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (&[("a", "create table a ();\n")], "a.sql:1:1", &["no `-- limbeck:revision ID` line", "begins with one"]),
    (&[("a", "")], "a.sql:1:1", &["no `-- limbeck:revision ID` line"]),
    (
        &[("a", "-- limbeck:revision aaa\n"), ("b", "-- limbeck:revision aaa\n")],
        "b.sql:1:1",
        &["id aaa is also that of migrations/a.sql", "another id"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- parents: zzz\n")],
        "a.sql:2:1",
        &["parent \"zzz\" is in no file", "another branch has it"],
    ),
    (
        &[
            ("a", "-- limbeck:revision aaa\n-- parents: bbb\n"),
            ("b", "-- limbeck:revision bbb\n-- parents: aaa\n"),
        ],
        ".sql:2:1",
        &["wait for each other"],
    ),
    (
        &[(
            "a",
            "-- limbeck:revision aaa\n-- limbeck:upgrade\ncreate table a ();\n  copy a from\n stdin csv;\n",
        )],
        "a.sql:4:3",
        &["`copy` through the client's connection", "insert"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- limbeck:upgrade\ncreate table a (); \\dt\n")],
        "a.sql:3:20",
        &["a command of psql", "write what it does as SQL"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- limbeck:upgrade\ncreate table a ();\ncommit;\n")],
        "a.sql:4:1",
        &["ends the transaction", "leave out begin and commit"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- limbeck:upgrade\ncreate table a ();\n reset all;\n")],
        "a.sql:4:2",
        &["takes away the settings", "each by its name"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- limbeck:upgrade\nstart transaction;\ncreate table a ();\n")],
        "a.sql:3:1",
        &["a transaction within", "leave out begin and commit"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- limbeck:upgrade\nselect 'é', 'open;\n")],
        "a.sql:3:13",
        &["a quote that is never closed"],
    ),
    (
        &[("a", "-- limbeck:revision aaa\n-- limbeck:upgarde\ncreate table a ();\n")],
        "a.sql:2:1",
        &["did you mean `limbeck:upgrade`?"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn files_that_can_not_be_read_stop_everything() {
    let server = server().await;
    let database = server.database().await.unwrap();
    for (files, place, words) in CASES {
        let project = Project::new("files");
        for (name, text) in *files {
            project.write(&format!("migrations/{name}.sql"), text);
        }
        let ran = refused(&project, &database, &["upgrade", "heads"], 3, words);
        assert!(ran.err.contains(place), "{place} is not in\n{}", ran.err);
    }
    let project = Project::new("files");
    std::fs::write(project.path().join("migrations/a.sql"), b"-- limbeck:revision aaa\n-- caf\xe9\n")
        .unwrap();
    refused(
        &project,
        &database,
        &["upgrade", "head"],
        3,
        &["a.sql:2:7", "not UTF-8", "save the file as UTF-8"],
    );
    std::fs::File::create(project.path().join("migrations/a.sql")).unwrap().set_len(5 << 30).unwrap();
    let ran = project.run(&["heads"]);
    assert!(ran.code == 3 && ran.err.contains("the file has 5368709120 bytes"), "{}", ran.err);
    assert_eq!(traces(&database).await, "0");
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_server_has_statement_place_and_words() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("sql-error");
    for (sql, place, words) in [
        (
            "create table a ();\n\nselect 1,\n  nosuch\nfrom pg_class;\n",
            "a.sql:6:3",
            "column \"nosuch\" does not exist (SQLSTATE 42703)",
        ),
        (
            "create table a ();\nalter table nosuch add b int;\n",
            "a.sql:4:1",
            "relation \"nosuch\" does not exist",
        ),
        ("create table a ();\ndo $$ begin commit; end $$;\n", "a.sql:4:1", "invalid transaction termination"),
    ] {
        project.write("migrations/a.sql", &format!("-- limbeck:revision aaa\n-- limbeck:upgrade\n{sql}"));
        let ran = refused(&project, &database, &["upgrade", "head"], 3, &[place, words]);
        assert!(ran.err.contains("nothing of this revision stayed"), "{}", ran.err);
        let statement = sql.lines().last().unwrap();
        assert!(ran.err.contains(statement), "{statement:?} is not in\n{}", ran.err);
    }
    let applied = project.ok_on(&crate::server::url(&database), &["current"]);
    assert!(applied.out.is_empty(), "{}", applied.out);
    assert_eq!(crate::bad_input::ask(&database, "to_regclass('a') is null").await, "true");
    server.close().await.unwrap();
}

/// A message can come from anywhere: a ticket, a branch's name.
#[test]
fn a_message_is_one_line_of_a_comment() {
    let project = Project::new("message");
    let message = "x\n-- limbeck:upgrade\r\ndrop table y;\u{1b}[2J\u{2028}z";
    let text = project.ok(&["revision", "-m", message, "--rev-id", "aaa", "--sql"]);
    assert!(text.contains("-- message: x -- limbeck:upgrade drop table y;\\u{1b}[2J z\n"), "{text:?}");
    project.ok(&["revision", "-m", message, "--rev-id", "aaa"]);
    project.ok(&["history", "-v"]);
    for id in ["../../x", &"a".repeat(200), "a b", "head"] {
        let said = project.refused(2, &["revision", "-m", "x", "--rev-id", id]);
        assert!(said.contains("can't be a revision id"), "{said}");
    }
}
