//! Needs read off texts.

use limbeck_catalog::{Catalog, Need, Needs};
use limbeck_diff::mention::{add_body_needs, add_declared_needs};

use crate::sides::{catalog, id};

const TEXTS: &str = r#"
    table s.t
    column s.t.id integer not null
    primary key s.t.t_pkey {"columns": ["id"]}
    table s.o
    column s.o.feel s.mood
    enum s.mood {"values": ["a"]}
    extension citext
    view s.v id integer: select id from t group by id
    function s.f() {"returns": "integer", "language": "plpgsql", "body": "begin perform * from \"t\" where id = 1; execute 'table o'; end"}
"#;

fn need(catalog: &Catalog, of: &str, on: &str) -> Option<Need> {
    catalog.needs.get(&id(of), &id(on))
}

#[test]
fn names_in_texts_are_soft_needs() {
    let mut all = catalog(TEXTS);
    add_declared_needs(&mut all);
    assert_eq!(need(&all, "view s.v", "table s.t"), Some(Need::Soft));
    assert_eq!(need(&all, "column s.o.feel", "enum s.mood"), Some(Need::Soft));
    assert_eq!(need(&all, "function s.f()", "table s.t"), Some(Need::Soft));
    // A string may be run; and a thing is not what it needs itself.
    assert_eq!(need(&all, "function s.f()", "table s.o"), Some(Need::Soft));
    assert_eq!(need(&all, "view s.v", "view s.v"), None);
}

#[test]
fn a_query_may_need_the_keys_of_what_it_names() {
    let mut all = catalog(TEXTS);
    add_declared_needs(&mut all);
    assert_eq!(need(&all, "view s.v", "primary key s.t.t_pkey"), Some(Need::Soft));
    assert_eq!(need(&all, "view s.v", "extension citext"), Some(Need::Soft));
    assert_eq!(need(&all, "schema s", "extension citext"), None);
}

#[test]
fn structure_is_a_hard_need_and_stays_one() {
    let mut all = catalog(TEXTS);
    all.needs = Needs::default();
    add_declared_needs(&mut all);
    assert_eq!(need(&all, "column s.t.id", "table s.t"), Some(Need::Hard));
    assert_eq!(need(&all, "primary key s.t.t_pkey", "column s.t.id"), Some(Need::Hard));
    assert_eq!(need(&all, "table s.t", "schema s"), Some(Need::Hard));
}

#[test]
fn only_bodies_are_looked_into_where_a_server_knows_the_rest() {
    let mut live = catalog(TEXTS);
    add_body_needs(&mut live);
    assert_eq!(need(&live, "function s.f()", "table s.t"), Some(Need::Soft));
    assert_eq!(need(&live, "function s.f()", "column s.t.id"), Some(Need::Soft));
    assert_eq!(need(&live, "function s.f()", "column s.o.feel"), None);
    assert_eq!(need(&live, "view s.v", "table s.t"), None);
}
