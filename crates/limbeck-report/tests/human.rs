//! What a reader sees, and what a program reads, of small comparisons made by hand.

use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_diff::candidate;
use limbeck_diff::rename::{Ground, Rename};
use limbeck_report::{Compared, Detail, Report, gather, github, human, report};
use serde_json::{Value, json};

fn catalog(objects: &[(Kind, &[&str], Value)]) -> Catalog {
    let mut catalog = Catalog::default();
    for (position, (kind, path, document)) in objects.iter().enumerate() {
        let object = kind.from_document(document.clone()).expect("a document");
        let id = ObjectId::new(*kind, path.iter());
        catalog.positions.insert(id.clone(), position as i32);
        catalog.objects.insert(id, object);
    }
    catalog
}

fn compared(from: &Catalog, to: &Catalog, renames: &[Rename]) -> Report {
    let sides = Pair { from, to };
    let candidate = candidate(sides, renames).expect("an order");
    let names = Pair { from: "the database".to_owned(), to: "the models".to_owned() };
    gather(&Compared { names, sides, renames, plan: Some(&candidate.upgrade), unproven: &[] })
}

/// The text without its styles.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.find(|c| *c == 'm');
        } else {
            out.push(c);
        }
    }
    out
}

fn shows(report: &Report, detail: Detail, wanted: &str) {
    let text = plain(&human(report, detail, 80));
    assert!(text == wanted, "it shows\n{text}\ninstead of\n{wanted}");
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(widest <= 80, "a line has {widest} columns:\n{text}");
}

const MEMBERS: &[&str] = &["public", "members"];

fn members(columns: &[(&'static [&'static str], Value)]) -> Catalog {
    let table = (Kind::Table, MEMBERS, json!({}));
    let columns = columns.iter().map(|(path, document)| (Kind::Column, *path, document.clone()));
    catalog(&[table].into_iter().chain(columns).collect::<Vec<_>>())
}

fn changed_table() -> Report {
    let from = members(&[
        (&["public", "members", "id"], json!({ "type": "integer", "not_null": true })),
        (&["public", "members", "fax"], json!({ "type": "text" })),
    ]);
    let to = members(&[
        (&["public", "members", "id"], json!({ "type": "bigint", "not_null": true })),
        (&["public", "members", "email"], json!({ "type": "text", "collation": "\"C\"" })),
    ]);
    compared(&from, &to, &[])
}

#[test]
fn a_table_is_shown_with_its_columns_and_hazards() {
    let wanted = "\
~ table public.members
  ~ column id
      type  integer → bigint
      ! TABLE_REWRITE  every row of public.members is written anew
  + column email  text, collation \"C\"
";
    let text = plain(&human(&changed_table(), Detail::Full, 80));
    for line in wanted.lines().filter(|line| !line.contains('!')) {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    for part in [
        "  - column fax\n      ! DATA_LOSS  ",
        "\n      ! TABLE_REWRITE  ",
        "1 to create, 1 to drop, 1 to alter",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn short_is_a_line_an_object() {
    let wanted = "\
~ table public.members
  ~ column id  type
  + column email
  - column fax

1 to create, 1 to drop, 1 to alter
";
    shows(&changed_table(), Detail::Short, wanted);
}

#[test]
fn changed_texts_are_marked_line_by_line_and_word_by_word() {
    let view = |query: &str| catalog(&[(Kind::View, &["public", "v"], json!({ "query": query }))]);
    let from = view(" SELECT a,\n    b\n   FROM t\n  WHERE a > 1\n  ORDER BY a");
    let to = view(" SELECT a,\n    b\n   FROM t\n  WHERE a > 2\n  ORDER BY a");
    let report = compared(&from, &to, &[]);
    let text = human(&report, Detail::Full, 80);
    let seen = plain(&text);
    let wanted = "    query\n           b\n          FROM t\n      -  WHERE a > 1\n      +  WHERE a > 2\n         ORDER BY a\n";
    assert!(seen.contains(wanted), "{wanted} is not in\n{seen}");
    let marked = anstyle::AnsiColor::Green.on_default().bold().underline();
    assert!(text.contains(&format!("{marked}2{marked:#}")), "the word is not marked in\n{text:?}");
}

#[test]
fn switches_and_long_values_have_forms_of_their_own() {
    let id: &'static [&'static str] = &["public", "members", "id"];
    let from = members(&[(id, json!({ "type": "integer" }))]);
    let to = members(&[(id, json!({ "type": "integer", "not_null": true, "statistics": 500 }))]);
    let text = plain(&human(&compared(&from, &to, &[]), Detail::Full, 80));
    for part in ["\n      + not null\n", "\n      statistics  (none) → 500\n"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let text = plain(&human(&compared(&from, &to, &[]), Detail::Full, 50));
    assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
}

#[test]
fn what_goes_as_a_whole_is_counted() {
    let report = compared(
        &members(&[(&["public", "members", "id"], json!({ "type": "integer" }))]),
        &catalog(&[]),
        &[],
    );
    let text = plain(&human(&report, Detail::Full, 80));
    assert!(text.starts_with("- table public.members  with 1 column\n"), "{text}");
    assert!(!text.contains("column id"), "{text}");
}

#[test]
fn what_says_one_thing_shows_it() {
    let id: &'static [&'static str] = &["public", "members", "id"];
    let with = |default: Value| {
        let mut catalog = members(&[(id, json!({ "type": "integer" }))]);
        let default = Kind::Default.from_document(default).expect("a document");
        catalog.objects.insert(ObjectId::new(Kind::Default, id), default);
        catalog
    };
    let report = compared(&members(&[]), &with(json!("1")), &[]);
    let text = plain(&human(&report, Detail::Full, 80));
    assert!(text.contains("\n  + column id  integer\n") && text.contains("\n    + default  1\n"), "{text}");
    assert!(text.contains("\n1 to create\n"), "{text}");
    let report = compared(&with(json!("1")), &with(json!("2")), &[]);
    let text = plain(&human(&report, Detail::Full, 80));
    assert!(text.contains("\n    ~ default\n        value  1 → 2\n"), "{text}");
}

#[test]
fn a_rename_says_what_it_was_and_how_sure_it_is() {
    let to = members(&[(&["public", "members", "full_name"], json!({ "type": "text" }))]);
    let id = |name: &str| ObjectId::new(Kind::Column, ["public", "members", name]);
    let ground = Ground::Guess(0.83, "place, type".to_owned());
    let rename =
        Rename { from: id("name"), to: id("full_name"), ground, there: Vec::new(), back: Vec::new() };
    let report = compared(&to, &to, &[rename]);
    let wanted = "\
~ table public.members
  → column full_name  was name  a guess, 83 in 100

1 to rename
";
    shows(&report, Detail::Full, wanted);
    assert!(!report.same);
}

#[test]
fn names_can_neither_drive_a_terminal_nor_forge_a_line() {
    let bad = catalog(&[(Kind::Table, &["public", "a\u{1b}[2J\n- table x"], json!({}))]);
    let report = compared(&bad, &catalog(&[]), &[]);
    let text = plain(&human(&report, Detail::Full, 80));
    assert!(text.starts_with("- table public.\"a\\u{1b}[2J\\u{a}- table x\""), "{text}");
    assert!(!github::github(&report, |_| None).contains('\u{1b}'));
    assert_eq!(github::github(&report, |_| None).lines().count(), 1);
}

#[test]
fn json_has_its_version_fields_and_notes() {
    let value: Value = serde_json::from_str(&report::to_json(&changed_table())).expect("JSON");
    assert_eq!((&value["version"], &value["same"]), (&json!(1), &json!(false)));
    let changes = value["changes"].as_array().expect("changes");
    let id = changes.iter().find(|c| c["object"]["name"] == "column public.members.id").expect("the column");
    assert_eq!(id["object"]["within"], "table public.members");
    assert_eq!(id["change"], "alter");
    assert_eq!(id["fields"], json!([{ "field": "type", "from": "integer", "to": "bigint" }]));
    let codes: Vec<_> = id["notes"].as_array().expect("notes").iter().map(|n| &n["code"]).collect();
    assert!(codes.contains(&&json!("TABLE_REWRITE")), "{codes:?}");
}

#[test]
fn github_names_the_place_of_what_differs() {
    let text = github::github(&changed_table(), |id| {
        (id.kind == Kind::Table).then(|| ("models/members.yaml".to_owned(), 2))
    });
    assert!(text.contains("::error file=models/members.yaml,line=2,title=the database differs from the models::column public.members.fax is not in the models"), "{text}");
}
