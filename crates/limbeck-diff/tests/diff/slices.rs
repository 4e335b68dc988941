//! Slices: what hangs on a change, and what all of that stands on.

use limbeck_diff::slice::{restrict, slice};

use crate::sides::{catalog, id};

const LIVE: &str = r#"
    enum s.e {"values": ["a"]}
    function s.f(integer) {"returns": "integer", "language": "sql", "body": "select 1"}
    table s.t
    column s.t.id integer not null
    column s.t.n integer
    column s.t.e s.e -> enum s.e
    primary key s.t.t_pkey {"columns": ["id"]}
    check constraint s.t.t_n_check {"expression": "s.f(n) > 0"} -> column s.t.n; function s.f(integer)
    index s.t.t_e_idx {"on": ["e"]} -> column s.t.e
    table s.child
    column s.child.t_id integer
    foreign key s.child.child_fk {"columns": ["t_id"], "references": "s.t(id)"} -> primary key s.t.t_pkey
    table s.far
    column s.far.id integer
    view s.of_n n integer: select n from s.t -> column s.t.n
    view s.of_of_n n integer: select n from s.of_n -> view s.of_n
    view s.of_id id integer: select id from s.t -> column s.t.id
    function s.reads() {"returns": "integer", "language": "sql", "body": "select n from s.t"} ~> table s.t
"#;

/// The slice of one change of text holds `with`, and nothing of `without`.
#[track_caller]
fn check(change: (&str, &str), with: &[&str], without: &[&str]) {
    assert!(change.0.is_empty() || LIVE.contains(change.0));
    let to =
        if change.0.is_empty() { format!("{LIVE}\n{}", change.1) } else { LIVE.replace(change.0, change.1) };
    let keys = slice(&catalog(LIVE), &catalog(&to));
    for text in with {
        assert!(keys.contains(&id(text)), "{text} is missing in {keys:?}");
    }
    for text in without {
        assert!(!keys.contains(&id(text)), "{text} is in {keys:?}");
    }
}

#[test]
fn nothing_changed_is_schemas_only() {
    let keys = slice(&catalog(LIVE), &catalog(LIVE));
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), [id("schema s")]);
}

#[test]
fn a_changed_column_takes_what_hangs_on_it_and_its_tables_shell() {
    check(
        ("column s.t.n integer", "column s.t.n bigint"),
        &[
            "column s.t.n",
            "view s.of_n",
            "view s.of_of_n",
            "check constraint s.t.t_n_check",
            "function s.f(integer)",
            "table s.t",
            "column s.t.id",
            "column s.t.e",
            "enum s.e",
        ],
        &[
            "view s.of_id",
            "table s.far",
            "table s.child",
            "index s.t.t_e_idx",
            "foreign key s.child.child_fk",
        ],
    );
}

#[test]
fn a_changed_key_takes_foreign_keys_with_their_tables() {
    check(
        (r#"t_pkey {"columns": ["id"]}"#, r#"t_pkey {"columns": ["id"], "include": ["n"]}"#),
        &["primary key s.t.t_pkey", "foreign key s.child.child_fk", "table s.child", "column s.child.t_id"],
        &["table s.far", "view s.of_n", "function s.f(integer)"],
    );
}

#[test]
fn a_changed_table_leaves_what_only_stands_in_it() {
    check(
        ("    table s.t\n", "    table s.t {\"unlogged\": true}\n"),
        &["table s.t", "column s.t.n", "enum s.e"],
        &["view s.of_n", "index s.t.t_e_idx", "table s.far"],
    );
}

#[test]
fn something_new_takes_what_it_mentions() {
    check(
        ("", "view s.new n integer: select f(n) from s.of_n"),
        &[
            "view s.new",
            "view s.of_n",
            "function s.f(integer)",
            "table s.t",
            "column s.t.n",
            "primary key s.t.t_pkey",
        ],
        &["table s.far", "table s.child", "view s.of_of_n", "view s.of_id"],
    );
    check(
        ("", "foreign key s.far.far_fk {\"columns\": [\"id\"], \"references\": \"s.t(id)\"}"),
        &["table s.far", "column s.far.id", "table s.t", "column s.t.id", "primary key s.t.t_pkey"],
        &["view s.of_n", "table s.child"],
    );
}

/// `create extension` brings its comment along: a slice without it would see one come from nowhere.
#[test]
fn what_always_comes_along_has_its_comment() {
    let live = format!("{LIVE}\nextension citext\ncomment on extension citext \"Any case\"\nschema s\n");
    let keys = slice(&catalog(&live), &catalog(&live.replace("column s.t.n integer\n", "")));
    for text in ["extension citext", "comment on extension citext", "schema s"] {
        assert!(keys.contains(&id(text)), "{text} is missing in {keys:?}");
    }
    assert!(!keys.contains(&id("comment on schema s")), "there is none");
}

#[test]
fn what_goes_takes_what_hangs_on_it() {
    check(
        ("column s.t.n integer\n", ""),
        &["column s.t.n", "view s.of_n", "view s.of_of_n", "check constraint s.t.t_n_check"],
        &["table s.far"],
    );
}

#[test]
fn a_restricted_catalog_keeps_needs_within_it() {
    let live = catalog(LIVE);
    let keys = [id("table s.t"), id("column s.t.n"), id("view s.of_n"), id("view s.gone")].into();
    let part = restrict(&live, &keys);
    assert_eq!(part.objects.len(), 3);
    assert_eq!(part.positions.len(), 1);
    let needs: Vec<_> = part.needs_of(&id("view s.of_n")).map(|(on, _)| on.clone()).collect();
    assert_eq!(needs, [id("column s.t.n")]);
}
