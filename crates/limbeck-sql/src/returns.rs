//! Carriage returns inside of strings, written so that no change of line ends can lose them.
//!
//! A body that was written on Windows holds `\r\n`. In a file, git and editors turn that into `\n`, and
//! whoever reads lines does too; `E'…\r` followed by a line end survives them all.

use std::borrow::Cow;

use crate::lex::{Token, TokenKind, tokens};

/// The same statement without any carriage return in its strings: those that hold one become `E'…'`.
pub fn without_returns(sql: &str) -> Cow<'_, str> {
    if !sql.contains('\r') {
        return Cow::Borrowed(sql);
    }
    let mut text = String::with_capacity(sql.len() + 16);
    for token in tokens(sql) {
        match escaped(&token).filter(|_| !text.ends_with('&')) {
            Some(string) => text.push_str(&string),
            None => text.push_str(token.text),
        }
    }
    Cow::Owned(text)
}

/// A string with a carriage return as `E'…'`; `None` for everything else.
fn escaped(token: &Token<'_>) -> Option<String> {
    if token.kind != TokenKind::String || !token.text.contains('\r') {
        return None;
    }
    let text = token.text;
    let inner = if let Some(body) = text.strip_prefix(['e', 'E']) {
        body.get(1..body.len() - 1)?.to_owned()
    } else if let Some(rest) = text.strip_prefix('$') {
        let tag = rest.find('$')? + 2;
        text.get(tag..text.len() - tag)?.replace('\\', "\\\\").replace('\'', "''")
    } else {
        text.strip_prefix('\'')?.strip_suffix('\'')?.replace('\\', "\\\\")
    };
    Some(format!("E'{}'", inner.replace('\r', "\\r")))
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
            ("select U&'\\0041\r'", "select U&'\\0041\r'"),
        ] {
            assert_eq!(without_returns(sql), want);
        }
        assert!(matches!(without_returns("select 'a\nb'"), Cow::Borrowed(_)));
    }
}
