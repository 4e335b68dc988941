//! Databases that Alembic brought to where they are: what its version table says counts as applied, once.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::alembic::{self, VersionTable};
use limbeck_migrate::{Error, Event, Runner, version};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "a_run_goes_on_from_where_alembic_stopped", a_run_goes_on_from_where_alembic_stopped),
        trial(cluster, "alembics_table_is_asked_once", alembics_table_is_asked_once),
        trial(
            cluster,
            "making_the_table_or_stamping_takes_over_too",
            making_the_table_or_stamping_takes_over_too,
        ),
        trial(cluster, "what_is_gone_for_good_is_purged", what_is_gone_for_good_is_purged),
        trial(cluster, "what_alembic_names_must_have_a_file", what_alembic_names_must_have_a_file),
    ]
}

/// Three revisions, and a database in which Alembic ran the first two.
async fn half_way(mut world: World) -> World {
    world.settings.alembic = Some(VersionTable::parse("alembic_version"));
    for (id, parent, table) in [("aaa", "", "one"), ("bbb", "aaa", "two"), ("ccc", "bbb", "three")] {
        let parts = format!(
            "-- limbeck:upgrade\ncreate table {table} ();\n-- limbeck:downgrade\ndrop table {table};\n"
        );
        world.write(id, parent, &parts);
    }
    world.run("create table one (); create table two (); create table alembic_version (version_num varchar(32))").await;
    world.run("insert into alembic_version values ('bbb')").await;
    world
}

async fn a_run_goes_on_from_where_alembic_stopped(world: World) {
    let world = half_way(world).await;
    let graph = world.graph();
    let seen = alembic::applied(&mut world.connect().await, &graph, &world.settings).await.unwrap();
    assert_eq!(version::heads(&graph, &seen).iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["bbb"]);
    assert!(!world.has("limbeck_version").await, "looking wrote something");
    let mut said = Vec::new();
    let mut events = |event: Event<'_>| {
        if let Event::Adopted { heads, .. } = event {
            said.extend(heads);
        }
    };
    assert_eq!(world.upgrade_with(&graph, "head", &mut events).await.unwrap(), "ccc");
    assert_eq!(said, ["bbb"]);
    assert_eq!(world.applied().await.len(), 3);
    assert_eq!(world.ask("select version_num from alembic_version").await, "bbb");
}

async fn alembics_table_is_asked_once(world: World) {
    let world = half_way(world).await;
    assert_eq!(world.downgrade("base").await.unwrap(), "bbb aaa");
    // Alembic's table still says `bbb`.
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa bbb ccc");
}

async fn making_the_table_or_stamping_takes_over_too(world: World) {
    let world = half_way(world).await;
    let (graph, mut conn) = (world.graph(), world.connect().await);
    let mut silent = |_: Event<'_>| {};
    let mut runner = Runner::new(&mut conn, &graph, &world.settings, &mut silent);
    assert!(runner.ensure().await.unwrap());
    assert!(!runner.ensure().await.unwrap());
    assert_eq!(world.applied().await.len(), 2);
    assert_eq!(world.upgrade("head").await.unwrap(), "ccc");
}

async fn what_is_gone_for_good_is_purged(world: World) {
    let world = half_way(world).await;
    world.run("update alembic_version set version_num = 'zzz'").await;
    let (graph, mut conn) = (world.graph(), world.connect().await);
    let mut silent = |_: Event<'_>| {};
    let mut runner = Runner::new(&mut conn, &graph, &world.settings, &mut silent);
    assert!(runner.stamp(&["bbb"], false).await.is_err());
    runner.stamp(&["bbb"], true).await.unwrap();
    assert_eq!(world.upgrade("head").await.unwrap(), "ccc");
}

async fn what_alembic_names_must_have_a_file(world: World) {
    let world = half_way(world).await;
    world.run("insert into alembic_version values ('zzz')").await;
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::AlembicElsewhere { revisions, .. } if revisions == &["zzz"]), "{error}");
    assert!(!world.has("limbeck_version").await && !world.has("three").await);
}
