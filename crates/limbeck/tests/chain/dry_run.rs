//! `--dry-run`: what a run would do, done elsewhere or undone.

use crate::Test;
use crate::world::{World, alike, equal};

pub(crate) const TESTS: &[Test] = &[
    ("a dry run tries it on scratch, from where the database stands", on_scratch),
    ("a dry run fails as the run would", fails),
    ("a dry run on the database leaves nothing", on_the_database),
];

fn chain(world: &World) -> Result<(), String> {
    world.revision(
        "aaa1",
        "",
        "-- limbeck:upgrade\ncreate table a (v int);\n\n-- limbeck:downgrade\ndrop table a;\n",
    )?;
    world.revision(
        "bbb2",
        "aaa1",
        "-- limbeck:upgrade\n-- limbeck:hazard LOCK_STRONG blocks public.a for a moment\n\
         alter table a add column w text;\n\n-- limbeck:downgrade\nalter table a drop column w;\n",
    )
}

fn on_scratch(world: &World) -> Result<(), String> {
    chain(world)?;
    world.ends(
        &["upgrade", "head", "--dry-run"],
        0,
        &["would upgrade aaa1", "would upgrade bbb2", "it runs"],
    )?;
    world.must(&["upgrade", "aaa1"])?;
    // What the database has besides its revisions is there as well.
    world.sql("create table by_hand ()")?;
    world.revision(
        "ccc3",
        "bbb2",
        "-- limbeck:upgrade\nalter table by_hand add column x int;\n\n-- limbeck:downgrade\n",
    )?;
    let before = world.dump()?;
    let words = [
        "would upgrade bbb2",
        "LOCK_STRONG blocks public.a",
        "would upgrade ccc3",
        "made-up rows",
        "nothing was touched",
    ];
    let said = world.ends(&["upgrade", "head", "--dry-run"], 0, &words)?;
    equal(&said.contains("alter table"), &false, "the SQL is for -v")?;
    world.ends(&["upgrade", "head", "--dry-run", "-v"], 0, &["alter table a add column w text"])?;
    world.ends(&["downgrade", "base", "--dry-run"], 0, &["would downgrade aaa1", "it runs"])?;
    let json = world.ends(
        &["upgrade", "head", "--dry-run", "--format", "json"],
        0,
        &["\"dry_run\": true", "\"where\": \"scratch\""],
    )?;
    equal(&json.contains("\"revision\": \"ccc3\""), &true, &json)?;
    alike(&world.dump()?, &before, "nothing was touched")?;
    equal(
        &world.rows("select revision from limbeck_version")?.join(" "),
        &"aaa1".to_owned(),
        "nothing was recorded",
    )?;
    world.must(&["upgrade", "head"])?;
    world.ends(&["upgrade", "head", "--dry-run"], 0, &["nothing to upgrade"]).map(drop)
}

fn fails(world: &World) -> Result<(), String> {
    chain(world)?;
    world.must(&["upgrade", "aaa1"])?;
    world.sql("alter table a add column w int")?;
    let words = [
        "column \"w\" of relation \"a\" already exists",
        "_about_bbb2.sql:8",
        "it was a dry run",
        "nothing was touched",
    ];
    world.ends(&["upgrade", "head", "--dry-run"], 3, &words)?;
    let words = ["already exists", "_about_bbb2.sql:8", "rolled back"];
    world.ends(&["upgrade", "head", "--dry-run=database"], 3, &words)?;
    world.sql("alter table a drop column w")?;
    // What made-up rows can't do, real ones may.
    world.edit("bbb2", "add column w text", "add check (v < -99)")?;
    world.edit("bbb2", "alter table a drop column w", "select 1")?;
    let words = ["it stops on made-up rows, and runs on empty tables", "--dry-run=database"];
    world.ends(&["upgrade", "head", "--dry-run"], 0, &words)?;
    world.ends(&["upgrade", "head", "--dry-run=database"], 0, &["it runs"])?;
    world.sql("insert into a values (1)")?;
    world.ends(&["upgrade", "head", "--dry-run=database"], 3, &["violated by some row"]).map(drop)
}

fn on_the_database(world: &World) -> Result<(), String> {
    chain(world)?;
    world.must(&["upgrade", "aaa1"])?;
    let before = world.dump()?;
    world.revision(
        "ccc3",
        "bbb2",
        "-- limbeck:upgrade\ncreate table c ();\n\n-- limbeck:downgrade\ndrop table c;\n",
    )?;
    let words =
        ["would upgrade bbb2", "would hold AccessExclusiveLock on public.a", "it runs here", "rolled back"];
    let said = world.ends(&["upgrade", "head", "--dry-run=database"], 0, &words)?;
    equal(&said.contains("public.c"), &false, "what is new is in nobody's way")?;
    alike(&world.dump()?, &before, "nothing stays")?;
    equal(
        &world.rows("select revision from limbeck_version")?.join(" "),
        &"aaa1".to_owned(),
        "nothing is recorded",
    )?;
    world.revision(
        "ddd4",
        "ccc3",
        "-- limbeck:upgrade no-transaction\ncreate index concurrently i on a (v);\n\n-- limbeck:downgrade\n",
    )?;
    let words = [
        "ddd4 has a part that runs outside a transaction",
        "_about_ddd4.sql:7",
        "nothing was run",
        "--dry-run",
    ];
    world.ends(&["upgrade", "head", "--dry-run=database"], 5, &words)?;
    world.ends(&["upgrade", "head", "--dry-run"], 0, &["would upgrade ddd4", "it runs"])?;
    world.ends(&["upgrade", "bbb2", "--dry-run=nowhere"], 2, &["scratch", "database"]).map(drop)
}
