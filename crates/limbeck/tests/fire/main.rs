//! The runner under fire: the built binary, as processes, on a server that is killed, cut off, crashed and
//! filled up. What a run does inside of one process is tested beside the runner, in limbeck-migrate.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "../../../limbeck-migrate/tests/server/cluster.rs"]
#[expect(dead_code, reason = "the runner's own tests need more of it")]
mod cluster;
mod disk;
mod ends;
mod killed;
#[path = "../../../limbeck-migrate/tests/server/proxy.rs"]
#[expect(dead_code, reason = "the runner's own tests need more of it")]
mod proxy;
mod refused;
mod said;
mod shears;
mod soak;
#[path = "../../../limbeck-migrate/tests/server/wire.rs"]
#[expect(dead_code, reason = "the runner's own tests need more of it")]
mod wire;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};

use cluster::Cluster;
use world::World;

/// A test: its name, whether it ends the server, and what it does in a world of its own.
type Test = (&'static str, Server, fn(&World));

/// Which server a test runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    /// One for all.
    Shared,
    /// One of its own, which it may end.
    Own,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = [said::TESTS, ends::TESTS, killed::TESTS, disk::TESTS, refused::TESTS, soak::TESTS].concat();
    // Started by the first test that runs: listing needs none.
    let shared: Arc<OnceLock<Option<Arc<Cluster>>>> = Arc::default();
    let trials = tests.into_iter().map(|(name, server, test)| {
        let shared = Arc::clone(&shared);
        Trial::test(name, move || {
            let cluster = match server {
                Server::Shared => shared.get_or_init(|| Cluster::start().map(Arc::new)).clone(),
                Server::Own => Cluster::start().map(Arc::new),
            };
            let Some(cluster) = cluster else {
                eprintln!("SKIPPED {name}: no server binaries; LIMBECK_PG_BIN names some");
                return Ok(());
            };
            test(&World::new(cluster, name));
            Ok(())
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    drop(shared);
    conclusion.exit_code()
}
