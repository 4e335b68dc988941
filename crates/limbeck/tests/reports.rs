//! `diff`, `check` and `prove` as they are run: on a server of the project's own, without a terminal.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use limbeck_scratch::provider::{Choice, Database, Places, Scratch, Wanted, open};

/// A project's folder, removed at the end.
struct Folder(PathBuf);

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn project(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("limbeck-reports-{}-{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        let folder = Folder(path);
        assert_eq!(folder.run("", &["init"]).code, 0);
        folder
    }

    fn write(&self, path: &str, text: &str) {
        let path: &Path = &self.0.join(path);
        std::fs::write(path, text).unwrap();
    }

    /// Runs the binary on a database, or on none.
    fn run(&self, url: &str, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        for name in ["DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        if !url.is_empty() {
            command.env("DATABASE_URL", url);
        }
        let out = command.args(args).env("CI", "true").current_dir(&self.0).stdin(Stdio::null()).output();
        let out = out.unwrap();
        Ran {
            code: out.status.code().unwrap(),
            out: String::from_utf8(out.stdout).unwrap(),
            err: String::from_utf8(out.stderr).unwrap(),
        }
    }

    fn revision(&self, id: &str, parents: &str, upgrade: &str, downgrade: &str) {
        let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
        let text = format!(
            "-- limbeck:revision {id}\n{parents}-- message: about {id}\n-- limbeck:upgrade\n{upgrade}\n-- limbeck:downgrade\n{downgrade}\n"
        );
        self.write(&format!("migrations/{id}.sql"), &text);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn server() -> Scratch {
    let places = Places::from_env();
    let choice = Choice::Native { bin: places.bin.clone() };
    open(&Wanted { places, choice, ..Wanted::default() }).await.unwrap()
}

fn url(database: &Database) -> String {
    let socket = database.options().get_socket().cloned().unwrap_or_default();
    format!("postgres://postgres@localhost/{}?host={}&sslmode=disable", database.name(), socket.display())
}

const MODELS: &str =
    "tables:\n  members:\n    columns:\n      id: bigint\n      email: text\n    primary_key: [id]\n";

#[tokio::test(flavor = "multi_thread")]
async fn diff_shows_fields_and_hazards_and_exits_as_asked() {
    let server = server().await;
    let database = server.database().await.unwrap();
    database.run("create table members (id int primary key, fax text)").await.unwrap();
    let folder = Folder::project("diff");
    folder.write("models/members.yaml", MODELS);
    let ran = folder.run(&url(&database), &["diff"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "~ table public.members\n",
        "  ~ column id\n      type  integer → bigint\n      ! TABLE_REWRITE  ",
        "  - column fax\n",
        "  + column email  text\n",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
    assert!(folder.run(&url(&database), &["diff", "--color", "always"]).out.contains('\u{1b}'));
    assert_eq!(folder.run(&url(&database), &["diff", "--exit-code", "--short"]).code, 1);
    let same = folder.run(&url(&database), &["diff", "--exit-code", "--to", &url(&database)]);
    assert!(same.code == 0 && same.out.starts_with("nothing differs"), "{}{}", same.out, same.err);
    for (source, part) in
        [("git:main", "not there yet"), ("limbeck.toml", "not there yet"), ("nosuch", "no source")]
    {
        let ran = folder.run("", &["diff", "--to", source]);
        assert!(ran.code == 2 && ran.err.contains(part), "{}", ran.err);
    }
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn check_looks_at_revisions_too() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let at = url(&database);
    let folder = Folder::project("check");
    folder.write("models/members.yaml", MODELS);
    let create = "create table members (id bigint primary key, email text);";
    folder.revision("aaa", "", create, "drop table members;");
    let none = folder.run("", &["check"]);
    assert!(none.code == 0 && none.err.contains("no database is configured"), "{}{}", none.out, none.err);
    let behind = folder.run(&at, &["check"]);
    assert!(
        behind.code == 0 && behind.err.contains("behind by 1:\n  aaa about aaa\n"),
        "{}{}",
        behind.out,
        behind.err
    );
    assert_eq!(folder.run(&at, &["upgrade", "head"]).code, 0);
    let clean = folder.run(&at, &["check"]);
    assert_eq!((clean.code, clean.out.as_str()), (0, "the database is as the models say\n"), "{}", clean.err);
    folder.revision("aaa", "", &format!("{create} -- more"), "drop table  members;");
    let edited = folder.run(&at, &["check"]);
    assert!(edited.code == 1 && edited.out.contains("aaa was edited after it was applied"), "{}", edited.out);
    folder.revision("bbb", "aaa", "select 1;", "");
    folder.revision("ccc", "aaa", "select 1;", "");
    let heads = folder.run(&at, &["check", "--format", "github"]);
    assert!(
        heads.code == 1 && heads.out.contains("::error title=the revisions::there are several heads: "),
        "{}",
        heads.out
    );
    let json = folder.run(&at, &["check", "--format", "json"]).out;
    assert!(json.contains("\"same\": true") && json.contains("\"edited\": [\n      \"aaa\""), "{json}");
    server.close().await.unwrap();
}

#[test]
fn prove_says_what_holds_and_what_does_not() {
    let folder = Folder::project("prove");
    let create = "create table members (id bigint primary key, email text);";
    folder.revision("aaa", "", create, "drop table members;");
    folder.revision(
        "bbb",
        "aaa",
        "create index members_email on members (email);",
        "drop index members_email;",
    );
    let holds = folder.run("", &["prove"]);
    assert!(
        holds.code == 0 && holds.out.contains("kept by the upgrade, all 3"),
        "{}{}",
        holds.out,
        holds.err
    );
    folder.revision("bbb", "aaa", "create index members_email on members (email);", "select 1;");
    let left = folder.run("", &["prove", "bbb"]);
    assert!(left.code == 1 && left.out.contains("+ index members_email"), "{}{}", left.out, left.err);
    folder.revision("bbb", "aaa", "alter table members add c text not null;", "alter table members drop c;");
    let rows = folder.run("", &["prove", "b"]);
    assert!(rows.code == 1 && rows.out.contains("empty tables don't"), "{}{}", rows.out, rows.err);
    folder.revision("bbb", "aaa", "delete from members;", "select 1;");
    let lost = folder.run("", &["prove"]);
    assert!(
        lost.code == 1 && lost.out.contains("table public.members (3 of its rows)"),
        "{}{}",
        lost.out,
        lost.err
    );
    folder.revision("bbb", "aaa", "alter table nosuch add c text;", "select 1;");
    let stops = folder.run("", &["prove"]);
    assert!(stops.code == 1 && stops.err.contains("migrations/bbb.sql:5"), "{}{}", stops.out, stops.err);
    assert_eq!(folder.run("", &["prove", "aaa"]).code, 0);
    folder.revision("aaa", "", "nonsense;", "");
    assert_eq!(folder.run("", &["prove", "bbb"]).code, 3);
}
