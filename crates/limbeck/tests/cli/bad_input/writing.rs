//! Disks that are full, and two runs in one folder: there is the old or the new, and nothing between.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::bad_input::files;
use crate::project::Project;
use crate::server::{server, url};

/// Runs the binary where no file may grow past a kilobyte: as on a full disk, some are written and some are not.
fn cramped(project: &Project, at: &str, args: &[&str]) -> (i32, String) {
    let script = "trap '' XFSZ; ulimit -f 1; \"$0\" \"$@\" 2>&1 | cat; exit \"${PIPESTATUS[0]}\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_limbeck")]).args(args).current_dir(project.path());
    let ran = command.env("DATABASE_URL", at).stdin(Stdio::null()).output().unwrap();
    (ran.status.code().unwrap(), String::from_utf8(ran.stdout).unwrap())
}

/// Tables of which the second needs more room than there is.
async fn fill(database: &limbeck_scratch::provider::Database) {
    let comment = "x".repeat(2_000);
    let more: String = ["a", "b", "c"].iter().map(|name| format!("create table {name} (id int);")).collect();
    database.run(&format!("{more} comment on table b is '{comment}'")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_files_as_they_were() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let at = url(&database);
    let project = Project::new("full-disk");
    project.write("models/public/a.yaml", "tables: { a: { columns: { old: int } } }\n");
    fill(&database).await;
    let before = files(&project);
    for args in [&["pull"][..], &["revision", "--autogenerate", "-m", "x"]] {
        // The cache is filled in before, and has what it needs.
        project.run_on(&at, &["check"]);
        let (code, said) = cramped(&project, &at, args);
        assert_eq!(code, 2, "{args:?}: {said}");
        assert!(said.contains("too large") || said.contains("no space"), "{args:?}: {said}");
        assert!(files(&project) == before, "{args:?}: {:?}", files(&project).keys());
    }
    // With room again, nothing is in the way.
    project.ok_on(&at, &["pull"]);
    project.ok_on(&at, &["check"]);
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_once_in_one_folder_get_along() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let at = url(&database);
    let project = Project::new("at-once");
    fill(&database).await;
    let spawn = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command.args(args).current_dir(project.path()).env("DATABASE_URL", &at);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let all_well = |args: &[&str]| {
        let runs: Vec<_> = (0..6).map(|_| spawn(args)).collect();
        for run in runs {
            let ran = run.wait_with_output().unwrap();
            assert!(ran.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        }
    };
    all_well(&["pull"]);
    assert_eq!(project.files("models/public"), ["a.yaml", "b.yaml", "c.yaml"]);
    all_well(&["check"]);
    database.run("drop table c").await.unwrap();
    all_well(&["pull"]);
    assert_eq!(project.files("models/public"), ["a.yaml", "b.yaml"]);
    // Each follows the one that was written before it.
    all_well(&["revision", "-m", "x"]);
    assert_eq!(project.files("migrations").len(), 6);
    assert_eq!(project.ok(&["heads"]).lines().count(), 1);
    server.close().await.unwrap();
}

#[test]
fn whatever_writes_revisions_waits_for_its_turn() {
    let project = Project::new("turn");
    project.revision("aa");
    project.revision("bb aa");
    for args in [
        &["revision", "-m", "x"][..],
        &["merge", "aa", "bb"],
        &["rebase", "bb", "--onto", "aa"],
        &["squash", "bb:aa"],
        &["tag", "v1"],
        &["tag", "v1", "--delete"],
    ] {
        let folder = File::open(project.path().join("migrations")).unwrap();
        folder.lock().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command.args(args).current_dir(project.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let mut run = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(run.stderr.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert_eq!(first, "another run writes revisions here: this one waits for it\n", "{args:?}");
        assert_eq!(run.try_wait().unwrap(), None, "{args:?} goes on");
        drop(folder);
        run.wait().unwrap();
    }
    assert_eq!(project.ok(&["tag"]), "");
}
