//! Runs of suites, side by side: most of a test's time it waits for a server or a child.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use limbeck_scratch::provider::Candidate;

use super::cargo;
use super::suites::Suite;
use super::tally::Tally;
use crate::say;

/// More at a time would run into the servers' limits on connections.
const AT_MOST: usize = 4;

/// A suite, on a server if it needs one.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) suite: Suite,
    pub(super) server: Option<Candidate>,
}

/// What came of it.
pub(super) struct Done {
    pub(super) job: Job,
    pub(super) tally: Tally,
    /// All that it printed.
    pub(super) text: String,
}

impl Job {
    pub(super) fn major(&self) -> Option<u16> {
        self.server.as_ref().map(|server| server.major)
    }

    fn run(self, cache: Option<&Path>) -> (Done, Duration) {
        let start = Instant::now();
        let mut command = Command::new(&self.suite.program);
        command.args(&self.suite.arguments).current_dir(&self.suite.folder).stdin(Stdio::null());
        command.env("CARGO", cargo()).env("CARGO_MANIFEST_DIR", &self.suite.folder);
        command.envs(self.server.as_ref().map(|server| ("LIMBECK_PG_BIN", &server.bin)));
        command.envs(cache.map(|cache| ("LIMBECK_CACHE", cache)));
        let (text, success) = match command.output() {
            Ok(out) => {
                let text = [out.stdout, out.stderr].concat();
                (String::from_utf8_lossy(&text).into_owned(), out.status.success())
            }
            Err(why) => (format!("can't be run: {why}"), false),
        };
        (Done { tally: Tally::of(&text, success), job: self, text }, start.elapsed())
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.suite.name)?;
        self.server.as_ref().map_or(Ok(()), |server| write!(f, " on PostgreSQL {}", server.version))
    }
}

/// Runs them all, in this order as far as they wait for each other.
pub(super) fn run(jobs: Vec<Job>, cache: Option<&Path>) -> Vec<Done> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let waiting = Mutex::new(VecDeque::from(jobs));
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop_front());
    let work = || {
        while let Some(job) = next() {
            say::line(format!("{job} …"));
            let (result, took) = job.run(cache);
            if let Ok(mut done) = done.lock() {
                report(&result, took);
                done.push(result);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..cores.min(AT_MOST) {
            scope.spawn(work);
        }
    });
    done.into_inner().unwrap_or_default()
}

fn report(done: &Done, took: Duration) {
    let seconds = took.as_secs_f64();
    if done.tally.is_bad() {
        say::title(format!("{} FAILED", done.job));
        println!("{}", done.text);
    }
    say::line(format!("{}: {} ({seconds:.1} s)", done.job, done.tally));
}
