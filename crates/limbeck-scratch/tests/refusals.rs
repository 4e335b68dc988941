//! What the server refuses of models is said for each object, whatever is wrong with its text.
//!
//! Without server binaries on this machine there is nothing to test; then the test says so.

use std::sync::Arc;

use limbeck_catalog::{Catalog, Kind, Object, ObjectId};
use limbeck_introspect::introspect;
use limbeck_scratch::Error;
use limbeck_scratch::build::{Order, build};
use limbeck_scratch::provider::{Places, Wanted, candidates, open};
use sqlx::Connection as _;

#[tokio::test]
async fn what_can_not_even_be_parsed_is_a_refusal_of_its_object() {
    let views = "create view one as select 1 as n; create view two as select 2 as n;";
    let said = refused(views, |catalog| {
        for (name, query) in [("one", "select (1 as n"), ("two", "select nothing as n")] {
            match catalog.objects.get_mut(&ObjectId::new(Kind::View, ["public", name])) {
                Some(Object::View(view)) => Arc::make_mut(view).query = query.to_owned(),
                other => panic!("no view: {other:?}"),
            }
        }
    });
    let Some(said) = said.await else { return };
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("view public.one: syntax error"), "{said:?}");
    assert!(said[1].contains("column \"nothing\" does not exist"), "{said:?}");
}

/// A role that is made for one statement is there for it, in the transaction that missed it, too.
#[tokio::test]
async fn a_role_that_can_not_be_made_is_no_refusal_of_one_that_can() {
    let policies =
        "create table t (id int); create policy one on t using (true); create policy two on t using (true);";
    let said = refused(policies, |catalog| {
        for (name, role) in [("one", "pg_nobody"), ("two", "not_there_yet")] {
            match catalog.objects.get_mut(&ObjectId::new(Kind::Policy, ["public", "t", name])) {
                Some(Object::Policy(policy)) => Arc::make_mut(policy).roles = vec![role.to_owned()],
                other => panic!("no policy: {other:?}"),
            }
        }
    });
    let Some(said) = said.await else { return };
    assert_eq!(said, ["policy public.t.one: role \"pg_nobody\" does not exist"]);
}

/// What is refused of a database that a script makes, once it says something else.
async fn refused(script: &str, change: impl FnOnce(&mut Catalog)) -> Option<Vec<String>> {
    let places = Places::from_env();
    if candidates(&places).is_empty() {
        eprintln!("no server binaries on this machine: nothing is tested");
        return None;
    }
    let scratch = open(&Wanted { places, ..Wanted::default() }).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    database.run(script).await.expect("the script runs");
    let mut connection = database.connect().await.expect("a session");
    let mut catalog: Catalog = introspect(&mut connection).await.expect("introspected").catalog;
    connection.close().await.expect("closed");
    change(&mut catalog);
    let empty = scratch.database().await.expect("a database");
    let mut connection = empty.connect().await.expect("a session");
    let Err(Error::Build(refused)) = build(&empty, &mut connection, &catalog, Order::Declared).await else {
        panic!("it was built");
    };
    connection.close().await.expect("closed");
    for database in [database, empty] {
        database.drop().await.expect("dropped");
    }
    scratch.close().await.expect("closed");
    Some(refused.iter().map(|r| format!("{}: {}", r.id, r.message)).collect())
}
