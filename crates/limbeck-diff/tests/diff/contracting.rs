//! Parts inside their parents' statements: created in one `create table`, gone with one `drop`.

use crate::sides::check;

#[test]
fn columns_in_order_with_defaults_and_constraints() {
    check(
        "",
        r#"
        table s.t {"with": {"fillfactor": "70"}}
        column s.t.zip text
        column s.t.id integer not null
        default s.t.zip "'?'"
        primary key s.t.t_pkey {"columns": ["id"]}
        check constraint s.t.t_zip_check {"expression": "zip <> ''"} -> column s.t.zip
        comment on column s.t.zip "Where"
        "#,
        "
        create table s.t (
            zip text default '?',
            id integer not null,
            constraint t_pkey primary key (id),
            constraint t_zip_check check (zip <> '')
        ) with (fillfactor='70');
        comment on column s.t.zip is 'Where';
        ",
    );
}

#[test]
fn a_new_column_has_its_default_and_its_constraint_after_it() {
    check(
        "table s.t\ncolumn s.t.id integer",
        r#"
        table s.t
        column s.t.id integer
        column s.t.n integer not null
        default s.t.n "7"
        unique constraint s.t.t_n_key {"columns": ["n"]}
        "#,
        "
        alter table s.t add column n integer not null default 7;
        alter table s.t add constraint t_n_key unique (n);
        ",
    );
}

#[test]
fn a_foreign_key_is_inline_after_what_it_points_at() {
    let to = r#"
        table s.a
        column s.a.b_id integer
        foreign key s.a.a_b_fkey {"columns": ["b_id"], "references": "s.b(id)"} -> primary key s.b.b_pkey
        table s.b
        column s.b.id integer not null
        primary key s.b.b_pkey {"columns": ["id"]}
    "#;
    let expect = "
        create table s.b (
            id integer not null,
            constraint b_pkey primary key (id)
        );
        create table s.a (
            b_id integer,
            constraint a_b_fkey foreign key (b_id) references s.b(id)
        );
    ";
    check("", to, expect);
    check(to, "", "drop table s.a;\ndrop table s.b;");
}

const ROUND: &str = r#"
    table s.a
    column s.a.id integer not null
    column s.a.b_id integer
    primary key s.a.a_pkey {"columns": ["id"]}
    foreign key s.a.a_b_fkey {"columns": ["b_id"], "references": "s.b(id)"} -> primary key s.b.b_pkey
    table s.b
    column s.b.id integer not null
    column s.b.a_id integer
    primary key s.b.b_pkey {"columns": ["id"]}
    foreign key s.b.b_a_fkey {"columns": ["a_id"], "references": "s.a(id)"} -> primary key s.a.a_pkey
"#;

#[test]
fn foreign_keys_that_point_at_each_other_have_statements_of_their_own() {
    check(
        "",
        ROUND,
        "
        create table s.a (
            id integer not null,
            b_id integer,
            constraint a_pkey primary key (id)
        );
        create table s.b (
            id integer not null,
            a_id integer,
            constraint b_pkey primary key (id)
        );
        alter table s.a add constraint a_b_fkey foreign key (b_id) references s.b(id);
        alter table s.b add constraint b_a_fkey foreign key (a_id) references s.a(id);
        ",
    );
    check(
        ROUND,
        "",
        "
        alter table s.a drop constraint a_b_fkey;
        alter table s.b drop constraint b_a_fkey;
        drop table s.a;
        drop table s.b;
        ",
    );
}

#[test]
fn what_stands_in_a_table_goes_with_it() {
    check(
        r#"
        table s.t
        column s.t.id integer not null
        default s.t.id "1"
        primary key s.t.t_pkey {"columns": ["id"]}
        index s.t.t_idx {"on": ["id"]} -> column s.t.id
        comment on table s.t "Things"
        comment on index s.t.t_idx "Fast"
        "#,
        "",
        "drop table s.t;",
    );
}

#[test]
fn what_stands_on_a_column_goes_with_it() {
    check(
        r#"
        table s.t
        column s.t.id integer
        column s.t.n integer
        default s.t.n "1"
        comment on column s.t.n "How many"
        unique constraint s.t.t_n_key {"columns": ["n"]}
        "#,
        "table s.t\ncolumn s.t.id integer",
        "
        alter table s.t drop constraint t_n_key;
        alter table s.t drop column n;
        ",
    );
}

const SERIAL: &str = r#"
    table s.t
    column s.t.n text
    column s.t.id integer not null
    default s.t.id "nextval('s.t_id_seq'::regclass)" -> sequence s.t_id_seq
    sequence s.t_id_seq {"type": "integer"}
    sequence owner s.t_id_seq {"column": "t.id"} => column s.t.id
"#;

#[test]
fn an_owned_sequence_comes_before_its_column_and_goes_with_it() {
    check(
        "",
        SERIAL,
        "
        create sequence s.t_id_seq as integer;
        create table s.t (
            n text,
            id integer not null default nextval('s.t_id_seq'::regclass)
        );
        alter sequence s.t_id_seq owned by s.t.id;
        ",
    );
    check(SERIAL, "", "drop table s.t;");
    check(SERIAL, "table s.t\ncolumn s.t.n text", "alter table s.t drop column id;");
}

#[test]
fn a_schema_goes_last_and_comes_first() {
    let wide = r#"
        schema w
        table w.t
        column w.t.id integer
        view w.v id integer: select id from w.t -> column w.t.id
    "#;
    check(
        "",
        wide,
        "create schema w;\ncreate table w.t (\nid integer\n);\ncreate view w.v as\nselect id from w.t;",
    );
    check(wide, "", "drop view w.v;\ndrop table w.t;\ndrop schema w;");
}
