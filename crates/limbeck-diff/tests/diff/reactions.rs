//! What dependants do when something under them changes: ride, make way and come back whole, or go.

use crate::sides::check;

fn table(column: &str, more: &str) -> String {
    format!("table s.t\ncolumn s.t.n {column}\n{more}")
}

const VIEWS: &str = r#"
    view s.v n integer: select n from s.t -> column s.t.n
    comment on view s.v "All of them"
    comment on view s.v.n "One of them"
    view s.w n integer: select n from s.v -> view s.v
"#;

#[test]
fn views_are_rebuilt_around_a_columns_type_with_their_comments() {
    check(
        &table("integer", VIEWS),
        &format!("cast integer bigint\n{}", table("bigint", VIEWS)),
        "
        drop view s.w;
        drop view s.v;
        alter table s.t alter column n type bigint;
        create view s.v as
        select n from s.t;
        create view s.w as
        select n from s.v;
        comment on view s.v is 'All of them';
        comment on column s.v.n is 'One of them';
        ",
    );
}

#[test]
fn what_says_the_same_rides_through_a_new_type() {
    let more = r#"
        default s.t.n "1"
        check constraint s.t.t_n_check {"expression": "n > 0"} -> column s.t.n
        unique constraint s.t.t_n_key {"columns": ["n"]}
        index s.t.t_n_idx {"on": ["n"]} -> column s.t.n
        comment on column s.t.n "How many"
    "#;
    let to = format!("cast integer bigint\n{}", table("bigint", more));
    check(&table("integer", more), &to, "alter table s.t alter column n type bigint;");
}

#[test]
fn a_text_that_changes_with_the_type_makes_way() {
    let more = |default: &str| format!("default s.t.n {default:?}");
    let to = format!("cast text integer\n{}", table("integer", &more("0")));
    check(
        &table("text", &more("'zero'")),
        &to,
        "
        alter table s.t alter column n drop default;
        alter table s.t alter column n type integer;
        alter table s.t alter column n set default 0;
        ",
    );
}

#[test]
fn a_column_that_is_not_null_disturbs_no_view() {
    check(
        &table("integer", VIEWS),
        &table("integer not null", VIEWS),
        "alter table s.t alter column n set not null;",
    );
}

#[test]
fn a_foreign_key_whose_text_stays_follows_its_replaced_key() {
    let side = |include: &str| {
        format!(
            r#"
            table s.a
            column s.a.b text
            foreign key s.a.a_fk {{"columns": ["b"], "references": "s.b(c)"}} -> unique constraint s.b.b_key
            comment on foreign key s.a.a_fk "Which"
            table s.b
            column s.b.c text
            column s.b.d text
            unique constraint s.b.b_key {{"columns": ["c"]{include}}}
            "#
        )
    };
    check(
        &side(""),
        &side(r#", "include": ["d"]"#),
        "
        alter table s.a drop constraint a_fk;
        alter table s.b drop constraint b_key;
        alter table s.b add constraint b_key unique (c) include (d);
        alter table s.a add constraint a_fk foreign key (b) references s.b(c);
        comment on constraint a_fk on s.a is 'Which';
        ",
    );
}

#[test]
fn a_view_lets_go_of_a_column_that_goes() {
    check(
        "
        table s.t
        column s.t.id integer
        column s.t.n integer
        view s.v id integer: select id from s.t where n > 0 -> column s.t.id; column s.t.n
        ",
        "
        table s.t
        column s.t.id integer
        view s.o id integer: select id from s.t -> column s.t.id
        view s.v id integer: select id from s.o -> view s.o
        ",
        "
        create view s.o as
        select id from s.t;
        create or replace view s.v as
        select id from s.o;
        alter table s.t drop column n;
        ",
    );
}

#[test]
fn an_enum_that_shrinks_stands_aside_until_its_columns_are_converted() {
    let side = |labels: &str| {
        format!(
            r#"
            enum s.e {{"values": [{labels}]}}
            table s.t
            column s.t.e s.e -> enum s.e
            default s.t.e "'a'::s.e" -> enum s.e
            view s.v e s.e: select e from s.t -> column s.t.e
            "#
        )
    };
    check(
        &side(r#""a", "b""#),
        &side(r#""a""#),
        "
        drop view s.v;
        alter table s.t alter column e drop default;
        alter type s.e rename to e__before;
        create type s.e as enum ('a');
        alter table s.t alter column e type s.e using e::text::s.e;
        alter table s.t alter column e set default 'a'::s.e;
        create view s.v as
        select e from s.t;
        drop type s.e__before;
        ",
    );
}

#[test]
fn a_function_that_is_replaced_takes_its_users_along() {
    let side = |returns: &str, body: &str| {
        format!(
            r#"
            function s.f(integer) {{"returns": "{returns}", "language": "sql", "body": "{body}"}}
            table s.t
            column s.t.n integer
            index s.t.t_idx {{"on": ["s.f(n)"]}} -> column s.t.n; function s.f(integer)
            "#
        )
    };
    check(
        &side("integer", "select 1"),
        &side("integer", "select 2"),
        "
        create or replace function s.f(integer) returns integer
        language sql
        as $$select 2$$;
        ",
    );
    check(
        &side("integer", "select 1"),
        &side("bigint", "select 1"),
        "
        drop index s.t_idx;
        drop function s.f(integer);
        create function s.f(integer) returns bigint
        language sql
        as $$select 1$$;
        create index t_idx on s.t (s.f(n));
        ",
    );
}
