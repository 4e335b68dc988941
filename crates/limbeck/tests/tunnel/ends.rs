//! How a tunnel ends: with the command, however that ends, or before it.

use crate::Test;
use crate::world::{World, kill, said};

pub(crate) const TESTS: &[Test] = &[
    ("an_error_ends_it", an_error_ends_it),
    ("ctrl_c_cancels_through_it_and_ends_it", ctrl_c_cancels_through_it_and_ends_it),
    ("sigterm_cancels_through_it_and_ends_it", sigterm_cancels_through_it_and_ends_it),
    ("a_lost_terminal_cancels_through_it_and_ends_it", a_lost_terminal_cancels_through_it_and_ends_it),
    ("nohup_is_heeded", nohup_is_heeded),
    ("kill_9_ends_it", kill_9_ends_it),
    ("its_death_half_way_is_said", its_death_half_way_is_said),
    ("one_that_ignores_signals_is_killed", one_that_ignores_signals_is_killed),
];

fn an_error_ends_it(world: &World) {
    world.revision("bb", "aa", "select nothing");
    let (code, text) = world.limbeck(&["upgrade", "head"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(!text.contains("tunnel"), "it is not to blame: {text}");
    world.ends();
}

fn ctrl_c_cancels_through_it_and_ends_it(world: &World) {
    interrupted(world, "-INT", 130);
}

fn sigterm_cancels_through_it_and_ends_it(world: &World) {
    interrupted(world, "-TERM", 143);
}

fn a_lost_terminal_cancels_through_it_and_ends_it(world: &World) {
    if hangup_is_ignored() {
        eprintln!("the tests themselves run under `nohup`: nothing is tested");
        return;
    }
    interrupted(world, "-HUP", 129);
}

/// As a child of `nohup` inherits it.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Who starts a run with `nohup` wants it to go on when the terminal is closed.
fn nohup_is_heeded(world: &World) {
    if !cfg!(target_os = "linux") {
        return;
    }
    world.revision("bb", "aa", "select pg_sleep(600)");
    let child = world.without_hangup(&["upgrade", "head"]).spawn().unwrap();
    world.until("the statement runs", || world.sleeps() == 1);
    kill("-HUP", &child.id().to_string());
    kill("-INT", &child.id().to_string());
    let (code, text) = said(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{text}");
    world.ends();
}

fn interrupted(world: &World, signal: &str, expected: i32) {
    let child = world.interruptible();
    kill(signal, &child.id().to_string());
    let (code, text) = said(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(expected), "{text}");
    // The cancel needs a second connection, and goes through the tunnel as well.
    assert_eq!(world.sleeps(), 0, "the server was told: {text}");
    world.ends();
}

fn kill_9_ends_it(world: &World) {
    let mut child = world.interruptible();
    kill("-KILL", &child.id().to_string());
    child.wait().unwrap();
    world.ends();
    world.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()");
}

fn its_death_half_way_is_said(world: &World) {
    let child = world.interruptible();
    kill("-KILL", &world.processes()[0]);
    let (code, text) = said(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(4), "{text}");
    for part in ["the tunnel ended while it was used", "it said: Forwarding from"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    world.ends();
}

fn one_that_ignores_signals_is_killed(world: &World) {
    world.configure("", &format!("trap '' TERM INT; {}", world.forward("{port}")));
    let (code, text) = world.limbeck(&["current"]);
    assert_eq!(code, Some(0), "{text}");
    world.ends();
}
