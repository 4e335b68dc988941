//! The crate as an application uses it at its start-up.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Embedded, Error, Event, Migrator, embed};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Row, raw_sql};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::World;

static MIGRATIONS: Embedded = embed!("examples/migrations");

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "ten_replicas_start_at_once", ten_replicas_start_at_once),
        trial(cluster, "a_newer_database_is_an_error_or_allowed", a_newer_database_is_an_error_or_allowed),
        trial(cluster, "a_connection_is_given_back_as_it_was", a_connection_is_given_back_as_it_was),
        trial(cluster, "folders_are_read_when_it_runs", folders_are_read_when_it_runs),
        trial(cluster, "whatever_psql_takes_is_taken", whatever_psql_takes_is_taken),
        trial(
            cluster,
            "a_failure_is_an_error_and_the_next_start_goes_on",
            a_failure_is_an_error_and_the_next_start_goes_on,
        ),
    ]
}

/// The example's program, as cargo builds it for the whole workspace.
fn example() -> PathBuf {
    let arguments = ["build", "--quiet", "--workspace", "--example", "startup", "--message-format", "json"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the example is not built");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut paths = text.lines().filter_map(|line| line.split_once("\"executable\":\"")?.1.split_once('"'));
    PathBuf::from(paths.next_back().unwrap().0)
}

async fn ten_replicas_start_at_once(world: World) {
    let example = example();
    let start = |_| {
        let mut command = Command::new(&example);
        command.env("DATABASE_URL", &world.url).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let replicas: Vec<_> = (0..10).map(start).collect();
    let mut said = Vec::new();
    for replica in replicas {
        let output = replica.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said.push(String::from_utf8(output.stdout).unwrap().trim().to_owned());
    }
    said.sort();
    assert_eq!(said[0], "applied 2 revisions");
    assert!(said[1..].iter().all(|line| line == "the database is up to date"), "{said:?}");
    assert_eq!(
        world.ask("select indisvalid from pg_index where indexrelid = 'members_email_idx'::regclass").await,
        "true"
    );
    assert_eq!(
        world.ask("select string_agg(distinct application, ',') from limbeck_history").await,
        "limbeck-migrate"
    );
}

async fn a_newer_database_is_an_error_or_allowed(world: World) {
    let options: PgConnectOptions = world.url.parse().unwrap();
    let old = Migrator::new(MIGRATIONS);
    assert_eq!(old.run_on(&options).await.unwrap().ran.len(), 2);
    // The next release has one more.
    for (name, text) in [
        ("a", include_str!("../../examples/migrations/2026_11_20_0931-3f2c9a1b7d40_add_members.sql")),
        (
            "b",
            include_str!("../../examples/migrations/2026_11_21_1002-77ab01c2d3e4_find_members_by_email.sql"),
        ),
    ] {
        std::fs::write(world.folder.join(format!("{name}.sql")), text).unwrap();
    }
    world.write("ccc", "77ab01c2d3e4", "-- limbeck:upgrade\nselect 1;\n");
    let new = Migrator::from_folders([world.folder.clone()]);
    assert_eq!(new.run_at(&world.url).await.unwrap().ran[0].as_str(), "ccc");
    assert!(matches!(old.run_at(&world.url).await, Err(Error::FilesMissing { .. })));
    let ran = old.clone().allow_newer().run_at(&world.url).await.unwrap();
    assert!(ran.ran.is_empty() && ran.newer[0].as_str() == "ccc");
    // One of its own is missing: going on would be a guess.
    world.run("delete from limbeck_version where revision = '77ab01c2d3e4'").await;
    assert!(matches!(old.allow_newer().run_at(&world.url).await, Err(Error::FilesMissing { .. })));
}

async fn a_connection_is_given_back_as_it_was(mut world: World) {
    world.settings.lock_timeout = Some("7s".into());
    world.settings.session = vec![("search_path".into(), "pg_catalog".into())];
    let migrator = Migrator::new(MIGRATIONS).settings(world.settings.clone());
    let mut conn = world.connect().await;
    assert_eq!(migrator.pending(&mut conn).await.unwrap().len(), 2);
    let mut seen = Vec::new();
    let mut events = |event: Event<'_>| {
        if let Event::Finished { work, .. } = event {
            seen.push(work.revision.id().to_string());
        }
    };
    migrator.run_with(&mut conn, &mut events).await.unwrap();
    assert_eq!(seen, ["3f2c9a1b7d40", "77ab01c2d3e4"]);
    let state = "select current_setting('lock_timeout') || ' ' || current_setting('search_path') || ' ' || \
                 (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())";
    let row = raw_sql(state).fetch_one(&mut conn).await.unwrap();
    assert_eq!(row.get::<String, _>(0), "0 \"$user\", public 0");
    assert!(migrator.pending(&mut conn).await.unwrap().is_empty());
}

async fn folders_are_read_when_it_runs(world: World) {
    let migrator = Migrator::from_folders([world.folder.clone()]);
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    // A runtime with several threads moves it between them.
    let migrated = send(migrator.run_at(&world.url)).await.unwrap();
    assert_eq!(migrated.ran[0].as_str(), "aaa");
    world.write("bbb", "nosuch", "");
    assert!(matches!(migrator.run_at(&world.url).await, Err(Error::Mistakes { .. })));
}

async fn whatever_psql_takes_is_taken(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\nselect 1;\n");
    let migrator = Migrator::from_folders([world.folder.clone()]);
    let options: PgConnectOptions = world.url.parse().unwrap();
    let (host, port, user) = (options.get_host(), options.get_port(), options.get_username());
    let text = format!("host={host} port={port} user={user} dbname={}", options.get_database().unwrap());
    assert_eq!(migrator.run_at(&text).await.unwrap().ran.len(), 1);
    assert_eq!(world.ask("select application from limbeck_history").await, "limbeck-migrate");
    for text in ["postgres://app:my/secret@h/d", "postgres://h/d?sslmode=sometimes", "port=0 password=secret"]
    {
        let error = migrator.run_at(text).await.unwrap_err();
        assert!(matches!(error, Error::Connect(_)) && !error.to_string().contains("secret"), "{error}");
    }
}

fn send<F: Future + Send>(future: F) -> F {
    future
}

async fn a_failure_is_an_error_and_the_next_start_goes_on(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\nselect 1/0;\n");
    let migrator = Migrator::from_folders([world.folder.clone()]);
    let error = migrator.run_at(&world.url).await.unwrap_err();
    assert!(matches!(&error, Error::Sql(failure) if failure.revision.as_str() == "bbb"), "{error}");
    assert!(world.has("a").await && !world.has("b").await);
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\n");
    assert_eq!(migrator.run_at(&world.url).await.unwrap().ran.len(), 1);
}
