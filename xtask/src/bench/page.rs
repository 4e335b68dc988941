//! The figures as a page for people.

use std::fmt::Write as _;

use super::Figures;
use super::server::Server;

/// The page.
pub(super) fn page(server: &Server, rounds: usize, measured: &[Figures]) -> String {
    let tables: Vec<_> = measured.iter().map(|figures| figures.tables.to_string()).collect();
    let mut page = format!(
        "# Benchmarks

What limbeck costs next to `pg_dump -s` of the same database, in the same run. Written by

    cargo xtask bench --tables {} --rounds {rounds} --write BENCHMARKS.md

on {}, PostgreSQL {} (a throwaway server over its Unix socket, `fsync` off), release build. Each round runs all
commands one after the other, so that all meet the same noise; seconds are wall-clock time of whole processes.
Nothing is known from earlier runs (`LIMBECK_NO_CACHE=1`); the scratch server is already running, and it is
the server that holds the database, too. The changed table has a new column, a column of another type below a
view, and a stricter check.

Round trips are those to the compared database after the connection's start-up, counted by a proxy in a run of
its own.
",
        tables.join(","),
        machine(),
        server.describe().trim_start_matches("native "),
    );
    for figures in measured {
        section(&mut page, figures);
    }
    page
}

fn section(page: &mut String, figures: &Figures) {
    let _ = writeln!(page, "\n## {} tables, {} columns\n", figures.tables, figures.columns);
    let _ = writeln!(page, "| | min | median | max | × `pg_dump -s` | round trips |");
    let _ = writeln!(page, "|---|---:|---:|---:|---:|---:|");
    let dump = figures.rows.first().map_or(1.0, |row| row.times.median());
    for row in &figures.rows {
        let (min, median, max) = (row.times.min(), row.times.median(), row.times.max());
        let (what, ratio, trips) = (row.what, median / dump, row.round_trips);
        let _ = writeln!(page, "| {what} | {min:.2} | {median:.2} | {max:.2} | {ratio:.2} | {trips} |");
    }
    let _ = writeln!(page, "\nThe candidate: {}; {}.", figures.settled, figures.proof);
}

/// Processor, cores, load and system, as far as the system says.
fn machine() -> String {
    let read = |path: &str| fs_err::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().map(|load| format!(", load {load} at the end")).unwrap_or_default();
    format!("{cores} cores of {model} ({}{load})", std::env::consts::OS)
}
