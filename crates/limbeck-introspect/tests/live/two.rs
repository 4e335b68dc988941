//! Two sessions that share the work: what they read is what one reads, whatever becomes of the second.

use std::time::Duration;

use limbeck_catalog::Kind;
use limbeck_introspect::{Opening, file, introspect, introspect_beside, record, record_beside};
use limbeck_scratch::provider::Database;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, UnixStream};

use crate::{Lab, RICH, assert_same, id, pid, read, run, session, waits};

/// A second session that is there.
pub(crate) fn there(session: PgConnection) -> Opening<'static> {
    Box::pin(async { Some(session) })
}

/// Reads over two sessions, of which this is the second.
async fn beside(database: &Database, second: PgConnection) -> limbeck_introspect::Snapshot {
    introspect_beside(&mut session(database).await, Some(there(second))).await.expect("a snapshot")
}

#[tokio::test]
async fn two_sessions_read_what_one_reads() {
    let Some(lab) = Lab::open("two").await else { return };
    let database = lab.database(RICH).await;
    let (one, alone) = record(&mut session(&database).await).await.expect("a recording");
    let (first, second) = (&mut session(&database).await, session(&database).await);
    let (two, together) = record_beside(first, Some(there(second))).await.expect("a recording");
    assert_same(&one.catalog, &two.catalog);
    assert_same(&one.catalog, &beside(&database, session(&database).await).await.catalog);
    assert_eq!(one.catalog.statistics, two.catalog.statistics);
    assert_eq!(one.fingerprint, two.fingerprint);
    let text = |recording: limbeck_introspect::Recording| {
        file::write(&recording.canonical(true), file::About::default()).expect("a text")
    };
    assert!(text(alone) == text(together), "other words of the same database");
    lab.close().await;
}

#[tokio::test]
async fn a_second_session_elsewhere_or_at_its_end_is_of_no_harm() {
    let Some(lab) = Lab::open("elsewhere").await else { return };
    let database = lab.database(RICH).await;
    let alone = read(&database).await;
    // A pooler may lead anywhere.
    let other = lab.database("create table elsewhere (n int primary key, check (n > 0))").await;
    assert_same(&alone.catalog, &beside(&database, session(&other).await).await.catalog);
    // As another role, of which other rights are the usual ones.
    let mut stranger = session(&database).await;
    run(&mut stranger, "create role stranger; set role stranger").await;
    assert_same(&read(&database).await.catalog, &beside(&database, stranger).await.catalog);

    let mut ended = session(&database).await;
    let end = format!("select pg_catalog.pg_terminate_backend({}, 5000)", pid(&mut ended).await);
    run(&mut session(&database).await, &end).await;
    assert_same(&alone.catalog, &beside(&database, ended).await.catalog);
    lab.close().await;
}

/// A session that has been in its transaction since before a change sees nothing of it.
#[tokio::test]
async fn sessions_that_see_different_moments_are_not_put_together() {
    let Some(lab) = Lab::open("moments").await else { return };
    let database = lab.database(RICH).await;
    let mut old = session(&database).await;
    run(&mut old, "begin isolation level repeatable read read only; select from pg_catalog.pg_class limit 1")
        .await;
    run(&mut session(&database).await, "create index late on attic.boxes (n, label)").await;
    let read = beside(&database, old).await;
    assert!(read.catalog.contains(&id(Kind::Index, &["attic", "boxes", "late"])));
    lab.close().await;
}

/// As behind a pooler that has no server for it before the first is gone.
#[tokio::test]
async fn a_second_session_that_does_not_begin_is_left() {
    let Some(lab) = Lab::open("left").await else { return };
    let database = lab.database(RICH).await;
    let mut changer = session(&database).await;
    let mut observer = session(&database).await;
    let (mut first, mut second) = (session(&database).await, session(&database).await);
    let (one, other) = (pid(&mut first).await, pid(&mut second).await);
    run(&mut changer, "begin; alter table attic.boxes add column late text").await;
    let reading = tokio::spawn(async move { introspect_beside(&mut first, Some(there(second))).await });
    // Views are the second's; then the first asks for them.
    waits(&mut observer, other).await;
    waits(&mut observer, one).await;
    run(&mut changer, "commit").await;
    let read = reading.await.expect("no panic").expect("a snapshot");
    assert!(read.catalog.contains(&id(Kind::Column, &["attic", "boxes", "late"])));
    assert_same(&introspect(&mut observer).await.expect("a snapshot").catalog, &read.catalog);
    lab.close().await;
}

/// Where others are at work a second session begins in a later moment; what they do to rows is no matter.
#[tokio::test]
async fn a_second_session_may_come_later() {
    let Some(lab) = Lab::open("later").await else { return };
    let database = lab.database(RICH).await;
    let alone = read(&database).await;
    let mut busy = session(&database).await;
    let (mut first, mut second) = (session(&database).await, session(&database).await);
    let opening: Opening<'_> = Box::pin(async move {
        run(&mut busy, "insert into attic.boxes (n, label) values (101, 'x')").await;
        run(&mut second, "set application_name = 'the second'").await;
        Some(second)
    });
    let read = introspect_beside(&mut first, Some(opening)).await.expect("a snapshot");
    assert_same(&alone.catalog, &read.catalog);
    // A change that only the second could see is seen by none, or by both.
    let mut changer = session(&database).await;
    let second = session(&database).await;
    let opening: Opening<'_> = Box::pin(async move {
        run(
            &mut changer,
            "create index late on attic.boxes (n, label); alter table attic.boxes add column late text",
        )
        .await;
        Some(second)
    });
    let read = introspect_beside(&mut first, Some(opening)).await.expect("a snapshot");
    assert_same(&introspect(&mut first).await.expect("a snapshot").catalog, &read.catalog);
    // And there may be none.
    let none: Opening<'_> = Box::pin(async { None });
    assert_same(&read.catalog, &introspect_beside(&mut first, Some(none)).await.expect("a snapshot").catalog);
    lab.close().await;
}

/// A session to which no more than some bytes of the server come; then it is silent, and does not end.
async fn silent_after(database: &Database, bytes: u64) -> PgConnection {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let options = database.options();
    let socket = options.get_socket().expect("a socket").join(".s.PGSQL.5432");
    tokio::spawn(async move {
        let (mut questions, mut client) = listener.accept().await.expect("a client").0.into_split();
        let (answers, mut server) = UnixStream::connect(socket).await.expect("the server").into_split();
        let asked = async { tokio::io::copy(&mut questions, &mut server).await.is_ok() };
        let answered = async { tokio::io::copy(&mut answers.take(bytes), &mut client).await.is_ok() };
        tokio::join!(asked, answered)
    });
    let through = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("postgres");
    let through = through.database(options.get_database().expect("a name")).ssl_mode(PgSslMode::Disable);
    PgConnection::connect_with(&through).await.expect("a session")
}

#[tokio::test]
async fn a_second_session_that_stops_answering_is_left() {
    let Some(lab) = Lab::open("silent").await else { return };
    let database = lab.database(RICH).await;
    let alone = read(&database).await;
    let second = silent_after(&database, 3_000).await;
    let ends = tokio::time::timeout(Duration::from_secs(60), beside(&database, second));
    assert_same(&alone.catalog, &ends.await.expect("it does not hang").catalog);
    lab.close().await;
}
