//! Runs that wait, for another run or for a lock: who is waited for is said, and for how long one waits can
//! be limited.

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;
use limbeck_migrate::{Error, Event, Holder, Runner};
use sqlx::raw_sql;

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "who_waits_says_for_whom_again_and_again", who_waits_says_for_whom_again_and_again),
        trial(cluster, "waiting_for_a_run_has_an_end", waiting_for_a_run_has_an_end),
        trial(cluster, "who_holds_a_lock_is_said_while_waiting", who_holds_a_lock_is_said_while_waiting),
        trial(cluster, "who_held_a_lock_is_said_after_a_timeout", who_held_a_lock_is_said_after_a_timeout),
        trial(cluster, "a_part_alone_waits_for_a_lock_again", a_part_alone_waits_for_a_lock_again),
    ]
}

async fn who_waits_says_for_whom_again_and_again(mut world: World) {
    world.settings.report_every = Duration::from_millis(100);
    world.write("aaa", "", "-- limbeck:upgrade\nselect pg_sleep(2);\n");
    let graph = world.graph();
    let mut first = world.connect().await;
    raw_sql("set application_name = 'the first'").execute(&mut first).await.unwrap();
    let mut second = world.connect().await;
    let mut said = Vec::new();
    let mut waiting = |event: Event<'_>| {
        if let Event::Waiting { holder: Some(holder), waited } = event {
            said.push((holder, waited));
        }
    };
    let mut quiet = |_: Event<'_>| {};
    let mut holds = Runner::new(&mut first, &graph, &world.settings, &mut quiet);
    let mut waits = Runner::new(&mut second, &graph, &world.settings, &mut waiting);
    let late = async {
        while holds_nothing(&world).await {}
        waits.upgrade("head").await
    };
    let (held, waited) = tokio::join!(holds.upgrade("head"), late);
    assert_eq!((held.unwrap().len(), waited.unwrap().len()), (1, 0));
    assert!(said.len() > 1 && said.windows(2).all(|pair| pair[0].1 < pair[1].1), "{said:?}");
    let (holder, _) = &said[1];
    assert_eq!(holder.application.as_deref(), Some("the first"));
    assert_eq!((holder.user.as_deref(), holder.client.as_deref()), (Some("postgres"), Some("127.0.0.1")));
    assert_eq!(holder.query.as_deref(), Some("limbeck upgrade aaa"));
}

async fn holds_nothing(world: &World) -> bool {
    let locks = "select count(*) from pg_locks where locktype = 'advisory' and database = \
                 (select oid from pg_database where datname = current_database())";
    world.ask(locks).await == "0"
}

async fn waiting_for_a_run_has_an_end(mut world: World) {
    world.settings.run_lock_timeout = Some(Duration::from_millis(300));
    world.write("aaa", "", "-- limbeck:upgrade\nselect pg_sleep(1.5);\n");
    let late = async {
        while holds_nothing(&world).await {}
        world.upgrade("head").await
    };
    let (held, waited) = tokio::join!(world.upgrade("head"), late);
    assert_eq!(held.unwrap(), "aaa");
    let error = waited.unwrap_err();
    assert!(matches!(&error, Error::RunLocked { holder: Some(_), .. }), "{error:?}");
}

/// An upgrade while an application has a lock on a table, which it lets go once told to.
async fn upgrade_beside(
    world: &World,
    events: &mut (dyn FnMut(Event<'_>) + Send),
    done: impl Fn() -> bool,
) -> Result<usize, Error> {
    let mut other = world.connect().await;
    raw_sql("set application_name = 'the shop'").execute(&mut other).await.unwrap();
    raw_sql("begin; select count(*) from a").execute(&mut other).await.unwrap();
    let (mut conn, graph) = (world.connect().await, world.graph());
    let mut runner = Runner::new(&mut conn, &graph, &world.settings, events).beside(world.side());
    let release = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        raw_sql("rollback").execute(&mut other).await.unwrap();
    };
    let (result, ()) = tokio::join!(runner.upgrade("head"), release);
    result.map(|planned| planned.len())
}

fn is_the_shop(holders: &[Holder]) -> bool {
    let [holder] = holders else { return false };
    holder.application.as_deref() == Some("the shop")
        && holder.state.as_deref() == Some("idle in transaction")
        && holder.query.as_ref().is_some_and(|query| query.contains("count(*)"))
}

async fn who_holds_a_lock_is_said_while_waiting(mut world: World) {
    world.settings.report_every = Duration::from_millis(100);
    world.run("create table a (id int)").await;
    world.write("aaa", "", "-- limbeck:upgrade\nalter table a add b int;\n");
    let said = std::sync::atomic::AtomicUsize::new(0);
    let mut events = |event: Event<'_>| {
        if let Event::Blocked { holders, .. } = event {
            assert!(is_the_shop(holders), "{holders:?}");
            said.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let done = || said.load(std::sync::atomic::Ordering::SeqCst) > 1;
    assert_eq!(upgrade_beside(&world, &mut events, done).await.unwrap(), 1);
}

async fn who_held_a_lock_is_said_after_a_timeout(mut world: World) {
    world.settings.lock_timeout = Some("2s".into());
    world.run("create table a (id int)").await;
    world.write("aaa", "", "-- limbeck:upgrade\nalter table a add b int;\n");
    let said = std::sync::atomic::AtomicBool::new(false);
    let mut events = |event: Event<'_>| {
        if let Event::LockTimeout { holders, .. } = event {
            assert!(is_the_shop(holders), "{holders:?}");
            said.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let done = || said.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(upgrade_beside(&world, &mut events, done).await.unwrap(), 1);
    world.settings.lock_retries = 0;
    world.write("bbb", "aaa", "-- limbeck:upgrade\nalter table a add c int;\n");
    let over = std::sync::atomic::AtomicBool::new(false);
    let run = async {
        let mut quiet = |_: Event<'_>| {};
        let result = upgrade_beside(&world, &mut quiet, || over.load(std::sync::atomic::Ordering::SeqCst));
        tokio::select! {
            result = result => result,
            () = async { tokio::time::sleep(Duration::from_secs(5)).await; over.store(true, std::sync::atomic::Ordering::SeqCst); std::future::pending().await } => unreachable!(),
        }
    };
    let error = run.await.unwrap_err();
    assert!(
        matches!(&error, Error::Sql(sql) if sql.server.code == "55P03" && is_the_shop(&sql.holders)),
        "{error:?}"
    );
}

async fn a_part_alone_waits_for_a_lock_again(mut world: World) {
    world.settings.lock_timeout = Some("100ms".into());
    world.run("create table a (id int)").await;
    world.write("aaa", "", "-- limbeck:upgrade no-transaction\nalter table a add b int;\n");
    let said = std::sync::atomic::AtomicBool::new(false);
    let mut events = |event: Event<'_>| {
        if let Event::LockTimeout { .. } = event {
            said.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let done = || said.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(upgrade_beside(&world, &mut events, done).await.unwrap(), 1);
    assert!(!world.applied().await[0].is_in_doubt());
}
