//! Revision ids.

use std::borrow::Borrow;
use std::fmt;

/// A revision's identity: 12 random hexadecimal digits, or what a person chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionId(String);

/// Text that can't be a revision id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} can't be a revision id: {reason}")]
pub struct BadId {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Words that name places in the graph and so can't name a revision.
const WORDS: [&str; 5] = ["head", "heads", "base", "bases", "current"];

/// It stands in names of files and in an index of the version table, both of which end somewhere.
const LONGEST: usize = 128;

impl RevisionId {
    /// A new one.
    ///
    /// # Errors
    /// If the operating system has no randomness to give.
    pub fn random() -> Result<Self, std::io::Error> {
        let number = getrandom::u64().map_err(|e| std::io::Error::other(e.to_string()))?;
        Ok(RevisionId(format!("{:012x}", number & 0xffff_ffff_ffff)))
    }

    /// Checks text that shall be an id: letters, digits, `_` and `.`, so that it can't be mistaken for
    /// `head-1`, `label@head` or a range.
    ///
    /// # Errors
    /// Says why it can't be one.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let bad = |reason| Err(BadId { text: text.to_owned(), reason });
        if text.is_empty() {
            return bad("it is empty");
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
            return bad("only letters, digits, _ and . may stand in one");
        }
        if text.len() > LONGEST {
            return bad("it is longer than 128 characters");
        }
        if WORDS.contains(&text) {
            return bad("the word has a meaning of its own");
        }
        Ok(RevisionId(text.to_owned()))
    }

    /// The id of a row of the version table, which is shown but never run.
    pub(crate) fn stored(text: &str) -> Self {
        RevisionId(text.to_owned())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for RevisionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_are_twelve_hex_digits() {
        let (a, b) = (RevisionId::random().unwrap(), RevisionId::random().unwrap());
        assert!(a.as_str().len() == 12 && a.as_str().chars().all(|c| c.is_ascii_hexdigit()), "{a}");
        assert_ne!(a, b);
    }

    #[test]
    fn words_and_operators_are_no_ids() {
        for text in ["head", "base", "a-1", "a@b", "a:b", "", "é", &"a".repeat(129)] {
            assert!(RevisionId::parse(text).is_err(), "{text}");
        }
        assert!(RevisionId::parse("0001_first").is_ok());
        assert!(RevisionId::parse("1.4").is_ok());
    }
}
