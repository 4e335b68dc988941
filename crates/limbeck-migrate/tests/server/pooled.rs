//! Behind a pooler that hands out sessions by the transaction, each time another one.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Error, Event, Runner, Side};
use sqlx::{Connection, PgConnection};

use crate::cluster::Cluster;
use crate::world::{World, names};
use crate::{pooler, trial};

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "a_run_keeps_its_session_behind_a_pooler", a_run_keeps_its_session_behind_a_pooler),
        trial(cluster, "runs_at_once_behind_a_pooler_run_once", runs_at_once_behind_a_pooler_run_once),
        trial(cluster, "a_failure_behind_a_pooler_leaves_no_lock", a_failure_behind_a_pooler_leaves_no_lock),
        trial(cluster, "a_part_alone_is_refused_behind_a_pooler", a_part_alone_is_refused_behind_a_pooler),
    ]
}

const LOCKS: &str = "select count(*) from pg_locks where locktype = 'advisory' and database = \
                     (select oid from pg_database where datname = current_database())";

fn chain(world: &World) {
    for (id, parent) in [("aaa", ""), ("bbb", "aaa"), ("ccc", "bbb")] {
        let parts = format!(
            "-- limbeck:upgrade\ncreate table {id} ();\nselect pg_sleep(0.05);\n-- limbeck:upgrade\nselect 1;\n"
        );
        world.write(id, parent, &parts);
    }
}

async fn upgrade(world: &World, port: u16, side: bool) -> Result<String, Error> {
    let (mut conn, graph) = (world.connect_through(port).await, world.graph());
    let mut quiet = |_: Event<'_>| {};
    let mut runner = Runner::new(&mut conn, &graph, &world.settings, &mut quiet);
    if side {
        let url = world.url_through(port);
        runner = runner.beside(Side::new(move || {
            let url = url.clone();
            async move { PgConnection::connect(&url).await.ok() }
        }));
    }
    runner.upgrade("head").await.map(|planned| names(&planned))
}

async fn a_run_keeps_its_session_behind_a_pooler(mut world: World) {
    world.settings.lock_timeout = Some("7s".into());
    chain(&world);
    let port = pooler::start(world.port);
    let mut other = world.connect_through(port).await;
    assert_eq!(upgrade(&world, port, true).await.unwrap(), "aaa bbb ccc");
    assert_eq!(world.ask(LOCKS).await, "0");
    // Nobody else gets a session with our settings.
    for _ in 0..4 {
        let row =
            sqlx::raw_sql("select current_setting('lock_timeout')").fetch_one(&mut other).await.unwrap();
        assert_eq!(sqlx::Row::get::<String, _>(&row, 0), "0");
    }
}

async fn runs_at_once_behind_a_pooler_run_once(world: World) {
    chain(&world);
    let port = pooler::start(world.port);
    let one = || upgrade(&world, port, false);
    let (a, b, c, d, e) = tokio::join!(one(), one(), one(), one(), one());
    let mut ran: Vec<String> = [a, b, c, d, e].into_iter().map(Result::unwrap).collect();
    ran.sort();
    assert_eq!(ran, ["", "", "", "", "aaa bbb ccc"]);
    assert_eq!(world.ask(LOCKS).await, "0");
}

async fn a_failure_behind_a_pooler_leaves_no_lock(world: World) {
    chain(&world);
    world.write("ddd", "ccc", "-- limbeck:upgrade\nselect 1/0;\n");
    let port = pooler::start(world.port);
    assert!(matches!(upgrade(&world, port, true).await, Err(Error::Sql(_))));
    assert_eq!((world.ask(LOCKS).await.as_str(), world.applied().await.len()), ("0", 3));
}

async fn a_part_alone_is_refused_behind_a_pooler(world: World) {
    chain(&world);
    world.write(
        "ddd",
        "ccc",
        "-- limbeck:upgrade\ncreate table d ();\n-- limbeck:upgrade no-transaction\nvacuum aaa;\n",
    );
    let port = pooler::start(world.port);
    let error = upgrade(&world, port, true).await.unwrap_err();
    assert!(matches!(&error, Error::Pooled { part: 2, line: 8, .. }), "{error:?}");
    assert_eq!(world.ask(LOCKS).await, "0");
    // The session that a direct connection has is its own.
    assert_eq!(world.upgrade("head").await.unwrap(), "ddd");
}
