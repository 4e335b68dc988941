//! How many tests passed, out of what a suite prints.

use std::fmt;
use std::iter::Sum;

/// Tests that passed and that didn't.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) ignored: u32,
    /// The suite itself said no: a test died, or nothing ran at all.
    pub(super) broken: bool,
}

impl Tally {
    /// What a suite printed, and whether it ended well.
    pub(super) fn of(text: &str, success: bool) -> Self {
        let results = text.lines().filter_map(|line| line.strip_prefix("test result: "));
        let sum: Self = results.map(Self::line).sum();
        Self { broken: !success, ..sum }
    }

    /// `ok. 13 passed; 0 failed; 1 ignored; …`
    fn line(result: &str) -> Self {
        let number = |word: &str| {
            let before = result.split(word).next().unwrap_or_default();
            before.trim().rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default()
        };
        let (passed, failed, ignored) = (number(" passed"), number(" failed"), number(" ignored"));
        Self { passed, failed, ignored, broken: false }
    }

    /// Whether something is wrong.
    pub(super) fn is_bad(&self) -> bool {
        self.failed > 0 || self.broken
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            passed: sum.passed + one.passed,
            failed: sum.failed + one.failed,
            ignored: sum.ignored + one.ignored,
            broken: sum.broken || one.broken,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        if self.broken && self.failed == 0 { f.write_str(", and a suite died") } else { Ok(()) }
    }
}

/// The lines in which a suite says how its tests failed; the last ones, of a suite that died.
pub(super) fn failures(text: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let said = lines.iter().position(|line| *line == "failures:");
    let start = said.map_or(lines.len().saturating_sub(5), |place| place + 1);
    lines.into_iter().skip(start).take_while(|line| *line != "failures:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let text = "test some::test ... ok\n\
            test result: ok. 13 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.0s\n\
            test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let tally = Tally::of(text, false);
        assert_eq!(tally, Tally { passed: 15, failed: 3, ignored: 1, broken: true });
        assert!(tally.is_bad());
    }

    #[test]
    fn failures_are_found() {
        let text = "test a ... FAILED\n\nfailures:\n\n---- a ----\nwhy\n\nfailures:\n    a\n\ntest result: FAILED.\n";
        assert_eq!(failures(text).collect::<Vec<_>>(), ["---- a ----", "why"]);
        assert_eq!(
            failures("one\nmemory allocation failed\n").collect::<Vec<_>>(),
            ["one", "memory allocation failed"]
        );
    }
}
