//! The matrix: what became of each fixture on each major.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::jobs::Done;

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// It is for newer ones.
    NotFor,
    Passed,
    Failed,
}

/// Fixtures by name, both their ways together.
pub(super) struct Matrix {
    majors: Vec<u16>,
    rows: BTreeMap<String, BTreeMap<u16, Outcome>>,
}

impl Matrix {
    /// The matrix, if fixtures were run.
    pub(super) fn of(done: &[Done], majors: &[u16]) -> Option<Self> {
        let mut matrix = Self { majors: majors.to_vec(), rows: BTreeMap::new() };
        for done in done.iter().filter(|done| done.job.suite.name == "limbeck::fixtures") {
            if let Some(major) = done.job.major() {
                matrix.add(major, &done.text);
            }
        }
        (!matrix.rows.is_empty()).then_some(matrix)
    }

    fn add(&mut self, major: u16, text: &str) {
        for (name, outcome) in text.lines().filter_map(outcome) {
            let fixture = name.strip_suffix(" (back)").unwrap_or(name).to_owned();
            let cell = self.rows.entry(fixture).or_default().entry(major).or_insert(outcome);
            *cell = (*cell).max(outcome);
        }
    }
}

/// `test [needs 15] area/name (back)   ... ignored`.
fn outcome(line: &str) -> Option<(&str, Outcome)> {
    let (name, word) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let name = name.trim();
    let name = name.strip_prefix('[').and_then(|n| n.split_once(']')).map_or(name, |(_, rest)| rest.trim());
    let outcome = match word.trim() {
        "ok" => Outcome::Passed,
        "ignored" => Outcome::NotFor,
        _ => Outcome::Failed,
    };
    Some((name, outcome))
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.keys().map(String::len).max().unwrap_or_default();
        write!(f, "   {:width$}", "")?;
        self.majors.iter().try_for_each(|major| write!(f, " {major:>4}"))?;
        writeln!(f)?;
        for (name, row) in &self.rows {
            write!(f, "   {name:width$}")?;
            for major in &self.majors {
                let word = match row.get(major) {
                    Some(Outcome::Passed) => "ok",
                    Some(Outcome::Failed) => "FAIL",
                    Some(Outcome::NotFor) => "-",
                    None => "?",
                };
                write!(f, " {word:>4}")?;
            }
            writeln!(f)?;
        }
        self.sum(f)
    }
}

impl Matrix {
    /// How many hold, of those that are for that major; and those that don't, by name.
    fn sum(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for major in &self.majors {
            let cells: Vec<_> = self.rows.values().filter_map(|row| row.get(major)).collect();
            let newer = cells.iter().filter(|o| ***o == Outcome::NotFor).count();
            let held = cells.iter().filter(|o| ***o == Outcome::Passed).count();
            let of = cells.len() - newer;
            writeln!(f, "   on {major}: {held} of {of} hold, {newer} are for newer ones")?;
        }
        let is_bad = |row: &&BTreeMap<u16, Outcome>| row.values().any(|o| *o == Outcome::Failed);
        let bad: BTreeSet<_> =
            self.rows.iter().filter(|(_, row)| is_bad(row)).map(|(name, _)| name).collect();
        bad.iter().try_for_each(|name| writeln!(f, "   does not hold: {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_are_one_row() {
        let mut matrix = Matrix { majors: vec![14, 18], rows: BTreeMap::new() };
        matrix.add(14, "test            a/b           ... ok\ntest            a/b (back)    ... FAILED\n");
        matrix.add(14, "test [needs 18] a/c           ... ignored\n");
        matrix.add(18, "test a/b ... ok\ntest a/c ... ok\n");
        let text = matrix.to_string();
        let rows: Vec<_> = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(rows[..3], ["14 18", "a/b FAIL ok", "a/c - ok"]);
        assert!(text.contains("on 14: 0 of 1 hold, 1 are for newer ones"), "{text}");
        assert!(text.contains("does not hold: a/b"), "{text}");
    }
}
