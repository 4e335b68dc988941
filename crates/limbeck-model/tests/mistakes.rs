//! Every mistake in one run, each with its place and what was expected.

use limbeck_model::{SourceFile, read_files};

fn said(text: &str) -> String {
    let files = vec![SourceFile { path: "models/shop.yaml".into(), text: text.trim_start().to_owned() }];
    let (declared, diagnostics) = read_files(files);
    let undeclared = declared.undeclared.iter().map(|(_, diagnostic)| diagnostic);
    let reports = diagnostics.iter().chain(undeclared).map(|diagnostic| {
        let report = diagnostic.report(&declared.files);
        let place = report.place.map(|p| format!("{}:{}", p.line, p.column)).unwrap_or_default();
        let label = if report.label.is_empty() { String::new() } else { format!(" ({})", report.label) };
        format!("{place} {}{label}\n", report.message)
    });
    reports.collect()
}

fn check(text: &str, want: &str) {
    let said = said(text);
    assert_eq!(said.trim(), want.trim());
}

#[test]
fn all_are_said_at_once() {
    check(
        "
schema: shop
tabels: {}
tables:
  customers:
    colums: {}
    columns:
      id: { type: bigint, nullable: false, not_nul: true }
      name: { type: [text], not_null: no }
      email: {}
    unlogged: yes
    indexes:
      customers_idx: { on: [emial], unike: true }
  orders:
    columns: { id: bigint, id: bigint }
    foreign_keys:
      a: { columns: [customer_id], references: customers(idd) }
      b: { columns: [id], references: custmers(id) }
",
        "
2:1 unknown key `tabels` (did you mean `tables`?)
5:5 unknown key `colums` in this table (did you mean `columns`?)
7:27 unknown key `nullable` in this column
7:44 unknown key `not_nul` in this column (did you mean `not_null`?)
8:21 expected a text (this is a list)
8:39 expected `true` or `false` (this is `no`)
9:14 the key `type` of this column is missing
10:15 expected `true` or `false` (this is `yes`)
12:29 table shop.customers has no column `emial` (did you mean `email`?)
12:37 unknown key `unike` in this index (did you mean `unique`?)
14:28 the key `id` stands here twice (the second time)
16:22 table shop.orders has no column `customer_id`
16:48 table shop.customers has no column `idd` (did you mean `id`?)
17:39 there is no table custmers (did you mean `customers`?)
",
    );
}

#[test]
fn what_is_defined_twice_names_both_places() {
    let text = "tables:\n  t:\n    columns: { a: text }\n";
    let files = ["a.yaml", "b.yaml"].map(|path| SourceFile { path: path.into(), text: text.to_owned() });
    let (declared, diagnostics) = read_files(files.to_vec());
    let said: String = diagnostics.iter().map(|d| d.render(&declared.files, false)).collect();
    assert!(said.contains("table public.t is defined twice"), "{said}");
    assert!(said.contains("a.yaml:2:3") && said.contains("b.yaml:2:3"), "{said}");
}

#[test]
fn names_that_clash_are_said() {
    check(
        "
tables:
  t: { columns: { a: text, b: { type: int, primary_key: true } }, primary_key: [a], indexes: { t: [a] } }
views:
  t: select 1
",
        "
2:67 table public.t can have one primary key (the second)
2:96 index public.t.t and table public.t can't both have this name
4:3 view public.t and table public.t can't both have this name
",
    );
}

#[test]
fn names_that_postgres_would_cut_are_said() {
    let long = "ü".repeat(32);
    let text = format!(
        "tables:\n  {long}:\n    columns: {{ a: {{ type: int, default: 1 }}, {long}: {{ type: int, default: 1 }} }}"
    );
    check(
        &text,
        "
2:3 this name is 64 bytes long: Postgres keeps 63
3:46 this name is 64 bytes long: Postgres keeps 63
",
    );
    check(&text.replace(&long, &"ü".repeat(31)), "");
    let inside = "
schema: LONG
types: { c: { attributes: { LONG: int } } }
functions: { f(int): { arguments: LONG int, returns: int, language: sql, body: select 1 } }
views: { v: \"select 1 as \\\"LONG\\\", 'LONG' as b\" }
tables: { t: { comment: LONG, columns: { a: { type: text, default: \"'LONG'\" } }, checks: [LONG > 1] } }
";
    let cut = "this name is 64 bytes long: Postgres keeps 63";
    let places = ["1:9", "2:29", "3:14", "4:10", "5:211"];
    let want: String = places.iter().map(|place| format!("{place} {cut}\n")).collect();
    check(&inside.replace("LONG", &"n".repeat(64)), &want);
}

#[test]
fn a_table_that_is_too_wide_is_said() {
    let table = |count: usize| {
        let columns: Vec<String> = (0..count).map(|i| format!("c{i}: int")).collect();
        format!("tables:\n  t: {{ columns: {{ {} }} }}", columns.join(", "))
    };
    check(&table(1_600), "");
    check(&table(1_601), "\n2:3 this table has 1601 columns: Postgres takes 1600 at most\n");
}

#[test]
fn what_begins_another_statement_is_said() {
    check(
        "
views: { v: \"select 1; drop table t\", w: select 1;, x: \"select ';'\" }
tables: { t: { columns: { \"a;b\": { type: text, default: \"'');drop table t;--\" } }, checks: [\"(a;b)\"] } }
rules: {}
functions:
  f(): { returns: int, language: sql, body: select 1; select 2 }
",
        "
1:13 a `;` in this view begins another statement
2:57 a `;` in this default begins another statement
3:1 unknown key `rules`
",
    );
}

#[test]
fn labels_have_former_names() {
    let text = "enums:\n  e:\n    - { name: new, renamed_from: old }\n    - { name: x, was: y }";
    check(text, "4:7 expected a text (this is a map)");
}

#[test]
fn no_and_on_are_strings() {
    check("enums: { answers: [yes, no, on, off] }\ntables: { t: { columns: { on: text, no: text } } }", "");
}

#[test]
fn what_is_no_yaml_has_a_place() {
    let said = said("tables:\n  t: [\n");
    assert!(said.contains("this is no YAML"), "{said}");
}
