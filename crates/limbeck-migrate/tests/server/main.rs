//! The runner on a real server: one cluster for all tests, a database for each.
//!
//! Server binaries come from LIMBECK_TEST_PG_BIN or LIMBECK_PG_BIN, or from where distributions put
//! them; without any, the tests are ignored, and say so.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[expect(dead_code, reason = "the tests of the binary need more of it")]
mod cluster;
mod cut;
mod doubt;
mod failures;
mod from_alembic;
mod library;
mod pooled;
mod pooler;
mod proxy;
mod remembered;
mod rounds;
mod sessions;
mod stranded;
mod together;
mod trips;
mod waits;
mod wire;
mod world;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use cluster::Cluster;
use libtest_mimic::{Arguments, Trial};
use world::World;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cluster = Cluster::start().map(Arc::new);
    if cluster.is_none() {
        eprintln!("no server binaries: set LIMBECK_TEST_PG_BIN to test the runner");
    }
    let trials = rounds::trials(&cluster)
        .into_iter()
        .chain(failures::trials(&cluster))
        .chain(together::trials(&cluster))
        .chain(from_alembic::trials(&cluster))
        .chain(remembered::trials(&cluster))
        .chain(stranded::trials(&cluster))
        .chain(library::trials(&cluster))
        .chain(trips::trials(&cluster))
        .chain(cut::trials(&cluster))
        .chain(doubt::trials(&cluster))
        .chain(waits::trials(&cluster))
        .chain(sessions::trials(&cluster))
        .chain(pooled::trials(&cluster))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(cluster);
    conclusion.exit_code()
}

/// A test with a database and a folder of its own.
fn trial<F>(cluster: &Option<Arc<Cluster>>, name: &'static str, test: fn(World) -> F) -> Trial
where
    F: Future<Output = ()> + 'static,
{
    let cluster = cluster.clone();
    let missing = cluster.is_none();
    let run = move || {
        let Some(cluster) = cluster else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { test(World::new(&cluster, name).await).await });
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(missing)
}
