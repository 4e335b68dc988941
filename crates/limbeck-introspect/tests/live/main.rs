//! Reading real databases: every kind's query, the same catalog whenever and wherever it is read, recordings,
//! and schemas that change while they are read.
//!
//! Without server binaries on this machine there is nothing to test; then each test says so.

mod changes;
mod fingerprint;
mod two;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use limbeck_catalog::{Catalog, Kind, ObjectId};
use limbeck_introspect::file::{self, FileError};
use limbeck_introspect::{Error, Recording, Snapshot, introspect, introspect_after, record};
use limbeck_scratch::provider::{Database, Places, Scratch, Wanted, candidates, open};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

const RICH: &str = include_str!("rich.sql");

/// A server of the test's own, or nothing where there are no binaries.
struct Lab {
    scratch: Scratch,
    _folder: Folder,
}

/// Its folder, removed at the end however that comes. It lies where any user may enter, for root's sake.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

impl Lab {
    async fn open(name: &str) -> Option<Self> {
        let mut places = Places::from_env();
        let Some(found) = candidates(&places).into_iter().next() else {
            eprintln!("no server binaries on this machine: not tested");
            return None;
        };
        let folder = PathBuf::from(format!("/tmp/limbeck-introspect-{}-{name}", std::process::id()));
        places.bin.get_or_insert(found.bin);
        places.cache = Some(folder.clone());
        let scratch = open(&Wanted { places, ..Wanted::default() }).await.expect("a scratch server");
        Some(Self { scratch, _folder: Folder(folder) })
    }

    async fn database(&self, sql: &str) -> Database {
        let database = self.scratch.database().await.expect("a database");
        database.run(sql).await.expect("the script");
        database
    }

    async fn close(self) {
        self.scratch.close().await.expect("closed");
    }
}

async fn session(database: &Database) -> PgConnection {
    database.connect().await.expect("a session")
}

async fn run(session: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(session).await.expect("it runs");
}

async fn read(database: &Database) -> Snapshot {
    introspect(&mut session(database).await).await.expect("a snapshot")
}

#[track_caller]
fn assert_same(a: &Catalog, b: &Catalog) {
    let ids = |catalog: &Catalog| catalog.objects.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(ids(a), ids(b));
    for (id, object) in &a.objects {
        assert_eq!(Some(object), b.get(id), "{id}");
        let needs = |catalog: &Catalog| -> Vec<_> {
            catalog.needs_of(id).map(|(on, need)| (on.clone(), need)).collect()
        };
        assert_eq!(needs(a), needs(b), "what {id} needs");
    }
    assert_eq!(a.positions, b.positions);
    assert_eq!(a.casts, b.casts);
    assert_eq!(a.uncompared, b.uncompared);
    assert_eq!(a.uncompared_dependants, b.uncompared_dependants);
    assert_eq!(a.uncompared_needs, b.uncompared_needs);
    assert_eq!(a.server, b.server);
}

fn id(kind: Kind, path: &[&str]) -> ObjectId {
    ObjectId::new(kind, path)
}

/// Waits until a session waits for a lock.
async fn waits(observer: &mut PgConnection, pid: i32) {
    for _ in 0..500 {
        if is_waiting(observer, pid).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("session {pid} never waited");
}

async fn is_waiting(observer: &mut PgConnection, pid: i32) -> bool {
    let sql = format!("select count(*) from pg_catalog.pg_locks where not granted and pid = {pid}");
    let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *observer).await.expect("a count");
    row.get::<i64, _>(0) > 0
}

async fn pid(session: &mut PgConnection) -> i32 {
    let row = sqlx::raw_sql("select pg_catalog.pg_backend_pid()").fetch_one(session).await;
    row.expect("a pid").get(0)
}

#[tokio::test]
async fn every_kind_is_read_and_two_readings_are_equal() {
    let Some(lab) = Lab::open("kinds").await else { return };
    let database = lab.database(RICH).await;
    let first = read(&database).await;
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Extension) {
        assert!(first.catalog.of_kind(*kind).next().is_some(), "nothing was read of kind {}", kind.noun());
    }
    let second = read(&database).await;
    assert_same(&first.catalog, &second.catalog);
    assert_eq!(first.fingerprint, second.fingerprint);

    // The same script gives the same catalog under other numbers, and those of the first show nowhere.
    let other = lab.database("create table gone (id serial primary key); drop table gone;").await;
    other.run(RICH).await.expect("the script");
    assert_same(&first.catalog, &read(&other).await.catalog);
    lab.close().await;
}

#[tokio::test]
async fn needs_are_those_of_the_server() {
    let Some(lab) = Lab::open("needs").await else { return };
    let catalog = read(&lab.database(RICH).await).await.catalog;
    let needs = |of: ObjectId| catalog.needs_of(&of).map(|(on, _)| on.clone()).collect::<BTreeSet<_>>();
    let column = |table: &str, name: &str| id(Kind::Column, &["attic", table, name]);
    let has = |of: ObjectId, on: ObjectId| {
        assert!(needs(of.clone()).contains(&on), "{of} needs {on}: {:?}", needs(of.clone()))
    };
    has(id(Kind::View, &["attic", "labels"]), column("boxes", "label"));
    has(id(Kind::View, &["attic", "labels"]), id(Kind::Function, &["attic", "f", "integer"]));
    has(id(Kind::View, &["attic", "of_labels"]), id(Kind::View, &["attic", "labels"]));
    has(
        id(Kind::ForeignKey, &["attic", "lids", "lids_box_id_fkey"]),
        id(Kind::PrimaryKey, &["attic", "boxes", "boxes_pkey"]),
    );
    has(id(Kind::Default, &["attic", "boxes", "id"]), id(Kind::Sequence, &["attic", "boxes_id_seq"]));
    has(column("boxes", "w"), id(Kind::Domain, &["attic", "weight"]));
    has(column("boxes", "s"), id(Kind::Enum, &["attic", "size"]));
    has(column("boxes", "doubled"), column("boxes", "n"));
    has(id(Kind::Trigger, &["attic", "boxes", "touched"]), id(Kind::Function, &["attic", "t", ""]));
    // A view doesn't need columns that it does not name.
    assert!(!needs(id(Kind::View, &["attic", "labels"])).contains(&column("boxes", "during")));
    let uncompared: BTreeSet<_> = catalog.uncompared.iter().map(|what| what.name.as_str()).collect();
    for name in ["attic.events", "attic.events_2024", "attic.tags"] {
        assert!(uncompared.contains(name), "{name}: {uncompared:?}");
    }
    let context = needs(id(Kind::View, &["attic", "spans"]));
    assert!(context.iter().any(|on| on.kind == Kind::Context), "{context:?}");
    lab.close().await;
}

#[tokio::test]
async fn a_recording_replays_to_the_snapshot() {
    let Some(lab) = Lab::open("recording").await else { return };
    let database = lab.database(RICH).await;
    let (snapshot, recording) = record(&mut session(&database).await).await.expect("a recording");
    let text = serde_json::to_string(&recording).expect("written");
    let replayed = serde_json::from_str::<Recording>(&text).expect("read").replay().expect("replayed");
    assert_same(&snapshot.catalog, &replayed.catalog);
    assert_eq!(snapshot.catalog.statistics, replayed.catalog.statistics);
    assert_eq!(snapshot.fingerprint, replayed.fingerprint);
    assert_eq!(snapshot.server.version_text, replayed.server.version_text);

    let mut document: serde_json::Value = serde_json::from_str(&text).expect("read");
    document["queries"] = "of another day".into();
    let old: Recording = serde_json::from_value(document).expect("read");
    assert!(matches!(old.replay(), Err(Error::Outdated)));
    lab.close().await;
}

/// Other object ids, another order of making, another session: the same bytes; and the same catalog again.
#[tokio::test]
async fn a_file_says_what_the_catalog_is_and_nothing_else() {
    let Some(lab) = Lab::open("file").await else { return };
    let (one, other) = (lab.database(RICH).await, lab.database("create table x (); drop table x;").await);
    other.run(RICH).await.expect("the same again");
    one.run("create table p (); create table q ();").await.expect("two tables");
    other.run("create table q (); create table p ();").await.expect("the same two");
    let about = || file::About { of: "both".to_owned(), ..file::About::default() };
    let mut texts = Vec::new();
    for database in [&one, &other] {
        let (snapshot, recording) = record(&mut session(database).await).await.expect("a recording");
        let text = file::write(&recording.canonical(false), about()).expect("a text");
        let (read, recording) = file::read(text.as_bytes()).expect("read again");
        assert_eq!(read, about());
        let replayed = recording.replay().expect("replayed");
        assert_same(&snapshot.catalog, &replayed.catalog);
        assert!(replayed.catalog.statistics.is_empty() && replayed.server.user.is_empty());
        texts.push(text);
    }
    assert!(texts[0] == texts[1], "two databases with one catalog, and two texts");
    lab.close().await;
}

#[tokio::test]
async fn a_file_that_is_not_as_it_was_written_is_refused() {
    let Some(lab) = Lab::open("broken-file").await else { return };
    let database = lab.database("create table t (a int)").await;
    let (_, recording) = record(&mut session(&database).await).await.expect("a recording");
    let text = file::write(&recording.canonical(true), file::About::default()).expect("a text");
    let error = |bytes: &[u8]| file::read(bytes).expect_err("refused");
    let at = text.find("{public,t}").expect("the table");
    for cut in [text.find('\n').expect("lines"), at, text.len() - 2] {
        let error = error(&text.as_bytes()[..cut]);
        assert!(matches!(error, FileError::Cut { .. } | FileError::Line { .. }), "{cut}: {error}");
    }
    assert!(matches!(error(text.replace("{public,t}", "{public,u}").as_bytes()), FileError::Altered));
    assert!(matches!(error(b"tables: {}\n"), FileError::Foreign));
    let with = |from: &str, to: &str| error(text.replacen(from, to, 1).as_bytes());
    assert!(matches!(with("snapshot\":1", "snapshot\":2"), FileError::Format { found: 2 }));
    assert!(matches!(with("queries\":\"", "queries\":\"x"), FileError::Outdated { .. }));
    assert!(matches!(with("\"about\"", "\"abort\""), FileError::Line { line: 1, .. }));
    let mut bytes = text.clone().into_bytes();
    bytes[at] = 0xff;
    let line = 1 + text[..at].matches('\n').count();
    assert_eq!(error(&bytes).line(), Some(line));
    lab.close().await;
}

#[tokio::test]
async fn what_would_be_is_read_and_rolled_back() {
    let Some(lab) = Lab::open("after").await else { return };
    let database = lab.database(RICH).await;
    let before = read(&database).await;
    let mut session = session(&database).await;
    let after = introspect_after(
        &mut session,
        "alter table attic.boxes rename to chests;\ndrop view attic.of_labels;\n",
    );
    let after = after.await.expect("a snapshot").catalog;
    assert!(after.contains(&id(Kind::Column, &["attic", "chests", "label"])));
    assert!(
        !after.contains(&id(Kind::Table, &["attic", "boxes"]))
            && !after.contains(&id(Kind::View, &["attic", "of_labels"]))
    );
    let failed = introspect_after(&mut session, "drop table attic.boxes;\n").await;
    assert!(matches!(failed, Err(Error::Server(_))));
    // The session is as it was, and so is the database.
    let again = introspect(&mut session).await.expect("a snapshot");
    assert_same(&before.catalog, &again.catalog);
    assert_eq!(before.fingerprint, again.fingerprint);
    lab.close().await;
}
