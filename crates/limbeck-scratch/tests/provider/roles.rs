//! Roles belong to servers: whoever made one drops it, and no run is in another's way.

use limbeck_scratch::provider::{Choice, Error, Wanted, open};
use sqlx::Connection as _;

use crate::{Cache, binaries, needs_binaries, one, postgres, statement};

const ROLES: &str =
    "select coalesce(string_agg(rolname, ' ' order by rolname), '') from pg_roles where oid >= 16384";

/// The last of those who need it drops a role; and who is killed leaves it to the next.
#[tokio::test]
async fn roles_that_were_missing_go_with_the_last_that_needs_them() {
    needs_binaries!();
    let cache = Cache::new("roles");
    let (first, second) =
        (open(&cache.wanted()).await.expect("one"), open(&cache.wanted()).await.expect("two"));
    let admin = postgres(&first).await;
    for scratch in [&first, &second] {
        let database = scratch.database().await.expect("a database");
        let mut session = database.connect().await.expect("a session");
        assert!(database.make_role(&mut session, "both").await.expect("made"));
        assert!(!database.make_role(&mut session, "pg_reserved").await.expect("refused"));
        session.close().await.expect("closed");
    }
    statement(&admin, "create role by_hand").await;
    assert_eq!(one(&admin, ROLES).await, "both by_hand");
    first.close().await.expect("closed");
    assert_eq!(one(&admin, ROLES).await, "both by_hand", "the other may need it");
    let third = open(&cache.wanted()).await.expect("three");
    assert_eq!(one(&admin, ROLES).await, "both by_hand", "nor does one that comes drop it");
    second.close().await.expect("closed");
    assert_eq!(one(&admin, ROLES).await, "both by_hand", "the third is not the last");
    // Killed, as it were: what it left goes with the next, whoever made it.
    drop(third);
    let next = open(&cache.wanted()).await.expect("the next");
    assert_eq!(one(&next.database().await.expect("a database").options(), ROLES).await, "");
    next.close().await.expect("closed");
}

/// What revisions make of roles themselves: one run at a time, and nothing stays.
#[tokio::test]
async fn runs_that_make_roles_go_one_after_the_other() {
    needs_binaries!();
    let cache = Cache::new("alone");
    let wanted = Wanted { roles: true, ..cache.wanted() };
    let closed = std::cell::Cell::new(false);
    let first = open(&wanted).await.expect("the first");
    let second = async {
        let second = open(&wanted).await.expect("the second");
        assert!(closed.get(), "it waited for the first");
        let database = second.database().await.expect("a database");
        let options = database.options();
        assert_eq!(one(&options, ROLES).await, "", "none of the first's are left");
        assert_eq!(one(&options, "show work_mem").await, "4MB", "nor what was set for all");
        second.keep(&database, "a key", "").await;
        assert!(second.kept("a key").await.is_none(), "roles belong to what would be kept");
        // Killed, as it were: its role is left to the next.
        database.run("create role killed").await.expect("run");
        drop((database, second));
        let third = open(&wanted).await.expect("the third");
        let database = third.database().await.expect("a database");
        assert_eq!(one(&database.options(), ROLES).await, "");
        third.close().await.expect("closed");
    };
    let first = async {
        let database = first.database().await.expect("a database");
        database
            .run(
                "create role app; create role other; grant app to other; create table t (); alter table t owner to app; \
                 alter default privileges for role app grant select on tables to other; \
                 alter role all set work_mem = '1MB'; alter role postgres set work_mem = '2MB'",
            )
            .await
            .expect("run");
        assert_eq!(one(&database.options(), "show work_mem").await, "2MB");
        // The other one had its turn by now, if it did not wait.
        for _ in 0..100 {
            tokio::task::yield_now().await;
            one(&database.options(), "select ''").await;
        }
        closed.set(true);
        first.close().await.expect("closed");
    };
    tokio::join!(first, second);
}

#[tokio::test]
async fn on_a_server_that_is_named_no_role_is_made() {
    needs_binaries!();
    let cache = Cache::new("roles-named");
    let native = open(&cache.wanted()).await.expect("a cluster");
    let admin = postgres(&native).await;
    let wanted = Wanted { choice: Choice::Server(Box::new(admin.clone())), ..cache.wanted() };
    let scratch = open(&wanted).await.expect("the server");
    let database = scratch.database().await.expect("a database");
    let mut session = database.connect().await.expect("a session");
    assert!(!database.make_role(&mut session, "reader").await.expect("asked"));
    session.close().await.expect("closed");
    scratch.close().await.expect("closed");
    assert_eq!(one(&admin, ROLES).await, "");
    let refused = open(&Wanted { roles: true, ..wanted }).await.expect_err("it would change the server");
    assert!(matches!(refused, Error::Roles), "{refused}");
    native.close().await.expect("closed");
}
