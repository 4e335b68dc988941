//! Where something stands in the configuration, and its line as far as it may be shown: a mistake beside a
//! password, or in it, must not bring it to a terminal or into a log.

use std::ops::Range;

use camino::Utf8Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::Config;
use crate::exit::{Key, Snippet};

/// The sections of which every line may be seen. Others say where databases are, or what they say is not known.
const OPEN: [&str; 4] = ["models", "migrations", "compare", "safety"];

impl Config {
    /// The place of a key's value in the file, if it still stands there.
    pub(crate) fn place_of(&self, key: &Key) -> Option<Snippet> {
        let text = fs_err::read_to_string(&self.path).ok()?;
        Some(snippet(&self.path, &text, byte_of(&text, key)?))
    }
}

/// Where the value of a key begins, or the words in it: as the parser sees it, since comments and other values may
/// hold the same words.
pub(crate) fn byte_of(text: &str, key: &Key) -> Option<usize> {
    let value = span(DeTable::parse(text).ok()?.get_ref(), &key.path)?;
    let words = key.words.as_deref().and_then(|words| text.get(value.clone())?.find(words));
    Some(value.start + words.unwrap_or_default())
}

/// A value's place; a section's is that of its name.
fn span(table: &DeTable<'_>, path: &[String]) -> Option<Range<usize>> {
    let (name, rest) = path.split_first()?;
    let (key, value): (_, &Spanned<DeValue<'_>>) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => span(inner, rest),
        DeValue::Table(_) => Some(key.span()),
        _ => rest.is_empty().then(|| value.span()),
    }
}

/// The place of a byte.
pub(crate) fn snippet(path: &Utf8Path, text: &str, byte: usize) -> Snippet {
    let before = &text[..text.floor_char_boundary(byte)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let lines = text.lines().nth(line - 1).map(|source| shown(text, line, source)).into_iter().collect();
    Snippet { path: path.to_string(), line, column: Some(column), first_line: line, lines }
}

/// What a mistake says, without the value that it was made in.
pub(crate) fn message(text: &str, byte: usize, said: &str) -> String {
    let line = text[..text.floor_char_boundary(byte)].matches('\n').count() + 1;
    match said.split_once(", expected ") {
        Some((what, expected)) if what.starts_with("invalid ") && is_hidden(text, line) => {
            format!("expected {expected}")
        }
        _ => said.to_owned(),
    }
}

/// A line; where it may hold a secret, its key alone.
fn shown(text: &str, line: usize, source: &str) -> String {
    let is_header = source.trim_start().starts_with('[') && !source.contains('=');
    if is_header || !is_hidden(text, line) {
        return source.to_owned();
    }
    match source.split_once('=') {
        Some((key, _)) if key.trim().chars().all(|c| c.is_alphanumeric() || "._-".contains(c)) => {
            format!("{}= …", key)
        }
        Some(_) | None => "…".to_owned(),
    }
}

/// Whether a line stands in a section that may hold secrets, or in none.
fn is_hidden(text: &str, line: usize) -> bool {
    let headers = text.lines().take(line).filter_map(|line| line.trim_start().strip_prefix('['));
    let Some(last) = headers.last() else { return true };
    let name = last.trim_start_matches('[').split([']', '.']).next().unwrap_or_default().trim();
    !OPEN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_at(text: &str, words: &str) -> String {
        snippet("limbeck.toml".into(), text, text.find(words).unwrap()).lines.concat()
    }

    #[test]
    fn only_keys_are_shown_where_secrets_may_stand() {
        let text = "[models]\ndirectory = 'm'\n[database]\nurl = 'postgres://u:pw@h/d' x\n\"\"\"\npw\n\"\"\"\n[env.prod] pw\n";
        assert_eq!(shown_at(text, "directory"), "directory = 'm'");
        assert_eq!(shown_at(text, "url"), "url = …");
        assert_eq!(shown_at(text, "pw\n\"\"\""), "…");
        assert_eq!(shown_at(text, "[database]"), "[database]");
        assert_eq!(shown_at("password = 'pw'\n", "password"), "password = …");
        assert_eq!(shown_at("[databse]\npassword = 'pw'\n", "password"), "password = …");
        assert_eq!(shown_at("env = { p = 'pw' }\n[safety]\n", "env"), "env = …");
        assert_eq!(shown_at("[database] password='pw'\n", "password"), "…");
    }

    #[test]
    fn keys_have_the_places_that_the_parser_gives_them() {
        let text = "# url = '${X}', b = 1\n[database]\nurl = 'a${X}'\n[env]\np = { url = 2 }\n[env.q]\n\"url\" = 3\n";
        for (path, words, there) in [
            ("database.url", None, "'a${X}"),
            ("database.url", Some("${X"), "${X}'\n[env]"),
            ("database.url", Some("gone"), "'a${X}"),
            ("env.p.url", None, "2 }"),
            ("env.q.url", None, "3\n"),
            ("env.q", None, "q]"),
        ] {
            let path = path.split('.').map(str::to_owned).collect();
            let at = byte_of(text, &Key { path, words: words.map(str::to_owned) }).unwrap();
            assert!(text[at..].starts_with(there), "{there}: {}", &text[at..]);
        }
        let path = vec!["database".to_owned(), "port".to_owned()];
        assert_eq!(byte_of(text, &Key { path, words: None }), None);
    }

    #[test]
    fn a_value_is_not_told() {
        let said = "invalid type: integer `12345`, expected a string";
        let text = "[database]\npassword = 12345\n[safety]\nx = 12345\n";
        assert_eq!(message(text, text.find("12345").unwrap(), said), "expected a string");
        assert_eq!(message(text, text.rfind("12345").unwrap(), said), said);
    }
}
