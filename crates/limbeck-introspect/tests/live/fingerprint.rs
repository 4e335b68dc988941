//! What the fingerprint tells, and what it doesn't.

use limbeck_introspect::fingerprint;
use limbeck_scratch::provider::Database;

use crate::{Lab, RICH, assert_same, read, run, session};

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
