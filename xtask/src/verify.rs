//! `cargo xtask test`: every test, on the major versions of PostgreSQL that it is for.
//!
//! What needs no server runs once, fixtures run on every major that can be had, all else on the oldest and the
//! newest. Test binaries run side by side; one that passes says a line, one that fails all it has to say.

mod arguments;
mod jobs;
mod matrix;
mod memory;
mod suites;
mod tally;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use limbeck_scratch::provider::Candidate;

use crate::{embedded, fetch, say};
use arguments::Arguments;
use jobs::{Done, Job};
use memory::Memory;
use suites::{Reach, Suite};
use tally::Tally;

/// What is supported; fetched where it isn't on this machine.
const SUPPORTED: &[u16] = &[14, 15, 16, 17, 18];

/// Lines that are said once more at the end of each suite that failed.
const FEW: usize = 15;

/// The command. Whether all is well, which its last line has said.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    if matches!(arguments, [flag] if flag == "--embedded") {
        return embedded::test();
    }
    let arguments = Arguments::read(arguments)?;
    say::title("PostgreSQL");
    let (servers, missing) = servers(&arguments);
    for server in &servers {
        say::line(format!("{} in {}", server.version, server.bin.display()));
    }
    if servers.is_empty() {
        let why = format!("no PostgreSQL can be had: {}", missing.join("; "));
        if arguments.majors.is_some() {
            bail!("{why}");
        }
        say::line(why);
        say::line("what the server inside the tool can do is tested on it");
        return embedded::test();
    }
    // For its own sake: comparing by the product's own eyes is second best.
    let newest = servers.iter().map(|s| s.major).max().unwrap_or_default();
    fetch::pg_dump(newest);

    say::title("building the tests");
    let suites = suites::build(&arguments)?;
    let jobs = jobs(&suites, &servers, &arguments);
    say::title(format!("{} suites in {} runs", suites.len(), jobs.len()));
    let memory = Memory::new();
    let done = jobs::run(jobs, memory.cache());
    drop(memory);
    Ok(conclude(&done, &servers, &missing))
}

/// One server a major, in order, and what could not be had.
fn servers(arguments: &Arguments) -> (Vec<Candidate>, Vec<String>) {
    let mut missing = Vec::new();
    for major in arguments.majors.as_deref().unwrap_or(SUPPORTED) {
        if fetch::found().iter().all(|c| c.major != *major)
            && let Err(why) = fetch::postgres(*major)
        {
            missing.push(format!("{why:#}"));
        }
    }
    let mut found = fetch::found();
    found.retain(|c| arguments.majors.as_ref().is_none_or(|asked| asked.contains(&c.major)));
    // Stable: of two with the same major, the first that was found.
    found.sort_by_key(|c| c.major);
    found.dedup_by_key(|c| c.major);
    (found, missing)
}

/// Each suite with each server that it is for; the long ones first, so that no core waits at the end.
fn jobs(suites: &[Suite], servers: &[Candidate], arguments: &Arguments) -> Vec<Job> {
    let mut jobs = Vec::new();
    for suite in suites {
        let all = arguments.all || arguments.majors.is_some();
        let last = servers.len() - 1;
        let chosen = servers.iter().enumerate().filter(|(place, _)| match suite.reach {
            Reach::Once => false,
            Reach::EveryMajor => true,
            Reach::Ends => all || *place == 0 || *place == last,
        });
        let on_servers = chosen.map(|(_, server)| Job { suite: suite.clone(), server: Some(server.clone()) });
        jobs.extend(on_servers);
        if suite.reach == Reach::Once {
            jobs.push(Job { suite: suite.clone(), server: None });
        }
    }
    jobs.sort_by_key(|job| job.suite.reach);
    jobs
}

fn conclude(done: &[Done], servers: &[Candidate], missing: &[String]) -> bool {
    let majors: Vec<_> = servers.iter().map(|s| s.major).collect();
    if let Some(matrix) = matrix::Matrix::of(done, &majors) {
        say::title("fixtures on each major");
        print!("{matrix}");
    }
    say::title("which majors were tested");
    for server in servers {
        let tally: Tally = done.iter().filter(|d| d.job.major() == Some(server.major)).map(|d| d.tally).sum();
        say::line(format!("PostgreSQL {}: {tally}", server.version));
    }
    let without: Tally = done.iter().filter(|d| d.job.server.is_none()).map(|d| d.tally).sum();
    say::line(format!("without a server: {without}"));
    for why in missing {
        say::line(format!("not tested: {why}"));
    }
    for bad in done.iter().filter(|d| d.tally.is_bad()) {
        say::line(format!("FAILED: {}", bad.job));
        // Said when it happened, and so much came since.
        tally::failures(&bad.text).take(FEW).for_each(|line| say::line(format!("| {line}")));
    }
    let sum: Tally = done.iter().map(|d| d.tally).sum();
    println!("{} passed, {} failed", sum.passed, sum.failed);
    !sum.is_bad()
}

/// The cargo that runs us.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Cargo's target folder, wherever it was put: this program lies in it.
pub(crate) fn target() -> PathBuf {
    let ours = std::env::current_exe().ok();
    let found = ours.as_deref().and_then(Path::parent).and_then(Path::parent).map(Path::to_owned);
    found.unwrap_or_else(|| root().join("target"))
}

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}
