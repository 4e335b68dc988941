//! Characters that files lose or readers don't see, spelled out where they stand in strings and names.
//!
//! A body that was written on Windows holds `\r\n`. In a file, git and editors turn that into `\n`, and whoever
//! reads lines does too; `E'…\r` followed by a line end survives them all. Other control characters would drive the
//! terminal on which somebody looks at the file, and those that turn the direction of what follows show a reviewer
//! another statement than the one that runs.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::lex::{Token, TokenKind, tokens};

/// Whether a character drives a terminal, or misleads who reads it.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Line ends and tabs are part of how a statement is laid out.
fn is_spelled(c: char) -> bool {
    is_hidden(c) && !matches!(c, '\n' | '\t')
}

/// Words for a comment: a line break would end it, and what else is hidden stands by its number.
pub fn one_line(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for word in words.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if is_hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
        }
    }
    out
}

/// The same statement without any hidden character in its strings and names: those that hold one become `E'…'` and
/// `U&"…"`.
pub fn spelled_out(sql: &str) -> Cow<'_, str> {
    if !sql.contains(is_spelled) {
        return Cow::Borrowed(sql);
    }
    let mut text = String::with_capacity(sql.len() + 16);
    for token in tokens(sql) {
        match escaped(&token).filter(|_| !text.ends_with('&')) {
            Some(spelled) => text.push_str(&spelled),
            None => text.push_str(token.text),
        }
    }
    Cow::Owned(text)
}

/// A string or a quoted name that holds a hidden character, with that spelled out; `None` for everything else.
fn escaped(token: &Token<'_>) -> Option<String> {
    let text = token.text;
    if !text.contains(is_spelled) {
        return None;
    }
    match token.kind {
        TokenKind::String => Some(format!("E'{}'", in_string(&content(text)?))),
        TokenKind::Quoted => {
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            Some(format!("U&\"{}\"", in_name(inner)))
        }
        TokenKind::Word | TokenKind::Number | TokenKind::Symbol | TokenKind::Blank => None,
    }
}

/// What stands between the quotes of a string constant, as it would stand in `E'…'`.
fn content(text: &str) -> Option<String> {
    if let Some(body) = text.strip_prefix(['e', 'E']) {
        return body.get(1..body.len() - 1).map(str::to_owned);
    }
    if let Some(rest) = text.strip_prefix('$') {
        let tag = rest.find('$')? + 2;
        return Some(text.get(tag..text.len() - tag)?.replace('\\', "\\\\").replace('\'', "''"));
    }
    Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace('\\', "\\\\"))
}

fn in_string(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len() + 16);
    let mut escaping = false;
    for c in inner.chars() {
        // A backslash in front of such a character means the character itself.
        if escaping && is_spelled(c) {
            out.pop();
        }
        match c {
            '\r' => out.push_str("\\r"),
            c if is_spelled(c) => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
        escaping = c == '\\' && !escaping;
    }
    out
}

fn in_name(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len() + 16);
    for c in inner.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if is_spelled(c) => _ = write!(out, "\\{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_form_keep_their_meaning() {
        for (sql, want) in [
            ("select 'a\r\nb'", "select E'a\\r\nb'"),
            ("select 'it''s \\ \r'", "select E'it''s \\\\ \\r'"),
            ("as $f$it's\r\n\\$f$", "as E'it''s\\r\n\\\\'"),
            ("select E'\\n\r', 'x'", "select E'\\n\\r', 'x'"),
            ("select E'\\\r\\\\\r'", "select E'\\r\\\\\\r'"),
            ("select U&'\\0041\r'", "select U&'\\0041\r'"),
            ("select '\u{1b}[2J\u{202e}\u{9b}'", "select E'\\u001b[2J\\u202e\\u009b'"),
        ] {
            assert_eq!(spelled_out(sql), want);
        }
        assert!(matches!(spelled_out("select 'a\n\tb'"), Cow::Borrowed(_)));
    }

    #[test]
    fn comments_stay_on_their_line() {
        assert_eq!(one_line(" a\r\n-- b\u{2028}\tc\u{1b}[2J "), "a -- b c\\u{1b}[2J");
    }

    #[test]
    fn names_keep_their_meaning() {
        for (sql, want) in [
            ("drop table s.\"a\r\nb\"", "drop table s.U&\"a\\000d\nb\""),
            ("drop table \"\u{1b}\\ \"\"\"", "drop table U&\"\\001b\\\\ \"\"\""),
            ("drop table \"a\", \"\u{2066}\"", "drop table \"a\", U&\"\\2066\""),
        ] {
            assert_eq!(spelled_out(sql), want);
        }
    }
}
