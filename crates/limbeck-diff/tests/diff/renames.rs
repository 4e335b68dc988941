//! Renames: found where only one thing can be meant, declared, and undone in reverse order.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::Pair;
use limbeck_diff::rename::{Declared, Ground, Renames, renamed, round};
use limbeck_diff::{Verb, candidate};

use crate::sides::{catalog, id, text};

fn found(from: &str, to: &str, declared: &Declared) -> Renames {
    let (from, to) = (catalog(from), catalog(to));
    round(Pair { from: &from, to: &to }, declared, &BTreeSet::new())
}

/// The renames of a first round, as `from -> to`.
#[track_caller]
fn check(from: &str, to: &str, expect: &[&str]) {
    let pairs = found(from, to, &BTreeMap::new());
    let pairs: Vec<_> = pairs.iter().map(|r| format!("{} -> {}", r.from, r.to)).collect();
    assert_eq!(pairs, expect);
}

fn declares(of: &str, former: &[&str]) -> Declared {
    BTreeMap::from([(id(of), former.iter().map(|name| (*name).to_owned()).collect())])
}

fn table(columns: &[&str], more: &str) -> String {
    let columns: String = columns.iter().map(|c| format!("column s.t.{c}\n")).collect();
    format!("table s.t\n{columns}{more}")
}

#[test]
fn one_column_at_the_same_place_with_a_similar_name() {
    check(
        &table(&["id integer", "email text", "age integer"], ""),
        &table(&["id integer", "email_address text", "age integer"], ""),
        &["column s.t.email -> column s.t.email_address"],
    );
}

#[test]
fn a_type_alone_is_no_evidence() {
    check(
        &table(&["id integer", "email text", "age integer"], ""),
        &table(&["id integer", "age integer", "town text"], ""),
        &[],
    );
    check(&table(&["id integer", "email text"], ""), &table(&["id integer", "email varchar(9)"], ""), &[]);
}

#[test]
fn constraints_and_defaults_are_evidence() {
    let side = |column: &str| {
        let more = format!(
            "default s.t.{column} \"'x'\"\nunique constraint s.t.t_key {{\"columns\": [\"{column}\"]}}"
        );
        table(&["id integer", &format!("{column} text")], &more)
    };
    check(&side("shade"), &side("hue"), &["column s.t.shade -> column s.t.hue"]);
}

#[test]
fn two_that_look_alike_are_left_alone() {
    check(
        &table(&["id integer", "name text"], ""),
        &table(&["id integer", "name1 text", "name2 text"], ""),
        &[],
    );
    check(&table(&["phone1 text", "phone2 text"], ""), &table(&["phone text"], ""), &[]);
}

fn people(table: &str, columns: &[&str]) -> String {
    let columns: String = columns.iter().map(|c| format!("column s.{table}.{c}\n")).collect();
    format!("table s.{table}\n{columns}")
}

#[test]
fn a_table_goes_by_its_columns() {
    let columns = ["id integer", "email text", "born date", "town text"];
    check(
        &people("clients", &columns),
        &people("customers", &columns),
        &["table s.clients -> table s.customers"],
    );
    check(&people("clients", &columns), &people("customers", &["id integer", "sum integer"]), &[]);
    let two = [people("customers", &columns), people("buyers", &columns)].join("\n");
    check(&people("clients", &columns), &two, &[]);
}

#[test]
fn a_constraint_of_equal_body_takes_the_nearest_name() {
    let side = |checks: &[&str]| {
        let checks: String = checks
            .iter()
            .map(|name| {
                format!("check constraint s.t.{name} {{\"expression\": \"n > 0\"}} -> column s.t.n\n")
            })
            .collect();
        table(&["n integer"], &checks)
    };
    check(
        &side(&["old_check"]),
        &side(&["new_check"]),
        &["check constraint s.t.old_check -> check constraint s.t.new_check"],
    );
    let declared = BTreeMap::new();
    let renames = found(&side(&["old_check"]), &side(&["new_check"]), &declared);
    assert_eq!(renames[0].ground, Ground::EqualBody);
    assert_eq!(renames[0].there.len(), 1, "nothing is lost either way, so there is no other reading");
}

#[test]
fn a_guess_says_so_and_shows_the_other_reading() {
    let renames = found(
        &table(&["id integer", "email text"], ""),
        &table(&["id integer", "e_mail text"], ""),
        &BTreeMap::new(),
    );
    let [rename] = renames.as_slice() else { panic!("one rename, and not {renames:?}") };
    assert!(matches!(rename.ground, Ground::Guess(score, _) if score > 0.4 && score < 1.0));
    let sql: Vec<_> = rename.there.iter().map(|a| (a.commented, a.text())).collect();
    let line = |commented, sql: &str| (commented, sql.to_owned());
    assert_eq!(
        sql,
        [
            line(false, "alter table s.t rename column email to e_mail"),
            line(true, "alter table s.t drop column email"),
            line(true, "alter table s.t add column e_mail text"),
        ]
    );
    assert!(rename.there[0].notes[0].to_string().starts_with("limbeck:blind-spot POSSIBLE_RENAME"));
    let back: Vec<_> = rename.back.iter().map(|a| a.text()).collect();
    assert_eq!(back, ["alter table s.t rename column e_mail to email"]);
}

#[test]
fn a_declared_rename_needs_no_likeness() {
    let from = table(&["id integer", "x text"], "");
    let to = table(&["id integer", "total numeric"], "");
    let renames = found(&from, &to, &declares("column s.t.total", &["sum", "x"]));
    assert_eq!(renames.len(), 1);
    assert_eq!(renames[0].ground, Ground::Declared);
    assert_eq!(renames[0].there.len(), 1);
    // The former name is gone already, or both are there: nothing to do.
    assert!(found(&to, &to, &declares("column s.t.total", &["x"])).is_empty());
    let both = table(&["id integer", "x text", "total numeric"], "");
    assert!(found(&from, &both, &declares("column s.t.total", &["x"])).is_empty());
}

#[test]
fn labels_are_renamed_within() {
    let side = |label: &str| format!("enum s.e {{\"values\": [\"a\", \"{label}\"]}}");
    let renames = found(&side("b"), &side("c"), &BTreeMap::new());
    assert_eq!(renames[0].there[0].text(), "alter type s.e rename value 'b' to 'c'");
    assert_eq!(renames[0].back[0].text(), "alter type s.e rename value 'c' to 'b'");
    let (from, to) = (catalog(&side("b")), catalog(&side("c")));
    let done = BTreeSet::from([id("enum s.e")]);
    assert!(round(Pair { from: &from, to: &to }, &BTreeMap::new(), &done).is_empty(), "once is enough");
}

/// Renames of a table, and of a column and a key in it.
fn three() -> Renames {
    let columns = |table: &str, id: &str, key: &str| {
        let columns = [&format!("{id} integer not null"), "email text", "born date", "town text"];
        let key = format!("primary key s.{table}.{key} {{\"columns\": [\"{id}\"]}}");
        format!("{}{key}", people(table, &columns))
    };
    let (a, b) = (columns("a", "id", "a_pkey"), columns("b", "id", "a_pkey"));
    let mut all = found(&a, &b, &declares("table s.b", &["a"]));
    let c = columns("b", "key", "a_pkey");
    all.extend(found(&b, &c, &declares("column s.b.key", &["id"])));
    all.extend(found(&c, &columns("b", "key", "b_pkey"), &BTreeMap::new()));
    all
}

#[test]
fn what_a_renamed_table_drags_along() {
    let renames = three();
    assert_eq!(renames.len(), 3);
    let check = |before: &str, after: &str| assert_eq!(renamed(&id(before), &renames), id(after), "{before}");
    check("table s.a", "table s.b");
    check("column s.a.id", "column s.b.key");
    check("default s.a.id", "default s.b.key");
    check("column s.a.email", "column s.b.email");
    check("primary key s.a.a_pkey", "primary key s.b.b_pkey");
    check("comment on table s.a", "comment on table s.b");
    check("comment on column s.a.id", "comment on column s.b.key");
    check("comment on primary key s.a.a_pkey", "comment on primary key s.b.b_pkey");
    check("trigger s.a.id", "trigger s.b.id");
    check("comment on trigger s.a.id", "comment on trigger s.b.id");
    check("rights on table s.a", "rights on table s.b");
    check("sequence owner s.a", "sequence owner s.a");
    // Others of the same name stay.
    check("sequence s.a", "sequence s.a");
    check("function s.a(integer)", "function s.a(integer)");
    check("table r.a", "table r.a");
    check("table s.ab", "table s.ab");
}

#[test]
fn what_stands_in_a_domain_or_belongs_to_a_sequence_goes_along() {
    let from = r#"domain s.d {"type": "text"}"#;
    let renames = found(from, &from.replace("s.d", "s.e"), &declares("domain s.e", &["d"]));
    assert_eq!(renamed(&id("domain constraint s.d.c"), &renames), id("domain constraint s.e.c"));
    assert_eq!(
        renamed(&id("comment on domain constraint s.d.c"), &renames),
        id("comment on domain constraint s.e.c")
    );
    assert_eq!(renamed(&id("table s.d"), &renames), id("table s.d"));
    let renames = found("sequence s.q", "sequence s.r", &declares("sequence s.r", &["q"]));
    assert_eq!(renamed(&id("sequence owner s.q"), &renames), id("sequence owner s.r"));
}

#[test]
fn a_candidate_undoes_renames_last_and_in_reverse() {
    let renames = three();
    let catalog = catalog("table s.b");
    let candidate = candidate(Pair { from: &catalog, to: &catalog }, &renames).expect("an order");
    let there: Vec<_> = renames.iter().map(|r| r.there[0].text()).collect();
    let steps: Vec<_> = candidate.upgrade.steps.iter().map(|s| s.actions[0].text()).collect();
    assert_eq!(steps, there);
    assert_eq!(
        text(&candidate.downgrade).lines().filter(|l| l.starts_with("alter")).collect::<Vec<_>>(),
        [
            "alter table s.b rename constraint b_pkey to a_pkey;",
            "alter table s.b rename column key to id;",
            "alter table s.b rename to a;",
        ]
    );
    assert!(candidate.downgrade.steps.iter().all(|step| step.verb == Verb::Alter));
}
