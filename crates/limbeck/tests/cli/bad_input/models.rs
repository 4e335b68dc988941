//! Models that can't be read, or that Postgres refuses.

use std::process::Command;

use crate::bad_input::{refused, traces};
use crate::project::Project;
use crate::server::server;

/// A text of `models/m.yaml`, where the mistake in it stands, and what is said of it.
type Case = (&'static str, &'static str, &'static [&'static str]);

const UNREADABLE: &[Case] = &[
    ("tables:\n  t: [\n", "m.yaml:2:6", &["this is no YAML", "unclosed bracket"]),
    ("tables:\n\tt: {}\n", "m.yaml:2:2", &["this is no YAML", "tabs"]),
    ("tables:\n  t:\n    colums: {}\n", "m.yaml:3:5", &["unknown key `colums`", "did you mean `columns`?"]),
    ("tabels: {}\n", "m.yaml:1:1", &["unknown key `tabels`", "did you mean `tables`?"]),
    ("tables: {}\ntables: {}\n", "m.yaml:2:1", &["stands here twice"]),
    ("x: &a { y: *a }\n", "m.yaml:1:12", &["an alias stands inside of what it names"]),
    ("tables:\n  \"a\\0b\": {}\n", "m.yaml:2:3", &["a NUL character", "remove it"]),
    ("views:\n  v: select 1; drop table t\n", "m.yaml:2:6", &["a `;` in this view begins another statement"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn yaml_that_can_not_be_read_is_said_with_its_place() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("unreadable");
    let deep_flow = "[".repeat(5_000);
    let deep_block: String = (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let huge = format!("a: [{}]\n", "[],".repeat(1_000_100));
    let deep: &[(&str, &str, &[&str])] = &[
        (&deep_flow, "m.yaml:1:65", &["recursion limit"]),
        (&deep_block, "m.yaml:65:65", &["recursion limit"]),
        (&huge, "m.yaml:1:", &["more nodes than any model needs"]),
    ];
    for (text, place, words) in UNREADABLE.iter().chain(deep) {
        project.write("models/m.yaml", text);
        let ran = refused(&project, &database, &["revision", "--autogenerate", "-m", "x"], 3, words);
        assert!(ran.err.contains(place), "{place} is not in\n{}", &ran.err[..ran.err.len().min(2_000)]);
    }
    server.close().await.unwrap();
}

/// However much stands in the wrong place, what is said of it can be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_book_in_the_wrong_place_is_not_repeated() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("book");
    let book = "x".repeat(1_000_000);
    let columns: String = (0..1_500).map(|i| format!("      c{i}: int\n")).collect();
    for (text, words) in [
        (format!("tables: {{ t: {book} }}\n"), "expected a map"),
        (format!("schema: {book}\n"), "Postgres keeps 63"),
        (format!("tables:\n  t: {{ unlogged: {book} }}\n"), "expected "),
        (format!("views:\n  v: select 1 as a, '{book}' x y\n"), "syntax error"),
        (format!("tables:\n  t:\n    columns:\n{columns}      last: nosuch\n"), "does not exist"),
    ] {
        project.write("models/m.yaml", &text);
        let ran = refused(&project, &database, &["check"], 3, &["m.yaml:", words]);
        assert!(ran.err.len() < 10_000, "{words}: {} bytes", ran.err.len());
    }
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_bomb_does_not_go_off() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("bomb");
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..9 {
        laughs += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "));
    }
    project.write("models/m.yaml", &laughs);
    refused(&project, &database, &["check"], 3, &["models/m.yaml:5:", "aliases repeat more"]);
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_text_are_said() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("bytes");
    let file = project.path().join("models/m.yaml");
    for (bytes, place) in [(&b"tables:\n  t\xff: {}\n"[..], "m.yaml:2:4"), (b"\xff\xfet\0a\0", "m.yaml:1:1")]
    {
        std::fs::write(&file, bytes).unwrap();
        refused(&project, &database, &["check"], 3, &[place, "not UTF-8", "save the file as UTF-8"]);
    }
    // As large as it says it is, and not there: it is not even opened.
    std::fs::File::create(&file).unwrap().set_len(5 << 30).unwrap();
    let ran = project.run_on(&crate::server::url(&database), &["check"]);
    assert!(ran.code == 3 && ran.err.contains("m.yaml has 5120 MB"), "{}", ran.err);
    server.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn links_that_lead_round_or_nowhere_are_no_loop_and_no_loss() {
    let server = server().await;
    let database = server.database().await.unwrap();
    database.run("create table t (a int)").await.unwrap();
    let project = Project::new("links");
    project.write("models/t.yaml", "tables: { t: { columns: { a: int } } }\n");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, project.path().join("models").join(name)).unwrap();
    };
    link(".", "again");
    link("../models", "and-again");
    project.ok_on(&crate::server::url(&database), &["check"]);
    // A model that can't be found is not a table that shall be dropped.
    for (to, name) in [("itself.yaml", "itself.yaml"), ("nowhere.yaml", "gone.yaml"), ("nowhere", "folder")] {
        link(to, name);
        refused(&project, &database, &["check"], 3, &[&format!("can't read models/{name}")]);
        std::fs::remove_file(project.path().join("models").join(name)).unwrap();
    }
    // Whoever opens a pipe waits for somebody to write into it.
    let made = Command::new("mkfifo").arg(project.path().join("models/pipe.yaml")).status();
    assert!(made.is_ok_and(|status| status.success()));
    refused(&project, &database, &["check"], 3, &["can't read models/pipe.yaml", "it is no file"]);
    server.close().await.unwrap();
}

/// The place is that in the model, and not in the statement that was made of it.
const REFUSED: &[Case] = &[
    (
        "tables:\n  t:\n    columns:\n      id: int\n      a: nosuchtype\n",
        "m.yaml:5:10",
        &["table public.t: type \"nosuchtype\" does not exist", "declare it under"],
    ),
    (
        "views:\n  v: |\n    select 1 as a,\n      2 as b\n    fro t\n",
        "m.yaml:5:5",
        &["view public.v: syntax error at or near \"fro\""],
    ),
    ("views:\n  v: select from where\n", "m.yaml:2:18", &["syntax error at or near \"where\""]),
    ("views:\n  v: select 1 as a from nosuch\n", "m.yaml:2:25", &["relation \"nosuch\" does not exist"]),
    (
        "tables:\n  t:\n    columns: { a: int }\n    checks:\n      c: a > > 1\n",
        "m.yaml:5:14",
        &["syntax error at or near \">\""],
    ),
    (
        "tables:\n  t:\n    columns:\n      a: { type: int, default: \"'x'\" }\n",
        "m.yaml:4:33",
        &["invalid input syntax for type integer"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_postgres_refuses_has_its_line_in_the_model() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("refused");
    for (text, place, words) in REFUSED {
        project.write("models/m.yaml", text);
        let args = ["revision", "--autogenerate", "-m", "x"];
        let ran = refused(&project, &database, &args, 3, words);
        assert!(ran.err.contains(place), "{place} is not in\n{}", ran.err);
    }
    assert_eq!(traces(&database).await, "0");
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_would_be_cut_are_said() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("cut");
    let long = "n".repeat(64);
    for (text, place) in [
        (format!("tables: {{ {long}: {{ columns: {{ a: int }} }} }}\n"), "m.yaml:1:11"),
        (format!("schema: {long}\n"), "m.yaml:1:9"),
        (format!("types:\n  c: {{ attributes: {{ {long}: int }} }}\n"), "m.yaml:2:22"),
        (format!("views:\n  v: select 1 as {long}\n"), "m.yaml:2:3"),
    ] {
        project.write("models/m.yaml", &text);
        refused(
            &project,
            &database,
            &["check"],
            3,
            &[place, "this name is 64 bytes long: Postgres keeps 63"],
        );
    }
    server.close().await.unwrap();
}
