//! Names: one is free before it is taken, whatever kind of thing has it.

use crate::sides::check;

#[test]
fn a_table_becomes_a_view_of_its_name() {
    check(
        "table s.t\ncolumn s.t.id integer",
        "
        table s.rows
        column s.rows.id integer
        column s.rows.more text
        view s.t id integer: select id from s.rows -> column s.rows.id
        ",
        "
        drop table s.t;
        create table s.rows (
            id integer,
            more text
        );
        create view s.t as
        select id from s.rows;
        ",
    );
}

#[test]
fn an_index_takes_the_name_of_a_constraint_that_goes() {
    check(
        r#"
        table s.t
        column s.t.id integer
        unique constraint s.t.t_x {"columns": ["id"]}
        "#,
        r#"
        table s.t
        column s.t.id integer
        index s.t.t_x {"on": ["id"]} -> column s.t.id
        "#,
        "
        alter table s.t drop constraint t_x;
        create index t_x on s.t (id);
        ",
    );
}

#[test]
fn an_enum_takes_the_name_of_a_table_that_goes() {
    check(
        "table s.x\ncolumn s.x.id integer",
        r#"enum s.x {"values": ["a"]}"#,
        "drop table s.x;\ncreate type s.x as enum ('a');",
    );
}

#[test]
fn a_new_primary_key_waits_for_the_old_one() {
    check(
        r#"
        table s.t
        column s.t.a integer not null
        column s.t.b integer not null
        primary key s.t.old {"columns": ["a"]}
        "#,
        r#"
        table s.t
        column s.t.a integer not null
        column s.t.b integer not null
        primary key s.t.new {"columns": ["b"]}
        "#,
        "
        alter table s.t drop constraint old;
        alter table s.t add constraint new primary key (b);
        ",
    );
}

#[test]
fn tables_that_point_at_each_other_become_unlogged_from_the_outside_in() {
    let side = |unlogged: bool| {
        format!(
            r#"
            table s.a {{"unlogged": {unlogged}}}
            column s.a.id integer not null
            primary key s.a.a_pkey {{"columns": ["id"]}}
            table s.b {{"unlogged": {unlogged}}}
            column s.b.a_id integer
            foreign key s.b.b_fk {{"columns": ["a_id"], "references": "s.a(id)"}} -> primary key s.a.a_pkey
            "#
        )
    };
    check(&side(false), &side(true), "alter table s.b set unlogged;\nalter table s.a set unlogged;");
    check(&side(true), &side(false), "alter table s.a set logged;\nalter table s.b set logged;");
}

#[test]
fn two_indexes_change_names() {
    let side = |one: &str, two: &str| {
        format!(
            r#"
            table s.t
            column s.t.a text
            column s.t.b text
            index s.t.{one} {{"on": ["a"]}} -> column s.t.a
            index s.t.{two} {{"on": ["b"]}} -> column s.t.b
            "#
        )
    };
    check(
        &side("x", "y"),
        &side("y", "x"),
        "
        drop index s.x;
        drop index s.y;
        create index x on s.t (b);
        create index y on s.t (a);
        ",
    );
}

#[test]
fn two_views_change_names_with_what_reads_them() {
    let side = |one: &str, two: &str| {
        format!(
            "
            table s.t
            column s.t.a integer
            column s.t.b text
            view s.{one} a integer: select a from s.t -> column s.t.a
            view s.{two} b text: select b from s.t -> column s.t.b
            view s.reader a integer: select a from s.{one} -> view s.{one}
            "
        )
    };
    check(
        &side("x", "y"),
        &side("y", "x"),
        "
        drop view s.reader;
        drop view s.x;
        drop view s.y;
        create view s.x as
        select b from s.t;
        create view s.y as
        select a from s.t;
        create view s.reader as
        select a from s.y;
        ",
    );
}
