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
    let places = Places::from_env();
    if candidates(&places).is_empty() {
        eprintln!("no server binaries on this machine: nothing is tested");
        return;
    }
    let scratch = open(&Wanted { places, ..Wanted::default() }).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    let views = "create view one as select 1 as n; create view two as select 2 as n;";
    database.run(views).await.expect("the script runs");
    let mut connection = database.connect().await.expect("a session");
    let mut catalog: Catalog = introspect(&mut connection).await.expect("introspected").catalog;
    connection.close().await.expect("closed");
    for (name, query) in [("one", "select (1 as n"), ("two", "select nothing as n")] {
        match catalog.objects.get_mut(&ObjectId::new(Kind::View, ["public", name])) {
            Some(Object::View(view)) => Arc::make_mut(view).query = query.to_owned(),
            other => panic!("no view: {other:?}"),
        }
    }
    let empty = scratch.database().await.expect("a database");
    let mut connection = empty.connect().await.expect("a session");
    let Err(Error::Build(refused)) = build(&empty, &mut connection, &catalog, Order::Declared).await else {
        panic!("it was built");
    };
    let said: Vec<_> = refused.iter().map(|r| format!("{}: {}", r.id, r.message)).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("view public.one: syntax error"), "{said:?}");
    assert!(said[1].contains("column \"nothing\" does not exist"), "{said:?}");
    connection.close().await.expect("closed");
    for database in [database, empty] {
        database.drop().await.expect("dropped");
    }
    scratch.close().await.expect("closed");
}
