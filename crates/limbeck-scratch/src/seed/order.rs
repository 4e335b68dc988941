//! The order in which tables are filled: parents before children.

use std::collections::BTreeSet;

use super::layout::Table;
use super::row::ROWS;

/// Tables in groups, each after the tables that it must refer to. Those that must refer to each other
/// are one group, and filled by one statement, because foreign keys are checked at a statement's end.
pub(super) fn groups(tables: &[Table]) -> Vec<Vec<usize>> {
    let reach: Vec<BTreeSet<usize>> = (0..tables.len()).map(|table| reachable(tables, table)).collect();
    let (mut groups, mut placed) = (Vec::new(), vec![false; tables.len()]);
    while let Some(table) = next(tables, &reach, &placed) {
        let is_in = |other: &usize| {
            *other == table || (reach[table].contains(other) && reach[*other].contains(&table))
        };
        let group: Vec<usize> = (0..tables.len()).filter(is_in).collect();
        group.iter().for_each(|member| placed[*member] = true);
        groups.push(group);
    }
    groups
}

/// Every table that must have a row before, or together with, one of this table.
fn reachable(tables: &[Table], from: usize) -> BTreeSet<usize> {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(table) = waiting.pop() {
        for key in tables[table].keys.iter().filter(|key| key.hard) {
            if seen.insert(key.parent) {
                waiting.push(key.parent);
            }
        }
    }
    seen
}

/// A table all of whose necessary parents have their place: best one whose other parents have theirs,
/// too; otherwise a nullable side comes first.
fn next(tables: &[Table], reach: &[BTreeSet<usize>], placed: &[bool]) -> Option<usize> {
    let is_ready =
        |table: &usize| reach[*table].iter().all(|parent| placed[*parent] || reach[*parent].contains(table));
    let waits =
        |table: usize| tables[table].keys.iter().filter(|k| !placed[k.parent] && k.parent != table).count();
    (0..tables.len()).filter(|table| !placed[*table]).filter(is_ready).min_by_key(|table| waits(*table))
}

/// The most rows that a table gets.
const MOST: usize = 7;

/// How many rows each table gets: three, and one more than each table whose rows all need a parent of
/// their own, so that one parent is left for the next such row.
pub(super) fn counts(tables: &[Table]) -> Vec<usize> {
    let mut counts = vec![ROWS; tables.len()];
    for _ in ROWS..MOST {
        for (child, table) in tables.iter().enumerate() {
            for key in table.keys.iter().filter(|key| key.parent != child) {
                let is_own = table.uniques.iter().any(|unique| {
                    !unique.columns.is_empty() && unique.columns.iter().all(|c| key.columns.contains(c))
                });
                if is_own {
                    counts[key.parent] = counts[key.parent].max(counts[child] + 1).min(MOST);
                }
            }
        }
    }
    counts
}
