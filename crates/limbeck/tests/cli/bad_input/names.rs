//! A hostile database: names, comments, defaults and labels that would be SQL, commands of psql, lines of a
//! revision, a terminal's or a workflow's commands, if anything took them for it. They go all the way round.

use limbeck_sql::{ident, literal};

use crate::bad_input::ask;
use crate::project::Project;
use crate::server::{server, url};

/// Bytes of the longest name.
const LONGEST: usize = 63;

const NAMES: &[&str] = &[
    "a\"b",
    "it's",
    "x\n-- limbeck:downgrade\ndrop table victim; --",
    "x\r\ndrop table victim; --",
    "50%%s %(x)s ::error::y",
    "🦀\u{feff}\u{e0041}\u{85} table",
    "\u{1b}[2J\u{1b}]0;x\u{7}red",
    "x\u{202e}cba\u{61c}\u{200b}\u{ad}\u{2060}\u{2064}",
    "x'); drop table victim; --",
    "$$; drop table victim; $$",
    "a: [b, *c, &d !e #f",
    "x\n\\! touch here\ny",
    "x\ncopy victim from stdin;\n\\.",
    "{{ x }} ${HOME} `id` <b>|**md**",
    "a.b(c)",
    " lead and trail ",
    "c:\\new\\t",
    "*/ drop table victim; /*",
    "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüz",
];

/// Objects of many kinds that are called so, each with a letter before it where it fits, and say so.
fn objects(name: &str) -> String {
    let (text, table) = (literal(name), ident(name));
    let alone = format!(
        "create table {table} (id int primary key, {table} text default {text});
         comment on table {table} is {text}; comment on column {table}.{table} is {text};\n"
    );
    if name.len() == LONGEST {
        return alone;
    }
    let named = |letter: &str| ident(&format!("{letter}{name}"));
    let [c, e, v, f, s, d, t, p, i] = ["c", "e", "v", "f", "s", "d", "t", "p", "i"].map(named);
    format!(
        "{alone}
         alter table {table} add constraint {c} check ({table} <> {text});
         create type {e} as enum ({text}, 'b');
         create view {v} as select id, {table} as {c} from {table};
         create function {f}({table} int) returns text language sql as {body};
         create schema {s}; create table {s}.{table} (a {e} default {text}, id int references {table});
         create domain {d} as text check (value <> {text});
         create function {t}() returns trigger language plpgsql as $b$begin return new; end$b$;
         create trigger {t} before insert on {table} for each row execute function {t}({text});
         create index {i} on {table} ({table}) where {table} <> {text};
         create policy {p} on {table} using ({table} <> {text});\n",
        body = literal(&format!("select {text}::text")),
    )
}

/// What somebody changes of them: what is said of changes quotes names too.
fn changes(name: &str) -> String {
    let table = ident(name);
    let mut sql = format!(
        "comment on table {table} is 'other'; alter table {table} alter column {table} drop default;
         create unique index on {table} ({table}, id);\n"
    );
    if name.len() < LONGEST {
        let [c, n, e, i] = ["c", "n", "e", "i"].map(|letter| ident(&format!("{letter}{name}")));
        sql += &format!(
            "alter table {table} add column {n} int not null default 1;
             alter table {table} rename constraint {c} to {n};
             alter type {e} rename value 'b' to {text}; drop index {i};\n",
            text = literal(&format!("b{name}")),
        );
    }
    sql
}

/// What nobody sees, or what turns round what follows, written out here: the code has its own list.
const UNSEEN: [&str; 9] = [
    "\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9d}",
    "\u{ad}\u{61c}\u{180e}",
    "\u{200b}\u{200e}\u{200f}",
    "\u{2028}\u{2029}",
    "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}",
    "\u{2060}\u{2061}\u{2062}\u{2063}\u{2064}",
    "\u{2066}\u{2067}\u{2068}\u{2069}",
    "\u{206a}\u{206f}\u{feff}\u{fff9}\u{fffa}\u{fffb}",
    "\u{e0001}\u{e0020}\u{e0041}\u{e007f}",
];

/// Nothing that drives a terminal; and only commands of ours begin a line for a workflow.
fn is_harmless(text: &str) -> bool {
    let is_unseen =
        |c: char| c < ' ' && !"\n\t".contains(c) || UNSEEN.iter().any(|unseen| unseen.contains(c));
    !text.contains(is_unseen)
        && text.lines().filter(|line| line.starts_with("::")).all(|line| {
            line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice ")
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_go_all_the_way_round() {
    let server = server().await;
    let (there, here) = (server.database().await.unwrap(), server.database().await.unwrap());
    let sql: String = NAMES.iter().map(|name| objects(name)).collect();
    there.run(&format!("create table victim (id int primary key); {sql}")).await.unwrap();
    let project = Project::new("hostile");
    let run = |at: &str, code: i32, args: &[&str]| {
        let ran = project.run_on(at, args);
        assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
        assert!(is_harmless(&ran.out) && is_harmless(&ran.err), "{args:?}: {:?}{:?}", ran.out, ran.err);
    };
    run(&url(&there), 0, &["pull"]);
    run(&url(&there), 0, &["check"]);
    // A file, and what is printed, are the same bytes, which may be looked at.
    run(&url(&there), 0, &["snapshot", "there.json"]);
    let printed = project.ok_on(&url(&there), &["snapshot", "-"]).out;
    assert!(printed == project.read("there.json") && is_harmless(&printed));
    run(&url(&there), 0, &["diff", "--from", "there.json", "--exit-code"]);
    run(&url(&there), 0, &["pull"]);
    for format in ["human", "json", "github"] {
        run(&url(&here), 1, &["check", "--format", format]);
    }
    run(&url(&here), 0, &["revision", "--autogenerate", "-m", "all of it", "--rev-id", "aaa"]);
    run(&url(&here), 0, &["upgrade", "head"]);
    run(&url(&here), 0, &["check"]);
    let count = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname not like 'limbeck%'";
    assert_eq!(ask(&here, count).await, ask(&there, count).await);
    // What differs is said with the names, over statements and in reports.
    let sql: String = NAMES.iter().map(|name| changes(name)).collect();
    here.run(&sql).await.unwrap();
    for args in [
        &["diff"][..],
        &["check", "--format", "json"],
        &["check", "--format", "github"],
        &["diff", "--color", "never"],
    ] {
        let code = i32::from(args[0] == "check");
        run(&url(&here), code, args);
    }
    run(&url(&here), 0, &["revision", "--autogenerate", "-m", "back again", "--rev-id", "bbb"]);
    run(&url(&here), 0, &["upgrade", "head"]);
    run(&url(&here), 0, &["check"]);
    for (name, bytes) in crate::bad_input::files(&project).iter().filter(|(name, _)| name.ends_with(".sql")) {
        assert!(is_harmless(&String::from_utf8_lossy(bytes)), "{name}");
    }
    run(&url(&here), 0, &["history", "-v"]);
    run(&url(&here), 0, &["show", "aaa"]);
    run(&url(&here), 0, &["downgrade", "base"]);
    assert_eq!(ask(&here, count).await, "0");
    assert_eq!(ask(&there, "select to_regclass('victim') is not null").await, "true");
    server.close().await.unwrap();
}
