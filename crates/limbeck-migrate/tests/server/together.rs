//! Several runs at once, and runs beside an application that holds locks.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Error, Event, Runner};
use sqlx::raw_sql;

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "a_run_that_waits_can_be_stopped", a_run_that_waits_can_be_stopped),
        trial(cluster, "ten_runs_at_once_apply_everything_once", ten_runs_at_once_apply_everything_once),
        trial(
            cluster,
            "a_lock_that_is_not_had_is_asked_for_again",
            a_lock_that_is_not_had_is_asked_for_again,
        ),
        trial(cluster, "a_lock_that_is_never_had_is_an_error", a_lock_that_is_never_had_is_an_error),
    ]
}

async fn ten_runs_at_once_apply_everything_once(world: World) {
    // An index built concurrently waits for every transaction there is: for a run that waits, too, if
    // it did so inside of one.
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a (id int);\nselect pg_sleep(0.3);\n\
                            -- limbeck:upgrade no-transaction\ncreate index concurrently i on a (id);\n",
    );
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\n");
    let one = || world.upgrade("head");
    let (a, b, c, d, e) = tokio::join!(one(), one(), one(), one(), one());
    let (f, g, h, i, j) = tokio::join!(one(), one(), one(), one(), one());
    let mut ran: Vec<String> = [a, b, c, d, e, f, g, h, i, j].into_iter().map(Result::unwrap).collect();
    ran.sort();
    assert_eq!(ran.pop().as_deref(), Some("aaa bbb"));
    assert!(ran.iter().all(String::is_empty), "{ran:?}");
}

async fn a_run_that_waits_can_be_stopped(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\nselect pg_sleep(0.4);\n");
    let graph = world.graph();
    let (mut first, mut second) = (world.connect().await, world.connect().await);
    let (mut quiet, mut waiting) = (|_: Event<'_>| {}, |_: Event<'_>| {});
    let mut holds = Runner::new(&mut first, &graph, &world.settings, &mut quiet);
    let mut waits = Runner::new(&mut second, &graph, &world.settings, &mut waiting);
    waits.control().stop();
    let (held, waited) = tokio::join!(holds.upgrade("head"), waits.upgrade("head"));
    assert_eq!(held.unwrap().len(), 1);
    assert!(matches!(waited, Err(Error::Stopped)), "{waited:?}");
}

async fn a_lock_that_is_not_had_is_asked_for_again(mut world: World) {
    world.run("create table a (id int)").await;
    world.settings.lock_timeout = Some("100ms".into());
    world.write("aaa", "", "-- limbeck:upgrade\nalter table a add b int;\n");
    let mut other = world.connect().await;
    raw_sql("begin; select count(*) from a").execute(&mut other).await.unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let mut events = |event: Event<'_>| {
        if let Event::LockTimeout { attempt, .. } = event {
            tell.send(attempt).unwrap();
        }
    };
    let graph = world.graph();
    let run = world.upgrade_with(&graph, "head", &mut events);
    let release = async {
        while told.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        raw_sql("rollback").execute(&mut other).await.unwrap();
    };
    let (result, ()) = tokio::join!(run, release);
    assert_eq!(result.unwrap(), "aaa");
}

async fn a_lock_that_is_never_had_is_an_error(mut world: World) {
    world.run("create table a (id int)").await;
    world.settings.lock_timeout = Some("50ms".into());
    world.settings.lock_retries = 0;
    world.write("aaa", "", "-- limbeck:upgrade\nalter table a add b int;\n");
    let mut other = world.connect().await;
    raw_sql("begin; select count(*) from a").execute(&mut other).await.unwrap();
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Sql(sql) if sql.server.code == "55P03"), "{error:?}");
}
