//! Alembic's commands and options on a real server: scripts run by `psql` beside runs of the tool.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use limbeck_scratch::provider::{Database, Places, Scratch, candidates};

use crate::project::{Project, Ran};
use crate::server::{server, url};

/// Runs the binary on a database.
fn on(project: &Project, database: &Database, args: &[&str]) -> Ran {
    project.run_on(&url(database), args)
}

#[track_caller]
fn ok(project: &Project, database: &Database, args: &[&str]) -> String {
    project.ok_on(&url(database), args).out
}

/// A client program that is new enough for the server.
fn client(server: &Scratch, name: &str) -> Option<PathBuf> {
    let major = (server.version() / 10_000) as u16;
    let found = candidates(&Places::from_env()).into_iter().filter(|c| c.major >= major);
    let mut programs: Vec<_> = found.map(|c| (c.major, c.bin.join(name))).filter(|c| c.1.is_file()).collect();
    programs.sort();
    let found = programs.into_iter().next().map(|(_, program)| program);
    if found.is_none() {
        eprintln!("NOT TESTED: there is no {name} for PostgreSQL {major}");
    }
    found
}

fn run(program: &PathBuf, database: &Database, args: &[&str]) -> Ran {
    let socket = database.options().get_socket().cloned().unwrap_or_default();
    let output = Command::new(program)
        .args(["-U", "postgres", "-p", "5432", "-d", database.name(), "-h"])
        .arg(socket)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// A script of the tool, run as its head says; gives what psql said.
fn script(project: &Project, psql: &PathBuf, database: &Database, args: &[&str]) -> Ran {
    project.write("script.sql", &project.ok(args));
    let file = project.path().join("script.sql");
    run(psql, database, &["-v", "ON_ERROR_STOP=1", "-f", file.to_str().unwrap()])
}

/// The version table, but for times and for who.
const ROWS: &str = "select revision, parents, message, upgrade_sha256, downgrade_sha256, tool_version, state, parts_done \
                    from limbeck_version order by 1";

/// The schema's dump, and the rows of the version table.
fn state(psql: &PathBuf, dump: &PathBuf, database: &Database) -> String {
    let schema = run(dump, database, &["-s"]).out;
    let lines =
        schema.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    let rows = run(psql, database, &["-Atc", ROWS]).out;
    format!("{}\n{rows}", lines.collect::<Vec<_>>().join("\n"))
}

/// Two lines and a merge; parts outside transactions, comments at the end, settings, other encodings.
fn chain(name: &str) -> Project {
    let project = Project::new(name);
    project.configure("lock_timeout = \"9s\"\n[migrations.session]\nsearch_path = \"public, pg_temp\"");
    let file = |id: &str, header: &str, body: &str| {
        project.write(&format!("migrations/{id}.sql"), &format!("-- limbeck:revision {id}\n{header}{body}"));
    };
    file(
        "aaa1",
        "-- message: it's `first`, :USER\n-- labels: app\n",
        "-- limbeck:upgrade\ncreate table größe (a int, b text default 'x;y') -- no semicolon\n\
         -- limbeck:upgrade no-transaction lock_timeout=5s\ncreate index concurrently on größe (a)\n/* the; end */\n\
         -- limbeck:upgrade search_path='pg_catalog, public'\nset role pg_monitor;\nreset role;\n\
         create function f() returns text language sql begin atomic select 'a'; select b from public.größe; end;\n\
         -- limbeck:downgrade\ndrop function f();\n-- limbeck:downgrade no-transaction\ndrop index concurrently größe_a_idx\n\
         -- limbeck:downgrade\ndrop table größe\n",
    );
    file(
        "bbb1",
        "-- parents: aaa1\n",
        "-- limbeck:upgrade\ninsert into größe select 1, current_setting('limbeck.x.who', true) || \
         current_setting('limbeck.tag', true) || current_setting('lock_timeout');\n-- limbeck:downgrade\ndelete from größe;\n",
    );
    file("ccc1", "-- parents: aaa1\n", "-- limbeck:upgrade\n-- limbeck:downgrade\n");
    file("ddd1", "-- parents: bbb1, ccc1\n", "-- limbeck:upgrade\n-- nothing\n-- limbeck:downgrade\n");
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_do_what_runs_do() {
    let server = server().await;
    let (Some(psql), Some(dump)) = (client(&server, "psql"), client(&server, "pg_dump")) else {
        return server.close().await.unwrap();
    };
    let project = chain("scripts");
    let (ran, scripted) = (server.database().await.unwrap(), server.database().await.unwrap());
    for args in [
        ["upgrade", "base:aaa1", "aaa1"],
        ["upgrade", "aaa1:bbb1", "bbb1"],
        ["upgrade", "bbb:head", "head"],
        ["downgrade", "ddd1:app", "aaa1"],
        ["upgrade", "aaa1:", "head"],
        ["downgrade", ":base", "base"],
        ["upgrade", "+1", "+1"],
        ["upgrade", "aaa1:+2", "heads"],
    ] {
        if args[1] == "aaa1:+2" {
            // Two ways lead up from there.
            assert_eq!(project.run(&["upgrade", args[1], "--sql"]).code, 2);
            continue;
        }
        let with = ["-x", "who=me", "--tag", "T"];
        let said = script(&project, &psql, &scripted, &[&[args[0], args[1], "--sql"], &with[..]].concat());
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        assert!(!said.err.contains("WARNING") && !said.err.contains("NOTICE"), "{args:?}: {}", said.err);
        ok(&project, &ran, &[&[args[0], args[2]], &with[..]].concat());
        assert_eq!(state(&psql, &dump, &scripted), state(&psql, &dump, &ran), "{args:?}");
        let rows = "select coalesce(string_agg(b, ','), 'none') from größe";
        let [one, other] = [&ran, &scripted].map(|database| run(&psql, database, &["-Atc", rows]));
        assert_eq!(one.out, other.out);
        assert!(args[1] != "aaa1:bbb1" || one.out == "meT9s\n", "{}", one.out);
    }
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_refuse_a_database_that_stands_elsewhere() {
    let server = server().await;
    let (Some(psql), Some(dump)) = (client(&server, "psql"), client(&server, "pg_dump")) else {
        return server.close().await.unwrap();
    };
    let project = chain("elsewhere");
    let database = server.database().await.unwrap();
    let before = run(&dump, &database, &["-s"]).out;
    let early = script(&project, &psql, &database, &["upgrade", "aaa1:head", "--sql"]);
    assert!(early.code == 3 && early.err.contains("begins at aaa1"), "{}", early.err);
    assert!(early.err.contains("expected, and not applied here: {aaa1}"), "{}", early.err);
    assert_eq!(
        run(&dump, &database, &["-s"]).out.lines().count(),
        before.lines().count(),
        "nothing was made"
    );
    ok(&project, &database, &["upgrade", "bbb1"]);
    let late = script(&project, &psql, &database, &["upgrade", "head", "--sql"]);
    assert!(
        late.code == 3 && late.err.contains("applied here, and not expected: {aaa1,bbb1}"),
        "{}",
        late.err
    );
    let down = script(&project, &psql, &database, &["downgrade", "head:base", "--sql"]);
    assert!(down.code == 3 && down.err.contains("{ccc1,ddd1}"), "{}", down.err);
    assert_eq!(project.run(&["downgrade", "base", "--sql"]).code, 2, "nobody knows from where");
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_fails_is_gone_on_with() {
    let server = server().await;
    let Some(psql) = client(&server, "psql") else { return server.close().await.unwrap() };
    let project = chain("fails");
    let database = server.database().await.unwrap();
    let text = project.ok(&["upgrade", "head", "--sql"]);
    project.write("broken.sql", &text.replace("create function f()", "create function f(nonsense"));
    let file = project.path().join("broken.sql");
    let said = run(&psql, &database, &["-f", file.to_str().unwrap()]);
    assert!(said.code == 3 && said.err.contains("syntax error"), "{}", said.err);
    let row = run(&psql, &database, &["-Atc", "select state, parts_done from limbeck_version"]).out;
    assert_eq!(row, "upgrading|2\n", "the two parts before it stayed, and are recorded");
    let resumed = on(&project, &database, &["upgrade", "head", "-x", "who=", "--tag", ""]);
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn stamp_takes_every_option() {
    let server = server().await;
    let project = chain("stamp");
    let (ran, scripted) = (server.database().await.unwrap(), server.database().await.unwrap());
    assert_eq!(ok(&project, &ran, &["stamp", "bbb1", "ccc1", "--tag", "T"]), "stamped bbb1, ccc1\n");
    assert_eq!(ok(&project, &ran, &["stamp", "heads"]), "stamped ddd1\n");
    std::fs::remove_file(project.path().join("migrations/ddd1.sql")).unwrap();
    assert_ne!(on(&project, &ran, &["stamp", "aaa1"]).code, 0, "a revision without a file");
    assert_eq!(ok(&project, &ran, &["stamp", "--purge", "aaa1"]), "stamped aaa1\n");
    if let Some(psql) = client(&server, "psql") {
        for args in [&["bbb1", "ccc1"][..], &["bbb1:aaa1", "bbb1:ccc1"], &["--purge", "aaa1"]] {
            let from = ["stamp", "--sql"];
            let said = script(&project, &psql, &scripted, &[&from, args].concat());
            let elsewhere = args[0] == "bbb1:aaa1";
            assert_eq!(said.code, if elsewhere { 3 } else { 0 }, "{args:?}: {}", said.err);
        }
        let rows = |database: &Database| run(&psql, database, &["-Atc", ROWS]).out;
        assert_eq!(rows(&scripted), rows(&ran));
    }
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_applied_is_said() {
    let server = server().await;
    let project = chain("current");
    let database = server.database().await.unwrap();
    ok(&project, &database, &["ensure_version"]);
    assert_eq!(on(&project, &database, &["current", "--check-heads"]).code, 1);
    let run = ["upgrade", "app@+2", "-x", "who=x", "--tag", "t"];
    assert_eq!(on(&project, &database, &run).code, 2, "two ways lead from there");
    ok(&project, &database, &["upgrade", "bbb", "-x", "who=x", "--tag", "t"]);
    assert!(ok(&project, &database, &["current"]).starts_with("bbb1"));
    assert!(ok(&project, &database, &["current", "-v"]).contains("postgres"));
    let marked = ok(&project, &database, &["history", "-i"]);
    assert!(marked.contains("bbb1 (app) (current)"), "{marked}");
    assert_eq!(ok(&project, &database, &["history", "-r", "current:"]).matches(" -> ").count(), 2);
    assert_eq!(
        ok(&project, &database, &["history", "--indicate-current", "-r", ":current"]).matches(" -> ").count(),
        2
    );
    assert!(ok(&project, &database, &["show", "current"]).contains("limbeck:revision bbb1"));
    ok(&project, &database, &["upgrade", "head"]);
    assert_eq!(on(&project, &database, &["current", "--check-heads"]).code, 0);
    ok(&project, &database, &["downgrade", "-1"]);
    ok(&project, &database, &["downgrade", "base"]);
    assert_eq!(ok(&project, &database, &["current"]), "");
    server.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_made_checked_and_printed() {
    let server = server().await;
    let project = Project::new("candidates");
    project.configure("template = \"revision.template\"");
    project.write(
        "revision.template",
        "${header}\n\n-- (reviewed by nobody yet)\n\n${upgrade}\n\n${downgrade}\n",
    );
    project.write("models/a.yaml", "tables:\n  a:\n    columns:\n      id: bigint\n");
    let database = server.database().await.unwrap();
    assert_eq!(on(&project, &database, &["check"]).code, 1);
    let printed = ok(&project, &database, &["revision", "--autogenerate", "--sql", "-m", "first"]);
    assert!(
        printed.contains("-- (reviewed by nobody yet)") && printed.contains("create table public.a"),
        "{printed}"
    );
    ok(&project, &database, &["revision", "--autogenerate", "-m", "first"]);
    ok(&project, &database, &["upgrade", "head"]);
    assert_eq!(on(&project, &database, &["check"]).code, 0);
    server.close().await.unwrap();
}
