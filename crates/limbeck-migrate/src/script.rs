//! `--sql`: a run as a script for `psql`, made without a database.

use crate::error::Result;
use crate::file::{Direction, Revision, statements};
use crate::graph::Graph;
use crate::plan;
use crate::run::{Settings, pins, sums};
use crate::version::{Applied, State};
use limbeck_sql::literal;

/// The script that brings a database from one place to another.
///
/// # Errors
/// If a word can't be resolved, or `to` doesn't lead in that direction from `from`.
pub fn script(
    graph: &Graph,
    settings: &Settings,
    direction: Direction,
    from: &str,
    to: &str,
) -> Result<String> {
    let applied: Vec<Applied> = plan::stamp(graph, &[], from, true)?
        .iter()
        .filter_map(|id| graph.get(id))
        .map(|revision| assumed(revision, settings))
        .collect();
    let planned = match direction {
        Direction::Upgrade => plan::upgrade(graph, &applied, to)?,
        Direction::Downgrade => plan::downgrade(graph, &applied, to)?,
    };
    let mut out = opening(settings, direction, from, to);
    if applied.is_empty() && direction == Direction::Upgrade {
        out.push_str(&format!("\n{}", create_if_missing(settings)));
    }
    for plan in planned {
        if let Some(revision) = graph.get(&plan.revision) {
            out.push_str(&revision_script(revision, direction, settings));
        }
    }
    Ok(out)
}

/// The row of a revision that is taken to be applied.
pub(crate) fn assumed(revision: &Revision, settings: &Settings) -> Applied {
    let [upgrade_sha256, downgrade_sha256] = sums(revision);
    Applied {
        revision: revision.id().clone(),
        parents: revision.header.parents.clone(),
        message: revision.header.message.clone(),
        upgrade_sha256,
        downgrade_sha256,
        applied_at: String::new(),
        duration_ms: None,
        applied_by: String::new(),
        tool_version: settings.tool_version.clone(),
        state: State::Applied,
    }
}

fn opening(settings: &Settings, direction: Direction, from: &str, to: &str) -> String {
    let mut out = format!(
        "-- {}: {} from {from} to {to}\n-- Run with psql. Nothing looks whether the database stands at {from}.\n\
         \\set ON_ERROR_STOP on\nset client_encoding = 'UTF8';\nset TimeZone = 'UTC';\nset DateStyle = 'ISO, MDY';\n",
        settings.tool_version,
        direction.word()
    );
    pins(settings).iter().for_each(|pins| out.push_str(&format!("{pins};\n")));
    out
}

fn create_if_missing(settings: &Settings) -> String {
    settings.table.create_sql()
}

/// One revision: runs of parts in transactions, each with the version row's state after it.
fn revision_script(revision: &Revision, direction: Direction, settings: &Settings) -> String {
    let parts = revision.parts(direction);
    let mut out =
        format!("\n-- {} {}: {}\n", direction.word(), revision.id(), one_line(&revision.header.message));
    let mut open = false;
    for part in parts.iter().filter(|part| !statements(&part.text.sql).is_empty()) {
        if part.text.no_transaction == open {
            out.push_str(if open { "commit;\n" } else { "begin;\n" });
            open = !open;
        }
        out.push_str(&part_script(part, open, settings));
    }
    if !open {
        out.push_str("begin;\n");
    }
    let table = &settings.table;
    let row = match direction {
        Direction::Upgrade => {
            table.upsert_sql(revision, State::Applied, &sums(revision), "null", &settings.tool_version)
        }
        Direction::Downgrade => table.delete_sql(revision.id(), "null", &settings.tool_version),
    };
    out.push_str(&format!("{row};\ncommit;\n"));
    out
}

fn part_script(part: &crate::file::Part, local: bool, settings: &Settings) -> String {
    let mut out = String::new();
    for (key, value) in &part.text.settings {
        out.push_str(&format!(
            "select pg_catalog.set_config({}, {}, {local});\n",
            literal(key),
            literal(value)
        ));
    }
    out.push_str(part.text.sql.trim_matches('\n'));
    // The last statement may lack its semicolon, and may be followed by a comment.
    out.push_str("\n;\nreset session authorization;\nreset role;\nreset all;\n");
    out.push_str("set TimeZone = 'UTC';\nset DateStyle = 'ISO, MDY';\n");
    pins(settings).iter().for_each(|pins| out.push_str(&format!("{pins};\n")));
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::parse;

    fn graph() -> Graph {
        let first = "-- limbeck:revision aaa\n-- message: first\n-- limbeck:upgrade\ncreate table t ()\n\
                     -- limbeck:upgrade no-transaction lock_timeout=5s\ncreate index concurrently i on t (a);\n\
                     -- limbeck:downgrade\ndrop table t;\n";
        let second = "-- limbeck:revision bbb\n-- parents: aaa\n-- limbeck:upgrade\nselect 2;\n";
        Graph::new(vec![parse("a.sql".into(), first).unwrap(), parse("b.sql".into(), second).unwrap()])
            .unwrap()
    }

    #[test]
    fn transactions_end_before_what_cannot_run_in_one() {
        let text = script(&graph(), &Settings::default(), Direction::Upgrade, "base", "aaa").unwrap();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
        let order = [
            "create table if not exists public.limbeck_version",
            "begin;",
            "create table t ()\n;",
            "commit;",
            "'lock_timeout', '5s', false",
            "create index",
            "insert into public.limbeck_version",
        ];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
        assert!(!text.contains("select 2"));
    }

    #[test]
    fn a_downgrade_forgets_its_row() {
        let text = script(&graph(), &Settings::default(), Direction::Downgrade, "bbb", "aaa").unwrap();
        assert!(text.contains("delete from public.limbeck_version where revision = 'bbb'"), "{text}");
        assert!(!text.contains("drop table t"));
    }
}
