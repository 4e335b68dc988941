//! What is going on, for whoever waits.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

/// A heading.
pub(crate) fn title(text: impl Display) {
    if colored() { eprintln!("\n\x1b[1m== {text}\x1b[0m") } else { eprintln!("\n== {text}") }
}

/// A line of news.
pub(crate) fn line(text: impl Display) {
    eprintln!("   {text}");
}

/// A command that runs.
pub(crate) fn command(text: impl Display) {
    if colored() { eprintln!("\n\x1b[36m$ {text}\x1b[0m") } else { eprintln!("\n$ {text}") }
}

/// A file's text, with a bar at its side.
pub(crate) fn file(name: &str, text: &str) {
    eprintln!("\n   {name}");
    for line in text.lines() {
        eprintln!("   | {line}");
    }
}

/// Something that takes its time: what it is, and, once it is over, how long it took.
pub(crate) fn step<T, E>(what: impl Display, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    eprint!("   {what} … ");
    let _ = std::io::stderr().flush();
    let start = Instant::now();
    let done = work();
    let word = if done.is_ok() { "done" } else { "failed" };
    eprintln!("{word} ({:.1} s)", start.elapsed().as_secs_f64());
    done
}

fn colored() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
