//! How often a run waits for the server's answer, counted by a proxy between.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::Runner;

use crate::cluster::Cluster;
use crate::proxy::Proxy;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "nothing_to_do_costs_three_round_trips", nothing_to_do_costs_three_round_trips),
        trial(
            cluster,
            "two_hundred_revisions_cost_one_round_trip_each",
            two_hundred_revisions_cost_one_round_trip_each,
        ),
    ]
}

async fn counted(world: &World, proxy: &Proxy) -> usize {
    let (mut conn, graph) = (world.connect_through(proxy.port).await, world.graph());
    proxy.round_trips();
    Runner::new(&mut conn, &graph, &world.settings, &mut |_| {}).upgrade("head").await.unwrap();
    proxy.round_trips()
}

async fn nothing_to_do_costs_three_round_trips(mut world: World) {
    let proxy = Proxy::start(world.port);
    world.settings.lock_timeout = Some("5s".into());
    world.settings.session = vec![("work_mem".into(), "8MB".into())];
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    assert!(counted(&world, &proxy).await <= 5, "the first revision of a database");
    assert!(counted(&world, &proxy).await <= 3);
}

async fn two_hundred_revisions_cost_one_round_trip_each(world: World) {
    let proxy = Proxy::start(world.port);
    for number in 0..200 {
        let parent = if number == 0 { String::new() } else { format!("r{:03}", number - 1) };
        let parts =
            format!("-- limbeck:upgrade\ncreate table t{number} (id int);\n-- limbeck:upgrade\nselect 1;\n");
        world.write(&format!("r{number:03}"), &parent, &parts);
    }
    let round_trips = counted(&world, &proxy).await;
    assert!(round_trips <= 210, "{round_trips}");
    assert_eq!(world.applied().await.len(), 200);
}
