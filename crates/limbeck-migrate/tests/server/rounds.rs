//! Runs that go well: up, down, stamped, as a script, in one transaction; and what they leave recorded.

use std::process::{Command, Stdio};
use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Direction, Runner, State, script, version};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "up_and_down", up_and_down),
        trial(cluster, "parts_do_not_see_each_others_session", parts_do_not_see_each_others_session),
        trial(cluster, "a_new_enum_value_is_used_at_once", a_new_enum_value_is_used_at_once),
        trial(cluster, "settings_of_a_part_hold_for_it_alone", settings_of_a_part_hold_for_it_alone),
        trial(cluster, "a_script_does_what_a_run_does", a_script_does_what_a_run_does),
        trial(cluster, "stamping_runs_nothing", stamping_runs_nothing),
        trial(cluster, "the_table_stands_where_it_is_configured", the_table_stands_where_it_is_configured),
    ]
}

const MEMBERS: &str = "-- limbeck:upgrade\ncreate table members (id int)\n-- the end\n\n\
                       -- limbeck:upgrade no-transaction\ncreate index concurrently members_i on members (id);\n\n\
                       -- limbeck:downgrade\ndrop table members;\n";

async fn up_and_down(world: World) {
    world.write("aaa", "", MEMBERS);
    world.write(
        "bbb",
        "aaa",
        "-- limbeck:upgrade\nalter table members add email text;\n\
                               -- limbeck:downgrade\nalter table members drop email;\n",
    );
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa bbb");
    assert_eq!(world.upgrade("head").await.unwrap(), "");
    let applied = world.applied().await;
    assert!(applied.iter().all(|row| row.state == State::Applied && row.duration_ms.is_some()));
    let graph = world.graph();
    assert_eq!(version::heads(&graph, &applied).iter().map(|h| h.as_str()).collect::<Vec<_>>(), ["bbb"]);
    assert!(applied.iter().all(|row| row.edited(graph.get(&row.revision).unwrap()).is_empty()));
    assert_eq!(world.downgrade("-1").await.unwrap(), "bbb");
    assert_eq!(world.downgrade("base").await.unwrap(), "aaa");
    assert!(!world.has("members").await && world.applied().await.is_empty());
    assert_eq!(world.downgrade("base").await.unwrap(), "");
}

async fn parts_do_not_see_each_others_session(world: World) {
    world.run("create role limbeck_nobody").await;
    // As a pasted dump and a careless author would leave it.
    world.write("aaa", "", "-- limbeck:upgrade\nselect set_config('search_path', '', false);\n\
                            set statement_timeout = 1234567; set TimeZone = 'Asia/Tokyo'; set role limbeck_nobody;\n\
                            -- limbeck:upgrade\ncreate table seen as select current_user::text as who, \
                            current_setting('TimeZone') as zone, current_setting('statement_timeout') as timeout;\n");
    world.upgrade("head").await.unwrap();
    assert_eq!(world.ask("select who || zone || timeout from public.seen").await, "postgresUTC0");
    assert_eq!(world.ask("select count(*) from public.limbeck_version").await, "1");
    world.run("drop role limbeck_nobody").await;
}

async fn a_new_enum_value_is_used_at_once(world: World) {
    world.run("create type mood as enum ('sad'); create table m (v mood)").await;
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\nalter type mood add value if not exists 'ok';\n\
                            -- limbeck:upgrade\ninsert into m values ('ok');\n",
    );
    world.upgrade("head").await.unwrap();
    assert_eq!(world.ask("select v from m").await, "ok");
}

async fn settings_of_a_part_hold_for_it_alone(mut world: World) {
    world.settings.lock_timeout = Some("7s".into());
    world.settings.session = vec![("search_path".into(), "extra, public".into())];
    world.run("create schema extra").await;
    let see = |name: &str| format!("create table {name} as select current_setting('lock_timeout') as v;\n");
    world.write("aaa", "", &format!(
        "-- limbeck:upgrade\n{}-- limbeck:upgrade no-transaction lock_timeout=5s\n{}-- limbeck:upgrade lock_timeout=6s\n{}\
         -- limbeck:upgrade\n{}", see("a"), see("b"), see("c"), see("d")));
    world.upgrade("head").await.unwrap();
    let seen = "select concat_ws(' ', a.v, b.v, c.v, d.v) from extra.a, extra.b, extra.c, extra.d";
    assert_eq!(world.ask(seen).await, "7s 5s 6s 7s");
}

async fn a_script_does_what_a_run_does(world: World) {
    let Some(psql) = &world.psql else { return };
    world.write("aaa", "", MEMBERS);
    world.write(
        "bbb",
        "aaa",
        "-- limbeck:upgrade\ncreate view v as select 'it''s' as \"Q\";\n-- limbeck:downgrade\ndrop view v;\n",
    );
    for (direction, from, to, rows) in
        [(Direction::Upgrade, "base", "head", 2), (Direction::Downgrade, "bbb", "base", 0)]
    {
        let text = script::script(&world.graph(), &world.settings, direction, from, to).unwrap();
        let path = world.folder.join("script.txt");
        std::fs::write(&path, text).unwrap();
        let status = Command::new(psql)
            .args(["-qX", "-d", &world.url, "-f", path.as_str()])
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        assert_eq!(world.applied().await.len(), rows);
        assert_eq!(world.has("members").await, rows > 0);
        // A database from before there was a history gets one; and so does the second script find it.
        assert_eq!(world.ask("select count(*) from limbeck_history").await, "2");
        world.run("drop table limbeck_history").await;
    }
}

async fn stamping_runs_nothing(world: World) {
    world.write("aaa", "", MEMBERS);
    world.write("bbb", "aaa", "");
    let stamp = async |world: &World, target: &str, purge: bool| {
        let (mut conn, graph) = (world.connect().await, world.graph());
        let stamped =
            Runner::new(&mut conn, &graph, &world.settings, &mut |_| {}).stamp(&[target], purge).await;
        stamped.map(|ids| ids.len())
    };
    assert_eq!(stamp(&world, "head", false).await.unwrap(), 2);
    assert!(!world.has("members").await);
    assert_eq!(stamp(&world, "aaa", false).await.unwrap(), 1);
    // The file of what is recorded is gone: only `--purge` gets past that.
    std::fs::remove_file(world.folder.join("aaa.sql")).unwrap();
    world.write("bbb", "", "");
    assert!(stamp(&world, "head", false).await.is_err());
    assert_eq!(stamp(&world, "head", true).await.unwrap(), 1);
    assert_eq!(world.applied().await[0].revision.as_str(), "bbb");
}

async fn the_table_stands_where_it_is_configured(mut world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table t ();\n");
    world.settings.table.schema = "Own schema".into();
    world.upgrade("head").await.unwrap();
    assert!(world.has("\"Own schema\".limbeck_version").await);
    world.settings.table.schema = "public".into();
    let error = world.upgrade("head").await.unwrap_err();
    assert!(
        matches!(&error, limbeck_migrate::Error::TableElsewhere { found, .. } if found == &["Own schema"]),
        "{error}"
    );
}
