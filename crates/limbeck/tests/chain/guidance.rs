//! What `check` and `revision` say when something is not as it should be, and a database that is adopted.

use crate::Test;
use crate::world::{World, alike, equal};

pub(crate) const TESTS: &[Test] = &[
    ("check names both ways on from two heads", two_heads),
    ("check tells drift from a new model", drift),
    ("check says how to go on after an edit", edited),
    ("a forgotten model file is caught and explained", mass_drop),
    ("a downgrade that was forgotten is said", forgotten_downgrade),
    ("a database made another way is adopted, and built from nothing", adopted),
];

const MODEL: &str = "tables:\n  a:\n    columns:\n      id: int\n";
const TABLE: &str = "-- limbeck:upgrade\ncreate table a (id int);\n\n-- limbeck:downgrade\ndrop table a;\n";

fn two_heads(world: &World) -> Result<(), String> {
    world.write("models/a.yaml", MODEL)?;
    world.revision("aaa1", "", TABLE)?;
    world.revision("bbb2", "aaa1", "-- limbeck:upgrade\nselect 1;\n\n-- limbeck:downgrade\n")?;
    world.revision("ccc3", "aaa1", "-- limbeck:upgrade\nselect 1;\n\n-- limbeck:downgrade\n")?;
    world.ends_alone(
        &["check"],
        1,
        &["several heads: bbb2, ccc3", "limbeck merge", "limbeck rebase ccc3 --onto bbb2"],
    )?;
    world.ends_alone(&["rebase", "ccc3", "--onto", "bbb2"], 0, &[])?;
    world.ends_alone(&["check"], 0, &[]).map(drop)
}

fn drift(world: &World) -> Result<(), String> {
    world.write("models/a.yaml", MODEL)?;
    world.revision("aaa1", "", TABLE)?;
    world.must(&["upgrade", "head"])?;
    let clean = world.ends(&["check", "--drift"], 0, &["as the models say"])?;
    equal(&clean.contains("drift:"), &false, "there is none")?;
    // The models are newer: no drift.
    world.write("models/a.yaml", &MODEL.replace("id: int", "id: int\n      more: text"))?;
    let said = world.ends(&["check"], 1, &["a new revision is needed"])?;
    equal(&said.contains("drift:"), &false, "a new model is none")?;
    world.write("models/a.yaml", MODEL)?;
    world.sql("alter table a add column by_hand int; create index by_hand on a (id)")?;
    let words =
        ["drift: the database is not what its own revisions make", "by_hand", "to undo it", "to keep it"];
    world.ends(&["check"], 1, &words)?;
    world.ends(&["check", "--format", "json"], 1, &["\"drift\": [", "by_hand"])?;
    // Kept: in the models, in a revision made from the chain, and recorded here.
    world.must(&["pull"])?;
    world.ends(&["check"], 0, &["as the models say"])?;
    world.ends(&["check", "--drift"], 1, &["drift:", "-d ephemeral revision --autogenerate"])?;
    world.must(&["-d", "ephemeral", "revision", "--autogenerate", "-m", "keep what was done by hand"])?;
    world.must(&["stamp", "head"])?;
    world.ends(&["check", "--drift"], 0, &["as the models say"])?;
    world.must(&["prove", "--chain"]).map(|_| ())
}

fn edited(world: &World) -> Result<(), String> {
    world.write("models/a.yaml", MODEL)?;
    world.revision("aaa1", "", TABLE)?;
    world.must(&["upgrade", "head"])?;
    world.edit("aaa1", "(id int)", "(id int, b int)")?;
    world.ends(
        &["check"],
        1,
        &["aaa1 was edited", "limbeck downgrade aaa1-1", "new revision", "limbeck stamp current"],
    )?;
    world.must(&["downgrade", "aaa1-1"])?;
    world.must(&["upgrade", "head"])?;
    equal(&world.rows("select b from a")?.len(), &0, "the new text ran")?;
    let said = world.limbeck(&["check"])?.text;
    equal(&said.contains("was edited"), &false, &said)
}

fn mass_drop(world: &World) -> Result<(), String> {
    world.sql(
        "create table a (id int); create table b (); create table c (); create table d (); create table e ()",
    )?;
    world.write("models/a.yaml", MODEL)?;
    let words = [
        "would drop 4 of the 5 tables",
        "models was read, as",
        "1 file, 1 table",
        "these would go: public.b, public.c",
        "directory",
        "allow_mass_drop",
    ];
    world.ends(&["revision", "--autogenerate", "-m", "x"], 5, &words)?;
    equal(&world.migrations()?.len(), &0, "nothing was written")?;
    world.ends(&["check"], 1, &words).map(drop)
}

fn adopted(world: &World) -> Result<(), String> {
    world.sql(
        "create table customer (id int primary key, name text not null); \
         create table sale (id int primary key, customer int references customer); insert into customer values (1, 'x')",
    )?;
    let before = world.dump()?;
    world.must(&["pull"])?;
    let words = ["wrote", "downgrade restores"];
    world.ends(&["-d", "ephemeral", "revision", "--autogenerate", "-m", "baseline"], 0, &words)?;
    world.must(&["stamp", "head"])?;
    world.ends(&["check", "--drift"], 0, &["as the models say"])?;
    // A second time there is nothing to write.
    world.ends(&["-d", "ephemeral", "revision", "--autogenerate", "-m", "again"], 0, &["no changes"])?;
    // And from nothing, as a pull request builds it, it is the same.
    world.sql("drop table sale, customer, limbeck_version, limbeck_history")?;
    world.must(&["upgrade", "head"])?;
    alike(&world.dump()?, &before, "built from nothing")
}

/// A downgrade without a word is one that somebody meant to be empty.
fn forgotten_downgrade(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", "-- limbeck:upgrade\ncreate table a ();\n")?;
    world.must(&["upgrade", "head"])?;
    let words = ["warning: ", "aaa1_about_aaa1.sql has no `-- limbeck:downgrade`"];
    world.ends(&["downgrade", "base"], 0, &words)?;
    world.sql("drop table a")?;
    world.edit("aaa1", "create table a ();\n", "create table a ();\n\n-- limbeck:downgrade\n")?;
    world.must(&["upgrade", "head"])?;
    let said = world.must(&["downgrade", "base"])?;
    if said.contains("warning") { Err(said) } else { Ok(()) }
}
