//! Runs that are told to end.

use std::io::{BufRead as _, BufReader};

use crate::world::{Ran, World, ended, signal};
use crate::{Server, Test};

pub(crate) const TESTS: &[Test] = &[
    ("ctrl_c_cancels_on_the_server", Server::Shared, ctrl_c_cancels_on_the_server),
    ("sigterm_cancels_on_the_server", Server::Shared, sigterm_cancels_on_the_server),
    ("ctrl_c_ends_a_wait", Server::Shared, ctrl_c_ends_a_wait),
];

fn ctrl_c_cancels_on_the_server(world: &World) {
    cancels(world, "INT", 130);
}

fn sigterm_cancels_on_the_server(world: &World) {
    cancels(world, "TERM", 143);
}

fn cancels(world: &World, name: &str, code: i32) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\nselect pg_sleep(600);\n");
    let ran = interrupted(world, name);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(
        ran.err.contains("cancelling what runs") && ran.err.contains("nothing of this revision stayed"),
        "{ran:?}"
    );
    world.until_asleep(false);
    assert!(!world.has("a"));
    // A part outside a transaction as well; and nothing is left in doubt.
    world.write("aaa", "", "-- limbeck:upgrade no-transaction\nselect pg_sleep(600);\n");
    assert_eq!(interrupted(world, name).code, Some(code));
    world.until_asleep(false);
    assert_eq!(world.ask("select count(*) from limbeck_version"), "0");
}

fn interrupted(world: &World, name: &str) -> Ran {
    let child = world.spawn(&["upgrade", "head"]);
    world.until_asleep(true);
    signal(&child, name);
    ended(child.wait_with_output())
}

fn ctrl_c_ends_a_wait(world: &World) {
    world.write("aaa", "", "-- limbeck:upgrade\nselect pg_sleep(5);\n");
    let first = world.spawn(&["upgrade", "head"]);
    world.until_asleep(true);
    let mut second = world.spawn(&["upgrade", "head"]);
    // Before it waits, a signal ends it as it ends any program.
    let words = BufReader::new(second.stderr.take().unwrap());
    assert!(words.lines().any(|line| line.unwrap().contains("waiting")));
    signal(&second, "INT");
    let second = ended(second.wait_with_output());
    assert_eq!(second.code, Some(130), "{second:?}");
    let first = ended(first.wait_with_output());
    assert_eq!(first.code, Some(0), "{first:?}");
}
