//! Reading real databases: every kind's query, the same catalog whenever and wherever it is read, recordings,
//! and schemas that change while they are read.
//!
//! Without server binaries on this machine there is nothing to test; then each test says so.

mod two;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use limbeck_catalog::{Catalog, Kind, ObjectId};
use limbeck_introspect::file::{self, FileError};
use limbeck_introspect::{
    Error, Recording, Snapshot, fingerprint, introspect, introspect_after, introspect_beside, record,
};
use limbeck_scratch::provider::{Database, Places, Scratch, Wanted, candidates, open};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

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
        assert_eq!(a.needs.get(id), b.needs.get(id), "what {id} needs");
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

async fn mark(database: &Database) -> String {
    fingerprint(&mut session(database).await).await.expect("a fingerprint")
}

#[tokio::test]
async fn the_fingerprint_changes_with_the_schema_and_not_with_rows() {
    let Some(lab) = Lab::open("fingerprint").await else { return };
    let database = lab.database(RICH).await;
    let mut last = read(&database).await.fingerprint;
    assert_eq!(last, mark(&database).await, "alone, and within the message");
    let no_changes = [
        "insert into attic.boxes (n, label) values (1, 'a'), (2, 'b')",
        "select nextval('attic.numbers')",
        "vacuum (freeze, analyze)",
        "begin; alter table attic.boxes add column never text; rollback",
    ];
    for statement in no_changes {
        run(&mut session(&database).await, statement).await;
        assert_eq!(last, mark(&database).await, "{statement}");
    }
    let changes = [
        "alter table attic.boxes add column more text",
        "alter table attic.boxes alter column more set default 'x'",
        "alter table attic.boxes alter column more set default 'y'",
        "alter table attic.boxes rename column more to less",
        "alter table attic.boxes rename column less to more",
        "comment on column attic.boxes.more is 'm'",
        "comment on column attic.boxes.more is null",
        "comment on schema public is 'ours'",
        "create or replace function attic.f(n integer) returns integer language sql immutable as 'select $1 + 1'",
        "create or replace view attic.of_labels as select label || '' as label from attic.labels",
        "alter view attic.of_labels set (security_barrier)",
        "alter type attic.size add value 'm'",
        "alter type attic.size rename value 'm' to 'medium'",
        "alter policy few on attic.boxes using (n < 6)",
        "alter sequence attic.numbers increment 4",
        "alter table attic.boxes disable trigger touched",
        "alter table attic.boxes replica identity default",
        "alter domain attic.weight drop default",
        "grant select on attic.boxes to public",
        "revoke select on attic.boxes from public",
        "alter default privileges grant select on tables to public",
        "create role keeper; alter table attic.boxes owner to keeper",
        "alter role keeper rename to warden",
        "drop index attic.boxes_n_idx; create index boxes_n_idx on attic.boxes (label)",
        "drop view attic.of_labels; create view attic.of_labels as select label from attic.labels",
        "do $$ begin execute format('alter database %I set search_path = attic', current_database()); end $$",
        "do $$ begin execute format('alter database %I set standard_conforming_strings = off', current_database()); end $$",
        "drop view attic.of_labels",
        "drop index attic.boxes_n_idx",
    ];
    for change in changes {
        run(&mut session(&database).await, change).await;
        let next = mark(&database).await;
        assert_ne!(last, next, "{change}");
        last = next;
    }
    lab.close().await;
}

/// Of every kind of change, there and back: it shows in the fingerprint, or in nothing that is read.
#[tokio::test]
async fn no_change_is_read_that_the_fingerprint_does_not_show() {
    const START: &str = "create table t (id int primary key, a text default 'x', n int, check (n in (1, 2))); \
        create index ti on t (a); create view v as select id, a from t; \
        create function f(int) returns int language sql as 'select $1'; \
        create function nope() returns event_trigger language plpgsql as 'begin end'";
    let Some(lab) = Lab::open("every-change").await else { return };
    let database = lab.database(START).await;
    let mut last = read(&database).await;
    for change in include_str!("changes.txt").lines().flat_map(|line| line.split('|')) {
        run(&mut session(&database).await, change).await;
        let now = mark(&database).await;
        if now == last.fingerprint {
            assert_same(&last.catalog, &read(&database).await.catalog);
        } else {
            last = read(&database).await;
            assert_eq!(now, last.fingerprint, "{change}");
        }
    }
    lab.close().await;
}

/// Its number is older than that of a change which was seen before it ended.
#[tokio::test]
async fn a_change_that_ends_late_is_in_the_fingerprint() {
    let Some(lab) = Lab::open("late").await else { return };
    let database = lab.database(RICH).await;
    let mut slow = session(&database).await;
    run(&mut slow, "begin; alter table attic.boxes rename column n to m").await;
    run(&mut session(&database).await, "create table attic.newer (n integer)").await;
    let seen = mark(&database).await;
    run(&mut slow, "commit").await;
    assert_ne!(seen, mark(&database).await);
    lab.close().await;
}

/// Clones of one template have the same rows in the same places, written by the same transactions.
#[tokio::test]
async fn alike_databases_have_fingerprints_of_their_own() {
    let Some(lab) = Lab::open("alike").await else { return };
    let (one, other) = (lab.database("").await, lab.database("").await);
    assert_ne!(mark(&one).await, mark(&other).await);
    lab.close().await;
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
