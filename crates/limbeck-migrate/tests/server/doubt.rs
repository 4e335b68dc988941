//! Parts outside a transaction that were begun, and of which nobody recorded how they ended: what the next
//! run finds out, and what it asks a person.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Error, Event, Finding, HalfDone, State};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "an_index_that_is_there_is_taken_as_done", an_index_that_is_there_is_taken_as_done),
        trial(cluster, "an_index_of_another_definition_is_not", an_index_of_another_definition_is_not),
        trial(cluster, "an_index_that_is_not_there_is_made", an_index_that_is_not_there_is_made),
        trial(cluster, "an_invalid_index_is_made_again", an_invalid_index_is_made_again),
        trial(
            cluster,
            "an_index_that_is_gone_is_taken_as_dropped",
            an_index_that_is_gone_is_taken_as_dropped,
        ),
        trial(cluster, "a_label_that_is_there_is_taken_as_added", a_label_that_is_there_is_taken_as_added),
        trial(cluster, "what_can_not_be_told_is_asked", what_can_not_be_told_is_asked),
        trial(cluster, "half_a_revision_is_undone_when_asked_for", half_a_revision_is_undone_when_asked_for),
        trial(cluster, "a_first_part_that_fails_leaves_no_row", a_first_part_that_fails_leaves_no_row),
    ]
}

/// A revision with one part outside a transaction, recorded as begun: a run was cut off in it.
async fn begun(world: &World, before: &str, part: &str) {
    world.run(before).await;
    let parts = format!("-- limbeck:upgrade no-transaction\n{part};\n-- limbeck:downgrade\nselect 1;\n");
    world.write("aaa", "", &parts.replace("nothing;", ";"));
    world.settings.table.ensure(&mut world.connect().await).await.unwrap();
    let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    world
        .run(&format!(
            "insert into limbeck_version (revision, upgrade_sha256, downgrade_sha256, tool_version, state) \
             values ('aaa', '{none}', '{none}', 'limbeck 0', 'upgrading')"
        ))
        .await;
}

/// Upgrades, and gives what was found of parts.
async fn found(world: &World) -> Result<Vec<Finding>, Error> {
    let mut all = Vec::new();
    let mut events = |event: Event<'_>| {
        if let Event::Doubted { finding, .. } = event {
            all.push(finding);
        }
    };
    world.upgrade_with(&world.graph(), "head", &mut events).await?;
    assert_eq!(world.applied().await[0].state, State::Applied);
    Ok(all)
}

async fn indexes(world: &World) -> String {
    let all = "select string_agg(indexrelid::regclass || ' ' || indisvalid, ', ') from pg_index where indrelid = 't'::regclass";
    world.ask(all).await
}

async fn an_index_that_is_there_is_taken_as_done(world: World) {
    let table = "create table t (gone int, id int, name text); alter table t drop column gone; \
                 create unique index \"T i\" on t (lower(name) desc, id) where id > 0";
    begun(
        &world,
        table,
        "create unique index concurrently \"T i\" on public.t (lower(name) desc, id)\n where id>0",
    )
    .await;
    let before = world.ask("'\"T i\"'::regclass::oid").await;
    assert!(matches!(&found(&world).await.unwrap()[..], [Finding::Happened(_)]));
    assert_eq!(world.ask("'\"T i\"'::regclass::oid").await, before);
    assert_eq!(world.ask("select count(*) from pg_class where relname like 'limbeck_likeness%'").await, "0");
}

async fn an_index_of_another_definition_is_not(world: World) {
    begun(
        &world,
        "create table t (id int, v int); create index i on t (v)",
        "create index concurrently i on t (id)",
    )
    .await;
    let error = found(&world).await.unwrap_err();
    assert!(matches!(&error, Error::InDoubt { part: 1, found: Some(_), .. }), "{error:?}");
    assert!(world.applied().await[0].is_in_doubt());
}

async fn an_index_that_is_not_there_is_made(world: World) {
    begun(&world, "create table t (id int)", "create index concurrently i on t (id)").await;
    assert!(matches!(&found(&world).await.unwrap()[..], [Finding::Missing(_)]));
    assert_eq!(indexes(&world).await, "i true");
}

async fn an_invalid_index_is_made_again(world: World) {
    world.run("create table t (id int); insert into t values (1), (1)").await;
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\ncreate unique index concurrently i on t (id);\n",
    );
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Sql(failure) if failure.server.code == "23505"), "{error:?}");
    assert_eq!(indexes(&world).await, "i false");
    assert!(world.applied().await.is_empty());
    world.run("delete from t").await;
    assert_eq!(found(&world).await.unwrap(), [Finding::Invalid("public.i".into())]);
    assert_eq!(indexes(&world).await, "i true");
}

async fn an_index_that_is_gone_is_taken_as_dropped(world: World) {
    begun(&world, "create table t (id int)", "drop index concurrently i").await;
    assert!(matches!(&found(&world).await.unwrap()[..], [Finding::Happened(_)]));
}

async fn a_label_that_is_there_is_taken_as_added(world: World) {
    begun(&world, "create type mood as enum ('it''s')", "alter type mood add value 'it''s'").await;
    assert!(matches!(&found(&world).await.unwrap()[..], [Finding::Happened(_)]));
}

async fn what_can_not_be_told_is_asked(mut world: World) {
    begun(&world, "create sequence s", "select nextval('s')").await;
    let error = found(&world).await.unwrap_err();
    assert!(matches!(&error, Error::InDoubt { part: 1, excerpt: Some(_), .. }), "{error:?}");
    world.settings.half_done = Some(HalfDone::Skip);
    assert_eq!(found(&world).await.unwrap(), [Finding::Skipped]);
    assert_eq!(world.ask("select is_called from s").await, "false");
    world.run("update limbeck_version set state = 'upgrading', duration_ms = null").await;
    world.settings.half_done = Some(HalfDone::Retry);
    assert_eq!(found(&world).await.unwrap(), [Finding::Repeated]);
    assert_eq!(world.ask("select is_called from s").await, "true");
}

async fn half_a_revision_is_undone_when_asked_for(mut world: World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a ();\n-- limbeck:upgrade no-transaction\nselect 1/0;\n\
         -- limbeck:downgrade\ndrop table a;\n",
    );
    world.upgrade("head").await.unwrap_err();
    assert_eq!(world.applied().await[0].state, State::Upgrading(1));
    assert!(matches!(world.downgrade("base").await, Err(Error::HalfDone { .. })));
    world.settings.half_done = Some(HalfDone::Undo);
    assert_eq!(world.downgrade("base").await.unwrap(), "aaa");
    assert!(world.applied().await.is_empty() && !world.has("a").await);
}

async fn a_first_part_that_fails_leaves_no_row(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade no-transaction\nselect 1/0;\n");
    world.upgrade("head").await.unwrap_err();
    assert!(world.applied().await.is_empty());
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\nselect 1;\n-- limbeck:downgrade no-transaction\nselect 1/0;\n",
    );
    world.upgrade("head").await.unwrap();
    world.downgrade("base").await.unwrap_err();
    // Nothing of the downgrade ran: the revision is applied as before.
    assert_eq!(world.upgrade("head").await.unwrap(), "");
}
