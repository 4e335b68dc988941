//! Pending revisions through a slow link, beside Alembic on the same chain.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::proxy::Proxy;
use super::revisions::alembic;
use super::server::Server;
use super::timing::Times;
use crate::{say, verify};

/// The section's heading in the page.
pub(super) const HEADING: &str = "## Pending revisions through a slow link";

/// How long a question and its answer are under way.
const LINK: Duration = Duration::from_millis(40);

/// What is asked of both.
const JOBS: [&str; 2] = ["all pending", "nothing to do"];

/// A project, and how its tool is started.
struct Side {
    name: &'static str,
    folder: PathBuf,
    program: PathBuf,
    first: &'static [&'static str],
    packages: PathBuf,
}

/// A row of the result: times, and round trips.
#[derive(Default)]
struct Row {
    times: Times,
    round_trips: usize,
}

/// Measures, and gives the section.
pub(super) fn section(server: &Server, binary: &Path, revisions: usize, rounds: usize) -> Result<String> {
    let home = verify::target().join("bench").join("runner");
    if home.exists() {
        fs_err::remove_dir_all(&home)?;
    }
    let packages = say::step("Alembic, from PyPI", alembic)?;
    let sides = [
        ours(&home.join("limbeck"), binary, revisions)?,
        theirs(&home.join("alembic"), packages, revisions)?,
    ];
    let mut rows: [[Row; 2]; 2] = Default::default();
    for round in 1..=rounds {
        say::step(format!("round {round} of {rounds}"), || {
            sides.iter().zip(&mut rows).try_for_each(|(side, rows)| side.measure(server, rows))
        })?;
    }
    Ok(table(binary, revisions, rounds, &sides, &rows))
}

fn table(binary: &Path, revisions: usize, rounds: usize, sides: &[Side], rows: &[[Row; 2]]) -> String {
    let build = binary.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let mut out = format!(
        "{HEADING}

`upgrade head` with {revisions} revisions, each a `create table`, through a proxy that delays what passes: {} ms
there and back. Seconds of whole processes, medians of {rounds} rounds; limbeck in a {build} build. Round trips are
those after the connection's start-up. limbeck commits each revision, Alembic all of them at once. Written by

    cargo xtask bench --runner {revisions} --rounds {rounds} --write BENCHMARKS.md

| | {} | round trips | {} | round trips |
|---|---:|---:|---:|---:|
",
        LINK.as_millis(),
        sides[0].name,
        sides[1].name,
    );
    for (number, job) in JOBS.iter().enumerate() {
        let _ = write!(out, "| {job} |");
        for row in rows.iter().map(|rows| &rows[number]) {
            let _ = write!(out, " {:.2} | {} |", row.times.median(), row.round_trips);
        }
        out.push('\n');
    }
    out
}

impl Side {
    /// From an empty database to all revisions, and once more with nothing to do.
    fn measure(&self, server: &Server, rows: &mut [Row; 2]) -> Result<()> {
        let database = server.fill(&[])?;
        for row in rows {
            let proxy = Proxy::start_slow(server.socket(), LINK)?;
            let url = server.url_through(&database, proxy.port());
            row.times.take(|| self.run(&["upgrade", "head"], &url))?;
            row.round_trips = proxy.round_trips();
        }
        server.drop(database)
    }

    fn run(&self, command: &[&str], url: &str) -> Result<()> {
        let mut process = Command::new(&self.program);
        process.args(self.first).args(command).current_dir(&self.folder).stdin(Stdio::null());
        process.env("DATABASE_URL", url).env("PYTHONPATH", &self.packages);
        let said = process.output().with_context(|| format!("{} can't be run", self.program.display()))?;
        let words = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "{} {}: {words}", self.name, command.join(" "));
        Ok(())
    }
}

fn ours(folder: &Path, binary: &Path, revisions: usize) -> Result<Side> {
    fs_err::create_dir_all(folder.join("migrations"))?;
    fs_err::write(folder.join("limbeck.toml"), "[migrations]\ndirectory = \"migrations\"\n")?;
    for number in 0..revisions {
        let parents = if number == 0 { String::new() } else { format!("-- parents: r{:04}\n", number - 1) };
        let text = format!(
            "-- limbeck:revision r{number:04}\n{parents}-- message: table {number}\n\n\
             -- limbeck:upgrade\ncreate table t{number} (id bigint primary key, name text);\n"
        );
        fs_err::write(folder.join(format!("migrations/r{number:04}.sql")), text)?;
    }
    let program = fs_err::canonicalize(binary)?;
    Ok(Side { name: "limbeck", folder: folder.to_owned(), program, first: &[], packages: PathBuf::new() })
}

fn theirs(folder: &Path, packages: PathBuf, revisions: usize) -> Result<Side> {
    fs_err::create_dir_all(folder)?;
    let (name, first) = ("Alembic 1.20", &["-m", "alembic"]);
    let side = Side { name, folder: folder.to_owned(), program: "python3".into(), first, packages };
    side.run(&["init", "alembic"], "")?;
    // The address is taken from the environment, as most projects do.
    let env = folder.join("alembic/env.py");
    let text = fs_err::read_to_string(&env)?;
    let place = "config = context.config\n";
    ensure!(text.contains(place), "alembic/env.py is not as it was");
    let url = "import os\nconfig.set_main_option(\"sqlalchemy.url\", \
               os.environ[\"DATABASE_URL\"].replace(\"postgres://\", \"postgresql+psycopg://\"))\n";
    fs_err::write(&env, text.replacen(place, &format!("{place}{url}"), 1))?;
    for number in 0..revisions {
        let parent = if number == 0 { "None".to_owned() } else { format!("\"r{:04}\"", number - 1) };
        let text = format!(
            "from alembic import op\n\nrevision = \"r{number:04}\"\ndown_revision = {parent}\n\n\n\
             def upgrade():\n    op.execute(\"create table t{number} (id bigint primary key, name text)\")\n"
        );
        fs_err::write(folder.join(format!("alembic/versions/r{number:04}.py")), text)?;
    }
    Ok(side)
}
