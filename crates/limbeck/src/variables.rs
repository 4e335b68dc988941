//! `${NAME}` and `${NAME:-default}`, from the environment and from `.env`.

use std::collections::BTreeMap;

use camino::Utf8Path;

/// What a text is that variables are filled into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A value by itself.
    Alone,
    /// A URL: in front of its host, what is filled in is encoded.
    Url,
    /// A `key=value` string: what is filled in behind a `=` is quoted.
    Conninfo,
}

/// Why a text can't be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfilled {
    /// A variable isn't set, and has no default.
    Unset(String),
    /// A `${` has no `}`.
    Unclosed,
}

/// The variables of the process, and those of a `.env` beside the configuration, which they go before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    file: BTreeMap<String, String>,
}

impl Variables {
    /// Reads `.env` of a folder, if it is there.
    pub(crate) fn load(folder: &Utf8Path) -> Self {
        let text = fs_err::read_to_string(folder.join(".env")).unwrap_or_default();
        Variables { file: text.lines().filter_map(assignment).collect() }
    }

    /// A variable's value; an empty one counts as none.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = std::env::var(name).ok().or_else(|| self.file.get(name).cloned());
        value.filter(|v| !v.is_empty())
    }

    /// The variables of `.env`.
    pub(crate) fn of_file(&self) -> BTreeMap<String, String> {
        self.file.clone()
    }

    /// Text with its variables filled in so that each stays one value, whatever it holds.
    ///
    /// # Errors
    /// The variable that isn't set and has no default, or isn't one.
    pub(crate) fn fill_at(&self, text: &str, place: Place) -> Result<String, Unfilled> {
        let login = login(text);
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            out.push_str(&rest[..open]);
            let at = text.len() - rest.len() + open;
            let close = rest[open..].find('}').ok_or(Unfilled::Unclosed)?;
            let inner = &rest[open + 2..open + close];
            let (name, default) = inner.split_once(":-").map_or((inner, None), |(n, d)| (n, Some(d)));
            match (self.get(name), default) {
                (Some(value), _) => out.push_str(&escaped(&value, text, at, place, &login)),
                (None, Some(default)) => out.push_str(&escaped(default, text, at, place, &login)),
                (None, None) => return Err(Unfilled::Unset(name.to_owned())),
            }
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Where user and password stand in a URL, before its variables are filled in.
fn login(text: &str) -> std::ops::Range<usize> {
    let mut plain = text.to_owned();
    while let Some(open) = plain.find("${") {
        let end = plain[open..].find('}').map_or(plain.len(), |close| open + close + 1);
        plain.replace_range(open..end, &"_".repeat(end - open));
    }
    let start = plain.find("://").map_or(plain.len(), |scheme| scheme + 3);
    match plain[start..].find(['@', '/']) {
        Some(end) if plain[start + end..].starts_with('@') => start..start + end,
        _ => 0..0,
    }
}

/// A value as it may stand at this place.
fn escaped(value: &str, text: &str, at: usize, place: Place, login: &std::ops::Range<usize>) -> String {
    match place {
        Place::Url if login.contains(&at) => encoded(value),
        Place::Conninfo if text[..at].contains('=') => quoted(value, text[..at].ends_with('=')),
        Place::Alone | Place::Url | Place::Conninfo => value.to_owned(),
    }
}

fn encoded(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

/// A backslash works inside of quotes and outside; an empty value needs quotes where nothing else stands.
fn quoted(value: &str, begins: bool) -> String {
    if value.is_empty() && begins {
        return "''".to_owned();
    }
    let special = |c: char| c == '\'' || c == '\\' || c.is_ascii_whitespace();
    value.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// `NAME=value`, `export NAME="value"`; a `#` begins a comment.
fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    if name.starts_with('#') {
        return None;
    }
    let value = value.trim();
    let value = match (value.strip_prefix('\''), value.strip_prefix('"')) {
        (Some(inside), _) => inside.split('\'').next().unwrap_or_default().to_owned(),
        (_, Some(inside)) => double_quoted(inside),
        (None, None) => value.split(" #").next().unwrap_or_default().trim_end().to_owned(),
    };
    Some((name.trim().to_owned(), value))
}

/// What stands before the closing quote; a backslash makes the characters plain that a shell would heed.
fn double_quoted(inside: &str) -> String {
    let mut out = String::new();
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.push(chars.next_if(|c| matches!(c, '"' | '\\' | '$' | '`')).unwrap_or('\\')),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_and_names_what_is_missing() {
        let file = [("LIMBECK_T_HOST", "db"), ("LIMBECK_T_EMPTY", "")];
        let variables = Variables { file: file.map(|(k, v)| (k.to_owned(), v.to_owned())).into() };
        let fill = |text| variables.fill_at(text, Place::Alone);
        assert_eq!(fill("${LIMBECK_T_HOST}:${LIMBECK_T_PORT:-5432}"), Ok("db:5432".into()));
        assert_eq!(fill("${LIMBECK_T_EMPTY:-x}$"), Ok("x$".into()));
        assert_eq!(fill("a${LIMBECK_T_HOST"), Err(Unfilled::Unclosed));
        assert_eq!(fill("${LIMBECK_T_NONE}"), Err(Unfilled::Unset("LIMBECK_T_NONE".into())));
    }

    #[test]
    fn values_stay_whole_wherever_they_are_filled_in() {
        let file = [("LIMBECK_T_PW", "a@b/c%d 'e\\\""), ("LIMBECK_T_HOST", "h:1,[::2]:3")];
        let variables = Variables { file: file.map(|(k, v)| (k.to_owned(), v.to_owned())).into() };
        for (place, text, expected) in [
            (Place::Alone, "${LIMBECK_T_PW}", "a@b/c%d 'e\\\""),
            (
                Place::Url,
                "postgres://u:${LIMBECK_T_PW}@${LIMBECK_T_HOST}/d",
                "postgres://u:a%40b%2Fc%25d%20%27e%5C%22@h:1,[::2]:3/d",
            ),
            (Place::Url, "postgres://${LIMBECK_T_NO:-a@b}@h/${LIMBECK_T_NO:-x@y}", "postgres://a%40b@h/x@y"),
            (Place::Url, "postgres://${LIMBECK_T_HOST}/d", "postgres://h:1,[::2]:3/d"),
            (
                Place::Conninfo,
                "host=h password=${LIMBECK_T_PW} user=u",
                "host=h password=a@b/c%d\\ \\'e\\\\\" user=u",
            ),
            (Place::Conninfo, "password=${LIMBECK_T_NO:-} user=u", "password='' user=u"),
            (Place::Conninfo, "${LIMBECK_T_NO:-host=a b}", "host=a b"),
        ] {
            assert_eq!(variables.fill_at(text, place).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn reads_lines_as_shells_do() {
        let pair = |line| assignment(line).unwrap();
        assert_eq!(pair("export A=\"b c\" # d"), ("A".into(), "b c".into()));
        assert_eq!(pair("A=b#c # d"), ("A".into(), "b#c".into()));
        assert_eq!(pair(r#"A="a\"b\\c\d" "#), ("A".into(), r#"a"b\c\d"#.into()));
        assert_eq!(pair(r#"A='a"b\' "#), ("A".into(), r#"a"b\"#.into()));
        assert_eq!(assignment("# A=b"), None);
    }
}
