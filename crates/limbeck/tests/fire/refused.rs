//! Databases that can't be had, or not as one wishes: each is said once, with exit code 4, and no file changes.

use std::collections::BTreeMap;

use crate::shears::Shears;
use crate::world::{Ran, World};
use crate::{Server, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_database_that_refuses_is_said", Server::Own, a_database_that_refuses_is_said),
    ("a_password_that_works_is_seen_nowhere", Server::Own, a_password_that_works_is_seen_nowhere),
    (
        "a_read_only_database_is_read_and_not_written",
        Server::Shared,
        a_read_only_database_is_read_and_not_written,
    ),
    ("a_connection_that_is_cut_anywhere_is_said", Server::Shared, a_connection_that_is_cut_anywhere_is_said),
];

/// Lets one role in by its password alone.
fn guard(world: &World) {
    world.run("create role clerk login superuser password 'hunter2'");
    let access = world.cluster.folder().join("data/pg_hba.conf");
    let others = std::fs::read_to_string(&access).unwrap();
    std::fs::write(&access, format!("host all clerk 127.0.0.1/32 scram-sha-256\n{others}")).unwrap();
    world.run("select pg_reload_conf()");
    let password = world.url.replace("postgres@", "clerk:wrong@");
    // The server takes a moment to read it.
    while limbeck_at(world, &password, &["current"]).code == Some(0) {}
}

fn limbeck_at(world: &World, url: &str, args: &[&str]) -> Ran {
    crate::world::ended(world.spawn_at(url, args).wait_with_output())
}

#[track_caller]
fn refuses(world: &World, url: &str, args: &[&str], words: &[&str]) {
    let ran = limbeck_at(world, url, args);
    assert_eq!(ran.code, Some(4), "{args:?}: {ran:?}");
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.iter().all(|words| said.contains(words)), "{words:?}: {said}");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
}

fn a_database_that_refuses_is_said(world: &World) {
    guard(world);
    world.model("t", "tables: {}\n");
    let clerk = |word: &str| world.url.replace("postgres@", &format!("clerk{word}@"));
    for args in [&["current"][..], &["-vv", "check"], &["pull"], &["upgrade", "head"]] {
        let gone = world.url.replace(&format!(":{}/", world.cluster.port), ":1/");
        refuses(world, &gone, args, &["can't reach", "127.0.0.1:1", "help:"]);
        let nosuch = format!("{}_nosuch", world.url);
        refuses(world, &nosuch, args, &["_nosuch\" does not exist"]);
        let failed = "password authentication failed for user \"clerk\"";
        refuses(world, &clerk(":hunter3"), args, &[failed, "as user clerk"]);
        let ran = limbeck_at(world, &clerk(":hunter3"), args);
        assert!(!format!("{ran:?}").contains("hunter3"), "{ran:?}");
        refuses(world, &clerk(""), args, &["no password was given"]);
    }
}

fn a_password_that_works_is_seen_nowhere(world: &World) {
    guard(world);
    let url = world.url.replace("postgres@", "clerk:hunter2@");
    world.run("create table t (id int primary key)");
    let hook = "[[migrations.hooks]]\ncommand = '''sh -c 'cat /proc/$PPID/cmdline /proc/self/environ > seen.txt' '''\n";
    world.configure(&format!("{hook}[env.guarded]\nurl = '{url}'\n"));
    let commands: &[&[&str]] = &[
        &["pull"],
        &["check"],
        &["check", "--format", "json"],
        &["diff", "--to", "migrations"],
        &["revision", "--autogenerate", "-m", "x", "--rev-id", "aaa"],
        &["upgrade", "head"],
        &["upgrade", "head", "--dry-run"],
        &["current", "-v"],
        &["history", "-i"],
        &["downgrade", "base"],
    ];
    for command in commands {
        if command[0] == "revision" {
            world.model("u", "tables: { u: { columns: { a: int } } }\n");
        }
        let ran = limbeck_at(world, "", &[&["-vv", "-e", "guarded"], *command].concat());
        assert!(ran.code.is_some_and(|code| code < 2), "{command:?}: {ran:?}");
        assert!(!format!("{ran:?}").contains("hunter2"), "{command:?}: {ran:?}");
    }
    // One that fails, in the server's words.
    world.write("bbb", "", "-- limbeck:upgrade\nselect nosuch;\n");
    let ran = limbeck_at(world, "", &["-vv", "-e", "guarded", "upgrade", "bbb"]);
    assert!(ran.code == Some(3) && !ran.err.contains("hunter2"), "{ran:?}");
    let told = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("hunter2");
    let files = world.files();
    assert!(!cfg!(target_os = "linux") || files.contains_key("seen.txt"), "the hook did not run");
    let telling: Vec<&String> = files.iter().filter(|(_, bytes)| told(bytes)).map(|(name, _)| name).collect();
    assert_eq!(telling, ["limbeck.toml"]);
}

fn a_read_only_database_is_read_and_not_written(world: &World) {
    world.run("create table t (id int primary key)");
    let only = format!("{}?options=-c%20default_transaction_read_only%3Don", world.url);
    assert_eq!(limbeck_at(world, &only, &["pull"]).code, Some(0));
    assert_eq!(limbeck_at(world, &only, &["check"]).code, Some(0));
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    for args in [&["upgrade", "head"][..], &["stamp", "head"], &["ensure-version"]] {
        refuses(world, &only, args, &["read-only", "default_transaction_read_only = off"]);
    }
    assert!(!world.has("a") && !world.has("limbeck_version"));
}

fn a_connection_that_is_cut_anywhere_is_said(world: &World) {
    world.run("create table t (id int primary key, a text default 'x' not null)");
    world.model("u", "tables: { u: { columns: { a: int } } }\n");
    let shears = Shears::start(world.cluster.port);
    let url = world.url_through(shears.port);
    let commands: [&[&str]; 3] = [&["pull"], &["check"], &["revision", "--autogenerate", "-m", "x"]];
    for command in commands {
        let before: BTreeMap<_, _> = world.files();
        let mut cuts = 0;
        // Through the beginning byte by byte, as it were; then in longer and longer steps.
        for bytes in (0..).map(|step: i32| (1.6_f64.powi(step)) as usize) {
            shears.after(bytes);
            let ran = limbeck_at(world, &url, command);
            if ran.code == Some(0) || ran.code == Some(1) {
                break;
            }
            assert_eq!(ran.code, Some(4), "{command:?}, {bytes} bytes: {ran:?}");
            assert!(ran.err.starts_with("error: ") && !ran.err.contains("panicked"), "{ran:?}");
            assert!(world.files() == before, "{command:?}, {bytes} bytes: files changed");
            cuts += 1;
        }
        assert!(cuts > 12, "{command:?} was cut {cuts} times");
    }
}
