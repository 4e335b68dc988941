//! `cargo xtask bench`: what the tool costs on a large database, next to `pg_dump -s` of the same one.
//!
//! Makes databases of many tables on a throwaway server, pulls models, changes one table in them, and runs
//! the built binary (release) and `pg_dump` side by side, round after round, so that both see the same
//! noise. Round trips are counted by a proxy of our own, in runs that aren't timed.

mod memory;
mod page;
mod project;
mod proxy;
mod revisions;
mod runner;
mod schema;
mod server;
mod timing;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{say, verify};
use memory::{Ran, Run};
use project::Project;
use proxy::Proxy;
use server::Server;
use timing::Times;

/// What was asked for.
struct Options {
    /// How many tables; a database each.
    tables: Vec<usize>,
    rounds: usize,
    /// How many revisions: then commands without a database are measured, and nothing else.
    revisions: Option<usize>,
    /// How many pending revisions, through a slow link.
    runner: Option<usize>,
    /// The file that the figures go to, as a page.
    write: Option<PathBuf>,
    /// Another build of the tool than the one that is made now: to compare two.
    binary: Option<PathBuf>,
}

/// What was measured on one database.
pub(crate) struct Figures {
    tables: usize,
    columns: usize,
    rows: Vec<Row>,
    /// `settled 31 of 35168 objects`, as the tool says it.
    settled: String,
    /// The `proof` line of the candidate.
    proof: String,
}

/// One line of the result.
pub(crate) struct Row {
    what: &'static str,
    times: Times,
    round_trips: usize,
    /// The most memory that the process had at once, in bytes.
    memory: u64,
}

/// What is timed.
#[derive(Clone, Copy)]
enum Job {
    Dump,
    Unchanged,
    /// The same through a long link.
    Far,
    /// The same again, as an earlier run knows the answer.
    Known,
    Changed,
    Candidate,
}

const JOBS: [Job; 6] = [Job::Dump, Job::Unchanged, Job::Far, Job::Known, Job::Changed, Job::Candidate];

/// The heading of what a person found in profiles, which stays.
const FOUND: &str = "## Where the time goes";

/// How often a command is started that does next to nothing.
const START_UPS: usize = 25;

/// How long a question and its answer are under way on the long link.
const LINK: Duration = Duration::from_millis(40);

impl Job {
    fn words(self) -> &'static str {
        match self {
            Self::Dump => "`pg_dump -s`",
            Self::Unchanged => "`check`, nothing changed",
            Self::Far => "the same through a link of 40 ms",
            Self::Known => "the same with its cache",
            Self::Changed => "`check`, one table changed",
            Self::Candidate => "`revision --autogenerate --sql`, one table changed, proven",
        }
    }
}

/// The command.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let binary = match &options.binary {
        Some(binary) => fs_err::canonicalize(binary)?,
        None => build()?,
    };
    if let Some(revisions) = options.revisions {
        let section = revisions::section(&binary, revisions, options.rounds)?;
        return options.put(revisions::HEADING, &section);
    }
    if let Some(revisions) = options.runner {
        let server = Server::open()?;
        let section = runner::section(&server, &binary, revisions, options.rounds);
        server.close()?;
        return options.put(runner::HEADING, &section?);
    }
    let mut measured = Vec::new();
    say::title("a server");
    let server = Server::open()?;
    for tables in &options.tables {
        say::title(format!("{tables} tables"));
        measured.push(measure(&server, &binary, *tables, options.rounds)?);
    }
    let start_up = say::step("start-up", || start_up(&server, &binary))?;
    let page = page::page(&server, &options.build(), options.rounds, &measured, &start_up);
    server.close()?;
    match options.write {
        Some(path) => {
            let path = verify::root().join(path);
            let before = fs_err::read_to_string(&path).unwrap_or_default();
            let kept =
                [FOUND, revisions::HEADING, runner::HEADING].into_iter().fold(page, |page, heading| {
                    page::with_section(&page, heading, page::section_of(&before, heading))
                });
            fs_err::write(path, kept)?;
        }
        None => print!("{page}"),
    }
    Ok(())
}

impl Options {
    /// Puts a section into the page, or prints it where there is none.
    fn put(&self, heading: &str, section: &str) -> Result<()> {
        let Some(path) = &self.write else {
            print!("{section}");
            return Ok(());
        };
        let path = verify::root().join(path);
        let page = fs_err::read_to_string(&path).unwrap_or_default();
        Ok(fs_err::write(path, page::with_section(&page, heading, section))?)
    }

    /// What was measured, as cargo was told to build it.
    fn build(&self) -> String {
        let told = |(name, value): (String, String)| {
            let setting = name.strip_prefix("CARGO_PROFILE_RELEASE_")?.to_lowercase().replace('_', "-");
            Some(format!("`{setting} = {value}`"))
        };
        let mut told: Vec<String> = std::env::vars().filter_map(told).collect();
        told.sort();
        match (&self.binary, told.is_empty()) {
            (Some(_), _) => "a build that was there (`--binary`)".to_owned(),
            (None, true) => "the release profile".to_owned(),
            (None, false) => format!("the release profile with {}", told.join(" and ")),
        }
    }

    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options =
            Self { tables: vec![1000], rounds: 5, revisions: None, runner: None, write: None, binary: None };
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            let value = rest.next().with_context(|| format!("{flag} wants a value"))?;
            match flag.as_str() {
                "--tables" => options.tables = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
                "--rounds" => options.rounds = value.parse()?,
                "--revisions" => options.revisions = Some(value.parse()?),
                "--runner" => options.runner = Some(value.parse()?),
                "--write" => options.write = Some(value.into()),
                "--binary" => options.binary = Some(value.into()),
                _ => bail!("{flag} is none of --tables, --revisions, --runner, --rounds, --write, --binary"),
            }
        }
        ensure!(
            options.rounds > 0 && options.tables.iter().all(|n| *n >= 4),
            "four tables and a round at least"
        );
        Ok(options)
    }
}

fn build() -> Result<PathBuf> {
    say::title("building limbeck, release");
    let mut cargo = Command::new(verify::cargo());
    cargo.args(["build", "--release", "--package", "limbeck"]).current_dir(verify::root());
    ensure!(cargo.status().context("cargo can't be run")?.success(), "limbeck does not build");
    Ok(verify::target().join("release").join("limbeck"))
}

fn measure(server: &Server, binary: &Path, tables: usize, rounds: usize) -> Result<Figures> {
    let database = say::step("filling it", || server.fill(&schema::statements(tables)))?;
    let url = server.url(&database);
    let same = Project::new("same", binary, server.bin())?;
    let changed = Project::new("changed", binary, server.bin())?;
    for project in [&same, &changed] {
        project.limbeck(&url, &["init"], 0).done()?;
        project.limbeck(&url, &["pull"], 0).done()?;
    }
    changed.edit(&schema::changed(tables))?;

    let run = |job: Job, url: &str| match job {
        Job::Dump => server.dump(url),
        Job::Unchanged | Job::Far => same.limbeck(url, &["check"], 0),
        Job::Known => same.knowing(url, &["check"], 0),
        Job::Changed => changed.limbeck(url, &["check"], 1),
        Job::Candidate => changed.limbeck(url, &["revision", "--autogenerate", "--sql", "-v"], 0),
    };
    // Once without a clock: caches of the server and of the system are warm, and the scratch server runs.
    let mut candidate = String::new();
    let mut rows = Vec::new();
    for job in JOBS {
        let proxy = Proxy::start(server.socket())?;
        let through = server.url_through(&database, proxy.port());
        if let Job::Known = job {
            // What it knows is about an address: this one, and the one below.
            run(job, &through).done()?;
            run(job, &url).done()?;
        }
        let before = proxy.round_trips();
        let Ran { words, memory } = run(job, &through).watched()?;
        let round_trips = proxy.round_trips() - before;
        rows.push(Row { what: job.words(), times: Times::default(), round_trips, memory });
        candidate = words;
    }
    let far = server.url_through(&database, Proxy::start_slow(server.socket(), LINK)?.port());
    let address = |job| if let Job::Far = job { &far } else { &url };
    for round in 1..=rounds {
        say::step(format!("round {round} of {rounds}"), || {
            JOBS.iter()
                .zip(&mut rows)
                .try_for_each(|(job, row)| row.times.take(|| run(*job, address(*job)).done()))
        })?;
    }
    let line = |word| candidate.lines().find(|l| l.contains(word)).unwrap_or_default().trim().to_owned();
    let (settled, proof) = (line("settled "), line("proven"));
    server.drop(database)?;
    Ok(Figures { tables, columns: tables * schema::COLUMNS, rows, settled, proof })
}

/// Times of a command that needs no database, and of a process that does nothing.
fn start_up(server: &Server, binary: &Path) -> Result<[Times; 2]> {
    let project = Project::new("start-up", binary, server.bin())?;
    project.limbeck("", &["init"], 0).done()?;
    let mut times = [Times::default(), Times::default()];
    for _ in 0..START_UPS {
        times[0].take(|| project.limbeck("", &["heads"], 0).done())?;
        times[1].take(|| Run::of(Command::new("true")).done())?;
    }
    Ok(times)
}
