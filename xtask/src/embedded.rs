//! Where no server binaries can be had: the server inside the tool, behind the feature `embedded`.
//!
//! It takes minutes to compile, so nothing is built with it until it is needed; then this program is run
//! again, built with it.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::say;
use crate::verify::{cargo, root};

/// Whether this program has it.
pub(crate) const INSIDE: bool = cfg!(feature = "embedded");

/// What `LIMBECK_PG_BIN` says in place of a folder.
pub(crate) const NAME: &str = "embedded";

/// The packages that can have it inside, with it.
const FEATURES: &[&str] = &["--features", "limbeck/embedded,limbeck-scratch/embedded,xtask/embedded"];

/// Runs a command of this program again, with the server inside. Whether it went well.
pub(crate) fn again(arguments: &[&str]) -> Result<bool> {
    say::line("a server inside the tool does it; the first time, its compiling takes some minutes");
    let mut command = Command::new(cargo());
    command.args(["run", "--package", "xtask", "--features", NAME, "--"]).args(arguments);
    let status = command.current_dir(root()).stdin(Stdio::null()).status().context("cargo can't be run")?;
    Ok(status.success())
}

/// `cargo xtask test --embedded`: its own tests, the fixtures that it can do, and the lints of all that is
/// compiled only with it. Whether all is well.
pub(crate) fn test() -> Result<bool> {
    say::title("clippy, with the embedded server");
    let packages = ["--package", "limbeck-scratch", "--package", "limbeck", "--package", "xtask"];
    let mut clippy = Command::new(cargo());
    clippy.arg("clippy").args(packages).args(FEATURES).args(["--all-targets", "--", "-D", "warnings"]);
    let tidy =
        clippy.current_dir(root()).stdin(Stdio::null()).status().context("cargo can't be run")?.success();

    say::title("tests on the embedded server");
    let mut passed = true;
    for tests in [
        &["--package", "limbeck-scratch", "--lib", "--test", "embedded"][..],
        &["--package", "limbeck", "--test", "fixtures"],
    ] {
        let mut command = Command::new(cargo());
        command.arg("test").args(tests).args(["--features", NAME, "--no-fail-fast"]);
        command.env("LIMBECK_PG_BIN", NAME).current_dir(root()).stdin(Stdio::null());
        passed &= command.status().context("cargo can't be run")?.success();
    }
    Ok(tidy && passed)
}
