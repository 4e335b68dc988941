//! Generated databases and changes of them, through the built binary on a real server: any database is equal
//! to what is written of it, and any two lead to each other, up and down.
//!
//! A few seeds run each time. `cargo xtask soak` sets `LIMBECK_SOAK_MINUTES`, `LIMBECK_SOAK_JOBS` and
//! `LIMBECK_SEED`, and then seed after seed is tried. What fails is shrunk, and printed as a fixture.

mod case;
#[path = "../fixtures/data.rs"]
mod data;
mod dice;
#[path = "../fixtures/dump.rs"]
mod dump;
#[path = "../fixtures/observer.rs"]
mod observer;
#[path = "../fixtures/project.rs"]
#[expect(dead_code, reason = "fixtures need more of it")]
mod project;
mod relations;
mod routines;
mod said;
#[path = "../fixtures/server.rs"]
#[expect(dead_code, reason = "fixtures need more of it")]
mod server;
mod shrink;
mod soak;
mod statements;
mod tables;
mod thing;
mod trial;
mod types;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};

use case::Case;
use server::Server;

/// Seeds of the cases that run each time.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn main() -> ExitCode {
    if let Ok(minutes) = std::env::var("LIMBECK_SOAK_MINUTES") {
        return soak::run(&minutes);
    }
    let shared: Arc<OnceLock<Result<Server, String>>> = Arc::default();
    let mut trials = Vec::from(SEEDS.map(|seed| {
        let shared = Arc::clone(&shared);
        Trial::test(format!("seed {seed}"), move || {
            let server = shared.get_or_init(Server::open).as_ref()?;
            Ok(soak::one(server, &Case::of_seed(seed), false)?)
        })
    }));
    trials.push(Trial::test("a note excuses its statement alone", || Ok(said::tells_statements_apart()?)));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    drop(shared);
    conclusion.exit_code()
}
