//! Five teams' ways of working, each a page of `docs/teams/` that is run as it stands.
//!
//! A page is prose, files, and console blocks. Its files are written and its commands are run, in order, in
//! a folder of their own, on a real server, by a real shell; what the commands say must be what the page
//! shows. `LIMBECK_BLESS=1` writes what they say into the page. What no output shows is asserted by
//! comments, `<!-- test: … -->`, which a reader of the page does not see (`wish.rs` has them all).

mod console;
#[path = "../fixtures/dump.rs"]
mod dump;
mod even;
mod forward;
#[path = "../fixtures/observer.rs"]
mod observer;
mod page;
mod patch;
#[path = "../fixtures/project.rs"]
#[expect(dead_code, reason = "the observer's last resort needs a few of its methods alone")]
mod project;
mod revisions;
mod run;
mod server;
mod wish;

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use server::Server;

/// Each set-up's test, and its page.
const PAGES: [(&str, &str); 5] = [
    ("supplies_000", "000-supplies.md"),
    ("members_001", "001-members.md"),
    ("credit_system_002", "002-credit-system.md"),
    ("game_server_003", "003-game-server.md"),
    ("accounts_004", "004-accounts.md"),
];

fn main() {
    // `kubectl port-forward …` of a page comes to this very program.
    if let Some(ended) = forward::called() {
        std::process::exit(ended);
    }
    let arguments = Arguments::from_args();
    if arguments.list {
        libtest_mimic::run(&arguments, trials(None)).exit();
    }
    let server = match Server::open() {
        Ok(server) => Arc::new(server),
        Err(why) => {
            eprintln!("error: {why}");
            std::process::exit(2);
        }
    };
    eprintln!("set-ups on {}", server.describe());
    let conclusion = libtest_mimic::run(&arguments, trials(Some(&server)));
    drop(server);
    conclusion.exit();
}

/// The tests of all pages. Without a server they can only be listed.
fn trials(server: Option<&Arc<Server>>) -> Vec<Trial> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/teams"));
    let trial = |(name, page): (&'static str, &str)| {
        let (path, server) = (folder.join(page), server.cloned());
        Trial::test(name, move || {
            let server = server.ok_or("no server")?;
            run::run(name, &path, &server).map_err(libtest_mimic::Failed::from)
        })
    };
    PAGES.into_iter().map(trial).collect()
}
