//! Seed after seed, for as long as told.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::case::Case;
use crate::server::Server;
use crate::shrink::smallest;
use crate::trial::{self, Failure, Outcome};

/// Tries one case; an error is a fixture to paste, or what went wrong with the trial itself.
pub(crate) fn one(server: &Server, case: &Case, shrunk: bool) -> Result<(), String> {
    let Outcome::Fails(failure) = trial::of(server, case)? else { return Ok(()) };
    let (case, failure) = if shrunk { smallest(server, case, &failure) } else { (case.clone(), failure) };
    Err(shown(server, &case, &failure))
}

/// A failure as a fixture.
fn shown(server: &Server, case: &Case, failure: &Failure) -> String {
    let [before, after, rows] = trial::scripts(server, case).unwrap_or_default();
    let file = |name: &str, statements: Vec<String>| match statements.is_empty() {
        true if name == "seed.sql" => String::new(),
        _ => format!("--- {name}\n{}", statements.iter().map(|s| format!("{s};\n")).collect::<String>()),
    };
    let scripts = [file("before.sql", before), file("after.sql", after), file("seed.sql", rows)].concat();
    format!("{}\n{}\n{scripts}--- the revision\n{}", failure.likeness(), failure.why, failure.revision)
}

/// What came of all cases so far.
#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, usize>,
    /// How often each failure was met; the first of each is shrunk and shown.
    failures: BTreeMap<String, usize>,
}

/// The long run; what fails is shown when it is found.
pub(crate) fn run(minutes: &str) -> ExitCode {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (jobs, seed) = (number("LIMBECK_SOAK_JOBS", 2), number("LIMBECK_SEED", 1));
    let server = match Server::open() {
        Ok(server) => server,
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::from(2);
        }
    };
    let end = Instant::now() + Duration::from_secs(60 * minutes.parse().unwrap_or(1));
    let (next, tally) = (AtomicU64::new(seed), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while Instant::now() < end {
                    attempt(&server, next.fetch_add(1, Ordering::Relaxed), &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap_or_default();
    let tried = next.into_inner() - seed;
    println!("{tried} cases from seed {seed} on, {}: {:?}", server.describe(), tally.outcomes);
    tally.failures.iter().for_each(|(likeness, times)| println!("{times} × {likeness}"));
    if tally.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One seed, both ways.
fn attempt(server: &Server, seed: u64, tally: &Mutex<Tally>) {
    let case = Case::of_seed(seed);
    for (way, case) in [("", case.clone()), (" back", case.reversed())] {
        let outcome = trial::of(server, &case);
        let name = match &outcome {
            Ok(Outcome::Holds) => "holds".to_owned(),
            Ok(Outcome::Same) => "same".to_owned(),
            Ok(Outcome::AsSaid(what)) => format!("stops as said: {what}"),
            Ok(Outcome::Fails(_)) => "FAILS".to_owned(),
            Err(why) => format!("not tried: {why}"),
        };
        let Ok(mut so_far) = tally.lock() else { return };
        *so_far.outcomes.entry(name).or_default() += 1;
        let Ok(Outcome::Fails(failure)) = outcome else { continue };
        let times = so_far.failures.entry(failure.likeness()).or_default();
        *times += 1;
        let first = *times == 1;
        drop(so_far);
        println!("=== seed {seed}{way}: {}", failure.likeness());
        if first {
            let (case, failure) = smallest(server, &case, &failure);
            println!("{}", shown(server, &case, &failure));
        }
    }
}
