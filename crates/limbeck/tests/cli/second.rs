//! A second connection is used where there is one to be had, and missed by nobody where there is none.

use std::process::{Command, Stdio};
use std::time::Duration;

use limbeck_scratch::provider::Database;
use sqlx::AssertSqlSafe;

use crate::bad_input::ask;
use crate::project::Project;
use crate::server::{server_alone, url};

const SCHEMA: &str = "create table t (a int check (a > 0)); create view v as select a from t";

/// Waits for an answer.
async fn until(database: &Database, question: &str, answer: &str) {
    for _ in 0..1_000 {
        if ask(database, question).await == answer {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{question} never came to {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_is_enough() {
    let project = Project::new("second-refused");
    let server = server_alone(&project).await;
    let database = server.database().await.unwrap();
    database.run(SCHEMA).await.unwrap();
    database.run("create role single login connection limit 1").await.unwrap();
    let single = url(&database).replace("postgres@", "single@");
    project.ok_on(&single, &["pull"]);
    for args in [&["check"][..], &["pull"], &["diff"], &["revision", "--autogenerate", "-m", "x", "--sql"]] {
        // The server may take a moment to see that the last run is gone.
        let gone = "select count(*) from pg_stat_activity where usename = 'single'";
        until(&database, gone, "0").await;
        let (alone, both) = (project.run_on(&single, args), project.run_on(&url(&database), args));
        assert_eq!((alone.code, both.code), (0, 0), "{args:?}: {}{}", alone.err, both.err);
        assert_eq!((&alone.out, &alone.err), (&both.out, &both.err), "{args:?}");
    }
    database.drop().await.unwrap();
    server.close().await.unwrap();
}

/// Both are there while the reading of views waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_read_over_two_connections() {
    let project = Project::new("second");
    let server = server_alone(&project).await;
    let database = server.database().await.unwrap();
    database.run(SCHEMA).await.unwrap();
    let mut changer = database.connect().await.unwrap();
    let alter = AssertSqlSafe("begin; alter table t add column b int".to_owned());
    sqlx::raw_sql(alter).execute(&mut changer).await.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.args(["pull", "-q"]).current_dir(project.path()).env("DATABASE_URL", url(&database));
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let reading = "select count(*) from pg_stat_activity \
                   where datname = current_database() and query like 'begin isolation%'";
    until(&database, reading, "2").await;
    sqlx::raw_sql("rollback").execute(&mut changer).await.unwrap();
    let ran = child.wait_with_output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    drop(changer);
    project.ok_on(&url(&database), &["check"]);
    database.drop().await.unwrap();
    server.close().await.unwrap();
}
