//! `cargo xtask soak --runner`: random interruptions of runs, on a server of its own. The work is that of the
//! test `fire`, which does a few of them each time.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{say, verify};

/// The command. Whether nothing was lost.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    let (mut interruptions, mut seed) = (500, 1);
    let Some((first, rest)) = arguments.split_first() else { bail!("what is to be soaked: --runner") };
    if first != "--runner" {
        bail!("{first} is not --runner");
    }
    let mut rest = rest.iter();
    while let Some(flag) = rest.next() {
        let value = rest.next().with_context(|| format!("{flag} wants a number"))?.parse::<u64>()?;
        match flag.as_str() {
            "--interruptions" => interruptions = value,
            "--seed" => seed = value,
            _ => bail!("{flag} is none of --interruptions, --seed"),
        }
    }
    say::title(format!("{interruptions} interruptions of random chains, seed {seed}"));
    let mut cargo = Command::new(verify::cargo());
    cargo.args(["test", "--quiet", "--package", "limbeck", "--test", "fire", "--", "soak", "--nocapture"]);
    cargo.env("LIMBECK_SOAK", interruptions.to_string()).env("LIMBECK_SEED", seed.to_string());
    Ok(cargo.current_dir(verify::root()).status().context("cargo can't be run")?.success())
}
