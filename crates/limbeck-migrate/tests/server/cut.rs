//! Connections that are cut, before and after every single message of a run: what stays is the old state or
//! the new one, and the next run goes on to the same end.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Applied, Error, Runner, State};
use sqlx::{Connection, PgConnection};

use crate::cluster::Cluster;
use crate::proxy::{Cut, Proxy};
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "a_cut_before_any_message_loses_nothing", a_cut_before_any_message_loses_nothing),
        trial(cluster, "a_cut_after_any_message_loses_nothing", a_cut_after_any_message_loses_nothing),
        trial(cluster, "a_backend_that_is_ended_is_said", a_backend_that_is_ended_is_said),
    ]
}

/// Every kind of step: together, alone, together again, and a revision behind it.
fn write(world: &World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a (id int); create type mood as enum ('sad');\n\
         -- limbeck:upgrade no-transaction\ncreate index concurrently a_i on a (id);\n\
         -- limbeck:upgrade no-transaction\nalter type mood add value 'ok';\n\
         -- limbeck:upgrade\ncreate table a2 (id int);\n\
         -- limbeck:downgrade\ndrop table a2;\n\
         -- limbeck:downgrade no-transaction\ndrop index concurrently a_i;\n\
         -- limbeck:downgrade\ndrop table a; drop type mood;\n",
    );
    world.write(
        "bbb",
        "aaa",
        "-- limbeck:upgrade\ncreate table b (id int);\n-- limbeck:downgrade\ndrop table b;\n",
    );
}

/// What there is, and what the version table says of it: both must be of the same moment.
async fn check(world: &World) {
    let there = |name: &'static str| async move { world.has(name).await };
    let rows: Vec<Applied> = if there("limbeck_version").await { world.applied().await } else { Vec::new() };
    let row = |id: &str| rows.iter().find(|row| row.revision.as_str() == id);
    assert_eq!(there("b").await, row("bbb").is_some(), "{rows:?}");
    let (first, last) = match row("aaa") {
        None => (false, false),
        Some(row) => match row.state {
            State::Applied => (true, true),
            State::Upgrading(parts) => (parts > 0, parts > 3),
            State::Downgrading(parts) => (true, parts == 0),
        },
    };
    assert_eq!((there("a").await, there("a2").await), (first, last), "{rows:?}");
}

async fn a_cut_before_any_message_loses_nothing(world: World) {
    every(world, Cut::Asking).await;
}

async fn a_cut_after_any_message_loses_nothing(world: World) {
    every(world, Cut::Answering).await;
}

async fn every(world: World, cut: fn(usize) -> Cut) {
    write(&world);
    let proxy = Proxy::start(world.port);
    let graph = world.graph();
    for (up, target) in [(true, "head"), (false, "base")] {
        for number in 1.. {
            let mut conn = world.connect_through(proxy.port).await;
            proxy.cut(cut(number));
            let mut quiet = |_: limbeck_migrate::Event<'_>| {};
            let mut runner = Runner::new(&mut conn, &graph, &world.settings, &mut quiet);
            let ran = if up { runner.upgrade(target).await } else { runner.downgrade(target).await };
            let whole = proxy.is_whole();
            drop(conn);
            gone(&world).await;
            check(&world).await;
            let again = if up { world.upgrade(target).await } else { world.downgrade(target).await };
            assert!(again.is_ok(), "after a cut at {number}: {again:?}, and before {ran:?}");
            check(&world).await;
            assert_eq!(world.has("b").await, up);
            if whole {
                // There was no such message: the run came to its end.
                assert!(number > 6 && ran.is_ok(), "{number} {ran:?}");
                break;
            }
            let back = if up { world.downgrade("base").await } else { world.upgrade("head").await };
            back.unwrap();
        }
    }
}

/// Until the server has noticed that a client is gone.
async fn gone(world: &World) {
    let others = "select count(*) from pg_stat_activity where datname = current_database() \
                  and pid <> pg_backend_pid() and backend_type = 'client backend'";
    while world.ask(others).await != "0" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn a_backend_that_is_ended_is_said(world: World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a ();\nselect pg_terminate_backend(pg_backend_pid());\n\
         -- limbeck:downgrade\nselect 1;\n",
    );
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Broken { part: None, .. }), "{error:?}");
    assert!(!world.has("a").await && world.applied().await.is_empty());
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\nselect pg_terminate_backend(pg_backend_pid());\n",
    );
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Broken { part: Some((1, 5)), .. }), "{error:?}");
    assert!(world.applied().await[0].is_in_doubt());
    PgConnection::connect(&world.url).await.unwrap();
}
