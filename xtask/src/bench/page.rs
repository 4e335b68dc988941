//! The figures as a page for people.

use std::fmt::Write as _;

use super::Figures;
use super::server::Server;
use super::timing::Times;

/// The page.
pub(super) fn page(
    server: &Server,
    build: &str,
    rounds: usize,
    measured: &[Figures],
    start_up: &[Times; 2],
) -> String {
    let tables: Vec<_> = measured.iter().map(|figures| figures.tables.to_string()).collect();
    let mut page = format!(
        "# Benchmarks

What limbeck costs next to `pg_dump -s` of the same database, in the same run. Written by

    cargo xtask bench --tables {} --rounds {rounds} --write BENCHMARKS.md

Machine: {}.

A load above the number of cores says that others worked on it at the same time: then seconds mean little, and
ratios, of commands that ran one after the other in each round, say more.

PostgreSQL {}, a throwaway server over its Unix socket with `fsync` off; limbeck in {build}. Seconds
are wall-clock time of whole processes, {}. Nothing is known from earlier runs (`LIMBECK_NO_CACHE=1`) but where the
cache is named; scratch is already running, on the very server that holds the database. The changed table has a
new column, a column of another type below a view, and a check that lets more through.

Round trips are those to the compared database after the connection's start-up, counted by a proxy in a run of
its own; MB are the most memory that the process had at once in that run.
",
        tables.join(","),
        machine(),
        server.describe().trim_start_matches("native "),
        if rounds == 1 { "of one round only".to_owned() } else { format!("of {rounds} rounds") },
    );
    for figures in measured {
        section(&mut page, figures, rounds);
    }
    growth(&mut page, measured);
    let [ours, nothing] = start_up.each_ref().map(|times| times.median() * 1000.0);
    let _ = writeln!(
        page,
        "\n## Start-up\n\n`limbeck heads` in a folder without revisions: {ours:.1} ms; `true`: {nothing:.1} ms; {:.1} ×.",
        ours / nothing
    );
    page
}

fn section(page: &mut String, figures: &Figures, rounds: usize) {
    let _ = writeln!(page, "\n## {} tables, {} columns\n", figures.tables, figures.columns);
    // One round has no spread.
    let (seconds, rule) = if rounds == 1 { ("s", "---:") } else { ("min | median | max", "---:|---:|---:") };
    let _ =
        writeln!(page, "| | {seconds} | × `pg_dump -s` | round trips | MB |\n|---|{rule}|---:|---:|---:|");
    let dump = figures.rows.first().map_or(1.0, |row| row.times.median());
    for row in &figures.rows {
        let (min, median, max) = (row.times.min(), row.times.median(), row.times.max());
        let (what, ratio, trips, memory) = (row.what, median / dump, row.round_trips, row.memory / 1_000_000);
        let seconds = match rounds {
            1 => format!("{median:.2}"),
            _ => format!("{min:.2} | {median:.2} | {max:.2}"),
        };
        let _ = writeln!(page, "| {what} | {seconds} | {ratio:.2} | {trips} | {memory} |");
    }
    let _ = writeln!(page, "\nThe candidate: {}; {}.", figures.settled, figures.proof);
}

/// How much longer everything takes, from the smallest database of a thousand tables to the largest.
fn growth(page: &mut String, measured: &[Figures]) {
    let large = || measured.iter().filter(|figures| figures.tables >= 1000);
    let (Some(few), Some(many)) =
        (large().min_by_key(|figures| figures.tables), large().max_by_key(|figures| figures.tables))
    else {
        return;
    };
    if few.tables == many.tables {
        return;
    }
    let _ = writeln!(page, "\n## From {} to {} tables\n", few.tables, many.tables);
    let _ = writeln!(page, "| | times as long | times as much memory |\n|---|---:|---:|");
    let tables = many.tables as f64 / few.tables as f64;
    let _ = writeln!(page, "| the tables themselves | {tables:.1} | |");
    for (few, many) in few.rows.iter().zip(&many.rows) {
        let (time, memory) =
            (many.times.median() / few.times.median(), many.memory as f64 / few.memory as f64);
        let _ = writeln!(page, "| {} | {time:.1} | {memory:.1} |", few.what);
    }
}

/// Processor, cores, load and system, as far as the system says.
fn machine() -> String {
    let read = |path: &str| fs_err::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().map(|load| format!(", load {load}")).unwrap_or_default();
    format!("{cores} cores of {model} ({}{load})", std::env::consts::OS)
}

/// The section under a heading, up to the next one; nothing, where it isn't there.
pub(super) fn section_of<'a>(page: &'a str, heading: &str) -> &'a str {
    let Some(start) = page.find(heading) else { return "" };
    let rest = &page[start + heading.len()..];
    let end = rest.find("\n## ").map_or(page.len(), |end| start + heading.len() + end + 1);
    &page[start..end]
}

/// A page with a section in its place, or at its end.
pub(super) fn with_section(page: &str, heading: &str, section: &str) -> String {
    let old = section_of(page, heading);
    if section.is_empty() {
        return page.to_owned();
    }
    if old.is_empty() {
        return format!("{}\n\n{}\n", page.trim_end(), section.trim_end());
    }
    let after = if page.ends_with(old) { "\n" } else { "\n\n" };
    page.replace(old, &format!("{}{after}", section.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_old_one() {
        let page = "# Page\n\n## A\n\nold\n\n## B\n\nb\n";
        assert_eq!(section_of(page, "## A"), "## A\n\nold\n\n");
        assert_eq!(with_section(page, "## A", "## A\n\nnew\n"), "# Page\n\n## A\n\nnew\n\n## B\n\nb\n");
        assert_eq!(with_section(page, "## B", "## B\n\nnew\n"), "# Page\n\n## A\n\nold\n\n## B\n\nnew\n");
        assert_eq!(with_section("# Page\n", "## C", "## C\n"), "# Page\n\n## C\n");
        assert_eq!(with_section(page, "## C", ""), page);
    }
}
