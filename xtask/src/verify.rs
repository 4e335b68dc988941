//! `cargo xtask test`: every test, once for each major version of PostgreSQL that can be had.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use limbeck_scratch::provider::Candidate;

use crate::{fetch, say};

/// Fetched when they aren't on this machine: the oldest and the newest that are supported.
const AT_LEAST: &[u16] = &[15, 18];

/// Tests that passed and that didn't.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    passed: u32,
    failed: u32,
    /// Cargo itself said no: something does not compile, or a test died.
    broken: bool,
}

/// The command. Whether all is well, which its last line has said.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    let asked = majors(arguments)?;
    say::title("PostgreSQL");
    let (servers, missing) = servers(asked.as_deref());
    for server in &servers {
        say::line(format!("{} in {}", server.version, server.bin.display()));
    }
    if servers.is_empty() {
        bail!("no PostgreSQL can be had: {}", missing.join("; "));
    }
    // For its own sake: comparing by the product's own eyes is second best.
    let newest = servers.iter().map(|s| s.major).max().unwrap_or_default();
    fetch::pg_dump(newest);

    let mut tallies = Vec::new();
    for server in servers {
        say::title(format!("tests on PostgreSQL {}", server.version));
        let tally = cargo_test(&server.bin)?;
        tallies.push((server, tally));
    }
    Ok(conclude(&tallies, &missing))
}

/// `--majors 15,17`.
fn majors(arguments: &[String]) -> Result<Option<Vec<u16>>> {
    match arguments {
        [] => Ok(None),
        [flag, list] if flag == "--majors" => {
            let parsed: Result<Vec<u16>, _> = list.split(',').map(str::parse).collect();
            Ok(Some(parsed.context("--majors takes numbers, such as 15,17")?))
        }
        _ => bail!("cargo xtask test [--majors 15,17]"),
    }
}

/// One server a major, in order, and what could not be had.
fn servers(asked: Option<&[u16]>) -> (Vec<Candidate>, Vec<String>) {
    let mut missing = Vec::new();
    for major in asked.unwrap_or(AT_LEAST) {
        if fetch::found().iter().all(|c| c.major != *major)
            && let Err(why) = fetch::postgres(*major)
        {
            missing.push(format!("{why:#}"));
        }
    }
    let mut found = fetch::found();
    found.retain(|c| asked.is_none_or(|asked| asked.contains(&c.major)));
    // Stable: of two with the same major, the first that was found.
    found.sort_by_key(|c| c.major);
    found.dedup_by_key(|c| c.major);
    (found, missing)
}

/// `cargo test --workspace` with these binaries; its output is passed on, and its results are added up.
fn cargo_test(bin: &Path) -> Result<Tally> {
    let mut child = Command::new(cargo())
        .args(["test", "--workspace", "--no-fail-fast"])
        .current_dir(root())
        .env("LIMBECK_PG_BIN", bin)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo can't be run")?;
    let mut tally = Tally::default();
    let out = child.stdout.take().context("cargo has no output")?;
    for line in BufReader::new(out).lines() {
        let line = line?;
        writeln!(std::io::stdout(), "{line}")?;
        tally.add(&line);
    }
    tally.broken = !child.wait()?.success();
    Ok(tally)
}

impl Tally {
    /// Adds `test result: ok. 13 passed; 0 failed; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let number = |word: &str| {
            let before = result.split(word).next().unwrap_or_default();
            before.trim().rsplit(' ').next().and_then(|n| n.parse::<u32>().ok()).unwrap_or_default()
        };
        self.passed += number(" passed");
        self.failed += number(" failed");
    }
}

fn conclude(tallies: &[(Candidate, Tally)], missing: &[String]) -> bool {
    say::title("which majors were tested");
    let mut sum = Tally::default();
    for (server, tally) in tallies {
        let broken = if tally.broken && tally.failed == 0 { ", and cargo failed" } else { "" };
        let Tally { passed, failed, .. } = tally;
        say::line(format!("PostgreSQL {}: {passed} passed, {failed} failed{broken}", server.version));
        sum.passed += passed;
        sum.failed += failed;
        sum.broken |= tally.broken;
    }
    for why in missing {
        say::line(format!("not tested: {why}"));
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    !sum.broken
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut tally = Tally::default();
        tally.add(
            "test result: ok. 13 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.0s",
        );
        tally.add("test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out");
        tally.add("test some::test ... ok");
        assert_eq!((tally.passed, tally.failed), (15, 3));
    }

    #[test]
    fn majors_are_read() {
        let args = |list: &[&str]| majors(&list.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
        assert_eq!(args(&[]).expect("none"), None);
        assert_eq!(args(&["--majors", "15,17"]).expect("two"), Some(vec![15, 17]));
        assert!(args(&["--majors", "new"]).is_err());
    }
}
