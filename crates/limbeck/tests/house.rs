//! The binary as a shell sees it, as far as it needs no database: files, exit codes, what goes where.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of its own for a test.
struct Folder(PathBuf);

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("limbeck-house-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// A folder in which `init` was run.
    fn project(name: &str) -> Folder {
        let folder = Folder::new(name);
        assert_eq!(folder.run(&["init"]).code, 0);
        folder
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        for name in ["DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "EDITOR", "VISUAL"] {
            command.env_remove(name);
        }
        let output = command
            .args(args)
            .envs(variables.iter().copied())
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.0.join(path), text).unwrap();
    }

    fn revision(&self, id: &str, head: &str) {
        let ran =
            self.run(&["revision", "-m", &format!("about {id}"), "--rev-id", id, "--head", head, "--splice"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn init_writes_three_things_and_overwrites_none() {
    let folder = Folder::project("init");
    assert_eq!(files(&folder.0), ["limbeck.toml", "migrations", "models"]);
    folder.write("limbeck.toml", "# mine\n");
    let again = folder.run(&["init"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"));
    assert_eq!(std::fs::read_to_string(folder.0.join("limbeck.toml")).unwrap(), "# mine\n");
}

#[test]
fn revisions_follow_each_other_branch_and_merge() {
    let folder = Folder::project("revisions");
    folder.revision("aaa", "head");
    folder.revision("bbb", "head");
    folder.revision("ccc", "aaa");
    assert_eq!(folder.run(&["branches"]).out.lines().count(), 3);
    let several = folder.run(&["revision", "-m", "x"]);
    assert_eq!(several.code, 3);
    assert!(
        several.err.contains("bbb about bbb") && several.err.contains("limbeck merge"),
        "{}",
        several.err
    );
    assert_eq!(folder.run(&["merge", "-m", "join", "--rev-id", "mmm"]).code, 0);
    assert_eq!(folder.run(&["heads"]).out, "mmm (head) (mergepoint) join\n");
    let history = folder.run(&["history", "-r", "bbb:"]);
    assert_eq!(history.out, "bbb, ccc -> mmm (head) (mergepoint), join\naaa -> bbb, about bbb\n");
    let json = folder.run(&["--format", "json", "heads"]).out;
    assert!(json.contains("\"version\": 1") && json.contains("\"revision\": \"mmm\""), "{json}");
}

#[test]
fn a_script_needs_no_database() {
    let folder = Folder::project("script");
    folder.revision("aaa", "head");
    let up = folder.run(&["upgrade", "head", "--sql"]);
    assert!(
        up.code == 0 && up.out.contains("\\set ON_ERROR_STOP on") && up.out.contains("'aaa'"),
        "{}",
        up.out
    );
    assert_eq!(folder.run(&["downgrade", "base", "--sql"]).code, 2);
    assert!(
        folder.run(&["downgrade", "head:base", "--sql"]).out.contains("delete from public.limbeck_version")
    );
}

#[test]
fn a_mistake_in_a_file_says_where_and_what_was_meant() {
    let folder = Folder::project("mistake");
    folder.write("migrations/a.sql", "-- limbeck:revision aaa\n-- mesage: x\n-- limbeck:upgrade\n\\d\n");
    let ran = folder.run(&["history"]);
    assert_eq!(ran.code, 3);
    for part in ["migrations/a.sql:2", "did you mean `message`?", "migrations/a.sql:4", "psql"] {
        assert!(ran.err.contains(part), "{part} in {}", ran.err);
    }
}

#[test]
fn a_mistake_in_the_configuration_says_where() {
    let folder = Folder::project("configuration");
    folder.write("limbeck.toml", "[migrations]\nversion_tabel = 'x'\n");
    let ran = folder.run(&["heads"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("limbeck.toml:2:1") && ran.err.contains("version_tabel"), "{}", ran.err);
    let none = Folder::new("none").run(&["heads"]);
    assert!(none.code == 2 && none.err.contains("limbeck init"), "{}", none.err);
}

#[test]
fn databases_that_are_not_there_have_their_codes_and_keep_their_passwords() {
    let folder = Folder::project("database");
    let none = folder.run(&["current"]);
    assert!(none.code == 2 && none.err.contains("DATABASE_URL"), "{}", none.err);
    let url = "postgres://u:s3cret@127.0.0.1:1/d";
    let gone = folder.run_with(&["current"], &[("DATABASE_URL", url)]);
    assert!(gone.code == 4 && gone.err.contains("127.0.0.1:1"), "{}", gone.err);
    assert!(!gone.err.contains("s3cret"), "{}", gone.err);
    folder.write("limbeck.toml", "[env.prod]\nurl = '${LIMBECK_T_URL}'\n");
    let unset = folder.run(&["-e", "prod", "current"]);
    assert!(unset.code == 2 && unset.err.contains("LIMBECK_T_URL"), "{}", unset.err);
    folder.write(".env", &format!("LIMBECK_T_URL={url}\n"));
    assert_eq!(folder.run(&["-e", "prod", "current"]).code, 4);
}

#[test]
fn usage_is_two_and_generated_texts_are_whole() {
    let folder = Folder::new("usage");
    assert_eq!(folder.run(&["nosuch"]).code, 2);
    assert_eq!(folder.run(&["--format", "xml", "heads"]).code, 2);
    assert!(folder.run(&["completions", "bash"]).out.contains("complete -o nospace"));
    assert!(folder.run(&["man"]).out.contains(".TH limbeck"));
    assert!(folder.run(&["man", "--page", "upgrade"]).out.contains("dry"));
}

#[test]
fn a_database_is_named_as_psql_has_it_and_mistakes_keep_the_password() {
    let folder = Folder::project("database");
    for (database, code, part) in [
        ("host=/nowhere dbname=shop password='se cret'", 4, "can't reach shop on /nowhere:5432"),
        ("postgres://u:secret@/shop?host=/nowhere&port=5433", 4, "can't reach shop on /nowhere:5433"),
        ("host=/nowhere,/neither password=secret", 4, "/neither:5432"),
        ("host=/nowhere password=se cret", 2, "neither a postgres:// URL"),
        ("host=/nowhere password=secret hots=x", 2, "-d: unknown parameter \"hots\""),
        ("host=/nowhere password=secret gssencmode=require", 2, "gssencmode=require can't be had"),
        ("service=nowhere", 2, "the service \"nowhere\" is defined nowhere"),
        ("mysql://u:secret@h/d", 2, "neither a postgres:// URL"),
    ] {
        let ran = folder.run_with(&["-d", database, "current"], &[("PGSERVICEFILE", "/dev/null")]);
        assert_eq!(ran.code, code, "{database}: {}", ran.err);
        assert!(ran.err.contains(part) && !ran.err.contains("cret"), "{database}: {}", ran.err);
    }
}
