//! Three projects, a step at a time: a linear chain, one with branches, and one with several bases.

use crate::Test;
use crate::world::{World, projects};

pub(crate) const TESTS: &[Test] = &[
    ("a_linear_chain_is_the_same_at_every_revision", |world| same(world, &LINEAR)),
    ("branches_and_a_merge_are_the_same_at_every_revision", |world| same(world, &BRANCHED)),
    ("several_bases_and_folders_are_the_same_at_every_revision", |world| same(world, &SEVERAL)),
    ("a_translation_says_what_alembic_prints", translation),
    ("every_form_of_an_operation_is_said_as_alembic_prints_it", forms),
];

/// Operations, one a line, in the forms that scripts have.
const FORMS: &str = include_str!("../../../limbeck-alembic/tests/forms.txt");

/// A project, and the steps that visit every revision of it up and down.
struct Chain<'a> {
    project: &'a str,
    heads: &'static str,
    up: &'static [&'static str],
    down: &'static [&'static str],
}

const LINEAR: Chain<'_> = Chain {
    project: "linear",
    heads: "head",
    up: &["1a2b3c4d5e6f", "2b3c4d5e6f70", "3c4d5e6f7081", "4d5e6f708192", "5e6f708192a3", "6f708192a3b4"],
    down: &["-1", "-1", "-1", "-1", "-1", "-1"],
};

const BRANCHED: Chain<'_> = Chain {
    project: "branched",
    heads: "head",
    up: &["aa01", "cc01", "bb01", "cc02", "billing@+1", "dd01", "dd02"],
    down: &["-1", "bb02", "billing@-1", "crm@-1", "billing@-1", "crm@-1", "base"],
};

const SEVERAL: Chain<'_> = Chain {
    project: "several",
    heads: "heads",
    up: &["core_0001", "billing@b1", "core@head", "billing@head"],
    down: &["billing@-1", "billing@-1", "core@-1", "core@base"],
};

/// Both ways of taking a project over, each in a folder and with a database of the same name.
const WAYS: [&str; 2] = ["translated", "printed"];

/// Writes both projects.
fn import(world: &World, chain: &Chain<'_>) -> Result<(), String> {
    let project = projects().join(chain.project).display().to_string();
    let mut printed = vec!["init".to_owned(), "--from-alembic".into(), project.clone()];
    for (file, range, command) in
        [("up.sql", ["base", chain.heads], "upgrade"), ("down.sql", [chain.heads, "base"], "downgrade")]
    {
        let sql = world.alembic(chain.project, "offline", &[command, &range.join(":"), "--sql"])?;
        let path = world.path(file);
        fs_err::write(&path, sql).map_err(|e| e.to_string())?;
        printed.extend(["--alembic-sql".to_owned(), path.display().to_string()]);
    }
    let said = world.must("translated", "", &["init", "--from-alembic", &project])?;
    if !said.contains("; nothing is left to you") {
        return Err(format!("not all of {} was translated:\n{said}", chain.project));
    }
    let printed: Vec<&str> = printed.iter().map(String::as_str).collect();
    let said = world.must("printed", "", &printed)?;
    if !said.contains(" 0 translated") {
        return Err(format!("not all of {} was taken from Alembic's SQL:\n{said}", chain.project));
    }
    Ok(())
}

fn same(world: &World, chain: &Chain<'_>) -> Result<(), String> {
    import(world, chain)?;
    let steps =
        chain.up.iter().map(|to| ("upgrade", to)).chain(chain.down.iter().map(|to| ("downgrade", to)));
    for (command, to) in steps {
        world.alembic(chain.project, "alembic", &[command, to])?;
        for way in WAYS {
            let said = world.must(way, way, &[command, to])?;
            if said.contains("nothing to") {
                return Err(format!("{command} {to} did nothing:\n{said}"));
            }
            world.alike(way, "alembic", &format!("after {command} {to}"))?;
        }
    }
    for way in WAYS {
        let left = world.rows(way, "select revision from limbeck_version")?;
        if !left.is_empty() {
            return Err(format!("{way} is not at base: {left:?}"));
        }
    }
    Ok(())
}

/// Statement by statement: what differs is quotes that nobody needs, blanks at line ends, and that a type is
/// only dropped where it is there, which Alembic asks the database.
fn translation(world: &World) -> Result<(), String> {
    [&LINEAR, &BRANCHED, &SEVERAL].into_iter().try_for_each(|chain| compared(world, chain))
}

/// Takes a project over in both ways, which must come to the same.
fn compared(world: &World, chain: &Chain<'_>) -> Result<(), String> {
    for way in WAYS {
        drop(fs_err::remove_dir_all(world.path(way)));
    }
    import(world, chain)?;
    let (translated, printed) = (texts(&world.path(WAYS[0]))?, texts(&world.path(WAYS[1]))?);
    let differs = |(name, should): (&String, &String)| {
        let is = translated.get(name).cloned().unwrap_or_default();
        (is != *should).then(|| format!("{name} is\n{is}\nand Alembic prints\n{should}"))
    };
    let differing: Vec<String> = printed.iter().filter_map(differs).collect();
    if differing.is_empty() { Ok(()) } else { Err(differing.join("\n\n")) }
}

/// A script a form, one after the other.
fn forms(world: &World) -> Result<(), String> {
    let versions = world.path("forms/versions");
    fs_err::create_dir_all(&versions).map_err(|e| e.to_string())?;
    let env = projects().join("linear/migrations/env.py");
    fs_err::copy(env, world.path("forms/env.py")).map_err(|e| e.to_string())?;
    let mut parent = "None".to_owned();
    for (number, form) in FORMS.lines().enumerate() {
        let id = format!("form_{number:03}");
        let text = format!(
            "\"\"\"{number}\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n\
             from sqlalchemy.dialects import postgresql\n\nrevision = \"{id}\"\ndown_revision = {parent}\n\n\
             def upgrade():\n    {form}\n\ndef downgrade():\n    pass\n"
        );
        fs_err::write(versions.join(format!("{id}.py")), text).map_err(|e| e.to_string())?;
        parent = format!("\"{id}\"");
    }
    let ini = "[alembic]\nscript_location = %(here)s\npath_separator = os\n";
    fs_err::write(world.path("forms/alembic.ini"), ini).map_err(|e| e.to_string())?;
    let chain =
        Chain { project: &world.path("forms").display().to_string(), heads: "head", up: &[], down: &[] };
    compared(world, &chain)
}

/// All revisions of a project by their file's name, in one spelling.
fn texts(folder: &std::path::Path) -> Result<std::collections::BTreeMap<String, String>, String> {
    let mut found = std::collections::BTreeMap::new();
    let mut open = vec![folder.join("migrations")];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(&folder).map_err(|e| e.to_string())?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = fs_err::read_to_string(&path).map_err(|e| e.to_string())?;
                let text = text
                    .replace('"', "")
                    .replace("DROP TYPE IF EXISTS", "DROP TYPE")
                    .replace("; DROP", ";\nDROP");
                let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
                found.insert(entry.file_name().display().to_string(), lines.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    Ok(found)
}
