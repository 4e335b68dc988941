//! What is beyond literal operations: left, marked, and refused until a person has filled it in. No Python.

use crate::Test;
use crate::world::{World, projects};

pub(crate) const TESTS: &[Test] = &[
    ("what_is_not_literal_is_left_and_refused", left),
    ("nothing_is_written_where_something_is", refused),
    ("no_password_reaches_a_file", password),
    ("a_project_is_taken_over_where_it_stands", in_place),
];

const SCRIPT: &str = r#""""rows move

Revision ID: a1
Create Date: 2024-01-01 00:00:00

"""
from alembic import op
import sqlalchemy as sa
import app.models

revision = "a1"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE t (a int)")
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT 1")):
        op.execute(f"INSERT INTO t VALUES ({row.a})")
    op.add_column("t", sa.Column("b", app.models.Money(), nullable=True))
    op.execute("INSERT INTO t VALUES (1)")


def downgrade():
    op.drop_table("t")
"#;

fn project(world: &World, script: &str) -> Result<String, String> {
    let versions = world.path("old/alembic/versions");
    fs_err::create_dir_all(&versions).map_err(|e| e.to_string())?;
    fs_err::write(world.path("old/alembic.ini"), "[alembic]\nscript_location = alembic\n")
        .map_err(|e| e.to_string())?;
    fs_err::write(versions.join("a1_rows.py"), script).map_err(|e| e.to_string())?;
    Ok(world.path("old").display().to_string())
}

fn left(world: &World) -> Result<(), String> {
    let old = project(world, SCRIPT)?;
    let said = world.must("new", "", &["init", "--from-alembic", &old])?;
    for words in [
        "migrations/a1_rows.sql:9: left to you: alembic/versions/a1_rows.py:18: `for …` is more than a literal operation",
        "a1_rows.py:20: `app.models.Money` is no type of SQLAlchemy's",
        "2 places are left to you",
    ] {
        if !said.contains(words) {
            return Err(format!("nothing says {words:?}:\n{said}"));
        }
    }
    if !world.must("new", "", &["history"])?.contains("rows move") {
        return Err("a marked file can't be listed".to_owned());
    }
    let said = world.ends("new", "db", &["upgrade", "head"], 3)?;
    if !said.contains("a1_rows.sql:9") || !said.contains("a1_rows.sql:13") {
        return Err(format!("not every place is named:\n{said}"));
    }
    if !world.rows("db", "select 1 from pg_class where relname = 't'")?.is_empty() {
        return Err("something ran".to_owned());
    }
    let path = world.path("new/migrations/a1_rows.sql");
    let text = fs_err::read_to_string(&path).map_err(|e| e.to_string())?;
    let kept = text.lines().filter(|line| !line.contains("limbeck:todo")).collect::<Vec<_>>().join("\n");
    fs_err::write(path, kept).map_err(|e| e.to_string())?;
    world.must("new", "db", &["upgrade", "head"])?;
    world.must("new", "db", &["downgrade", "base"]).map(drop)
}

fn refused(world: &World) -> Result<(), String> {
    let old = project(world, &SCRIPT.replace("revision = \"a1\"", "revision = make_id()"))?;
    let said = world.ends("new", "", &["init", "--from-alembic", &old], 3)?;
    if !said.contains("a1_rows.py:11") || world.path("new/limbeck.toml").exists() {
        return Err(format!("not refused as it should be:\n{said}"));
    }
    world.ends("new", "", &["init", "--from-alembic", "nowhere"], 2)?;
    let old = project(world, SCRIPT)?;
    world.must("new", "", &["init", "--from-alembic", &old])?;
    let said = world.ends("new", "", &["init", "--from-alembic", &old], 2)?;
    if said.contains("is there already") { Ok(()) } else { Err(said) }
}

fn password(world: &World) -> Result<(), String> {
    let linear = projects().join("linear").display().to_string();
    let said = world.must("new", "", &["init", "--from-alembic", &linear])?;
    let text = fs_err::read_to_string(world.path("new/limbeck.toml")).map_err(|e| e.to_string())?;
    let secret = "not-to-be-copied";
    if said.contains(secret) || text.contains(secret) || !text.contains("shop:${DB_PASSWORD}@localhost") {
        return Err(format!("{said}\n{text}"));
    }
    Ok(())
}

/// Alembic's folder may have the name that ours would get.
fn in_place(world: &World) -> Result<(), String> {
    project(world, SCRIPT)?;
    let rename =
        |from: &str, to: &str| fs_err::rename(world.path(from), world.path(to)).map_err(|e| e.to_string());
    rename("old/alembic", "old/migrations")?;
    let ini = "[alembic]\nscript_location = migrations\n";
    fs_err::write(world.path("old/alembic.ini"), ini).map_err(|e| e.to_string())?;
    let said = world.must("old", "", &["init", "--from-alembic"])?;
    if !said.contains("revisions/a1_rows.sql:9: left to you: migrations/versions/a1_rows.py:18") {
        return Err(said);
    }
    world.must("old", "", &["history"]).map(drop)
}
