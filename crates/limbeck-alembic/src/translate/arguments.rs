//! The arguments of a call by name, each taken once; whatever is left over is not understood, and said.

use std::collections::BTreeMap;

use crate::value::{Call, Value, Why, why};

/// The arguments of a call.
pub(super) struct Arguments {
    what: String,
    named: BTreeMap<String, Value>,
    /// Positional arguments beyond those that have names.
    pub(super) rest: Vec<Value>,
}

/// Options for other databases; Alembic passes them by.
const FOREIGN: [&str; 6] = ["mysql_", "mariadb_", "sqlite_", "mssql_", "oracle_", "info"];

impl Arguments {
    /// The arguments of a call whose positional ones have these names.
    pub(super) fn of(call: &Call, names: &[&str]) -> Self {
        let mut named: BTreeMap<String, Value> = call.named.iter().cloned().collect();
        let positional = call.positional.iter().cloned();
        named.extend(names.iter().map(|name| (*name).to_owned()).zip(positional));
        let rest = call.positional.iter().skip(names.len()).cloned().collect();
        Arguments { what: call.name.clone(), named, rest }
    }

    /// Adds what a surrounding `batch_alter_table` gives.
    pub(super) fn give(&mut self, name: &str, value: Value) {
        self.named.insert(name.to_owned(), value);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.named.contains_key(name)
    }

    /// Whatever it is; none where it isn't given, or `None`.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.named.remove(name).filter(|value| *value != Value::None)
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Why> {
        match self.maybe_text(name)? {
            Some(text) => Ok(text),
            None => why(format!("`{name}` of `{}` is missing", self.what)),
        }
    }

    pub(super) fn maybe_text(&mut self, name: &str) -> Result<Option<String>, Why> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => why(format!("`{name}` of `{}` is no plain text", self.what)),
        }
    }

    /// A list of texts that must be there.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Why> {
        match self.take(name).and_then(|value| value.texts()) {
            Some(texts) => Ok(texts),
            None => why(format!("`{name}` of `{}` is no list of plain texts", self.what)),
        }
    }

    pub(super) fn maybe_bool(&mut self, name: &str) -> Result<Option<bool>, Why> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => why(format!("`{name}` of `{}` is neither True nor False", self.what)),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Why> {
        Ok(self.maybe_bool(name)?.unwrap_or(false))
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<String>, Why> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(digits)) => Ok(Some(digits)),
            Some(_) => why(format!("`{name}` of `{}` is no plain number", self.what)),
        }
    }

    /// Lets arguments go that change nothing in the database.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        names.iter().for_each(|name| {
            self.named.remove(*name);
        });
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), Why> {
        if !self.rest.is_empty() {
            return why(format!("`{}` has more arguments than are understood", self.what));
        }
        self.finish_names()
    }

    /// No argument with a name may be left.
    pub(super) fn finish_names(self) -> Result<(), Why> {
        let foreign = |name: &str| FOREIGN.iter().any(|prefix| name.starts_with(prefix));
        match self.named.iter().find(|(name, value)| !foreign(name) && **value != Value::None) {
            Some((name, _)) => why(format!("`{name}` of `{}` is not understood", self.what)),
            None => Ok(()),
        }
    }
}
