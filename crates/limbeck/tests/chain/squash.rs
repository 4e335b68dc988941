//! `squash`: one revision in place of a chain, and the databases that stand somewhere in it.

use crate::Test;
use crate::world::{World, alike, equal};

pub(crate) const TESTS: &[Test] = &[
    ("squash comes to the same, from nothing and back", comes_to_the_same),
    ("squash leaves no database behind, wherever it stands", every_place_goes_on),
    ("squash says what stands inside of it, and where one stands", says_where),
    ("squash refuses what would be guessed", refuses),
    ("squash knows when the one would not be the chain", knows_a_difference),
    ("squash of squashes, and checkouts from before it", twice_and_back),
];

/// A base; then a chain with a data step, an enum label that is used right after it was added, a part
/// outside of a transaction, and an empty revision.
fn chain(world: &World) -> Result<(), String> {
    let base = "-- limbeck:upgrade\ncreate table item (id int primary key, name text);\n\
                create type state as enum ('new');\n\n-- limbeck:downgrade\ndrop table item;\ndrop type state;\n";
    world.revision("base0", "", base)?;
    world.revision(
        "aaa1",
        "base0",
        "-- limbeck:upgrade\nalter table item add column code text;\nupdate item set code = 'c' || id;\n\
         alter type state add value 'old';\n\n\
         -- limbeck:downgrade\nalter table item drop column code;\ndrop type state;\ncreate type state as enum ('new');\n",
    )?;
    world.revision(
        "bbb2",
        "aaa1",
        "-- limbeck:upgrade\nalter table item add column state state not null default 'old';\n\n\
         -- limbeck:upgrade no-transaction\ncreate index concurrently item_code on item (code);\n\n\
         -- limbeck:downgrade no-transaction\ndrop index concurrently item_code;\n\n\
         -- limbeck:downgrade\nalter table item drop column state;\n",
    )?;
    world.revision("ccc3", "bbb2", "-- limbeck:upgrade\n\n-- limbeck:downgrade\n")?;
    world.revision(
        "ddd4",
        "ccc3",
        "-- limbeck:upgrade\ninsert into item (id, name, code) values (-1, 'x', 'y');\n\
         create table last (id int, at timestamptz default clock_timestamp());\n\
         insert into last values (1), (2);\n\n\
         -- limbeck:downgrade\ndelete from item where id = -1;\ndrop table last;\n",
    )?;
    world.revision("eee5", "ddd4", "-- limbeck:upgrade\nselect 1;\n\n-- limbeck:downgrade\n")
}

const ROWS: &str = "select id, name, code, state from item order by id";

fn squash(world: &World) -> Result<String, String> {
    world.ends(&["squash", "aaa1:ddd4", "-m", "the release"], 0, &["proven: squash", "rows too"])
}

fn comes_to_the_same(world: &World) -> Result<(), String> {
    chain(world)?;
    world.must(&["upgrade", "base0"])?;
    let start = world.dump()?;
    world.sql("insert into item values (1, 'one'), (2, 'two')")?;
    world.must(&["upgrade", "ddd4"])?;
    let (schema, rows) = (world.dump()?, world.rows(ROWS)?);
    world.must(&["downgrade", "base0"])?;
    squash(world)?;
    equal(&world.migrations()?.len(), &3, "one file in place of four")?;
    let text = world.read(&world.file("ddd4")?)?;
    for words in [
        "-- parents: base0\n",
        "-- message: the release\n",
        "-- replaces: aaa1, bbb2, ccc3\n",
        "-- limbeck:upgrade of=bbb2 no-transaction\n",
    ] {
        if !text.contains(words) {
            return Err(format!("the file has no {words:?}:\n{text}"));
        }
    }
    world.must(&["upgrade", "ddd4"])?;
    alike(&world.dump()?, &schema, "up")?;
    equal(&world.rows(ROWS)?, &rows, "rows up")?;
    world.must(&["downgrade", "base0"])?;
    alike(&world.dump()?, &start, "down")?;
    equal(&world.rows("select count(*) from item")?, &vec!["2".to_owned()], "rows down")?;
    // The script for a DBA has the same transactions.
    let script = world.ends_alone(&["upgrade", "--sql", "base0:ddd4"], 0, &[])?;
    let (added, used) = (script.find("add value 'old'"), script.find("default 'old'"));
    let between = &script[added.unwrap_or_default()..used.unwrap_or_default()];
    equal(&between.contains("commit;\nbegin;"), &true, "the label is committed before it is used")
}

fn every_place_goes_on(world: &World) -> Result<(), String> {
    chain(world)?;
    world.must(&["upgrade", "eee5"])?;
    let schema = world.dump()?;
    // Before, at each place inside, at its end, and after.
    for place in ["base0", "aaa1", "bbb2", "ccc3", "ddd4", "eee5"] {
        let files: Vec<(String, String)> = world
            .migrations()?
            .into_iter()
            .map(|name| Ok((name.clone(), world.read(&format!("migrations/{name}"))?)))
            .collect::<Result<_, String>>()?;
        world.must(&["downgrade", place])?;
        squash(world)?;
        let inside = ["aaa1", "bbb2", "ccc3"].contains(&place);
        let words = if inside { format!("the database stands at {place}") } else { String::new() };
        world.ends(&["current"], 0, &[&words])?;
        world.ends(&["upgrade", "head"], 0, &[&words])?;
        alike(&world.dump()?, &schema, place)?;
        let rows = world.rows("select revision, state from limbeck_version order by revision")?;
        equal(&rows.join(" "), &"base0|applied ddd4|applied eee5|applied".to_owned(), place)?;
        world.ends(&["upgrade", "head"], 0, &["nothing to upgrade"])?;
        // And as it was, for the next.
        for name in world.migrations()? {
            fs_err::remove_file(world.folder().join("migrations").join(name)).map_err(|e| e.to_string())?;
        }
        world.must(&["downgrade", "base"]).err();
        world.sql(
            "drop table if exists item, last, limbeck_version, limbeck_history; drop type if exists state",
        )?;
        for (name, text) in files {
            world.write(&format!("migrations/{name}"), &text)?;
        }
        world.must(&["upgrade", "eee5"])?;
    }
    Ok(())
}

fn says_where(world: &World) -> Result<(), String> {
    chain(world)?;
    world.must(&["upgrade", "bbb2"])?;
    squash(world)?;
    world.ends(
        &["current"],
        0,
        &["stands at bbb2, after 2 of them", "`limbeck upgrade ddd4` runs the rest"],
    )?;
    world.ends(&["upgrade", "bbb2"], 2, &["bbb2 was squashed into ddd4", "name ddd4"])?;
    // Somebody's branch, begun before the squash.
    world.revision("fff6", "bbb2", "-- limbeck:upgrade\nselect 1;\n")?;
    world.ends(&["heads"], 3, &["it was squashed into ddd4", "write ddd4 here"])?;
    fs_err::remove_file(world.folder().join(world.file("fff6")?)).map_err(|e| e.to_string())?;
    // And a merge that brought an old file back.
    world.revision("bbb2", "base0", "-- limbeck:upgrade\nselect 1;\n")?;
    world.ends(&["heads"], 3, &["bbb2 was squashed into ddd4, and is here as well"]).map(drop)
}

fn refuses(world: &World) -> Result<(), String> {
    chain(world)?;
    world.must(&["upgrade", "head"])?;
    let files = world.migrations()?;
    world.ends(&["squash", "ddd4:aaa1"], 2, &["does not follow"])?;
    world.ends(&["squash", "aaa1"], 2, &["is no range"])?;
    world.must(&["tag", "v1", "bbb2"])?;
    world.ends(&["squash", "aaa1:ddd4"], 2, &["carries the name of a release", "squash bbb2+1:"])?;
    world.must(&["tag", "--delete", "v1"])?;
    world.edit(
        "bbb2",
        "create index concurrently item_code on",
        "create index concurrently item_code  on",
    )?;
    world.ends(&["squash", "aaa1:ddd4"], 5, &["bbb2 was edited after it was applied", "stamp"])?;
    world.edit("bbb2", "item_code  on", "item_code on")?;
    world.edit("ddd4", "insert into last values (1), (2)", "insert into last values (1), (2) bad")?;
    world.ends(
        &["squash", "aaa1:ddd4", "--offline"],
        3,
        &["the chain itself stops", "ddd4_about_ddd4.sql:"],
    )?;
    equal(&world.migrations()?, &files, "nothing was changed")
}

/// A revision that looks at what is applied is another one inside of a squash.
fn knows_a_difference(world: &World) -> Result<(), String> {
    world.revision(
        "aaa1",
        "",
        "-- limbeck:upgrade\ncreate table a ();\n\n-- limbeck:downgrade\ndrop table a;\n",
    )?;
    world.revision(
        "bbb2",
        "aaa1",
        "-- limbeck:upgrade\ndo $$ begin\n  if exists (select from limbeck_version where revision = 'aaa1') then\n\
         create table was_there (); end if;\nend $$;\n\n-- limbeck:downgrade\ndrop table was_there;\n",
    )?;
    let files = world.migrations()?;
    world.ends(&["squash", "base:head"], 5, &["does not come to the same", "was_there"])?;
    equal(&world.migrations()?, &files, "nothing was changed")
}

fn twice_and_back(world: &World) -> Result<(), String> {
    chain(world)?;
    let old = world.file("ccc3")?;
    let before = world.read(&old)?;
    world.must(&["upgrade", "bbb2"])?;
    world.must(&["squash", "aaa1:bbb2"])?;
    world.must(&["upgrade", "bbb2"])?;
    // The first squash is applied as such; the second one holds it.
    world.must(&["squash", "bbb2:ddd4"])?;
    let text = world.read(&world.file("ddd4")?)?;
    equal(&text.contains("-- replaces: aaa1, bbb2, ccc3\n"), &true, &text)?;
    world.ends(&["upgrade", "head"], 0, &["stands at bbb2"])?;
    // A checkout from before: `ddd4` follows `ccc3` there.
    world.edit("ddd4", "-- replaces: aaa1, bbb2, ccc3\n", "")?;
    world.edit("ddd4", "-- parents: base0", "-- parents: ccc3")?;
    world.write(&old, &before.replace("-- parents: bbb2", "-- parents: base0"))?;
    world.edit("ddd4", "insert into last values (1), (2)", "insert into last values (1)")?;
    for args in [&["upgrade", "head"], &["downgrade", "base"], &["downgrade", "-1"]] {
        world.ends(args, 5, &["was applied in place of", "ccc3 about ccc3"])?;
    }
    world.ends(&["current"], 0, &["ddd4"]).map(drop)
}
