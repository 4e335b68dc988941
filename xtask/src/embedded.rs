//! Where no server binaries can be had: the server inside the tool, behind the feature `embedded`.
//!
//! It takes minutes to compile, so nothing is built with it until it is needed; then this program is run
//! again, built with it.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::say;
use crate::verify::{cargo, root, target};

/// Whether this program has it.
pub(crate) const INSIDE: bool = cfg!(feature = "embedded");

/// What `LIMBECK_PG_BIN` says in place of a folder.
pub(crate) const NAME: &str = "embedded";

/// The packages that have it inside, with it. Always all of them: another choice is other features of what
/// they stand on, and everything is compiled anew.
const WITH_IT: &[&str] = &[
    "--package",
    "limbeck-scratch",
    "--package",
    "limbeck",
    "--package",
    "xtask",
    "--features",
    "limbeck-scratch/embedded,limbeck/embedded,xtask/embedded",
];

/// Builds this program and the tool with the server inside.
pub(crate) fn build() -> Result<()> {
    let built = run(Command::new(cargo()).arg("build").args(WITH_IT))?;
    ensure!(built, "it does not build with the server inside");
    Ok(())
}

/// Runs a command of this program again, with the server inside. Whether it went well.
pub(crate) fn again(arguments: &[&str]) -> Result<bool> {
    say::line("a server inside the tool does it; the first time, its compiling takes some minutes");
    build()?;
    run(Command::new(target().join("debug").join("xtask")).args(arguments))
}

/// `cargo xtask test --embedded`: its own tests, the fixtures that it can do, and the lints of all that is
/// compiled only with it. Whether all is well.
pub(crate) fn test() -> Result<bool> {
    say::title("tests on the embedded server");
    let tests = ["--lib", "--test", "embedded", "--test", "fixtures", "--no-fail-fast"];
    let passed =
        run(Command::new(cargo()).arg("test").args(WITH_IT).args(tests).env("LIMBECK_PG_BIN", NAME))?;
    say::title("clippy, with the embedded server");
    let lints = ["--all-targets", "--", "-D", "warnings"];
    let tidy = run(Command::new(cargo()).arg("clippy").args(WITH_IT).args(lints))?;
    Ok(passed && tidy)
}

fn run(command: &mut Command) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.current_dir(root()).stdin(Stdio::null()).status();
    Ok(status.with_context(|| format!("{name} can't be run"))?.success())
}
