//! Things that need each other: dissolved by stand-ins, and soft needs give way.

use limbeck_catalog::Pair;
use limbeck_diff::{Direction, Error, plan};

use crate::sides::{catalog, check};

const VIEWS: &str = r#"
    table s.t
    column s.t.id integer
    view s.v id integer: select id from s.w -> view s.w
    view s.w id integer: select id from s.t union select id from s.v -> column s.t.id; view s.v
"#;
const TABLE: &str = "table s.t\ncolumn s.t.id integer";

#[test]
fn views_that_name_each_other_come_through_a_stand_in() {
    check(
        TABLE,
        VIEWS,
        "
        create view s.v as
        select null::integer as id;
        create view s.w as
        select id from s.t union select id from s.v;
        create or replace view s.v as
        select id from s.w;
        ",
    );
}

#[test]
fn and_go_through_one() {
    check(
        VIEWS,
        TABLE,
        "
        create or replace view s.v as
        select null::integer as id;
        drop view s.w;
        drop view s.v;
        ",
    );
}

#[test]
fn and_are_rebuilt_through_one() {
    check(
        VIEWS,
        &format!("cast integer bigint\n{}", VIEWS.replace("column s.t.id integer", "column s.t.id bigint")),
        "
        create or replace view s.v as
        select null::integer as id;
        drop view s.w;
        drop view s.v;
        alter table s.t alter column id type bigint;
        create view s.v as
        select null::integer as id;
        create view s.w as
        select id from s.t union select id from s.v;
        create or replace view s.v as
        select id from s.w;
        ",
    );
}

fn function(name: &str, needs: &str) -> String {
    format!(r#"function s.{name}() {{"returns": "integer", "language": "sql", "body": "select 1"}}{needs}"#)
}

fn created(name: &str) -> String {
    format!("create function s.{name}() returns integer\nlanguage sql\nas $$select 1$$;\n")
}

#[test]
fn a_soft_need_is_an_order() {
    let to = [function("a", " ~> function s.b()"), function("b", "")].join("\n");
    check("", &to, &(created("b") + &created("a")));
}

#[test]
fn and_gives_way_in_a_cycle() {
    let to = [function("a", " ~> function s.b()"), function("b", " ~> function s.a()")].join("\n");
    check("", &to, &(created("b") + &created("a")));
}

#[test]
fn and_gives_way_to_a_hard_need() {
    let to = [function("a", " ~> function s.b()"), function("b", " -> function s.a()")].join("\n");
    check("", &to, &(created("a") + &created("b")));
}

#[test]
fn a_cycle_that_nothing_dissolves_is_an_error_that_names_it() {
    let to = r#"
        enum s.a {"values": ["x"]} -> enum s.b
        enum s.b {"values": ["x"]} -> enum s.a
    "#;
    let Err(Error::Cycle(ids)) = plan(Pair { from: &catalog(""), to: &catalog(to) }, Direction::Upgrade)
    else {
        panic!("an order of what has none");
    };
    assert_eq!(ids.len(), 2);
}

#[test]
fn a_function_comes_after_the_new_column_that_its_body_names() {
    let table = "table s.t\ncolumn s.t.id integer";
    let to = format!("{table}\ncolumn s.t.n integer\n{}", function("a", " ~> table s.t; column s.t.n"));
    check(table, &to, &format!("alter table s.t add column n integer;\n{}", created("a")));
    check(&to, table, "drop function s.a();\nalter table s.t drop column n;");
}

#[test]
fn a_body_that_names_the_table_whose_default_calls_it_stops_no_drop() {
    let table = "table s.t\ncolumn s.t.n integer\ndefault s.t.n \"s.a()\" -> function s.a()";
    let from = format!("{table}\n{}", function("a", " ~> table s.t; column s.t.n"));
    check(&from, "", "drop table s.t;\ndrop function s.a();");
}
