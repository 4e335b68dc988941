//! What is written reads back as the same, and as every YAML reader reads it.

use limbeck_catalog::facts::{Change, Pair, Side};
use limbeck_catalog::kinds::{comment::Comment, extension::Extension};
use limbeck_catalog::{Catalog, Kind, ObjectId};
use limbeck_model::{SourceFile, WriteOptions, read_files, update, write};

fn read(text: &str) -> Catalog {
    let files = vec![SourceFile { path: "models/a.yaml".into(), text: text.to_owned() }];
    let (declared, diagnostics) = read_files(files.clone());
    let said: Vec<_> = diagnostics.iter().map(|d| d.render(&files, false)).collect();
    assert!(diagnostics.is_empty(), "{}", said.join("\n"));
    declared.catalog
}

fn round_trip(catalog: &Catalog) -> String {
    let files: Vec<_> = write(catalog, &WriteOptions::default())
        .into_iter()
        .map(|(path, text)| SourceFile { path, text })
        .collect();
    let shown = files.iter().map(|f| format!("== {}\n{}", f.path, f.text)).collect::<String>();
    let (back, diagnostics) = read_files(files.clone());
    let said: Vec<_> = diagnostics.iter().map(|d| d.render(&files, false)).collect();
    assert!(diagnostics.is_empty(), "{}\n{shown}", said.join("\n"));
    same(catalog, &back.catalog, &shown);
    shown
}

fn same(from: &Catalog, to: &Catalog, shown: &str) {
    let ids = |catalog: &Catalog| catalog.objects.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(from), ids(to), "{shown}");
    let side = |catalog| Side { catalog, restoring: false };
    for (id, from_object) in &from.objects {
        let pair = Pair { from: from_object, to: &to.objects[id] };
        let change = pair.alter(id, Pair { from: side(from), to: side(to) });
        assert_eq!(change, Change::Same, "{id}\n{shown}");
    }
    let order = |catalog: &Catalog| {
        let mut columns: Vec<_> = catalog.of_kind(Kind::Column).map(|(id, _)| id.clone()).collect();
        columns.sort_by_key(|id: &ObjectId| (id.prefix(Kind::Table, 2), catalog.positions.get(id).copied()));
        columns
    };
    assert_eq!(order(from), order(to), "{shown}");
}

#[test]
fn a_shop() {
    let catalog = read(
        r#"
schema: shop
enums:
  order_status: [draft, "on", paid]
domains:
  amount: { type: "numeric(12,2)", checks: { amount_positive: VALUE >= 0 } }
tables:
  customers:
    comment: People and companies who buy
    columns:
      id: { type: bigint, not_null: true, comment: "What: it is" }
      email: { type: citext, not_null: true }
      full_name: text
      created_at: { type: timestamptz, not_null: true, default: now() }
      points: { type: int, default: 0 }
      status: { type: "order_status[]", default: "'{draft}'" }
    unique: { customers_email_key: [email] }
    checks: ["email <> ''"]
    indexes:
      customers_created_idx: { on: [created_at desc], where: "email is not null", include: [full_name] }
      customers_lower: ["lower(full_name)"]
"#,
    );
    println!("{}", round_trip(&catalog));
}

#[test]
fn what_a_hand_writes() {
    let catalog = read(
        r#"
schemas: { empty: {} }
extensions: [citext]
tables:
  pupils:
    columns:
      id: { type: serial, primary_key: true }
      name: varchar(20)
      class_id: { type: int, references: classes(id) }
      code: { type: char(3), unique: true, check: "code <> ''" }
      "no": { type: smallint, default: 0, comment: "line one\nline two" }
  classes:
    columns:
      id: { type: int8, identity: by default }
      room: { type: varchar, default: "'A' || 1" }
      seats: { type: int2, default: 5 + 5 }
    primary_key: [id]
    unique: [[room], [seats, room]]
    exclude: [["room with ="]]
views:
  rooms:
    query: |
      select room
        from classes
    comment: All of them
    columns: { room: { comment: Where } }
functions:
  doubled(int):
    returns: integer
    language: sql
    volatility: immutable
    body: select $1 * 2
types:
  place: { attributes: { street: text, zip: { type: varchar(5), comment: Code } } }
sequences:
  free: { increment: 2 }
"#,
    );
    let has =
        |kind, path: &[&str]| assert!(catalog.contains(&ObjectId::new(kind, path)), "{kind:?} {path:?}");
    has(Kind::Schema, &["empty"]);
    has(Kind::Schema, &["public"]);
    has(Kind::Sequence, &["public", "pupils_id_seq"]);
    has(Kind::OwnedBy, &["public", "pupils_id_seq"]);
    has(Kind::Default, &["public", "pupils", "id"]);
    has(Kind::PrimaryKey, &["public", "pupils", "pupils_pkey"]);
    has(Kind::Unique, &["public", "pupils", "pupils_code_key"]);
    has(Kind::Check, &["public", "pupils", "pupils_code_check"]);
    has(Kind::ForeignKey, &["public", "pupils", "pupils_class_id_fkey"]);
    has(Kind::Unique, &["public", "classes", "classes_room_key"]);
    has(Kind::Unique, &["public", "classes", "classes_seats_room_key"]);
    has(Kind::Exclusion, &["public", "classes", "classes_room_excl"]);
    has(Kind::Function, &["public", "doubled", "integer"]);
    println!("{}", round_trip(&catalog));
}

#[test]
fn nothing_is_an_intended_nothing() {
    let files = write(&read(""), &WriteOptions::default());
    assert_eq!(files.into_iter().collect::<Vec<_>>(), [("database.yaml".into(), "tables: {}\n".to_owned())]);
    round_trip(&Catalog::default());
}

#[test]
fn the_fixtures() {
    let fixtures = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let files = limbeck_model::find(&fixtures).expect("fixtures");
    let mut folders: std::collections::BTreeMap<_, Vec<_>> = std::collections::BTreeMap::new();
    for file in files.into_iter().filter(|file| file.path.parent().is_some_and(|p| p.ends_with("models"))) {
        folders.entry(file.path.parent().map(ToOwned::to_owned)).or_default().push(file);
    }
    assert!(!folders.is_empty());
    for files in folders.into_values() {
        let (declared, diagnostics) = read_files(files.clone());
        let said: Vec<_> = diagnostics.iter().map(|d| d.render(&files, false)).collect();
        assert!(diagnostics.is_empty(), "{}", said.join("\n"));
        round_trip(&declared.catalog);
    }
}

#[test]
fn what_did_not_change_stays_byte_for_byte() {
    let text = "\
# Ours. Handle with care.
tables:
  # Who buys.
  customers: # all of them
    columns:
      id:   bigint   # odd spacing
      name: text

  # Gone soon.
  old: { columns: { a: text } }

  orders:
    columns:
      id: bigint
    primary_key: [id]
# The end.
";
    let files = vec![SourceFile { path: "models/shop.yaml".into(), text: text.to_owned() }];
    let (existing, _) = read_files(files);
    let new = read(
        "tables:
  customers: { columns: { id: bigint, name: text } }
  orders: { columns: { id: bigint, at: timestamptz }, primary_key: [id] }
  items: { columns: { a: text }, comment: New }",
    );
    let dir = camino::Utf8Path::new("models");
    let changes = update(dir, &existing, &existing.catalog, &new, &WriteOptions::default());
    let [change] = changes.as_slice() else { panic!("one file changes: {changes:?}") };
    let want = "\
# Ours. Handle with care.
tables:
  # Who buys.
  customers: # all of them
    columns:
      id:   bigint   # odd spacing
      name: text

  orders:
    columns:
      id: bigint
      at: timestamptz
    primary_key: [id]

  items:
    comment: New
    columns:
      a: text
# The end.
";
    assert_eq!(change.after.as_deref(), Some(want));
}

/// All YAML of the page is one model, a file a block.
/// A schema that only its comment tells of goes to the file where schemas stand, and to no second one.
#[test]
fn a_new_schema_without_tables_is_written_once() {
    let text = "extensions: [citext]\n".to_owned();
    let files = vec![SourceFile { path: "models/database.yaml".into(), text: text.clone() }];
    let (existing, _) = read_files(files);
    let new = read(&(text + "schemas: { app: { comment: New } }\n"));
    let dir = camino::Utf8Path::new("models");
    let changes = update(dir, &existing, &existing.catalog, &new, &WriteOptions::default());
    let texts: Vec<_> = changes.iter().filter_map(|change| change.after.as_deref()).collect();
    assert_eq!(texts.join("\n").matches("app:").count(), 1, "{changes:?}");
}

#[test]
fn the_examples_of_the_documentation() {
    let page = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/models.md");
    let text = std::fs::read_to_string(page).expect("the documentation");
    let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let file =
        |(i, text): (usize, &str)| SourceFile { path: format!("{i}.yaml").into(), text: text.to_owned() };
    let files: Vec<_> = blocks.enumerate().map(file).collect();
    assert!(!files.is_empty());
    let (declared, diagnostics) = read_files(files.clone());
    let said: Vec<_> = diagnostics.iter().map(|d| d.render(&files, false)).collect();
    assert!(diagnostics.is_empty(), "{}", said.join("\n"));
    round_trip(&declared.catalog);
}

/// What a server adds by itself needs no word in models, and a version that they ask for stays asked for.
#[test]
fn an_extension_keeps_its_version_and_needs_no_comment() {
    let text = "extensions:\n  # needed\n  citext: { version: \"1.6\" }\n";
    let files = vec![SourceFile { path: "models/database.yaml".into(), text: text.to_owned() }];
    let (existing, diagnostics) = read_files(files);
    assert!(diagnostics.is_empty());
    let id = ObjectId::new(Kind::Extension, ["citext"]);
    let there = |installed: &str| {
        let mut catalog = existing.catalog.clone();
        let installed = Some(installed.to_owned());
        let extension = Extension { schema: Some("public".to_owned()), installed, ..Extension::default() };
        catalog.objects.insert(id.clone(), extension.into());
        let comment = Comment { text: "data type".to_owned() };
        catalog.objects.insert(id.attached(Kind::Comment), comment.into());
        catalog
    };
    let settled = there("1.6");
    let update = |new: &Catalog| {
        let changes = update("models".into(), &existing, &settled, new, &WriteOptions::default());
        changes.into_iter().filter_map(|change| change.after).collect::<String>()
    };
    assert_eq!(update(&there("1.6")), "");
    assert!(update(&there("1.7")).contains("version: \"1.7\""), "{}", update(&there("1.7")));
}

/// What a name means does not depend on which file is read first.
#[test]
fn names_are_looked_up_in_all_files() {
    let users = "schema: shop
tables:
  orders:
    columns:
      id: { type: bigint, identity: always }
      state: { type: status, not_null: true }
      states: status[]
      customer: { type: bigint, references: customers(id) }
functions:
  next(status, integer):
    returns: status
    language: sql
    body: select $1
    comment: What comes then
";
    let declaring = "schema: shop
enums:
  status: [open, done]
tables:
  customers:
    columns:
      id: { type: bigint, identity: always }
    primary_key: [id]
";
    let catalogs = [[users, declaring], [declaring, users]].map(|texts| {
        let file =
            |(i, text): (usize, &str)| SourceFile { path: format!("{i}.yaml").into(), text: text.into() };
        let (declared, diagnostics) = read_files(texts.into_iter().enumerate().map(file).collect());
        assert_eq!(diagnostics, Vec::new());
        declared.catalog
    });
    assert_eq!(catalogs[0].objects, catalogs[1].objects);
    let function = ObjectId::new(Kind::Function, ["shop", "next", "shop.status, integer"]);
    assert!(catalogs[0].contains(&function) && catalogs[0].contains(&function.attached(Kind::Comment)));
    let text = format!("{:?}", catalogs[0].objects);
    assert!(text.contains("\"shop.status[]\"") && text.contains("shop.customers(id)"), "{text}");
}
