//! Servers of different majors: models of one, checked on another, and what a server is too old for.
//!
//! `N.sql` is a state for servers from major N on. Pulled from one server, its models must be clean on every
//! other that has what they ask for, whichever of the two majors scratch is. `LIMBECK_PAIRS=all` takes all pairs
//! of majors, and the states of all fixtures with them; else two pairs stand for all, both ways.

mod lacking;
mod pairs;
#[expect(dead_code, reason = "fixtures ask more of a project")]
#[path = "../fixtures/project.rs"]
mod project;
mod server;
mod states;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use server::Servers;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let servers = match Servers::found() {
        Ok(servers) => Arc::new(servers),
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::from(2);
        }
    };
    if servers.majors().len() < 2 {
        eprintln!("one major or none on this machine (`cargo xtask postgres 14 18`): nothing to compare");
    }
    let mut trials: Vec<Trial> = pairs::trials(&servers);
    trials.extend(lacking::trials(&servers));
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(servers);
    conclusion.exit_code()
}
