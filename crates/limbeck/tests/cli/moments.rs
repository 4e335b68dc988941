//! What is read at one moment, and what is written beside it, are of that moment: whatever runs meanwhile.

use std::process::{Command, Stdio};

use sqlx::{Connection as _, PgConnection, Row as _};

use crate::project::Project;
use crate::server::{server, url};

/// Waits until somebody waits for a lock on the version table.
async fn somebody_waits(session: &mut PgConnection) {
    let sql = "select count(*) from pg_locks where not granted and relation = 'limbeck_version'::regclass";
    for _ in 0..1_000 {
        if sqlx::raw_sql(sql).fetch_one(&mut *session).await.unwrap().get::<i64, _>(0) > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody ever waited");
}

/// An upgrade that ends between the catalogs and the version table: a file must not say of the catalogs from before
/// that the revision is applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_says_what_was_applied_when_it_was_read() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let (project, at) = (Project::new("moments"), url(&database));
    project.revision("f001");
    project.ok_on(&at, &["upgrade", "head"]);
    project.revision("f002 < f001");
    let mut upgrade = database.connect().await.unwrap();
    let held = "begin; lock table limbeck_version in access exclusive mode";
    sqlx::raw_sql(held).execute(&mut upgrade).await.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.args(["snapshot", "-", "-d", &at]).current_dir(project.path());
    let reading = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    somebody_waits(&mut upgrade).await;
    let done = "create table fresh (id int); \
        insert into limbeck_version select (jsonb_populate_record(v, '{\"revision\": \"f002\"}')).* from limbeck_version v; \
        commit";
    sqlx::raw_sql(done).execute(&mut upgrade).await.unwrap();
    upgrade.close().await.unwrap();
    let output = reading.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.lines().next().is_some_and(|head| head.contains("f002")), "{text:.2000}");
    assert!(text.contains("fresh"), "what the revision made is missing");
    database.drop().await.unwrap();
    server.close().await.unwrap();
}
