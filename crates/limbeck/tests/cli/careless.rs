//! What careless hands and odd machines do to the command line: addresses that are mistyped around a
//! password, folders that hold themselves, headers that were edited by hand, output that nobody takes.

use std::process::{Command, Stdio};

use crate::project::Project;

/// What is meant for the password may come to stand where a host, a port or a database is read.
#[test]
fn no_piece_of_a_password_is_repeated() {
    let project = Project::new("password");
    for url in [
        "postgres://u:hidden/word@h/d",
        "postgres://u:1/hidden@h/d",
        "postgres://u:1/x?hidden@h/d",
        "postgres://u:1/x?hidden=word=1@h/d",
        "postgres://u:x@hidden@127.0.0.1:1/d",
        "postgres://u:x%hidden@h/d",
        "mysql://u:hidden@h/d",
        "u:hidden@h/d",
        "host=h password='hidden dbname=d",
    ] {
        let said = project.refused(2, &["-vv", "-d", url, "current"]);
        assert!(!said.contains("hidden") && !said.contains("word@"), "{url}: {said}");
        assert!(said.contains("help:"), "{url}: {said}");
    }
}

/// `-d "$URL"` where URL isn't set must not go to whatever database comes next.
#[test]
fn an_empty_address_is_none() {
    let project = Project::new("empty-address");
    let ran = project.run_with(&["-d", "", "current"], &[("PGHOST", "127.0.0.1"), ("PGPORT", "1")]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("-d is empty"), "{}", ran.err);
}

#[test]
fn labels_and_tags_that_hide_something_are_refused() {
    let project = Project::new("labels");
    project.revision("f001");
    for (header, words) in [
        ("-- labels: f001", "label \"f001\" is an id"),
        ("-- labels: f002", "label \"f002\" is an id"),
        ("-- labels: head", "\"head\" has a meaning of its own"),
        ("-- tags: base", "\"base\" has a meaning of its own"),
        ("-- tags: f001", "tag \"f001\" is an id"),
        ("-- labels: x\n-- tags: x", "tag \"x\" is a label"),
        ("-- tags: v1, v1", "tag \"v1\" stands twice"),
        ("-- labels: x, x", "label \"x\" stands twice"),
    ] {
        project.write(
            "migrations/f002.sql",
            &format!("-- limbeck:revision f002\n-- parents: f001\n{header}\n\n-- limbeck:upgrade\n"),
        );
        let said = project.refused(3, &["heads"]);
        assert!(said.contains(words) && said.contains("f002.sql:"), "{header}: {said}");
    }
}

#[test]
fn a_folder_that_holds_itself_is_read_once() {
    let project = Project::new("loop");
    project.revision("f001");
    std::os::unix::fs::symlink("../migrations", project.path().join("migrations/again")).unwrap();
    assert_eq!(project.ok(&["heads"]).lines().count(), 1);
}

#[test]
fn what_is_no_file_is_no_revision() {
    let project = Project::new("pipe");
    project.revision("f001");
    let made = Command::new("mkfifo").arg(project.path().join("migrations/f002.sql")).status();
    assert!(made.is_ok_and(|status| status.success()));
    let said = project.refused(2, &["heads"]);
    assert!(said.contains("f002.sql") && said.contains("no file"), "{said}");
}

#[test]
fn what_could_not_be_written_is_said() {
    let project = Project::new("full");
    project.revision("f001");
    let full = || Stdio::from(std::fs::File::create("/dev/full").unwrap());
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("NOT TESTED: there is no /dev/full");
        return;
    }
    for args in [&["history"][..], &["upgrade", "head", "--sql"], &["heads", "--format", "json"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        let out = command.args(args).current_dir(project.path()).stdout(full()).output().unwrap();
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.starts_with("error: can't write to stdout"), "{said}");
        // Nor does it matter to what is done that nobody hears of it.
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        let out = command.args(["show", "nope"]).current_dir(project.path()).stderr(full()).output().unwrap();
        assert_eq!(out.status.code(), Some(2));
    }
}

/// `limbeck history | head -1`.
#[test]
fn a_reader_that_had_enough_is_no_error() {
    let project = Project::new("pipe-ends");
    for number in 0..400 {
        let message = "x".repeat(400);
        project.write(
            &format!("migrations/{number}.sql"),
            &format!("-- limbeck:revision f{number:03}\n-- message: {message}\n\n-- limbeck:upgrade\n"),
        );
    }
    let script = "\"$0\" history | head -n 1 >/dev/null; echo \"${PIPESTATUS[0]}\"";
    let bash = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_limbeck")])
        .current_dir(project.path())
        .output()
        .unwrap();
    let said = String::from_utf8(bash.stderr).unwrap();
    assert_eq!((String::from_utf8(bash.stdout).unwrap().trim(), said.as_str()), ("0", ""));
}

/// The same, where it is what another program reads.
#[test]
fn scripts_and_pages_for_nobody_are_no_error() {
    let project = Project::new("nobody");
    for args in [&["completions", "bash"][..], &["man"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command.args(args).current_dir(project.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Gone before anything is written.
        drop(child.stdout.take());
        let ran = child.wait_with_output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!((ran.status.code(), said.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn manual_pages_are_of_commands_alone() {
    let project = Project::new("pages");
    project.ok(&["man", "pages"]);
    let pages = project.files("pages");
    assert!(!pages.iter().any(|page| page.starts_with("limbeck-help")), "{pages:?}");
    assert!(!pages.iter().any(|page| page.contains("migrations")), "{pages:?}");
}

/// `limbeck tag --delete` and Tab.
#[test]
fn tags_are_completed_where_one_is_removed() {
    let project = Project::new("complete-tags");
    project.ok(&["revision", "--rev-id", "f001"]);
    project.ok(&["tag", "v1.4"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.args(["--", "limbeck", "tag", "--delete", "v"]).current_dir(project.path());
    command.envs([("COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", "3"), ("_CLAP_COMPLETE_COMP_TYPE", "9")]);
    assert_eq!(String::from_utf8(command.output().unwrap().stdout).unwrap().trim(), "v1.4");
}

#[test]
fn revisions_without_a_message_leave_no_blank() {
    let project = Project::new("wordless");
    project.ok(&["revision", "--rev-id", "f001"]);
    for args in [&["history"][..], &["heads"], &["tag", "v1"], &["tag"], &["show", "head"]] {
        let said = project.ok(args);
        assert!(said.lines().all(|line| line.trim_end() == line && !line.ends_with(',')), "{said:?}");
    }
}
