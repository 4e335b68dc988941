//! What is said over statements: sizes, what a downgrade can't bring back, what new tables needn't fear, and
//! which statements need a part of their own.

use limbeck_diff::Direction;

use crate::sides::{planned, said};

const ROWS: &str = r#"
    rows s.t 1234567 88604672
    table s.t
    column s.t.id integer
    column s.t.n integer
"#;
const LESS: &str = "table s.t\ncolumn s.t.id integer";

#[test]
fn sizes_stand_in_the_words() {
    let text = said(ROWS, LESS, Direction::Upgrade);
    assert!(
        text.contains(
            "-- limbeck:hazard DATA_LOSS all values of s.t.n are lost (about 1 234 567 rows, 84 MB)\n"
        ),
        "{text}"
    );
    let small = ROWS.replace("1234567 88604672", "12 8192");
    let text = said(&small, LESS, Direction::Upgrade);
    assert!(text.contains("(about 12 rows, 8192 bytes)"), "{text}");
}

#[test]
fn a_downgrade_says_what_it_can_not_bring_back() {
    let back = said(LESS, &format!("{LESS}\ntable s.o\ncolumn s.o.id integer"), Direction::Downgrade);
    assert!(back.starts_with("-- limbeck:blind-spot ROWS_NOT_RESTORED table s.o comes back empty"), "{back}");
    let column = said(LESS, ROWS, Direction::Downgrade);
    assert!(column.contains("ROWS_NOT_RESTORED column s.t.n comes back empty"), "{column}");
    let there = said(LESS, ROWS, Direction::Upgrade);
    assert!(!there.contains("ROWS_NOT_RESTORED"), "{there}");
}

#[test]
fn what_a_downgrade_drops_is_what_was_written_since() {
    let back = said(ROWS, LESS, Direction::Downgrade);
    assert!(back.contains("ROWS_NOT_RESTORED all values of s.t.n go, and what was written since"), "{back}");
    assert!(!back.contains("DATA_LOSS"), "{back}");
}

#[test]
fn a_new_table_has_nothing_to_fear() {
    let to = r#"
        table s.t
        column s.t.id integer not null
        index s.t.t_idx {"on": ["id"]} -> column s.t.id
        primary key s.t.t_pkey {"columns": ["id"]}
    "#;
    let text = said("", to, Direction::Upgrade);
    assert!(text.contains("create index") && !text.contains("limbeck:"), "{text}");
    let text = said(LESS, &to.replace(" not null", ""), Direction::Upgrade);
    assert!(text.contains("limbeck:hazard INDEX_BUILD"), "{text}");
}

#[test]
fn a_foreign_key_between_an_old_and_a_new_table_locks_only_the_old() {
    let to = r#"
        table s.t
        column s.t.id integer
        table s.o
        column s.o.t_id integer
        foreign key s.o.o_fk {"columns": ["t_id"], "references": "s.t(id)"}
        foreign key s.o.o_fk2 {"columns": ["t_id"], "references": "s.t(id)", "not_valid": true}
    "#;
    let text = said(LESS, to, Direction::Upgrade);
    assert!(text.contains("blocks writes of s.t ") && !text.contains("blocks writes of s.o "), "{text}");
}

fn weather(labels: &str, more: &str) -> String {
    format!("enum s.e {{\"values\": [{labels}]}}\ntable s.t\ncolumn s.t.e s.e -> enum s.e\n{more}")
}

#[test]
fn a_new_label_has_a_part_of_its_own_where_it_is_used() {
    let from = weather(r#""a""#, "");
    let used = weather(r#""a", "b""#, "default s.t.e \"'b'::s.e\" -> enum s.e");
    let text = said(&from, &used, Direction::Upgrade);
    assert!(
        text.starts_with("(own part)\nalter type s.e add value if not exists 'b';\n(next part)\n"),
        "{text}"
    );
    let text = said(&from, &weather(r#""a", "b""#, ""), Direction::Upgrade);
    assert_eq!(text, "alter type s.e add value if not exists 'b';\n");
}

#[test]
fn what_is_not_compared_and_hangs_on_it_is_named() {
    let from = format!("uncompared column s.t.n publication p\n{ROWS}");
    let text = said(&from, LESS, Direction::Upgrade);
    assert!(text.contains("UNCOMPARED_DEPENDANT publication p depends on it"), "{text}");
    assert!(!said(&from, ROWS, Direction::Upgrade).contains("UNCOMPARED"));
    // What hangs on a column hangs on the table that takes it along.
    let text = said(&from, "schema s", Direction::Upgrade);
    assert!(text.contains("UNCOMPARED_DEPENDANT publication p depends on it"), "{text}");
}

#[test]
fn a_recreated_view_loses_no_rows() {
    let side = |query: &str, column: &str| {
        format!("table s.t\ncolumn s.t.id integer\nview s.v {column} integer: {query} -> column s.t.id")
    };
    let text =
        said(&side("select id from s.t", "id"), &side("select 1 as x from s.t", "x"), Direction::Upgrade);
    assert!(
        text.contains("limbeck:hazard RECREATE view s.v is dropped and created again: its columns"),
        "{text}"
    );
    assert!(!text.contains("DATA_LOSS"), "{text}");
}

#[test]
fn a_plan_of_nothing_but_remarks_is_empty() {
    assert!(planned(LESS, LESS, Direction::Upgrade).is_empty());
    assert!(!planned(LESS, "", Direction::Upgrade).is_empty());
}
