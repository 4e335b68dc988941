//! The binary as a shell sees it, as far as it needs no database: files, exit codes, what goes where.

use crate::project::Project;

/// A revision by the command, under an id of its own.
fn revision(project: &Project, id: &str, head: &str) {
    project.ok(&["revision", "-m", &format!("about {id}"), "--rev-id", id, "--head", head, "--splice"]);
}

#[test]
fn init_writes_three_things_and_overwrites_none() {
    let project = Project::new("init");
    assert_eq!(project.files("."), ["limbeck.toml", "migrations", "models"]);
    project.write("limbeck.toml", "# mine\n");
    let again = project.run(&["init"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"));
    assert_eq!(project.read("limbeck.toml"), "# mine\n");
}

#[test]
fn revisions_follow_each_other_branch_and_merge() {
    let project = Project::new("revisions");
    revision(&project, "aaa", "head");
    revision(&project, "bbb", "head");
    revision(&project, "ccc", "aaa");
    assert_eq!(project.run(&["branches"]).out.lines().count(), 3);
    let several = project.run(&["revision", "-m", "x"]);
    assert_eq!(several.code, 3);
    assert!(
        several.err.contains("bbb about bbb") && several.err.contains("limbeck merge"),
        "{}",
        several.err
    );
    assert_eq!(project.run(&["merge", "-m", "join", "--rev-id", "mmm"]).code, 0);
    assert_eq!(project.run(&["heads"]).out, "mmm (head) (mergepoint) join\n");
    let history = project.run(&["history", "-r", "bbb:"]);
    assert_eq!(history.out, "bbb, ccc -> mmm (head) (mergepoint), join\naaa -> bbb, about bbb\n");
    let json = project.run(&["--format", "json", "heads"]).out;
    assert!(json.contains("\"version\": 1") && json.contains("\"revision\": \"mmm\""), "{json}");
}

#[test]
fn a_script_needs_no_database() {
    let project = Project::new("script");
    revision(&project, "aaa", "head");
    let up = project.run(&["upgrade", "head", "--sql"]);
    assert!(
        up.code == 0 && up.out.contains("\\set ON_ERROR_STOP on") && up.out.contains("'aaa'"),
        "{}",
        up.out
    );
    assert_eq!(project.run(&["downgrade", "base", "--sql"]).code, 2);
    assert!(
        project.run(&["downgrade", "head:base", "--sql"]).out.contains("delete from public.limbeck_version")
    );
}

#[test]
fn a_mistake_in_a_file_says_where_and_what_was_meant() {
    let project = Project::new("mistake");
    project.write("migrations/a.sql", "-- limbeck:revision aaa\n-- mesage: x\n-- limbeck:upgrade\n\\d\n");
    let ran = project.run(&["history"]);
    assert_eq!(ran.code, 3);
    for part in ["migrations/a.sql:2", "did you mean `message`?", "migrations/a.sql:4", "psql"] {
        assert!(ran.err.contains(part), "{part} in {}", ran.err);
    }
}

#[test]
fn a_mistake_in_the_configuration_says_where() {
    let project = Project::new("configuration");
    project.write("limbeck.toml", "[migrations]\nversion_tabel = 'x'\n");
    let ran = project.run(&["heads"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("limbeck.toml:2:1") && ran.err.contains("version_tabel"), "{}", ran.err);
    let none = Project::empty("none").run(&["heads"]);
    assert!(none.code == 2 && none.err.contains("limbeck init"), "{}", none.err);
}

#[test]
fn databases_that_are_not_there_have_their_codes_and_keep_their_passwords() {
    let project = Project::new("database");
    let none = project.run(&["current"]);
    assert!(none.code == 2 && none.err.contains("DATABASE_URL"), "{}", none.err);
    let url = "postgres://u:s3cret@127.0.0.1:1/d";
    let gone = project.run_with(&["current"], &[("DATABASE_URL", url)]);
    assert!(gone.code == 4 && gone.err.contains("127.0.0.1:1"), "{}", gone.err);
    assert!(!gone.err.contains("s3cret"), "{}", gone.err);
    project.write("limbeck.toml", "[env.prod]\nurl = '${LIMBECK_T_URL}'\n");
    let unset = project.run(&["-e", "prod", "current"]);
    assert!(unset.code == 2 && unset.err.contains("LIMBECK_T_URL"), "{}", unset.err);
    project.write(".env", &format!("LIMBECK_T_URL={url}\n"));
    assert_eq!(project.run(&["-e", "prod", "current"]).code, 4);
}

#[test]
fn usage_is_two_and_generated_texts_are_whole() {
    let project = Project::empty("usage");
    assert_eq!(project.run(&["nosuch"]).code, 2);
    assert_eq!(project.run(&["--format", "xml", "heads"]).code, 2);
    assert!(project.run(&["completions", "bash"]).out.contains("complete -o nospace"));
    assert!(project.run(&["man"]).out.contains(".TH limbeck"));
    assert!(project.run(&["man", "--page", "upgrade"]).out.contains("dry"));
}

#[test]
fn a_database_is_named_as_psql_has_it_and_mistakes_keep_the_password() {
    let project = Project::new("database");
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
        let ran = project.run_with(&["-d", database, "current"], &[("PGSERVICEFILE", "/dev/null")]);
        assert_eq!(ran.code, code, "{database}: {}", ran.err);
        assert!(ran.err.contains(part) && !ran.err.contains("cret"), "{database}: {}", ran.err);
    }
}

/// A database that did not answer is asked once, whatever else is wrong.
#[test]
fn a_server_that_does_not_answer_is_asked_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&asked);
    // Whoever comes is counted, and sent away.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            drop(stream);
        }
    });
    let project = Project::new("asked-once");
    project.write("models/a.yaml", "tables: [\n");
    let at = format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable");
    let ran = project.run_on(&at, &["check"]);
    assert!(ran.code == 3 && ran.err.contains("a.yaml:1:9"), "{}", ran.err);
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
}
