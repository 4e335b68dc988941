//! What a database remembers: a row of the history for whatever was done, written with the version row
//! or not at all, and the tables' own forms.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Action, Entry, Error, Runner};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "whatever_is_done_is_remembered", whatever_is_done_is_remembered),
        trial(cluster, "what_fails_is_not_remembered", what_fails_is_not_remembered),
        trial(cluster, "stamping_again_leaves_who_applied_it", stamping_again_leaves_who_applied_it),
        trial(cluster, "an_older_database_gets_its_history", an_older_database_gets_its_history),
        trial(cluster, "a_newer_form_is_refused", a_newer_form_is_refused),
        trial(cluster, "a_state_that_is_not_known_is_not_applied", a_state_that_is_not_known_is_not_applied),
        trial(cluster, "downgrades_are_kept_unless_turned_off", downgrades_are_kept_unless_turned_off),
        trial(cluster, "who_may_only_write_the_tables_can_run", who_may_only_write_the_tables_can_run),
    ]
}

pub(crate) const TABLE: &str = "-- limbeck:upgrade\ncreate table t (id int);\n\
                     -- limbeck:upgrade no-transaction\ncreate index concurrently t_i on t (id);\n\
                     -- limbeck:downgrade no-transaction lock_timeout=5s\ndrop index concurrently t_i;\n\
                     -- limbeck:downgrade search_path='public, pg_temp'\ndrop table t;\n";

async fn entries(world: &World) -> Vec<Entry> {
    world.settings.table.history(&mut world.connect().await).await.unwrap()
}

async fn actions(world: &World) -> String {
    let words = entries(world).await.into_iter().map(|e| format!("{} {}", e.action.word(), e.revision));
    words.collect::<Vec<_>>().join(", ")
}

async fn stamp(world: &World, target: &str) {
    let (mut conn, graph) = (world.connect().await, world.graph());
    Runner::new(&mut conn, &graph, &world.settings, &mut |_| {}).stamp(&[target], false).await.unwrap();
}

async fn whatever_is_done_is_remembered(world: World) {
    world.write("aaa", "", TABLE);
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\n");
    world.upgrade("head").await.unwrap();
    world.downgrade("base").await.unwrap();
    stamp(&world, "bbb").await;
    stamp(&world, "aaa").await;
    assert_eq!(
        actions(&world).await,
        "unstamp bbb, stamp bbb, stamp aaa, downgrade aaa, downgrade bbb, upgrade bbb, upgrade aaa"
    );
    let all = entries(&world).await;
    let up = all.last().unwrap();
    assert_eq!((up.message.as_str(), up.done_by.as_str()), ("about aaa", "postgres"));
    assert!(up.done_at.ends_with(" UTC") && up.tool_version.starts_with("limbeck "), "{up:?}");
    assert_eq!(up.client.as_deref(), Some("127.0.0.1"));
    assert!(
        all.iter()
            .all(|e| e.duration_ms.is_some() == matches!(e.action, Action::Upgrade | Action::Downgrade))
    );
    // The same row in both tables, to the microsecond.
    let same = "select count(*) from limbeck_version v join limbeck_history h using (revision) \
                where v.applied_at = h.done_at and v.upgrade_sha256 = h.upgrade_sha256";
    assert_eq!(world.ask(same).await, "1");
}

async fn what_fails_is_not_remembered(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n-- limbeck:upgrade no-transaction\ncreate table b ();\n-- limbeck:upgrade\nselect 1/0;\n");
    world.upgrade("head").await.unwrap_err();
    assert_eq!(world.applied().await.len(), 1, "half-way is in the version table");
    assert_eq!(actions(&world).await, "");
}

async fn stamping_again_leaves_who_applied_it(world: World) {
    world.write("aaa", "", TABLE);
    world.upgrade("head").await.unwrap();
    let before = world.applied().await;
    stamp(&world, "head").await;
    assert_eq!(world.applied().await, before);
    world.write("aaa", "", &TABLE.replace("(id int)", "(id bigint)"));
    stamp(&world, "head").await;
    assert_ne!(world.applied().await[0].upgrade_sha256, before[0].upgrade_sha256);
    assert_eq!(actions(&world).await, "stamp aaa, upgrade aaa");
}

async fn an_older_database_gets_its_history(world: World) {
    world.write("aaa", "", TABLE);
    world.upgrade("head").await.unwrap();
    world.run("drop table limbeck_history").await;
    assert!(entries(&world).await.is_empty());
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\n");
    assert_eq!(world.upgrade("head").await.unwrap(), "bbb");
    assert_eq!(actions(&world).await, "upgrade bbb");
    world.run("drop table limbeck_history").await;
    world.downgrade("base").await.unwrap();
    assert_eq!(actions(&world).await, "downgrade aaa, downgrade bbb");
}

async fn a_newer_form_is_refused(world: World) {
    world.write("aaa", "", TABLE);
    world.upgrade("head").await.unwrap();
    for table in ["limbeck_history", "limbeck_version"] {
        world.run(&format!("comment on table {table} is 'limbeck: all else (format 7)'")).await;
        let error = world.upgrade("head").await.unwrap_err();
        assert!(matches!(&error, Error::NewerFormat { format: 7, known: 1, .. }), "{error}");
        assert!(error.to_string().contains(table), "{error}");
        world.run(&format!("comment on table {table} is null")).await;
        assert_eq!(world.upgrade("head").await.unwrap(), "");
    }
}

async fn a_state_that_is_not_known_is_not_applied(world: World) {
    world.write("aaa", "", TABLE);
    world.upgrade("head").await.unwrap();
    world.run("alter table limbeck_version drop constraint limbeck_version_state_check").await;
    world.run("update limbeck_version set state = 'mended'").await;
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::UnknownState { state, .. } if state == "mended"), "{error}");
    assert!(error.to_string().contains("aaa") && error.to_string().contains("public.limbeck_version"));
}

async fn downgrades_are_kept_unless_turned_off(mut world: World) {
    world.write("aaa", "", TABLE);
    world.upgrade("head").await.unwrap();
    world.settings.table.keep_downgrades = false;
    world.write("aab", "aaa", "-- limbeck:upgrade\nselect 1;\n-- limbeck:downgrade\nselect 2;\n");
    world.upgrade("head").await.unwrap();
    let kept = world.settings.table.kept(&mut world.connect().await, "aa").await.unwrap();
    assert_eq!(kept.iter().map(|k| k.revision.as_str()).collect::<Vec<_>>(), ["aaa"]);
    assert_eq!(world.ask("select count(*) from limbeck_history where downgrade is null").await, "1");
    // What is read back is what the file says, with how it is run.
    let row = &world.applied().await[0];
    let revision = kept[0].revision(&world.settings.table, row).unwrap();
    let file = world.graph().revisions()[0].clone();
    let texts = |r: &limbeck_migrate::Revision| {
        let run = |p: &limbeck_migrate::Part| {
            (p.text.sql.trim().to_owned(), p.text.no_transaction, p.text.settings.clone())
        };
        r.downgrade.iter().map(run).collect::<Vec<_>>()
    };
    assert_eq!(texts(&revision), texts(&file));
    assert_eq!(revision.header, file.header);
}

async fn who_may_only_write_the_tables_can_run(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\nselect 1;\n-- limbeck:downgrade\nselect 2;\n");
    world.settings.table.ensure(&mut world.connect().await).await.unwrap();
    world.run("create role limbeck_writer login; grant select, insert, update, delete on limbeck_version to limbeck_writer; \
               grant select, insert on limbeck_history to limbeck_writer").await;
    let mut conn = world.connect().await;
    sqlx::raw_sql("set session authorization limbeck_writer").execute(&mut conn).await.unwrap();
    let graph = world.graph();
    Runner::new(&mut conn, &graph, &world.settings, &mut |_| {}).upgrade("head").await.unwrap();
    world.run("drop owned by limbeck_writer; drop role limbeck_writer").await;
    assert_eq!(actions(&world).await, "upgrade aaa");
}
