//! Runs that fail: where the message points, what stays, and what the next run does.

use std::process::Command;
use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::script::script;
use limbeck_migrate::{Direction, Error, HalfDone, Runner, SqlFailure, State};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "a_mistake_is_found_in_its_line", a_mistake_is_found_in_its_line),
        trial(cluster, "a_failing_row_is_found_by_counting", a_failing_row_is_found_by_counting),
        trial(cluster, "a_deferred_constraint_fails_the_commit", a_deferred_constraint_fails_the_commit),
        trial(cluster, "earlier_revisions_stay", earlier_revisions_stay),
        trial(cluster, "one_transaction_for_all_undoes_all", one_transaction_for_all_undoes_all),
        trial(cluster, "half_way_up_is_recorded_and_resumed", half_way_up_is_recorded_and_resumed),
        trial(
            cluster,
            "a_first_part_that_did_not_happen_is_nothing",
            a_first_part_that_did_not_happen_is_nothing,
        ),
        trial(cluster, "half_way_on_another_line_stays_so", half_way_on_another_line_stays_so),
        trial(cluster, "a_script_that_stopped_is_gone_on_with", a_script_that_stopped_is_gone_on_with),
        trial(cluster, "half_way_down_is_recorded_and_resumed", half_way_down_is_recorded_and_resumed),
        trial(cluster, "a_part_that_commits_is_noticed", a_part_that_commits_is_noticed),
        trial(cluster, "edited_files_are_said", edited_files_are_said),
    ]
}

fn sql(result: Result<String, Error>) -> SqlFailure {
    match result {
        Err(Error::Sql(failure)) => *failure,
        other => panic!("{other:?}"),
    }
}

async fn a_mistake_is_found_in_its_line(world: World) {
    // Characters, not bytes, are what the server counts.
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\n-- größer\ncreate table a ();\n-- limbeck:upgrade\n\nselect 'é',\n  nosuch;\n",
    );
    let failure = sql(world.upgrade("head").await);
    let excerpt = failure.excerpt.unwrap();
    assert_eq!((excerpt.line, excerpt.column, excerpt.first_line), (10, Some(3), 9));
    assert_eq!((failure.part, failure.server.code.as_str()), (2, "42703"));
    assert!(!world.has("a").await && world.applied().await.is_empty());
    // A mistake of syntax fails the whole message before any of it runs.
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\nselekt 1;\n");
    assert_eq!(sql(world.upgrade("head").await).excerpt.unwrap().line, 6);
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a (\n");
    assert_eq!(sql(world.upgrade("head").await).excerpt.unwrap().line, 5);
}

async fn a_failing_row_is_found_by_counting(world: World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a (v int unique);\ncreate function f() returns int language sql\n\
                            begin atomic select 1; select 2; end;\n-- ;\ninsert into a\nvalues (1), (1);\n",
    );
    let failure = sql(world.upgrade("head").await);
    let excerpt = failure.excerpt.unwrap();
    assert_eq!(
        (excerpt.line, excerpt.column, &excerpt.lines[..]),
        (9, Some(1), &["insert into a".into(), "values (1), (1);".into()][..])
    );
    assert_eq!(failure.server.code, "23505");
    assert!(failure.server.detail.unwrap().contains("(v)=(1)"));
}

async fn a_deferred_constraint_fails_the_commit(world: World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a (v int unique deferrable initially deferred);\n\
                            insert into a values (1), (1);\n",
    );
    assert_eq!(sql(world.upgrade("head").await).excerpt, None);
    assert!(!world.has("a").await && world.applied().await.is_empty());
}

async fn earlier_revisions_stay(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\nselect 1/0;\n");
    assert_eq!(sql(world.upgrade("head").await).revision.as_str(), "bbb");
    assert!(world.has("a").await && !world.has("b").await);
    assert_eq!(world.applied().await.len(), 1);
}

async fn one_transaction_for_all_undoes_all(mut world: World) {
    world.settings.transaction_per_revision = false;
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    world.write("bbb", "aaa", "-- limbeck:upgrade\nselect 1/0;\n");
    sql(world.upgrade("head").await);
    assert!(!world.has("a").await && world.applied().await.is_empty());
    world.write("bbb", "aaa", "-- limbeck:upgrade\nselect 1;\n");
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa bbb");
    assert_eq!(world.applied().await.len(), 2);
}

async fn half_way_up_is_recorded_and_resumed(world: World) {
    let parts = |last: &str| {
        format!(
            "-- limbeck:upgrade\ncreate table a ();\n-- limbeck:upgrade no-transaction\n\
                 create table b ();\n-- limbeck:upgrade\ncreate table c ();\n{last};\n-- limbeck:downgrade\ndrop table a, b, c;\n"
        )
    };
    world.write("aaa", "", &parts("select 1/0"));
    let failure = sql(world.upgrade("head").await);
    assert_eq!((failure.part, failure.done), (3, 2));
    assert!(world.has("b").await && !world.has("c").await);
    assert_eq!(world.applied().await[0].state, State::Upgrading(2));
    // It does not turn round, and does not go on from text that never ran.
    assert!(matches!(world.downgrade("base").await, Err(Error::HalfDone { parts: 2, .. })));
    world.write("aaa", "", &parts("select 1").replace("create table a ()", "create table a (id int)"));
    assert!(matches!(world.upgrade("head").await, Err(Error::EditedWhileHalfDone { parts: 2, .. })));
    world.write("aaa", "", &parts("select 1"));
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa");
    let applied = world.applied().await;
    assert_eq!(applied[0].state, State::Applied);
    assert!(applied[0].edited(world.graph().get(&applied[0].revision).unwrap()).is_empty());
    assert_eq!(world.downgrade("base").await.unwrap(), "aaa");
}

async fn a_first_part_that_did_not_happen_is_nothing(mut world: World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\ncall nosuch();\n-- limbeck:downgrade\ndrop table nosuch;\n",
    );
    world.settings.table.ensure(&mut world.connect().await).await.unwrap();
    let row = "insert into limbeck_version (revision, upgrade_sha256, downgrade_sha256, tool_version, state) \
               values ('aaa', '', '', '', 'upgrading')";
    world.run(row).await;
    world.settings.half_done = Some(HalfDone::Retry);
    sql(world.upgrade("head").await);
    assert!(world.applied().await.is_empty());
    assert_eq!(world.downgrade("base").await.unwrap(), "");
}

async fn half_way_on_another_line_stays_so(world: World) {
    let parts = "-- limbeck:upgrade\ncreate table a ();\n-- limbeck:upgrade no-transaction\ncall nosuch();\n";
    world.write("aaa", "", parts);
    world.write("bbb", "", "-- limbeck:upgrade\nselect 1;\n");
    sql(world.upgrade("aaa").await);
    let stamp = async |target: &str| {
        let (mut conn, graph) = (world.connect().await, world.graph());
        Runner::new(&mut conn, &graph, &world.settings, &mut |_| {}).stamp(&[target], false).await.unwrap();
        let rows = world.applied().await;
        rows.iter().map(|row| format!("{} {:?}", row.revision, row.state)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(stamp("bbb").await, "aaa Upgrading(1), bbb Applied");
    assert_eq!(stamp("aaa").await, "bbb Applied, aaa Applied");
    assert_eq!(stamp("base").await, "");
}

async fn a_script_that_stopped_is_gone_on_with(world: World) {
    let Some(psql) = &world.psql else { return };
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\ncreate table a (v int);\n\
         -- limbeck:upgrade no-transaction\ncreate procedure add() language sql as 'insert into a values (1)';\n\
         -- limbeck:upgrade\ninsert into missing values (1);\n-- limbeck:upgrade no-transaction\ncall add();\n",
    );
    let script = script(&world.graph(), &world.settings, Direction::Upgrade, "base", "head").unwrap();
    let path = world.folder.join("up.psql");
    std::fs::write(&path, script).unwrap();
    let run = |missing| {
        let ran = Command::new(psql).arg(&world.url).args(["-Xqf", path.as_str()]).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(said.contains(missing), "{said}");
    };
    run("missing");
    let row = &world.applied().await[0];
    assert_eq!((row.state, row.is_in_doubt()), (State::Upgrading(2), false));
    world.run("create table missing (v int)").await;
    // The last part was never begun: it runs, and nobody has to be asked.
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa");
    assert_eq!(world.ask("select count(*) from a").await, "1");
}

async fn half_way_down_is_recorded_and_resumed(world: World) {
    let parts = |last: &str| {
        format!(
            "-- limbeck:upgrade\ncreate table a ();\ncreate table b ();\n-- limbeck:downgrade no-transaction\n\
                 drop table a;\n-- limbeck:downgrade\n{last};\n"
        )
    };
    world.write("aaa", "", &parts("drop table nosuch"));
    world.upgrade("head").await.unwrap();
    assert_eq!(sql(world.downgrade("base").await).done, 1);
    assert_eq!(world.applied().await[0].state, State::Downgrading(1));
    assert!(matches!(world.upgrade("head").await, Err(Error::HalfDone { direction: "downgrade", .. })));
    world.write("aaa", "", &parts("drop table b"));
    assert_eq!(world.downgrade("base").await.unwrap(), "aaa");
    assert!(world.applied().await.is_empty() && !world.has("b").await);
}

async fn a_part_that_commits_is_noticed(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    // Reading a file refuses this already; the guard is for what the lexer doesn't see.
    let mut revision = world.graph().revisions()[0].clone();
    revision.upgrade[0].text.sql = "create table a ();\ncommit;\ncreate table b ();\n".into();
    let graph = limbeck_migrate::Graph::new(vec![revision]).unwrap();
    let error = world.upgrade_with(&graph, "head", &mut |_| {}).await.unwrap_err();
    assert!(matches!(&error, Error::TransactionEnded { line: 5, .. }), "{error:?}");
    assert!(world.applied().await.is_empty() && !world.has("b").await);
}

async fn edited_files_are_said(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    world.upgrade("head").await.unwrap();
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a (id int);\n");
    let mut said = Vec::new();
    let mut events = |event: limbeck_migrate::Event<'_>| {
        if let limbeck_migrate::Event::Edited { revision, directions } = event {
            said.push((revision.id().to_string(), directions.len()));
        }
    };
    world.upgrade_with(&world.graph(), "head", &mut events).await.unwrap();
    assert_eq!(said, [("aaa".to_owned(), 1)]);
}
