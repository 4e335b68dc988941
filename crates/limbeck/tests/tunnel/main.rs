//! `tunnel` of `limbeck.toml`: started, waited for, used and ended, however the command ends. The tunnel is
//! this very program, run again: a real process that listens, with a child of its own.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod ends;
mod forward;
mod opens;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};

use world::{Server, World};

/// A test: its name, and what it does in a world of its own.
type Test = (&'static str, fn(&World));

fn main() -> ExitCode {
    if let Some(socket) = std::env::var_os(forward::SOCKET) {
        return forward::run(socket.as_ref());
    }
    let arguments = Arguments::from_args();
    // Started by the first test that runs: listing needs none.
    let server: Arc<OnceLock<Arc<Server>>> = Arc::default();
    let trial = |(name, test): Test| {
        let server = Arc::clone(&server);
        Trial::test(name, move || {
            test(&World::new(name, server.get_or_init(|| Arc::new(Server::open()))));
            Ok(())
        })
    };
    let trials = [opens::TESTS, ends::TESTS].concat().into_iter().map(trial).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(server);
    conclusion.exit_code()
}
