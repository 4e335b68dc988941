//! What a text says: parameters and their values, before services, the environment and defaults.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::Error;
use crate::keyword::Keyword;
use crate::{conninfo, url};

/// Parameters by name. An empty value is one: it keeps the environment's from being taken.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<Keyword, String>);

impl Parameters {
    /// Reads a URL, or a `key=value` string.
    ///
    /// # Errors
    /// [`Error::Syntax`] and [`Error::Unknown`], neither of which repeats a value.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match url::rest(text) {
            Some(rest) => url::parse(rest),
            None => conninfo::parse(text),
        }
    }

    /// Whether a text looks like a URL or a `key=value` string, right or wrong.
    pub fn looks_like(text: &str) -> bool {
        let word = text.split(['=', ' ']).next().unwrap_or_default();
        url::rest(text).is_some() || (text.contains('=') && Keyword::find(word).is_some())
    }

    /// Sets a parameter by its name; the value is taken as it is.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn set_word(&mut self, word: &str, value: impl Into<String>) -> Result<(), Error> {
        let keyword = Keyword::find(word).ok_or_else(|| Error::Unknown { keyword: word.to_owned() })?;
        self.set(keyword, value);
        Ok(())
    }

    /// Sets a parameter; the value is taken as it is.
    pub fn set(&mut self, keyword: Keyword, value: impl Into<String>) {
        self.0.insert(keyword, value.into());
    }

    /// Sets a parameter that isn't set yet.
    pub fn set_default(&mut self, keyword: Keyword, value: impl Into<String>) {
        self.0.entry(keyword).or_insert_with(|| value.into());
    }

    /// A parameter's value.
    pub fn get(&self, keyword: Keyword) -> Option<&str> {
        self.0.get(&keyword).map(String::as_str)
    }

    /// A parameter's value, if it says something.
    pub fn said(&self, keyword: Keyword) -> Option<&str> {
        self.get(keyword).filter(|value| !value.is_empty())
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Parameters {
    /// Without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(k, v)| (k.word(), if k.is_secret() { "…" } else { v.as_str() }));
        f.debug_map().entries(shown).finish()
    }
}
