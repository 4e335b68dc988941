//! Databases that outlive their run.

use limbeck_scratch::provider::{Choice, Scratch, Wanted, open};

use crate::{Cache, LEFT, binaries, needs_binaries, one, postgres, statement};

#[tokio::test]
async fn what_is_kept_outlives_its_run_and_the_oldest_goes() {
    needs_binaries!();
    let cache = Cache::new("kept");
    let scratch = open(&cache.wanted()).await.expect("a cluster");
    let database = scratch.database().await.expect("a database");
    database.run("create table t (a int)").await.expect("filled");
    assert!(scratch.kept("a key").await.is_none());
    scratch.keep(&database, "a key", "3 rows").await;
    scratch.keep(&database, "a key", "again").await;
    scratch.close().await.expect("closed");

    let scratch = open(&cache.wanted()).await.expect("a cluster");
    let (copy, note) = scratch.kept("a key").await.expect("there");
    assert_eq!(note, "3 rows");
    assert_eq!(one(&copy.options(), "select count(*)::text from t").await, "0");
    // A run that was killed before its comment, and one of long ago.
    let admin = postgres(&scratch).await;
    let half = "create database limbeck_kept_00; create database limbeck_kept_01";
    for sql in half.split(';') {
        statement(&admin, sql).await;
    }
    statement(&admin, "comment on database limbeck_kept_01 is '1700000000 of 2023'").await;
    let empty = scratch.database().await.expect("a database");
    for key in 0..7 {
        scratch.keep(&empty, &key.to_string(), "").await;
    }
    let names =
        one(&admin, "select string_agg(datname, ' ') from pg_database where datname ~ '^limbeck_kept'").await;
    assert_eq!(names.split(' ').count(), 6, "{names}");
    assert!(!names.contains("limbeck_kept_00") && !names.contains("limbeck_kept_01"), "{names}");
    scratch.close().await.expect("closed");
}

/// What one run keeps is never half made to another, which would throw it out.
#[tokio::test]
async fn two_runs_that_keep_at_once_get_along() {
    needs_binaries!();
    let cache = Cache::new("kept-at-once");
    let (first, second) =
        (open(&cache.wanted()).await.expect("one"), open(&cache.wanted()).await.expect("two"));
    let keep = async |scratch: &Scratch, whose: &str| {
        let database = scratch.database().await.expect("a database");
        for key in ["a", "b", "both"] {
            let key = if key == "both" { key.to_owned() } else { format!("{key} {whose}") };
            scratch.keep(&database, &key, &key).await;
        }
    };
    tokio::join!(keep(&first, "first"), keep(&second, "second"));
    for key in ["a first", "b first", "a second", "b second", "both"] {
        let (_, note) = second.kept(key).await.unwrap_or_else(|| panic!("{key} was thrown out"));
        assert_eq!(note, key);
    }
    let admin = postgres(&first).await;
    let names = "select count(*)::text from pg_database where datname ~ '^limbeck_kept'";
    assert_eq!(one(&admin, names).await, "5");
    first.close().await.expect("closed");
    second.close().await.expect("closed");
}

/// On a server of somebody's nothing stays behind.
#[tokio::test]
async fn nothing_is_kept_on_a_server_that_is_named() {
    needs_binaries!();
    let cache = Cache::new("not-kept");
    let native = open(&cache.wanted()).await.expect("a cluster");
    let admin = postgres(&native).await;
    let wanted = Wanted { choice: Choice::Server(Box::new(admin.clone())), ..cache.wanted() };
    let scratch = open(&wanted).await.expect("the server");
    let database = scratch.database().await.expect("a database");
    scratch.keep(&database, "a key", "").await;
    assert!(scratch.kept("a key").await.is_none());
    scratch.close().await.expect("closed");
    assert_eq!(one(&admin, LEFT).await, "0");
    native.close().await.expect("closed");
}
