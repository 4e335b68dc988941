//! A database that stands where another branch left it: what is said, and how it gets back.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Error, Runner, State, Undo};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(
            cluster,
            "another_branch_is_undone_from_the_database",
            another_branch_is_undone_from_the_database,
        ),
        trial(cluster, "an_altered_downgrade_does_not_run", an_altered_downgrade_does_not_run),
        trial(cluster, "a_downgrade_that_is_not_kept_is_said", a_downgrade_that_is_not_kept_is_said),
        trial(cluster, "half_way_down_goes_on_from_the_database", half_way_down_goes_on_from_the_database),
        trial(cluster, "what_a_known_revision_stands_on_stays", what_a_known_revision_stands_on_stays),
    ]
}

fn table(name: &str) -> String {
    format!("-- limbeck:upgrade\ncreate table {name} ();\n-- limbeck:downgrade\ndrop table {name};\n")
}

/// `aaa`, and on another branch `bbb` and `ccc` after it, applied; then the branch is switched.
async fn switched(world: &World) {
    world.write("aaa", "", &table("a"));
    world.write("bbb", "aaa", &table("b"));
    world.write(
        "ccc",
        "bbb",
        "-- limbeck:upgrade\ncreate table c (id int);\n-- limbeck:upgrade no-transaction\n\
         create index concurrently c_i on c (id);\n-- limbeck:downgrade no-transaction\n\
         drop index concurrently c_i;\n-- limbeck:downgrade\ndrop table c;\n",
    );
    world.upgrade("head").await.unwrap();
    remove(world, &["bbb", "ccc"]);
}

fn remove(world: &World, ids: &[&str]) {
    ids.iter().for_each(|id| std::fs::remove_file(world.folder.join(format!("{id}.sql"))).unwrap());
}

async fn undo(world: &World, ids: &[&str]) -> Result<String, Error> {
    let (mut conn, graph) = (world.connect().await, world.graph());
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let ran = Runner::new(&mut conn, &graph, &world.settings, &mut |_| {}).downgrade_stranded(&ids).await?;
    Ok(ran.iter().map(|p| p.revision.as_str()).collect::<Vec<_>>().join(" "))
}

async fn undos(world: &World) -> Vec<Undo> {
    let Err(Error::FilesMissing { stranded }) = world.upgrade("head").await else { panic!("it was run") };
    stranded.into_iter().map(|one| one.undo).collect()
}

async fn another_branch_is_undone_from_the_database(world: World) {
    switched(&world).await;
    for undo in undos(&world).await {
        assert!(matches!(undo, Undo::Kept(_)), "{undo:?}");
    }
    assert!(
        matches!(world.downgrade("base").await, Err(Error::FilesMissing { stranded }) if stranded.len() == 2)
    );
    assert!(matches!(undo(&world, &["bbb"]).await, Err(Error::StillNeeded { stranded: true, .. })));
    assert!(matches!(undo(&world, &["aaa"]).await, Err(Error::NotStranded { .. })));
    assert!(world.has("b").await && world.has("c").await);
    assert_eq!(undo(&world, &["bbb", "ccc"]).await.unwrap(), "ccc bbb");
    assert!(!world.has("b").await && !world.has("c").await && world.has("a").await);
    world.write("ddd", "aaa", &table("d"));
    assert_eq!(world.upgrade("head").await.unwrap(), "ddd");
    let log = world
        .ask("select string_agg(action || ' ' || revision, ', ' order by id desc) from limbeck_history")
        .await;
    assert!(log.starts_with("upgrade ddd, downgrade bbb, downgrade ccc, upgrade ccc"), "{log}");
}

async fn an_altered_downgrade_does_not_run(world: World) {
    switched(&world).await;
    let alter = "update limbeck_history set downgrade = replace(downgrade, 'drop table c', 'drop table a')";
    world.run(alter).await;
    assert!(matches!(undos(&world).await[..], [Undo::Kept(_), Undo::Altered]));
    assert!(
        matches!(undo(&world, &["ccc"]).await, Err(Error::KeptAltered { revision }) if revision.as_str() == "ccc")
    );
    // How a part is run is not its SQL, and counts all the same.
    world.run("update limbeck_history set downgrade = replace(downgrade, 'downgrade', 'downgrade search_path=a') where revision = 'bbb'").await;
    assert!(matches!(undos(&world).await[..], [Undo::Altered, Undo::Altered]));
    world.run("update limbeck_history set downgrade = replace(downgrade, ' search_path=a', '')").await;
    assert!(matches!(undos(&world).await[..], [Undo::Kept(_), Undo::Altered]));
    // With its own checksum brought along, it still isn't what the version table knows.
    world.run("update limbeck_history set downgrade_sha256 = repeat('0', 64) where revision = 'ccc'").await;
    assert!(matches!(undo(&world, &["ccc", "bbb"]).await, Err(Error::KeptAltered { .. })));
    // A history that agrees with itself still has to agree with the version table.
    world.run("update limbeck_version set downgrade_sha256 = repeat('0', 64) where revision = 'bbb'").await;
    assert!(matches!(undos(&world).await[..], [Undo::Altered, Undo::Altered]));
    assert!(world.has("a").await && world.has("c").await && world.has("b").await);
}

async fn a_downgrade_that_is_not_kept_is_said(mut world: World) {
    world.settings.table.keep_downgrades = false;
    switched(&world).await;
    assert_eq!(undos(&world).await, [Undo::NotKept, Undo::NotKept]);
    assert!(matches!(undo(&world, &["ccc"]).await, Err(Error::NotKept { .. })));
    world.run("drop table limbeck_history").await;
    assert_eq!(undos(&world).await, [Undo::NotKept, Undo::NotKept]);
}

async fn half_way_down_goes_on_from_the_database(world: World) {
    switched(&world).await;
    world.run("create view in_the_way as select id from c").await;
    let Err(Error::Sql(failure)) = undo(&world, &["ccc"]).await else { panic!("it ran") };
    assert_eq!((failure.done, failure.path.as_str()), (1, "public.limbeck_history ccc"));
    assert_eq!(world.applied().await[2].state, State::Downgrading(1));
    assert!(matches!(undos(&world).await[..], [Undo::Kept(_), Undo::Kept(_)]));
    world.run("drop view in_the_way").await;
    assert_eq!(undo(&world, &["ccc"]).await.unwrap(), "ccc");
    assert!(!world.has("c").await && world.applied().await.len() == 2);
}

async fn what_a_known_revision_stands_on_stays(world: World) {
    world.write("aaa", "", &table("a"));
    world.write("bbb", "aaa", &table("b"));
    world.write("ddd", "bbb", &table("d"));
    world.upgrade("head").await.unwrap();
    remove(&world, &["bbb"]);
    world.write("ddd", "aaa", &table("d"));
    let error = undo(&world, &["bbb"]).await.unwrap_err();
    assert!(matches!(&error, Error::StillNeeded { stranded: false, .. }), "{error}");
    assert!(error.to_string().contains("ddd") && world.has("b").await);
}
