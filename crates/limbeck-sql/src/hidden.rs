//! Characters that files lose or readers don't see, spelled out where they stand in strings and names.
//!
//! A body that was written on Windows holds `\r\n`. In a file, git and editors turn that into `\n`, and whoever
//! reads lines does too; `E'…\r` followed by a line end survives them all. Other control characters would drive the
//! terminal on which somebody looks at the file, and those that turn the direction of what follows show a reviewer
//! another statement than the one that runs.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::lex::{Token, TokenKind, tokens};

/// Whether a character drives a terminal, or misleads who reads it: it turns what follows round, ends a line, or is not
/// seen at all, so that two names look like one. U+200C and U+200D are not seen either and stay: Persian and the scripts
/// of India are not written without them, nor is many an emoji.
pub fn is_hidden(c: char) -> bool {
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let ends_a_line = matches!(c, '\u{2028}' | '\u{2029}');
    // Soft hyphen, Mongolian vowel separator, zero-width space, word joiner and the invisible operators, deprecated
    // formats, byte order mark, interlinear notes, tags.
    let is_unseen = matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || turns || ends_a_line || is_unseen
}

/// JSON in which such characters stand by their numbers; outside of its strings there are none but line ends.
pub fn spelled_out_json(json: &str) -> Cow<'_, str> {
    let is_spelled = |c: char| is_hidden(c) && c != '\n';
    if !json.contains(is_spelled) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_spelled(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}"));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
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
            c if is_spelled(c) => match u32::from(c) {
                number @ ..=0xffff => _ = write!(out, "\\u{number:04x}"),
                number => _ = write!(out, "\\U{number:08x}"),
            },
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
            c if is_spelled(c) => match u32::from(c) {
                number @ ..=0xffff => _ = write!(out, "\\{number:04x}"),
                number => _ = write!(out, "\\+{number:06x}"),
            },
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
            ("select '\u{e0041}\u{61c}é'", "select E'\\U000e0041\\u061cé'"),
            ("select '\u{1b}[2J\u{202e}\u{9b}'", "select E'\\u001b[2J\\u202e\\u009b'"),
        ] {
            assert_eq!(spelled_out(sql), want);
        }
        assert!(matches!(spelled_out("select 'a\n\tb'"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = "[\"\u{9b}\u{202e}é\u{e0041}\",\n\"\u{200d}\"]";
        assert_eq!(spelled_out_json(json), "[\"\\u009b\\u202eé\\udb40\\udc41\",\n\"\u{200d}\"]");
        assert!(matches!(spelled_out_json("{\n}"), Cow::Borrowed(_)));
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
            ("drop table \"\u{e0041}\u{feff}\"", "drop table U&\"\\+0e0041\\feff\""),
            ("drop table \"a\", \"\u{2066}\"", "drop table \"a\", U&\"\\2066\""),
        ] {
            assert_eq!(spelled_out(sql), want);
        }
    }
}
