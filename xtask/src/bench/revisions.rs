//! Commands that need no database, on many revisions, beside Alembic on the same chain.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::timing::Times;
use crate::{say, verify};

/// The section's heading in the page.
pub(super) const HEADING: &str = "## Commands that need no database";

/// What Alembic is taken from PyPI with.
const PACKAGES: [&str; 3] = ["alembic>=1.20,<1.21", "sqlalchemy>=2,<3", "psycopg[binary]>=3.2,<4"];

/// The newest revision of the long line, and of the short one beside it.
const HEADS: [&str; 2] = ["long_head", "short_head"];

/// A command, as both know it.
const COMMANDS: [&[&str]; 13] = [
    &["branches"],
    &["downgrade", "long_head:long_0001", "--sql"],
    &["edit", "long_head"],
    &["ensure_version", "--sql"],
    &["heads"],
    &["history"],
    &["history", "-r", "long_0500:long_0510", "-v"],
    &["list_templates"],
    &["merge", "-m", "join", "--rev-id", "timed", "heads"],
    &["revision", "-m", "more", "--rev-id", "timed", "--head", "long_head"],
    &["show", "long_head"],
    &["stamp", "heads", "--sql"],
    &["upgrade", "heads", "--sql"],
];

/// Both projects, and how each tool is started.
struct Side {
    folder: PathBuf,
    versions: &'static str,
    program: PathBuf,
    first: Vec<&'static str>,
    packages: PathBuf,
}

/// Measures, and gives the section.
pub(super) fn section(binary: &Path, revisions: usize, rounds: usize) -> Result<String> {
    ensure!(revisions >= 600, "600 revisions at least: a range of them is asked for");
    let home = verify::target().join("bench").join("revisions");
    if home.exists() {
        fs_err::remove_dir_all(&home)?;
    }
    let packages = say::step("Alembic, from PyPI", alembic)?;
    let ours = ours(&home.join("limbeck"), binary, revisions)?;
    let theirs = theirs(&home.join("alembic"), &packages, revisions)?;
    let mut rows = Vec::new();
    for command in COMMANDS {
        let mut times = [Times::default(), Times::default()];
        say::step(command.join(" "), || {
            // Once without a clock: Python has compiled its files, and the system has read them.
            ours.run(command)?;
            theirs.run(command)?;
            for _ in 0..rounds {
                ours.timed(command, &mut times[0])?;
                theirs.timed(command, &mut times[1])?;
            }
            anyhow::Ok(())
        })?;
        rows.push((command.join(" "), times));
    }
    Ok(table(revisions, rounds, &rows))
}

fn table(revisions: usize, rounds: usize, rows: &[(String, [Times; 2])]) -> String {
    let mut out = format!(
        "{HEADING}

The same chain of {revisions} revisions, with branches and merges, for both. Milliseconds of whole processes,
medians of {rounds} rounds, one after the other in each. Written by

    cargo xtask bench --revisions {revisions} --rounds {rounds} --write BENCHMARKS.md

| | limbeck | Alembic 1.20 | Alembic ÷ limbeck |
|---|---:|---:|---:|
"
    );
    for (name, [ours, theirs]) in rows {
        let [ours, theirs] = [ours, theirs].map(|times| times.median() * 1000.0);
        let _ = writeln!(out, "| `{name}` | {ours:.0} | {theirs:.0} | {:.0} |", theirs / ours);
    }
    out
}

impl Side {
    fn run(&self, command: &[&str]) -> Result<()> {
        let mut process = Command::new(&self.program);
        process.args(&self.first).args(command).current_dir(&self.folder).stdin(Stdio::null());
        process.env("EDITOR", "true").env("VISUAL", "true").env("PYTHONPATH", &self.packages);
        let said = process.output().with_context(|| format!("{} can't be run", self.program.display()))?;
        let words = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "{} {}: {words}", self.program.display(), command.join(" "));
        Ok(())
    }

    fn timed(&self, command: &[&str], times: &mut Times) -> Result<()> {
        self.tidy()?;
        times.take(|| self.run(command))?;
        self.tidy()
    }

    /// Removes what the command wrote, so that each round sees the same files.
    fn tidy(&self) -> Result<()> {
        for entry in fs_err::read_dir(self.folder.join(self.versions))? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().contains("timed")) {
                fs_err::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// A revision and its parents: a long line, in which each hundredth has a brother, and a short one.
fn chain(revisions: usize) -> Vec<(String, Vec<String>)> {
    let mut chain: Vec<(String, Vec<String>)> = vec![(HEADS[1].into(), Vec::new())];
    let mut parents: Vec<String> = Vec::new();
    while chain.len() + 2 < revisions {
        let id = format!("long_{:04}", chain.len());
        let brother = chain.len().is_multiple_of(100);
        chain.push((id.clone(), parents.clone()));
        let before = std::mem::replace(&mut parents, vec![id]);
        if brother {
            let id = format!("side_{:04}", chain.len());
            chain.push((id.clone(), before));
            parents.push(id);
        }
    }
    chain.push((HEADS[0].into(), parents));
    chain
}

fn ours(folder: &Path, binary: &Path, revisions: usize) -> Result<Side> {
    fs_err::create_dir_all(folder.join("migrations"))?;
    fs_err::write(folder.join("limbeck.toml"), "[migrations]\ndirectory = \"migrations\"\n")?;
    for (id, parents) in chain(revisions) {
        let parents =
            if parents.is_empty() { String::new() } else { format!("-- parents: {}\n", parents.join(", ")) };
        let text = format!(
            "-- limbeck:revision {id}\n{parents}-- message: about {id}\n-- created: 2026-11-20 09:31:07 UTC\n\n\
             -- limbeck:upgrade\nalter table t add column {id} text;\n\n-- limbeck:downgrade\nalter table t drop column {id};\n"
        );
        fs_err::write(folder.join(format!("migrations/2026_11_20_0931-{id}_about.sql")), text)?;
    }
    let (program, folder) = (binary.to_owned(), folder.to_owned());
    Ok(Side { folder, versions: "migrations", program, first: Vec::new(), packages: PathBuf::new() })
}

fn theirs(folder: &Path, packages: &Path, revisions: usize) -> Result<Side> {
    fs_err::create_dir_all(folder)?;
    let side = Side {
        folder: folder.to_owned(),
        versions: "alembic/versions",
        program: "python3".into(),
        first: vec!["-m", "alembic"],
        packages: packages.to_owned(),
    };
    side.run(&["init", "alembic"])?;
    let ini = folder.join("alembic.ini");
    let text = fs_err::read_to_string(&ini)?;
    let url = "driver://user:pass@localhost/dbname";
    ensure!(text.contains(url), "alembic.ini is not as it was");
    fs_err::write(&ini, text.replace(url, "postgresql+psycopg://u@localhost/d"))?;
    for (id, parents) in chain(revisions) {
        let parents: Vec<String> = parents.iter().map(|parent| format!("{parent:?},")).collect();
        let parents = if parents.is_empty() { "None".to_owned() } else { format!("({})", parents.concat()) };
        let text = format!(
            "\"\"\"about {id}\n\nRevision ID: {id}\nCreate Date: 2026-11-20 09:31:07\n\"\"\"\nfrom alembic import op\n\n\
             revision = {id:?}\ndown_revision = {parents}\nbranch_labels = None\ndepends_on = None\n\n\n\
             def upgrade():\n    op.execute(\"alter table t add column {id} text\")\n\n\n\
             def downgrade():\n    op.execute(\"alter table t drop column {id}\")\n"
        );
        fs_err::write(folder.join(format!("alembic/versions/{id}_about.py")), text)?;
    }
    Ok(side)
}

/// Alembic below the build folder, by the first client that is there.
pub(super) fn alembic() -> Result<PathBuf> {
    let packages = verify::target().join("bench").join("alembic-packages");
    if packages.join("alembic").exists() {
        return Ok(packages);
    }
    let clients: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["uv", "pip"]];
    for words in clients {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["install", "--quiet", "--only-binary", ":all:", "--target"]);
        if command.arg(&packages).args(PACKAGES).status().is_ok_and(|status| status.success()) {
            return Ok(packages);
        }
    }
    bail!("Alembic is not to be had: neither pip nor uv can install it")
}
