//! What a database remembers, as the command line shows it: who applied what, and the way back from
//! another branch. On a server of the project's own, with a git of the test's own.

use serde_json::Value;

use crate::project::Project;
use crate::server::{server, url};

/// A revision that makes a table of its own name.
fn table(project: &Project, id: &str, parents: &str, more: &str) {
    let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
    let text = format!(
        "-- limbeck:revision {id}\n{parents}-- message: about {id}\n{more}-- limbeck:upgrade\n\
         create table {id} ();\n-- limbeck:downgrade\ndrop table {id};\n"
    );
    project.write(&format!("migrations/{id}.sql"), &text);
}

/// `aaa` on main; `bbb` and `ccc` on another branch, where the database was brought to; then back on main.
fn switched(name: &str, at: &str, config: &str) -> Project {
    let project = Project::new(name);
    project.write("limbeck.toml", config);
    project.write("models/all.yaml", "tables: {}\n");
    table(&project, "aaa", "", "");
    project.git(&["init", "-q", "-b", "main"]);
    project.commit("one table");
    project.git(&["switch", "-q", "-c", "feature/b"]);
    table(&project, "bbb", "aaa", "");
    table(&project, "ccc", "bbb", "");
    project.commit("two more");
    project.ok_on(at, &["upgrade", "head"]);
    project.git(&["switch", "-q", "main"]);
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_on_another_branch_is_brought_back() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let at = url(&database);
    let project = switched("back", &at, "");
    let candidate = project.run_on(&at, &["revision", "--autogenerate", "-m", "x"]);
    assert!(candidate.code == 3 && candidate.err.contains("a candidate would undo it"), "{}", candidate.err);
    for args in [&["upgrade", "head"][..], &["downgrade", "base"], &["stamp", "aaa"], &["upgrade", "+1"]] {
        let ran = project.run_on(&at, args);
        assert_eq!(ran.code, 3, "{args:?}: {}", ran.err);
        for part in [
            "2 revisions that no file here has",
            "bbb about bbb (applied ",
            "by postgres with limbeck",
            "git has the files on feature/b",
            "`limbeck show ccc` shows how, `limbeck downgrade --stranded ccc,bbb` does it",
            "limbeck stamp --purge",
        ] {
            assert!(ran.err.contains(part), "{args:?}: {part} is not in\n{}", ran.err);
        }
    }
    for args in [&["current"][..], &["check"]] {
        let ran = project.run_on(&at, args);
        let said = ran.err.contains("in no file here: ccc about ccc (applied")
            && ran.err.contains("--stranded ccc,bbb");
        assert!(said, "{args:?}: {}", ran.err);
    }
    let json = project.ok_on(&at, &["current", "--format", "json"]).json();
    assert_eq!((&json["current"][0], &json["stranded"][1]["downgrade"]), (&"ccc".into(), &"kept".into()));
    let shown = project.ok_on(&at, &["show", "cc"]);
    assert!(
        shown.out.contains("-- limbeck:downgrade\ndrop table ccc;") && shown.err.contains("in no file"),
        "{}",
        shown.err
    );
    assert_eq!(project.run(&["show", "cc"]).code, 2);
    let needed = project.run_on(&at, &["downgrade", "--stranded", "bbb"]);
    assert!(
        needed.code == 2 && needed.err.contains("ccc about ccc") && needed.err.contains("name these as well"),
        "{}",
        needed.err
    );
    let undone = project.ok_on(&at, &["downgrade", "--stranded", "bbb,ccc"]);
    let lines: Vec<&str> = undone.out.lines().collect();
    assert!(
        lines.len() == 2 && lines[0].contains("ccc -> bbb") && lines[1].contains("bbb -> aaa"),
        "{}",
        undone.out
    );
    assert!(project.ok_on(&at, &["upgrade", "head"]).err.contains("nothing to upgrade"));
    assert!(
        project
            .run_on(&at, &["downgrade", "--stranded", "bbb"])
            .err
            .contains("every applied revision has its file")
    );
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_or_was_changed_is_not_run() {
    let server = server().await;
    let (database, other) = (server.database().await.unwrap(), server.database().await.unwrap());
    let project =
        switched("changed", &url(&database), "[migrations]\nversion_table = 'limbeck_shop_version'\n");
    let change =
        "update limbeck_shop_history set downgrade = downgrade || 'drop table aaa;' where revision = 'ccc'";
    database.run(change).await.unwrap();
    let ran = project.run_on(&url(&database), &["downgrade", "--stranded", "ccc"]);
    assert!(ran.code == 5 && ran.err.contains("checksum"), "{}", ran.err);
    let ran = project.run_on(&url(&database), &["upgrade", "head"]);
    assert!(ran.err.contains("downgrade of ccc that the database keeps was changed"), "{}", ran.err);
    database.run("select from ccc").await.unwrap();
    let project = switched("off", &url(&other), "[migrations]\nkeep_downgrades = false\n");
    let ran = project.run_on(&url(&other), &["upgrade", "head"]);
    assert!(ran.err.contains("keeps no downgrade of ccc") && !ran.err.contains("--stranded"), "{}", ran.err);
    let ran = project.run_on(&url(&other), &["downgrade", "--stranded", "ccc"]);
    assert!(ran.code == 3 && ran.err.contains("keep_downgrades"), "{}", ran.err);
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_what_and_when_is_shown() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let at = url(&database);
    let project = Project::new("who");
    table(&project, "aaa", "", "-- tags: v1.0\n");
    table(&project, "bbb", "aaa", "");
    table(&project, "ccc", "bbb", "-- tags: v1.1\n");
    project.ok_on(&at, &["upgrade", "bbb"]);
    let plain = project.ok(&["history"]);
    assert_eq!(
        plain,
        "bbb -> ccc (tag v1.1) (head), about ccc\naaa -> bbb, about bbb\n<base> -> aaa (tag v1.0), about aaa\n"
    );
    let indicated = project.ok_on(&at, &["history", "-i"]).out;
    let lines: Vec<&str> = indicated.lines().collect();
    assert_eq!((lines.len(), lines[1]), (5, "aaa -> bbb (current), about bbb"));
    assert!(
        lines[2].starts_with("    applied 20")
            && lines[2].contains(" by postgres with limbeck ")
            && lines[2].ends_with(" ms"),
        "{indicated}"
    );
    let current = project.ok_on(&at, &["current", "-v"]).out;
    assert!(
        current.starts_with("bbb about bbb\n    applied 20") && current.contains("file: migrations/bbb.sql"),
        "{current}"
    );
    table(&project, "bbb", "aaa", "-- limbeck:upgrade\nselect 1;\n");
    assert!(project.ok_on(&at, &["history", "-i"]).out.contains("bbb (current) (edited since), about bbb"));
    let json = project.ok_on(&at, &["history", "-i", "--format", "json"]).json();
    let [ccc, bbb] = [&json["revisions"][0], &json["revisions"][1]];
    assert!(ccc["applied"].is_null() && bbb["edited"] == true && json["current"][0] == "bbb", "{json}");
    assert!(bbb["applied"]["applied_by"] == "postgres" && bbb["applied"]["duration_ms"].is_i64(), "{json}");
    project.ok_on(&at, &["downgrade", "-1"]);
    project.ok_on(&at, &["stamp", "head"]);
    let log = project.ok_on(&at, &["history", "--log", "--format", "json"]).json();
    let done = |entry: &Value| {
        format!("{} {}", entry["action"].as_str().unwrap(), entry["revision"].as_str().unwrap())
    };
    let all: Vec<String> = log["log"].as_array().unwrap().iter().map(done).collect();
    assert_eq!(all, ["stamp ccc", "stamp bbb", "downgrade bbb", "upgrade bbb", "upgrade aaa"]);
    assert_eq!(log["log"][0]["application"], "limbeck");
    assert!(
        project
            .ok_on(&at, &["history", "--log"])
            .out
            .lines()
            .nth(2)
            .unwrap()
            .contains("downgrade  bbb  about bbb  by postgres")
    );
    // Nothing of this shows up in a comparison, its sequence and its types neither.
    project.ok_on(&at, &["upgrade", "head"]);
    project.ok_on(&at, &["pull"]);
    let models = std::fs::read_dir(project.path().join("models/public")).unwrap();
    let texts = models.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect::<String>();
    assert!(texts.contains("aaa") && !texts.contains("limbeck_"), "{texts}");
    let empty = server.database().await.unwrap();
    let diff = project.ok_on(&at, &["diff", "--from", &url(&empty), "--to", "db"]).out;
    assert!(
        diff.contains("+ table public.aaa")
            && !["limbeck_version", "limbeck_history"].iter().any(|t| diff.contains(t)),
        "{diff}"
    );
    assert_eq!(project.ok_on(&at, &["check"]).out, "the database is as the models say\n");
    server.close().await.unwrap();
}

#[test]
fn ranges_are_those_of_alembic() {
    let project = Project::new("ranges");
    for (id, parent) in [("aaa", ""), ("bbb", "aaa"), ("ccc", "bbb"), ("ddd", "ccc")] {
        table(&project, id, parent, "");
    }
    let ids = |range: &str| {
        let ran = project.run(&["history", "--format", "json", "-r", range]).json();
        let ids =
            ran["revisions"].as_array().unwrap().iter().map(|r| r["revision"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>().join(" ")
    };
    for (range, expected) in [
        (":", "ddd ccc bbb aaa"),
        ("base:heads", "ddd ccc bbb aaa"),
        ("bbb:", "ddd ccc bbb"),
        (":ccc", "ccc bbb aaa"),
        ("b:c", "ccc bbb"),
        ("-1:", "ddd ccc"),
        ("-2:ccc", "ccc bbb aaa"),
        ("-9:ccc", "ccc bbb aaa"),
        ("bbb:+1", "ccc bbb"),
        (":+2", "bbb aaa"),
    ] {
        assert_eq!(ids(range), expected, "{range}");
    }
    let reverse = project.run(&["history", "-r", "ccc:bbb"]);
    assert!(reverse.code == 2 && reverse.err.contains("earlier one first"), "{}", reverse.err);
    assert_eq!(project.run(&["history", "-r", "bbb"]).code, 2);
    assert_eq!(project.run(&["history", "-r", "-3:current"]).code, 2);
}
