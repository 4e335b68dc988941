//! A schema that changes for as long as it is read: that is said, and nothing is written.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use limbeck_scratch::provider::Database;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::bad_input::{ask, files};
use crate::project::Project;
use crate::server::{server, url};

/// Every reader of the view waits for who alters the table.
const SCHEMA: &str = "create table t (a int); create view v as select a from t";

async fn alter(database: &Database, round: usize) -> PgConnection {
    let mut session = database.connect().await.unwrap();
    let sql = format!("begin; alter table t add column late_{round} text");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut session).await.unwrap();
    session
}

/// How the messages of a reader begin, and of who changes.
const READER: &str = "begin isolation%";
const CHANGER: &str = "begin; alter%";

/// Waits until a session with such a message waits for a lock in this database, or the child is done.
async fn waits(database: &Database, message: &str, child: &mut Child) {
    let count = format!(
        "select count(*) from pg_locks l join pg_stat_activity a using (pid) \
         where not l.granted and a.datname = current_database() and a.query like '{message}'"
    );
    for _ in 0..500 {
        if ask(database, &count).await != "0" || child.try_wait().unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no {message} ever waited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_does_not_stop_changing_is_said() {
    let server = server().await;
    let database = std::sync::Arc::new(server.database().await.unwrap());
    database.run(SCHEMA).await.unwrap();
    let project = Project::new("changing");
    let before = files(&project);
    let mut changer = alter(&database, 0).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.arg("pull").current_dir(project.path()).env("DATABASE_URL", url(&database));
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    waits(&database, READER, &mut child).await;
    // The next change stands in line before one is done, so that no reading comes to its end without one.
    for round in 1..50 {
        let next = std::sync::Arc::clone(&database);
        let next = tokio::spawn(async move { alter(&next, round).await });
        waits(&database, CHANGER, &mut child).await;
        sqlx::raw_sql("commit").execute(&mut changer).await.unwrap();
        changer = next.await.unwrap();
        waits(&database, READER, &mut child).await;
        if child.try_wait().unwrap().is_some() {
            break;
        }
    }
    let ran = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(4), "{said}");
    assert!(said.contains("the schema is changing while it is read: try again"), "{said}");
    assert!(files(&project) == before, "files changed");
    drop(changer);
    server.close().await.unwrap();
}
