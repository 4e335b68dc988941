//! Sessions that are not as one would wish: read-only, without rights, with settings of a role, and left in
//! a state by a part.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_migrate::{Error, Runner};
use sqlx::{Connection, PgConnection};

use crate::cluster::Cluster;
use crate::trial;
use crate::world::{World, names};

pub(crate) fn trials(cluster: &Option<Arc<Cluster>>) -> Vec<Trial> {
    vec![
        trial(cluster, "a_read_only_database_is_said", a_read_only_database_is_said),
        trial(cluster, "a_missing_right_is_said", a_missing_right_is_said),
        trial(cluster, "a_search_path_of_the_database_is_heeded", a_search_path_of_the_database_is_heeded),
        trial(cluster, "a_timeout_of_a_statement_undoes_it", a_timeout_of_a_statement_undoes_it),
        trial(cluster, "whatever_a_part_leaves_hurts_no_other", whatever_a_part_leaves_hurts_no_other),
        trial(
            cluster,
            "a_part_alone_that_discards_all_keeps_nobody_out",
            a_part_alone_that_discards_all_keeps_nobody_out,
        ),
        trial(
            cluster,
            "discarding_all_in_a_transaction_is_an_error",
            discarding_all_in_a_transaction_is_an_error,
        ),
        trial(
            cluster,
            "a_short_patience_of_the_role_ends_no_rest",
            a_short_patience_of_the_role_ends_no_rest,
        ),
        trial(cluster, "isolation_of_the_role_is_not_ours", isolation_of_the_role_is_not_ours),
    ]
}

async fn upgrade(world: &World, conn: &mut PgConnection) -> Result<String, Error> {
    let graph = world.graph();
    let planned = Runner::new(conn, &graph, &world.settings, &mut |_| {}).upgrade("head").await?;
    Ok(names(&planned))
}

/// A session of a role's own: what is set in one can be reset.
async fn as_role(world: &World, role: &str) -> PgConnection {
    PgConnection::connect(&world.url.replace("postgres@", &format!("{role}@"))).await.unwrap()
}

async fn a_read_only_database_is_said(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    world.run("alter database a_read_only_database_is_said set default_transaction_read_only = on").await;
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::ReadOnly { standby: false }), "{error:?}");
    world.run("begin read write; alter database a_read_only_database_is_said reset default_transaction_read_only; commit").await;
    world.upgrade("head").await.unwrap();
    world.run("alter database a_read_only_database_is_said set default_transaction_read_only = on").await;
    // What is there already need not be written.
    assert_eq!(world.upgrade("head").await.unwrap(), "");
}

async fn a_missing_right_is_said(mut world: World) {
    world.settings.table.schema = "kept".into();
    world.write("aaa", "", "-- limbeck:upgrade\nselect 1;\n");
    world
        .run("create role limbeck_poor login; create schema kept; grant usage on schema kept to limbeck_poor")
        .await;
    let denied = async |doing: &str| {
        let error = upgrade(&world, &mut as_role(&world, "limbeck_poor").await).await.unwrap_err();
        assert!(matches!(&error, Error::Denied { doing: said, .. } if *said == doing), "{error:?}");
        assert!(error.to_string().contains("permission denied"), "{error}");
    };
    denied("make").await;
    world.settings.table.ensure(&mut world.connect().await).await.unwrap();
    denied("read").await;
    world.run("grant select on kept.limbeck_version to limbeck_poor").await;
    denied("write").await;
    world.run("grant insert, update on kept.limbeck_version to limbeck_poor; grant insert on kept.limbeck_history to limbeck_poor").await;
    assert_eq!(upgrade(&world, &mut as_role(&world, "limbeck_poor").await).await.unwrap(), "aaa");
    world.run("drop owned by limbeck_poor; drop role limbeck_poor").await;
}

async fn a_search_path_of_the_database_is_heeded(world: World) {
    world.run("create schema shop; alter database a_search_path_of_the_database_is_heeded set search_path = shop").await;
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a ();\nset search_path = '';\n-- limbeck:upgrade\ncreate table b ();\n\
         -- limbeck:upgrade no-transaction\ncreate table c ();\n",
    );
    world.upgrade("head").await.unwrap();
    assert_eq!(world.ask("select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'shop'::regnamespace and relkind = 'r'").await, "a b c");
    assert!(world.has("public.limbeck_version").await);
}

async fn a_timeout_of_a_statement_undoes_it(mut world: World) {
    world.settings.statement_timeout = Some("100ms".into());
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\nselect pg_sleep(20);\n");
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Sql(sql) if sql.server.code == "57014"), "{error:?}");
    assert!(!world.has("a").await);
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade statement_timeout=10s\ncreate table a ();\nselect pg_sleep(0.3);\n",
    );
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa");
}

async fn whatever_a_part_leaves_hurts_no_other(world: World) {
    world.run("create role limbeck_other superuser; create table orders (id int)").await;
    let leave = "set role limbeck_other; set session authorization limbeck_other; set local lock_timeout = '1ms';\n\
                 prepare p as select 1; create temporary table orders (other int);\n\
                 select pg_advisory_lock(7), pg_advisory_unlock_all(); declare c cursor with hold for select 1;\n";
    world.write("aaa", "", &format!("-- limbeck:upgrade\n{leave}"));
    // The table of that name which is meant is the one that stays.
    world.write("bbb", "aaa", "-- limbeck:upgrade\nalter table orders add total int;\n");
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa bbb");
    assert_eq!(world.ask("select count(*) from pg_attribute where attrelid = 'public.orders'::regclass and attname = 'total'").await, "1");
    assert_eq!(
        world.ask("select string_agg(distinct applied_by, ' ') from limbeck_version").await,
        "postgres"
    );
    world.run("drop role limbeck_other").await;
}

async fn a_part_alone_that_discards_all_keeps_nobody_out(world: World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\ndiscard all;\n-- limbeck:upgrade\ncreate table a ();\n",
    );
    world.write("bbb", "aaa", "-- limbeck:upgrade\nselect 1;\n");
    assert_eq!(world.upgrade("head").await.unwrap(), "aaa bbb");
    assert_eq!(world.upgrade("head").await.unwrap(), "");
}

async fn discarding_all_in_a_transaction_is_an_error(world: World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\ndiscard all;\n");
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Sql(sql) if sql.server.code == "25001"), "{error:?}");
    assert!(!world.has("a").await);
}

async fn isolation_of_the_role_is_not_ours(world: World) {
    world.run("alter database isolation_of_the_role_is_not_ours set default_transaction_isolation = serializable").await;
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table seen as select current_setting('transaction_isolation') as v;\n",
    );
    world.upgrade("head").await.unwrap();
    assert_eq!(world.ask("select v from seen").await, "read committed");
}

async fn a_short_patience_of_the_role_ends_no_rest(mut world: World) {
    let database = "a_short_patience_of_the_role_ends_no_rest";
    world.run(&format!("alter database {database} set idle_in_transaction_session_timeout = '100ms'")).await;
    world.settings.lock_timeout = Some("50ms".into());
    world.settings.lock_retries = 1;
    world.run("create table a (id int)").await;
    world.write("aaa", "", "-- limbeck:upgrade\nselect 1;\n");
    world.write("bbb", "aaa", "-- limbeck:upgrade\nalter table a add b int;\n");
    let mut other = world.connect().await;
    let hold = "set idle_in_transaction_session_timeout = 0; begin; select count(*) from a";
    sqlx::raw_sql(hold).execute(&mut other).await.unwrap();
    // Half a second between the two attempts.
    let error = world.upgrade("head").await.unwrap_err();
    assert!(matches!(&error, Error::Sql(sql) if sql.server.code == "55P03"), "{error:?}");
}
