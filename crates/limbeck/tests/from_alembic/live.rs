//! Databases that Alembic brought to where they are, and that go on with limbeck.

use crate::Test;
use crate::world::{World, projects};

pub(crate) const TESTS: &[Test] = &[
    ("a_database_goes_on_from_where_alembic_stopped", goes_on),
    ("two_heads_in_a_table_of_another_name_go_on", goes_on_from_two_heads),
    ("models_come_out_of_a_database_that_alembic_built", pulled),
];

/// What is another value in every database.
const MOMENT: &str = "alter table customer disable trigger all;
update customer set created_at = timestamptz 'epoch', token = '00000000-0000-0000-0000-000000000000';
alter table customer enable trigger all";

fn import(world: &World, project: &str) -> Result<(), String> {
    let project = projects().join(project).display().to_string();
    world.must("project", "", &["init", "--from-alembic", &project]).map(drop)
}

fn says(text: &str, words: &[&str]) -> Result<(), String> {
    match words.iter().find(|words| !text.contains(**words)) {
        Some(words) => Err(format!("nothing says {words:?}:\n{text}")),
        None => Ok(()),
    }
}

fn goes_on(world: &World) -> Result<(), String> {
    import(world, "linear")?;
    world.alembic("linear", "live", &["upgrade", "4d5e6f708192"])?;
    world.run("live", "insert into customer (email, level, points, active) values ('a@b', 2, 7, true)")?;
    let said = world.must("project", "live", &["current"])?;
    says(&said, &["4d5e6f708192", "Alembic brought this database to 4d5e6f708192"])?;
    let said = world.must("project", "live", &["upgrade", "head", "--dry-run"])?;
    says(&said, &["5e6f708192a3"])?;
    if !world.rows("live", "select 1 from pg_class where relname ~ '^limbeck'")?.is_empty() {
        return Err("looking wrote something".to_owned());
    }
    let said = world.must("project", "live", &["upgrade", "head"])?;
    says(&said, &["that is recorded as applied", "5e6f708192a3", "6f708192a3b4"])?;
    let rows = world.rows(
        "live",
        "select version_num from alembic_version union all select count(*)::text from limbeck_version",
    )?;
    if rows != ["4d5e6f708192", "6"] {
        return Err(format!("the books say {rows:?}"));
    }
    world.alembic("linear", "alembic", &["upgrade", "4d5e6f708192"])?;
    world.run("alembic", "insert into customer (email, level, points, active) values ('a@b', 2, 7, true)")?;
    world.run(
        "alembic",
        "update customer set (created_at, token) = (timestamptz 'epoch', gen_random_uuid())",
    )?;
    world.alembic("linear", "alembic", &["upgrade", "head"])?;
    for database in ["live", "alembic"] {
        world.run(database, MOMENT)?;
    }
    world.alike("live", "alembic", "after going on")?;
    // What Alembic's table still says counts no more.
    world.must("project", "live", &["downgrade", "base"])?;
    world.must("project", "live", &["upgrade", "head"])?;
    world.run("alembic", "delete from customer")?;
    world.alike("live", "alembic", "after base and back")
}

fn goes_on_from_two_heads(world: &World) -> Result<(), String> {
    import(world, "branched")?;
    world.alembic("branched", "live", &["upgrade", "cc02"])?;
    world.alembic("branched", "live", &["upgrade", "billing@+1"])?;
    let rows = world.rows("live", "select version_num from ops.applied order by 1")?;
    if rows != ["bb02", "cc02"] {
        return Err(format!("Alembic's table says {rows:?}"));
    }
    let said = world.must("project", "live", &["upgrade", "head"])?;
    says(&said, &["bb02, cc02 (ops.applied)", "dd01", "dd02"])
        .or_else(|_| says(&said, &["bb02, cc02", "ops.applied", "dd01", "dd02"]))?;
    world.alembic("branched", "alembic", &["upgrade", "head"])?;
    world.alike("live", "alembic", "after going on")
}

fn pulled(world: &World) -> Result<(), String> {
    import(world, "linear")?;
    world.alembic("linear", "live", &["upgrade", "head"])?;
    world.must("project", "live", &["pull"])?;
    says(&world.must("project", "live", &["check"])?, &["as the models say"])?;
    let said = world.must("project", "live", &["revision", "--autogenerate", "-m", "nothing"])?;
    if !said.contains("no changes") {
        return Err(format!("there is nothing to change:\n{said}"));
    }
    // And a database that the revisions built from nothing is what the models say.
    world.must("project", "fresh", &["upgrade", "head"])?;
    says(&world.must("project", "fresh", &["check"])?, &["as the models say"])
}
