//! Where the sides of a comparison come from: snapshot files, commits, the revisions on scratch; and what is
//! said where they can't be read.

use std::process::Command;

use limbeck_scratch::provider::Scratch;

use crate::project::Project;
use crate::server::{server, url};

const SHOP: &str = "create table items (id int primary key, name varchar(20) not null check (name in ('a', 'b')));\n\
    insert into items values (4711, 'a');\n\
    create view names as select name from items;\n";

/// A project, and the address of a database with a few things in it.
async fn shop(name: &str, server: &Scratch) -> (Project, String) {
    let database = server.database().await.unwrap();
    database.run(SHOP).await.unwrap();
    (Project::new(name), url(&database))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_stands_in_for_its_database() {
    let server = server().await;
    let (project, at) = shop("snapshot", &server).await;
    project.ok_on(&at, &["pull"]);
    project.ok_on(&at, &["snapshot", "shop.snapshot"]);
    project.ok(&["check", "--from", "shop.snapshot"]);
    project.ok(&["diff", "--from", "shop.snapshot", "--to", "models", "--exit-code"]);
    project.ok(&["diff", "--from", "models", "--to", "shop.snapshot", "--exit-code"]);
    // With its sizes or without them, written again or printed: the same.
    project.ok_on(&at, &["snapshot", "again.snapshot"]);
    assert_eq!(project.read("shop.snapshot"), project.read("again.snapshot"));
    assert_eq!(project.ok_on(&at, &["snapshot", "-"]).out, project.read("shop.snapshot"));
    // A change of the models is found without the database, and a candidate made of it.
    project.write("models/more.yaml", "tables:\n  more:\n    columns: { id: int }\n");
    let ran = project.run(&["check", "--from", "shop.snapshot", "--format", "json"]);
    assert_eq!((ran.code, ran.json()["same"].as_bool()), (1, Some(false)), "{}", ran.err);
    project.ok(&["revision", "--autogenerate", "--from", "shop.snapshot", "--rev-id", "f001", "-m", "more"]);
    let file = project.files("migrations").into_iter().find(|name| name.contains("f001")).unwrap();
    let text = project.read(&format!("migrations/{file}"));
    assert!(text.contains("create table public.more") && text.contains("snapshot of postgres"), "{text}");
    assert!(text.contains("-- proof: upgrade reaches the models"), "{text}");
    // Taken before the revision, it lacks it, and says so.
    let ran = project.run(&["check", "--from", "shop.snapshot"]);
    assert!(ran.err.contains("is behind by 1:\n  f001 more"), "{}{}", ran.out, ran.err);
    let said = project.refused(3, &["revision", "--autogenerate", "--from", "shop.snapshot", "-m", "again"]);
    assert!(said.contains("is behind its revisions"), "{said}");
    project.ok_on(&at, &["upgrade", "head"]);
    project.ok_on(&at, &["snapshot", "shop.snapshot"]);
    assert_eq!(project.ok(&["check", "--from", "shop.snapshot"]).lines().count(), 1);
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_holds_neither_rows_nor_passwords() {
    let server = server().await;
    let (project, at) = shop("no-rows", &server).await;
    project.ok_on(&at, &["ensure-version"]);
    let with_password = at.replace("postgres@", "postgres:hidden-word@");
    let ran = project.ok_on(&with_password, &["snapshot", "-vv", "shop.snapshot"]);
    let text = project.read("shop.snapshot");
    for said in [&ran.out, &ran.err, &text] {
        assert!(!said.contains("hidden-word") && !said.contains("4711"), "{said}");
    }
    server.close().await.unwrap();
}

#[test]
fn a_file_that_is_no_snapshot_is_refused_and_kept() {
    let project = Project::new("no-snapshot");
    for source in [&["diff", "--from", "limbeck.toml"][..], &["check", "--from", "limbeck.toml"]] {
        project.write("models/all.yaml", "tables: {}\n");
        let said = project.refused(2, source);
        assert!(said.contains("limbeck.toml is no snapshot") && said.contains("git:REV"), "{said}");
    }
    project.write("cut.snapshot", "{\"limbeck_snapshot\":7,\"new\":true}\n");
    let said = project.refused(3, &["diff", "--from", "cut.snapshot"]);
    assert!(said.contains("cut.snapshot") && said.contains("format is version 7"), "{said}");
    project.write("cut.snapshot", "{\"limbeck_snapshot\":1,\"ab");
    let said = project.refused(3, &["diff", "--from", "cut.snapshot"]);
    assert!(said.contains("cut.snapshot:1"), "{said}");
    let before = project.read("limbeck.toml");
    let said = project.refused(2, &["-d", "ephemeral", "snapshot", "limbeck.toml"]);
    assert!(said.contains("is there, and is no snapshot"), "{said}");
    assert_eq!(project.read("limbeck.toml"), before);
    project.refused(2, &["diff", "--from", "nowhere.snapshot"]);
    for address in ["postgres:/u:hidden@h/d", "u:hidden@h/d"] {
        let said = project.refused(2, &["diff", "--from", address]);
        assert!(said.contains("no source") && !said.contains("hidden"), "{said}");
    }
}

/// In a folder of its own below the repository's top, and with the files gone from the work tree.
#[test]
fn models_of_a_commit_are_read_without_the_work_tree() {
    let project = Project::empty("git");
    project.ok(&["init", "app"]);
    project.write("app/models/a.yaml", "tables:\n  a:\n    columns: { id: int }\n");
    project.write("app/models/sub/b.yml", "tables:\n  b:\n    columns: { id: int }\n");
    project.write("app/models/.hidden.yaml", "no: models\n");
    project.git(&["init", "-q", "-b", "main"]);
    project.commit("two tables");
    std::fs::remove_dir_all(project.path().join("app/models/sub")).unwrap();
    let app = ["-c", "app/limbeck.toml"];
    let differs = |from: &str, to: &str| {
        let args = ["diff", "--short", "--format", "json", "--from", from, "--to", to];
        let ran = project.run(&[&app[..], &args].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.json()["changes"].as_array().unwrap().iter().map(|c| c["object"].to_string()).collect::<Vec<_>>()
    };
    for main in ["git:main", "git:HEAD", "git:main:app/models"] {
        let changes = differs(main, "models");
        assert!(!changes.is_empty() && changes.iter().all(|name| name.contains("public.b")), "{changes:?}");
        assert!(differs(main, "git:main").is_empty());
    }
    // And nothing was written, into the index or anywhere.
    let status = Command::new("git").args(["status", "--porcelain"]).current_dir(project.path()).output();
    let status = String::from_utf8(status.unwrap().stdout).unwrap();
    assert_eq!(status.trim(), "D app/models/sub/b.yml");
}

#[test]
fn commits_that_have_no_models_are_refused() {
    let project = Project::new("no-commit");
    project.write("models/a.yaml", "tables: {}\n");
    let refused = |from: &str| project.refused(2, &["diff", "--from", from]);
    // The folder of tests may lie in a repository, the temporary one does not.
    assert!(refused("git:main").contains("needs a git repository"));
    project.git(&["init", "-q", "-b", "main"]);
    assert!(refused("git:main").contains("git knows no commit \"main\""));
    project.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    assert!(refused("git:").contains("of which commit"));
    assert!(refused("git:--all").contains("git knows no commit \"--all\""));
    assert!(refused("git:main").contains("main has no folder models"));
    assert!(refused("git:main:elsewhere").contains("main has no folder elsewhere"));
    std::fs::remove_file(project.path().join("models/a.yaml")).unwrap();
    project.commit("a schema alone");
    assert!(refused("git:main").contains("there is no model file in models of main"));
    std::os::unix::fs::symlink("/etc/passwd", project.path().join("models/link.yaml")).unwrap();
    project.commit("a link");
    std::fs::remove_file(project.path().join("models/link.yaml")).unwrap();
    assert!(refused("git:main").contains("link.yaml is a link"));
    project.write("models/a.yaml", "tables:\n  a: { column: 1 }\n");
    project.commit("a mistake");
    let said = project.refused(3, &["diff", "--to", "git:main"]);
    assert!(said.contains("main:models/a.yaml:2"), "{said}");
    let said = project.run_with(&["diff", "--to", "git:main"], &[("PATH", "/nonexistent")]);
    assert!(said.code == 2 && said.err.contains("git, which can't be run"), "{}", said.err);
}

#[test]
fn a_shallow_clone_says_that_it_is_one() {
    let project = Project::new("shallow");
    project.write("models/a.yaml", "tables: {}\n");
    project.git(&["init", "-q", "-b", "main"]);
    for message in ["one", "two"] {
        project.commit(message);
    }
    let origin = format!("file://{}", project.path().display());
    project.git(&["clone", "-q", "--depth", "1", &origin, "clone"]);
    let said = project.refused(2, &["-c", "clone/limbeck.toml", "diff", "--from", "git:main~1"]);
    assert!(said.contains("shallow clone") && said.contains("fetch-depth: 0"), "{said}");
}

/// `[compare] extension_versions`: models ask for the versions that are installed, and lead to others.
#[tokio::test(flavor = "multi_thread")]
async fn versions_of_extensions_are_compared_where_that_is_asked_for() {
    let server = server().await;
    let (old, new) = (server.database().await.unwrap(), server.database().await.unwrap());
    if old.run("create extension hstore version '1.4'").await.is_err() {
        eprintln!("NOT TESTED: this server has no hstore");
        return;
    }
    new.run("create extension hstore version '1.6'").await.unwrap();
    let (project, old, new) = (Project::new("versions"), url(&old), url(&new));
    let differ = ["diff", "--from", &old, "--to", &new, "--exit-code"];
    project.ok_on(&old, &["pull"]);
    assert!(!project.read("models/database.yaml").contains("version"));
    project.ok(&differ);
    project.ok_on(&new, &["check"]);

    let config = format!("{}\n[compare]\nextension_versions = true\n", project.read("limbeck.toml"));
    project.write("limbeck.toml", &config);
    assert_eq!(project.run(&differ).code, 1);
    project.ok_on(&old, &["check"]);
    project.ok_on(&new, &["pull"]);
    assert!(project.read("models/database.yaml").contains("version: \"1.6\""));
    project.ok_on(&new, &["check"]);
    project.ok_on(&old, &["revision", "--autogenerate", "--rev-id", "f001", "-m", "up"]);
    let file = project.files("migrations").into_iter().find(|name| name.contains("f001")).unwrap();
    let text = project.read(&format!("migrations/{file}"));
    assert!(text.contains("alter extension hstore update to '1.6';"), "{text}");
    // Postgres knows no way back to 1.4, and the proof says so, which began where the database stands.
    assert!(
        text.contains("downgrade stops: extension \"hstore\" has no update path from version \"1.6\""),
        "{text}"
    );
    project.ok_on(&old, &["upgrade", "head"]);
    project.ok_on(&old, &["check"]);
    server.close().await.unwrap();
}

/// Any file can be named where a snapshot could stand, and any commit.
#[cfg(unix)]
#[test]
fn files_that_are_none_or_too_large_are_not_read() {
    let project = Project::new("too-large");
    let sparse = |name: &str, head: &[u8], bytes: u64| {
        let mut file = std::fs::File::create(project.path().join(name)).unwrap();
        std::io::Write::write_all(&mut file, head).unwrap();
        file.set_len(bytes).unwrap();
    };
    sparse("disk.img", b"", 5 << 30);
    sparse("huge.snapshot", b"{\"limbeck_snapshot\":1,", 5 << 30);
    // Less room than either of them takes.
    let cramped = |args: &[&str]| {
        let mut command = Command::new("bash");
        command.args(["-c", "ulimit -v 3000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_limbeck")]);
        let ran = command.args(args).current_dir(project.path()).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    for (file, code, words) in
        [("disk.img", 2, "disk.img is no snapshot"), ("huge.snapshot", 3, "huge.snapshot has 5120 MB")]
    {
        let (ended, said) = cramped(&["diff", "--from", file, "--to", "models"]);
        assert!(ended == Some(code) && said.contains(words), "{ended:?}: {said}");
    }
    std::fs::remove_file(project.path().join("disk.img")).unwrap();
    std::fs::remove_file(project.path().join("huge.snapshot")).unwrap();
    project.git(&["init", "-q"]);
    std::fs::write(project.path().join("models/a.yaml"), b"tables: {}\n# caf\xe9\n").unwrap();
    project.commit("not UTF-8");
    let refused = || {
        project.write("models/a.yaml", "tables: {}\n");
        project.refused(3, &["diff", "--from", "git:HEAD", "--to", "models"])
    };
    let said = refused();
    assert!(said.contains("HEAD:models/a.yaml:2:6") && said.contains("not UTF-8"), "{said}");
    sparse("models/a.yaml", b"", 65 << 20);
    project.commit("large");
    let said = refused();
    assert!(said.contains("HEAD:models/a.yaml has 65 MB"), "{said}");
}
