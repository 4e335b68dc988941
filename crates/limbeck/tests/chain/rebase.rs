//! `rebase`: one of two lines that a merge of branches brought together follows the other.

use std::process::Command;

use crate::Test;
use crate::world::{World, equal};

pub(crate) const TESTS: &[Test] = &[
    ("rebase puts a line after the other, dates and names with it", moves_a_line),
    ("rebase changes nothing that is applied", refuses_what_is_applied),
    ("rebase says why a line can't move", says_why),
    ("rebase leaves uncommitted changes alone", refuses_changes),
];

fn table(name: &str) -> String {
    format!("-- limbeck:upgrade\ncreate table {name} ();\n\n-- limbeck:downgrade\ndrop table {name};\n")
}

/// `aaa1`, and after it the lines `bbb1`, `bbb2` and `ccc1`, the newest.
fn two_lines(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", &table("a"))?;
    world.revision("bbb1", "aaa1", &table("b1"))?;
    world.revision("bbb2", "bbb1", &table("b2"))?;
    world.revision("ccc1", "aaa1", &table("c"))
}

fn body(world: &World, id: &str) -> Result<String, String> {
    let text = world.read(&world.file(id)?)?;
    Ok(text[text.find("-- limbeck:upgrade").unwrap_or_default()..].to_owned())
}

fn moves_a_line(world: &World) -> Result<(), String> {
    two_lines(world)?;
    world.edit("bbb1", "-- message", "-- a remark of the author\n-- message")?;
    world.must(&["upgrade", "ccc1"])?;
    let before = [body(world, "bbb1")?, body(world, "bbb2")?];
    // Named by its head, all of the line moves.
    world.ends(&["rebase", "bbb2", "--onto", "ccc1"], 0, &["ccc1 -> bbb1, now ", "bbb1 -> bbb2, now "])?;
    equal(&[body(world, "bbb1")?, body(world, "bbb2")?], &before, "what runs is as it was")?;
    if !world.read(&world.file("bbb1")?)?.contains("-- a remark of the author\n") {
        return Err("the remark is gone".into());
    }
    let order: Vec<String> =
        world.migrations()?.iter().filter_map(|name| Some(name.split('-').nth(1)?[..4].to_owned())).collect();
    equal(&order.join(" "), &"aaa1 ccc1 bbb1 bbb2".to_owned(), "files are in the order of the chain")?;
    world.ends_alone(&["heads"], 0, &["bbb2"])?;
    world.ends(&["upgrade", "head"], 0, &["ccc1 -> bbb1", "bbb1 -> bbb2"])?;
    world.must(&["downgrade", "base"]).map(drop)
}

fn refuses_what_is_applied(world: &World) -> Result<(), String> {
    two_lines(world)?;
    world.must(&["upgrade", "bbb1"])?;
    let files = world.migrations()?;
    world.ends(
        &["rebase", "bbb2", "--onto", "ccc1"],
        5,
        &["bbb1 about bbb1", "downgrade bbb1@-1", "merge"],
    )?;
    equal(&world.migrations()?, &files, "nothing was changed")?;
    let away = ["-d", "postgres://nobody@127.0.0.1:1/x", "rebase", "bbb2", "--onto", "ccc1"];
    world.ends(&away, 4, &["--offline"])?;
    world.must(&["downgrade", "bbb1@-1"])?;
    world.must(&["rebase", "bbb2", "--onto", "ccc1"])?;
    world.ends_alone(&["heads"], 0, &["bbb2"]).map(drop)
}

fn says_why(world: &World) -> Result<(), String> {
    two_lines(world)?;
    world.ends_alone(&["rebase", "bbb1", "--onto", "aaa1"], 2, &["follows aaa1 already"])?;
    world.ends_alone(&["rebase", "aaa1", "--onto", "ccc1"], 2, &["ccc1 follows aaa1"])?;
    world.ends_alone(&["rebase", "ccc1", "--onto", "bbb1"], 2, &["bbb1 is no head", "bbb2 about bbb2"])?;
    // The other line waits for this one: a circle.
    world.edit("ccc1", "-- created", "-- depends-on: bbb1\n-- created")?;
    world.ends_alone(&["rebase", "bbb1", "--onto", "ccc1"], 3, &["wait for each other"])?;
    world.edit("ccc1", "-- depends-on: bbb1\n", "")?;
    world.revision("ddd1", "bbb2, ccc1", &table("d"))?;
    world.revision("eee1", "aaa1", &table("e"))?;
    world.ends_alone(&["rebase", "bbb1", "--onto", "eee1"], 2, &["ddd1 on this line is a merge"])?;
    world.ends_alone(&["rebase", "eee1", "--onto", "ddd1"], 0, &["nobody looked", "ddd1 -> eee1"]).map(drop)
}

fn refuses_changes(world: &World) -> Result<(), String> {
    two_lines(world)?;
    git(world, &["init", "-q"])?;
    git(world, &["add", "."])?;
    git(world, &["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "all"])?;
    world.edit("bbb1", "create table b1 ()", "create table b1 (id int)")?;
    let rebase = ["rebase", "bbb1", "--onto", "ccc1"];
    world.ends_alone(&rebase, 5, &["bbb1_about_bbb1.sql: changed since the last commit", "--allow-dirty"])?;
    git(world, &["checkout", "-q", "."])?;
    world.must(&rebase)?;
    // To git, a file with another name and header is the same file.
    git(world, &["add", "-A"])?;
    let renamed = git(world, &["status", "--porcelain"])?;
    equal(&renamed.lines().filter(|line| line.starts_with('R')).count(), &2, &renamed)
}

fn git(world: &World, args: &[&str]) -> Result<String, String> {
    let out =
        Command::new("git").args(args).current_dir(world.folder()).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    if out.status.success() { Ok(text) } else { Err(format!("git {}: {text}", args.join(" "))) }
}
