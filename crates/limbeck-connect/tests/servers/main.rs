//! Connections to real servers, and the same with `psql` beside them: one that asks for TLS, passwords and
//! certificates, a read-only one, a standby.
//!
//! Each try is a process of its own with an environment of its own: this program, run again as a probe. Where
//! there is a `psql`, it has to come to the same. Server binaries come from LIMBECK_PG_BIN, or from where
//! distributions put them; without any, the tests are ignored, and say so.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod cases;
mod certificates;
mod cluster;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use world::World;

fn main() -> ExitCode {
    if let Ok(text) = std::env::var("LIMBECK_PROBE") {
        return world::probe(&text);
    }
    let arguments = Arguments::from_args();
    let world = if arguments.list { None } else { World::start().map(Arc::new) };
    if world.is_none() && !arguments.list {
        eprintln!("no server binaries with TLS: set LIMBECK_PG_BIN to test connections");
    }
    let trials = cases::CASES.iter().map(|case| {
        let world = world.clone();
        let missing = world.is_none() && !arguments.list;
        let run = move || world.map_or(Ok(()), |world| world.check(case)).map_err(Into::into);
        Trial::test(case.name, run).with_ignored_flag(missing)
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    drop(world);
    conclusion.exit_code()
}
