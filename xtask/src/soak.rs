//! `cargo xtask soak`: random states of databases, and with `--runner` random interruptions of runs, for as
//! long as told. The work is that of the tests `soak` and `fire`, which do a little of it each time.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{fetch, say, verify};

/// The command. Whether nothing was found.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    match arguments.split_first() {
        Some((first, rest)) if first == "--runner" => runner(rest),
        _ => states(arguments),
    }
}

/// Random interruptions.
fn runner(arguments: &[String]) -> Result<bool> {
    let [interruptions, seed] = numbers(arguments, [("--interruptions", 500), ("--seed", 1)])?;
    say::title(format!("{interruptions} interruptions of random chains, seed {seed}"));
    let variables = [("LIMBECK_SOAK", interruptions), ("LIMBECK_SEED", seed)];
    cargo(&["fire", "--", "soak", "--nocapture"], &variables, None)
}

/// Random databases and changes of them.
fn states(arguments: &[String]) -> Result<bool> {
    let known = [("--minutes", 60), ("--seed", 1), ("--jobs", 2), ("--major", 0)];
    let [minutes, seed, jobs, major] = numbers(arguments, known)?;
    let found = fetch::found().into_iter().find(|server| u64::from(server.major) == major);
    if major > 0 && found.is_none() {
        bail!("PostgreSQL {major} is not here: cargo xtask postgres {major}");
    }
    say::title(format!("random states for {minutes} minutes, seed {seed}"));
    let variables = [("LIMBECK_SOAK_MINUTES", minutes), ("LIMBECK_SEED", seed), ("LIMBECK_SOAK_JOBS", jobs)];
    cargo(&["soak"], &variables, found.map(|server| server.bin))
}

/// The values of flags, each a number.
fn numbers<const N: usize>(arguments: &[String], known: [(&str, u64); N]) -> Result<[u64; N]> {
    let mut values = known.map(|(_, default)| default);
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        let names = known.map(|(name, _)| name).join(", ");
        let at = known.iter().position(|(name, _)| name == flag);
        let at = at.with_context(|| format!("{flag} is none of {names}"))?;
        values[at] = rest.next().with_context(|| format!("{flag} wants a number"))?.parse()?;
    }
    Ok(values)
}

/// Runs a test binary.
fn cargo(test: &[&str], variables: &[(&str, u64)], bin: Option<PathBuf>) -> Result<bool> {
    let mut cargo = Command::new(verify::cargo());
    cargo.args(["test", "--quiet", "--package", "limbeck", "--test"]).args(test);
    cargo.envs(variables.iter().map(|(name, value)| (name, value.to_string())));
    cargo.envs(bin.map(|bin| ("LIMBECK_PG_BIN", bin)));
    Ok(cargo.current_dir(verify::root()).status().context("cargo can't be run")?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_take_numbers() {
        let read = |list: &[&str]| {
            let arguments: Vec<_> = list.iter().map(|word| (*word).to_owned()).collect();
            numbers(&arguments, [("--minutes", 60), ("--seed", 1)]).ok()
        };
        assert_eq!(read(&[]), Some([60, 1]));
        assert_eq!(read(&["--seed", "7"]), Some([60, 7]));
        assert_eq!(read(&["--seed"]), None);
        assert_eq!(read(&["--hours", "1"]), None);
    }
}
