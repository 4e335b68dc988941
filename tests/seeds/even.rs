//! What commands say, with what differs from run to run made even; and the way back, for what a page says
//! to them.

use jiff::civil::DateTime;
use regex_lite::{Captures, Regex};

use crate::revisions::Revisions;

/// What makes outputs even.
pub(crate) struct Even {
    /// Of the project.
    pub(crate) revisions: Revisions,
    /// Other words: what they are, and what is shown.
    pub(crate) words: Vec<(String, String)>,
    /// Such words that a page never says to a command.
    pub(crate) answers: Vec<(String, String)>,
    moment: Regex,
    patterns: Vec<(Regex, &'static str)>,
}

/// Durations, servers and processes are those of no run in particular.
const PATTERNS: [(&str, &str); 6] = [
    (r"\b\d+ ms\b", "8 ms"),
    (r"\b\d+\.\d+ s\b", "1.2 s"),
    (r"\b(native|postgres|PostgreSQL) 1\d\.\d+( \([^)]*\))?", "$1 17.6"),
    (r"\bpid \d+\b", "pid 4711"),
    (r"\b(3[2-9]|[4-6]\d)\d{3}:5432\b", "50123:5432"),
    (r"\b(localhost|127\.0\.0\.1):(3[2-9]|[4-6]\d)\d{3}\b", "$1:50123"),
];

impl Even {
    pub(crate) fn new(page: &str) -> Result<Self, String> {
        let regex = |text: &str| Regex::new(text).map_err(|e| e.to_string());
        let patterns = PATTERNS.into_iter().map(|(from, to)| Ok((regex(from)?, to)));
        Ok(Self {
            revisions: Revisions::of(page),
            words: Vec::new(),
            answers: Vec::new(),
            moment: regex(r"(created\S* ?)?\b(\d{4}-\d\d-\d\d)( |T)(\d\d:\d\d:\d\d)(\.\d+)?")?,
            patterns: patterns.collect::<Result<_, String>>()?,
        })
    }

    /// What a page shows for what a command said.
    pub(crate) fn shown(&self, said: &str) -> String {
        let words = self.words.iter().chain(&self.answers).cloned().chain(self.revisions.to_shown());
        let text = words.fold(said.to_owned(), |text, (is, shown)| text.replace(&is, &shown));
        let text = self.moment.replace_all(&text, |found: &Captures<'_>| self.moment(found));
        let even = |text: String, (regex, to): &(Regex, &str)| regex.replace_all(&text, *to).into_owned();
        let text = self.patterns.iter().fold(text.into_owned(), even);
        let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
        lines.join("\n")
    }

    fn moment(&self, found: &Captures<'_>) -> String {
        let group = |n| found.get(n).map_or("", |m| m.as_str());
        let at: Option<DateTime> = format!("{}T{}", group(2), group(4)).parse().ok();
        let created = || at.and_then(|at| self.revisions.created(at)).filter(|_| !group(1).is_empty());
        let shown = created().or_else(|| at.map(|at| self.revisions.happened(at)));
        let between = group(3);
        let shown = shown.map(|s| s.strftime(&format!("%Y-%m-%d{between}%H:%M:%S")).to_string());
        format!("{}{}", group(1), shown.unwrap_or_default())
    }

    /// What is meant by what a page says. An id may be shortened there to six digits or more.
    pub(crate) fn meant(&self, says: &str) -> String {
        let mut text = says.to_owned();
        for (is, shown) in self.words.iter().chain(&self.revisions.to_shown()) {
            text = text.replace(shown.as_str(), is);
            let is_id = shown.len() == 12 && shown.bytes().all(|b| b.is_ascii_hexdigit());
            for digits in (6..12).rev().filter(|_| is_id) {
                text = text.replace(&shown[..digits], &is[..digits]);
            }
        }
        text
    }
}
