//! `prove`: a revision, and a chain of them.

use crate::Test;
use crate::world::{World, equal};

pub(crate) const TESTS: &[Test] = &[
    ("prove of a chain holds where all of it does", holds),
    ("prove of a chain says which revision does not come back", says_which),
    ("prove of a chain tries merges and ranges", merges_and_ranges),
    ("prove takes a revision at its word where it says that rows may stop it", believes_hazards),
];

fn table(name: &str) -> String {
    format!(
        "-- limbeck:upgrade\ncreate table {name} (id int primary key, owner text not null);\n\
         grant select on {name} to some_reader;\n\n-- limbeck:downgrade\ndrop table {name};\n"
    )
}

fn holds(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", &table("a"))?;
    world.revision(
        "bbb2",
        "aaa1",
        "-- limbeck:upgrade\nalter table a add column b int references a;\nupdate a set owner = 'x';\n\n\
         -- limbeck:downgrade\nalter table a drop column b;\n",
    )?;
    let words = [
        "base:head",
        "holds  aaa1 about aaa1",
        "holds  bbb2 about bbb2",
        "up, down, up; 3 rows",
        "whole way  holds",
    ];
    world.ends_alone(&["prove", "base:head"], 0, &words)?;
    world.ends_alone(&["prove", "--chain"], 0, &["base:heads", "whole way  holds"])?;
    world.ends_alone(&["prove", "--chain", "aaa1"], 0, &["base:aaa1"])?;
    let json = world.ends_alone(&["prove", "base:head", "--format", "json"], 0, &["\"holds\": true"])?;
    equal(&json.matches("\"revision\":").count(), &2, "each revision is in the report")?;
    equal(&world.rows("select to_regclass('a') is null")?, &vec!["t".to_owned()], "the database is as it was")
}

fn says_which(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", &table("a"))?;
    world.revision("bbb2", "aaa1", "-- limbeck:upgrade\ncreate table b ();\n\n-- limbeck:downgrade\n")?;
    // It leaves its table behind, so it can't run a second time.
    world.ends_alone(
        &["prove", "base:head"],
        1,
        &["holds  aaa1", "fails", "does not restore", "\"b\" already exists"],
    )?;
    world.edit("bbb2", "create table b ()", "create table if not exists b ()")?;
    let words = ["holds  aaa1", "does not restore what was there", "whole way  fails", "table public.b"];
    world.ends_alone(&["prove", "base:head"], 1, &words)?;
    // The files are what is proven: with the mistake mended, it holds.
    world.edit("bbb2", "-- limbeck:downgrade\n", "-- limbeck:downgrade\ndrop table b;\n")?;
    world.ends_alone(&["prove", "base:head"], 0, &[])?;
    world.edit("bbb2", "drop table b", "drop table bb")?;
    world.ends_alone(
        &["prove", "base:head"],
        1,
        &["stops", "_about_bbb2.sql:10", "\"bb\" does not exist"],
    )?;
    // What a run would say of the next one is no matter here.
    world.revision(
        "ccc3",
        "aaa1",
        "-- limbeck:upgrade no-transaction\nselect 1;\n-- limbeck:upgrade\nselect nope;\n",
    )?;
    let said = world.ends_alone(&["prove", "ccc3"], 1, &["part 2 of 2", "on a scratch database, where"])?;
    equal(&said.contains("goes on with"), &false, &said).map(drop)
}

fn merges_and_ranges(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", &table("a"))?;
    world.revision("bbb2", "aaa1", &table("b"))?;
    world.revision("ccc3", "aaa1", &table("c"))?;
    world.revision("xxx9", "", &table("x"))?;
    world.edit("ccc3", "-- message", "-- depends-on: xxx9\n-- message")?;
    world.revision("mmm4", "bbb2, ccc3", &table("m"))?;
    world.ends_alone(&["prove", "base:heads"], 0, &["holds  xxx9", "holds  mmm4", "whole way  holds"])?;
    let said =
        world.ends_alone(&["prove", "bbb2:mmm4"], 0, &["holds  bbb2", "holds  mmm4", "whole way  holds"])?;
    equal(&said.contains("holds  aaa1"), &false, "what is before a range is not proven")?;
    world.ends_alone(&["prove", "mmm4:aaa1"], 2, &["no revision in mmm4:aaa1"])?;
    world.ends_alone(&["prove", "nosuch:head"], 2, &["nosuch"]).map(drop)
}

fn believes_hazards(world: &World) -> Result<(), String> {
    world.revision(
        "aaa1",
        "",
        "-- limbeck:upgrade\ncreate table a (v int);\n\n-- limbeck:downgrade\ndrop table a;\n",
    )?;
    let unique = "-- limbeck:upgrade\nalter table a add check (v < -99);\n\n\
                  -- limbeck:downgrade\nalter table a drop constraint a_v_check;\n";
    world.revision("bbb2", "aaa1", unique)?;
    world.ends_alone(&["prove", "bbb2"], 1, &["limbeck:hazard FAILS_ON_ROWS"])?;
    world.ends_alone(&["prove", "base:head"], 1, &["fails"])?;
    let said = "-- limbeck:upgrade\n-- limbeck:hazard FAILS_ON_ROWS what is not that small stops it\n";
    world.edit("bbb2", "-- limbeck:upgrade\n", said)?;
    world.ends_alone(&["prove", "bbb2"], 0, &["as its hazards say"])?;
    world.ends_alone(&["prove", "base:head"], 0, &["on empty tables, as its hazards say"]).map(drop)
}
