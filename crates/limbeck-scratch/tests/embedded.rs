//! The server inside this program, behind the feature `embedded`: what it takes, what it refuses, and what it
//! leaves.
#![cfg(feature = "embedded")]

use std::path::Path;

use limbeck_scratch::provider::{Choice, Database, Locale, Scratch, Wanted, open};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

async fn server() -> Scratch {
    let wanted = Wanted { choice: Choice::Embedded, ..Wanted::default() };
    open(&wanted).await.expect("the embedded server")
}

async fn value(session: &mut PgConnection, query: &'static str) -> String {
    let row = sqlx::raw_sql(query).fetch_one(session).await.expect(query);
    row.try_get_unchecked(0).expect("a text")
}

fn folder(database: &Database) -> std::path::PathBuf {
    database.options().get_socket().cloned().expect("a socket")
}

#[tokio::test(flavor = "current_thread")]
async fn it_is_what_it_says_it_is_and_leaves_nothing() {
    let scratch = server().await;
    let database = scratch.database().await.expect("a database");
    let mut session = database.connect().await.expect("a session");
    let version = value(&mut session, "select current_setting('server_version_num')").await;
    assert_eq!(version, scratch.version().to_string());
    assert!(scratch.describe().starts_with("embedded 18."));
    sqlx::Connection::close(session).await.expect("closed");
    let place = folder(&database);
    assert!(place.exists());
    database.drop().await.expect("dropped");
    assert!(!place.exists());
    let home = place.parent().and_then(Path::parent).expect("the run's folder").to_owned();
    scratch.close().await.expect("closed");
    assert!(!home.exists());
}

#[tokio::test(flavor = "current_thread")]
async fn a_copy_holds_what_the_first_held_and_is_its_own() {
    let scratch = server().await;
    let first = scratch.database().await.expect("a database");
    first.run("create table t as select 7 as x").await.expect("made");
    let second = scratch.copy(&first).await.expect("a copy");
    first.run("drop table t").await.expect("dropped");
    // A session on each, at once.
    let (mut one, mut other) =
        (first.connect().await.expect("one"), second.connect().await.expect("another"));
    assert_eq!(value(&mut other, "select x::text from t").await, "7");
    assert!(sqlx::raw_sql("select x from t").execute(&mut one).await.is_err());
    drop((one, other));
    scratch.close().await.expect("closed");
}

#[tokio::test(flavor = "current_thread")]
async fn sessions_come_one_after_another_and_remember_nothing_of_each_other() {
    let scratch = server().await;
    let database = scratch.database().await.expect("a database");
    let mut first = database.connect().await.expect("a session");
    sqlx::raw_sql("begin; create table lost (); set search_path = pg_catalog")
        .execute(&mut first)
        .await
        .expect("ran");
    // Not closed, and its transaction open: as a client that is killed leaves it.
    drop(first);
    let mut second = database.connect().await.expect("the next");
    assert_eq!(value(&mut second, "select coalesce(to_regclass('public.lost')::text, 'none')").await, "none");
    assert_eq!(value(&mut second, "show search_path").await, "\"$user\", public");
    drop(second);
    scratch.close().await.expect("closed");
}

#[tokio::test(flavor = "current_thread")]
async fn an_error_is_the_servers_own_and_the_session_goes_on() {
    let scratch = server().await;
    let database = scratch.database().await.expect("a database");
    let mut session = database.connect().await.expect("a session");
    for (sql, code) in
        [("select 1/0", "22012"), ("selekt", "42601"), ("do $$ begin raise 'no'; end $$", "P0001")]
    {
        let error = sqlx::raw_sql(sql).execute(&mut session).await.expect_err(sql);
        assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some(code), "{sql}");
    }
    let bound: i32 =
        sqlx::query("select $1 + 1").bind(41).fetch_one(&mut session).await.expect("bound").get(0);
    assert_eq!(bound, 42);
    drop(session);
    scratch.close().await.expect("closed");
}

#[tokio::test(flavor = "current_thread")]
async fn it_brings_the_usual_extensions_and_says_what_it_lacks() {
    let scratch = server().await;
    let database = scratch.database().await.expect("a database");
    for name in ["btree_gist", "citext", "hstore", "pg_trgm", "pgcrypto", "\"uuid-ossp\""] {
        database.run(&format!("create extension {name}")).await.expect(name);
    }
    let lacking = database.run("create extension postgis").await.expect_err("not inside").to_string();
    assert!(lacking.contains("is not available"), "{lacking}");
    scratch.close().await.expect("closed");
    let wanted = Wanted {
        choice: Choice::Embedded,
        major: Some(15),
        locale: Some(Locale::libc("de_DE.UTF-8")),
        ..Wanted::default()
    };
    let notes = open(&wanted).await.expect("open").notes();
    assert_eq!(notes.len(), 2, "{notes:?}");
}
