//! Projects of Alembic's, taken over: the same chain through Alembic and through limbeck, translated and with
//! Alembic's own SQL, is the same database at every revision, up and down.
//!
//! Alembic comes from PyPI, once, into the build folder. Where it can't be had, the tests that need it are
//! ignored, and it is said.

mod alembic;
mod beyond;
mod chains;
#[path = "../../../../tests/fixtures/dump.rs"]
mod dump;
mod live;
#[path = "../../../../tests/fixtures/observer.rs"]
mod observer;
#[expect(dead_code, reason = "fixtures need more of it")]
#[path = "../../../../tests/fixtures/project.rs"]
mod project;
#[expect(dead_code, reason = "fixtures need more of it")]
#[path = "../../../../tests/fixtures/server.rs"]
mod server;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};

use alembic::Alembic;
use server::Server;
use world::World;

/// A test: its name, and what it does in a world of its own.
type Test = (&'static str, fn(&World) -> Result<(), String>);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let alembic = if arguments.list { None } else { Some(Alembic::get()) };
    if let Some(Err(why)) = &alembic {
        eprintln!("WARNING: no Alembic, so nothing here is compared with it:\n{why}");
    }
    let alembic = alembic.and_then(Result::ok).map(Arc::new);
    let server: Arc<OnceLock<Arc<Server>>> = Arc::default();
    let trials = |tests: &[Test], needed: bool| -> Vec<Trial> {
        tests.iter().map(|(name, test)| trial(name, *test, &server, &alembic, needed)).collect()
    };
    let groups = [trials(beyond::TESTS, false), trials(chains::TESTS, true), trials(live::TESTS, true)];
    let all = groups.into_iter().flatten().collect();
    let conclusion = libtest_mimic::run(&arguments, all);
    drop(server);
    conclusion.exit_code()
}

fn trial(
    name: &'static str,
    test: fn(&World) -> Result<(), String>,
    server: &Arc<OnceLock<Arc<Server>>>,
    alembic: &Option<Arc<Alembic>>,
    needed: bool,
) -> Trial {
    let (server, alembic) = (Arc::clone(server), alembic.clone());
    let missing = needed && alembic.is_none();
    let run = move || {
        let server = server.get_or_init(|| Arc::new(Server::open().unwrap_or_else(|why| panic!("{why}"))));
        Ok(test(&World::new(server, alembic)?)?)
    };
    Trial::test(name, run).with_ignored_flag(missing)
}
