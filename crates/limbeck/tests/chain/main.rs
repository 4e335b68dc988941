//! What is done with a chain of revisions besides running it: tags, rebase, squash, the proof of all of
//! it, the dry run, and what `check` says. Each test runs the built binary on a real server.

mod dry_run;
#[path = "../../../../tests/fixtures/dump.rs"]
mod dump;
mod guidance;
#[path = "../../../../tests/fixtures/observer.rs"]
mod observer;
#[expect(dead_code, reason = "fixtures need more of it")]
#[path = "../../../../tests/fixtures/project.rs"]
mod project;
mod prove;
mod rebase;
#[expect(dead_code, reason = "fixtures need more of it")]
#[path = "../../../../tests/fixtures/server.rs"]
mod server;
mod squash;
mod tag;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};

use server::Server;
use world::World;

/// A test: its name, and what it does in a world of its own.
type Test = (&'static str, fn(&World) -> Result<(), String>);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = [dry_run::TESTS, guidance::TESTS, prove::TESTS, tag::TESTS, rebase::TESTS, squash::TESTS];
    // Started by the first test that runs: listing needs none.
    let server: Arc<OnceLock<Arc<Server>>> = Arc::default();
    let trials = tests.concat().into_iter().map(|(name, test)| trial(name, test, Arc::clone(&server)));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    drop(server);
    conclusion.exit_code()
}

fn trial(
    name: &'static str,
    test: fn(&World) -> Result<(), String>,
    server: Arc<OnceLock<Arc<Server>>>,
) -> Trial {
    Trial::test(name, move || {
        let server = server.get_or_init(|| Arc::new(Server::open().unwrap_or_else(|why| panic!("{why}"))));
        Ok(test(&World::new(server)?)?)
    })
}
