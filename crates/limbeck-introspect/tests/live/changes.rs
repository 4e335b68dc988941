//! A schema that changes while it is read.

use std::time::Duration;

use limbeck_catalog::Kind;
use limbeck_introspect::{Error, Snapshot, introspect, introspect_beside, record};
use limbeck_scratch::provider::Database;
use sqlx::{Connection as _, PgConnection};

use crate::{Lab, RICH, id, is_waiting, pid, run, session, two, waits};

/// A reader that waits, in the middle of its message, for a change that another session has not committed.
struct Race {
    changer: PgConnection,
    observer: PgConnection,
    reader: i32,
    reading: tokio::task::JoinHandle<Result<Snapshot, Error>>,
}

impl Race {
    async fn start(database: &Database, change: &str) -> Self {
        Self::begin(database, change, false).await
    }

    /// The same; or with a reader that takes down what it reads.
    async fn begin(database: &Database, change: &str, takes_down: bool) -> Self {
        let (mut changer, mut observer) = (session(database).await, session(database).await);
        let mut connection = session(database).await;
        let reader = pid(&mut connection).await;
        run(&mut changer, &format!("begin; {change}")).await;
        let reading = tokio::spawn(async move {
            let snapshot = match takes_down {
                true => record(&mut connection).await.map(|(snapshot, _)| snapshot),
                false => introspect(&mut connection).await,
            };
            connection.close().await.ok();
            snapshot
        });
        waits(&mut observer, reader).await;
        Self { changer, observer, reader, reading }
    }

    /// Whether the reader is done, once it is that or waits again.
    async fn is_over(&mut self) -> bool {
        while !self.reading.is_finished() && !is_waiting(&mut self.observer, self.reader).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.reading.is_finished()
    }
}

#[tokio::test]
async fn a_schema_that_changes_meanwhile_is_read_again() {
    let Some(lab) = Lab::open("changes").await else { return };
    let database = lab.database(RICH).await;
    let mut race = Race::start(&database, "alter table attic.boxes add column late text").await;
    run(&mut race.changer, "commit").await;
    let snapshot = race.reading.await.expect("no panic").expect("a snapshot");
    // The first snapshot was older than the column.
    assert!(snapshot.catalog.contains(&id(Kind::Column, &["attic", "boxes", "late"])));

    // What is gone when its text is asked for is an error of the server's; it is read again, too.
    let gone = "drop view attic.of_labels, attic.labels";
    let mut race = Race::start(&database, gone).await;
    run(&mut race.changer, "commit").await;
    let snapshot = race.reading.await.expect("no panic").expect("a snapshot");
    assert!(!snapshot.catalog.contains(&id(Kind::View, &["attic", "labels"])));
    lab.close().await;
}

/// A function that prints a text answers null for what is gone: no error of the server's, and no gap of ours.
#[tokio::test]
async fn what_is_gone_when_its_text_is_asked_for_is_read_again() {
    let Some(lab) = Lab::open("gone").await else { return };
    let script = "create table held (a int); create view waits as select a from held; \
                  create table one (a int, b int); create statistics of_one on a, b from one";
    for (drop, takes_down) in
        [("drop statistics of_one", false), ("drop statistics of_one", true), ("drop table one", false)]
    {
        let database = lab.database(script).await;
        let change = "alter table held add column late text";
        let mut race = Race::begin(&database, change, takes_down).await;
        database.run(drop).await.expect("it is dropped");
        run(&mut race.changer, "rollback").await;
        let snapshot = race.reading.await.expect("no panic").expect("a snapshot");
        assert!(!snapshot.catalog.contains(&id(Kind::StatisticsObject, &["public", "of_one"])), "{drop}");
    }
    lab.close().await;
}

/// Whatever of it is being changed, a reader gets through, or says why it doesn't.
#[tokio::test]
async fn beside_changes_that_never_end_there_is_no_other_error() {
    let Some(lab) = Lab::open("busy").await else { return };
    let database = lab.database("create table calm (id int)").await;
    let busy = "create function f() returns int language sql as 'select 1'; create table t (a int, b int, \
                check (a > b)); create view v as select a from t; create index i on t ((a + b)); \
                create statistics s on a, b from t; create type e as enum ('x'); \
                create rule r as on insert to t do also select 1; create policy p on t using (a > 0)";
    let gone = "drop view v; drop table t; drop function f(); drop type e";
    let (mut churner, mut reader) = (session(&database).await, session(&database).await);
    let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let over = is_over.clone();
    let churning = tokio::spawn(async move {
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            run(&mut churner, busy).await;
            run(&mut churner, gone).await;
        }
    });
    for round in 0..20 {
        let done = match round % 3 {
            0 => introspect(&mut reader).await.map(drop),
            1 => introspect_beside(&mut reader, Some(two::there(session(&database).await))).await.map(drop),
            _ => record(&mut reader).await.map(drop),
        };
        assert!(matches!(done, Ok(()) | Err(Error::Changing)), "{done:?}");
    }
    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    churning.await.expect("no panic");
    lab.close().await;
}

#[tokio::test]
async fn a_schema_that_does_not_stop_changing_is_said() {
    let Some(lab) = Lab::open("changing").await else { return };
    let database = lab.database(RICH).await;
    let mut race = Race::start(&database, "alter table attic.boxes add column late text").await;
    // A next change always stands in line already when one is done, so that the reader never gets through
    // a whole message without one.
    for round in 0..50 {
        let mut next = session(&database).await;
        let waiting = pid(&mut next).await;
        let next = tokio::spawn(async move {
            run(&mut next, &format!("begin; alter table attic.boxes add column late_{round} text")).await;
            next
        });
        waits(&mut race.observer, waiting).await;
        run(&mut race.changer, "commit").await;
        race.changer = next.await.expect("no panic");
        if race.is_over().await {
            break;
        }
    }
    let error = race.reading.await.expect("no panic").expect_err("it changed twice");
    assert!(matches!(error, Error::Changing), "{error}");
    lab.close().await;
}
