//! `key=value` strings, as `conninfo_parse` of libpq reads them.

use std::iter::Peekable;
use std::str::Chars;

use crate::error::Error;
use crate::parameters::Parameters;

/// Reads a string of parameters.
pub(crate) fn parse(text: &str) -> Result<Parameters, Error> {
    let mut parameters = Parameters::default();
    let mut chars = text.chars().peekable();
    loop {
        skip_blanks(&mut chars);
        if chars.peek().is_none() {
            return Ok(parameters);
        }
        let word = keyword(&mut chars)?;
        let value = value(&mut chars)?;
        parameters.set_word(&word, value)?;
    }
}

fn skip_blanks(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
}

fn keyword(chars: &mut Peekable<Chars<'_>>) -> Result<String, Error> {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_ascii_whitespace()) {
        word.push(c);
    }
    skip_blanks(chars);
    match chars.next() {
        Some('=') => Ok(word),
        // The word may be a piece of a password that wanted quotes: so it isn't repeated.
        _ => Err(Error::Syntax(
            "neither a postgres:// URL nor a string of key=value pairs (a value with blanks wants '…')"
                .into(),
        )),
    }
}

fn value(chars: &mut Peekable<Chars<'_>>) -> Result<String, Error> {
    skip_blanks(chars);
    let quoted = chars.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match chars.next_if(|c| quoted || !c.is_ascii_whitespace()) {
            Some('\'') if quoted => return Ok(value),
            Some('\\') => value.extend(chars.next()),
            Some(c) => value.push(c),
            None if quoted => return Err(Error::Syntax("a quoted value has no end".into())),
            None => return Ok(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyword::Keyword;

    #[test]
    fn values_are_quoted_and_escaped_as_libpq_reads_them() {
        for (text, password) in [
            ("password=a", "a"),
            ("password = a user=b", "a"),
            (r"password='a b'", "a b"),
            (r"password='it\'s'", "it's"),
            (r"password=it\'s", "it's"),
            (r"password=a\ b", "a b"),
            (r"password='a\\b'", r"a\b"),
            (r"password=a'b", "a'b"),
            ("password=@:/%#?", "@:/%#?"),
            ("password='' user=b", ""),
            (r"password=end\", "end"),
            // Blanks after `=` are skipped, so the next pair is the value.
            ("password= user=b", "user=b"),
            ("\tpassword=a\n", "a"),
        ] {
            let parameters = parse(text).unwrap();
            assert_eq!(parameters.get(Keyword::Password), Some(password), "{text}");
        }
    }

    #[test]
    fn mistakes_are_said_without_values() {
        for (text, part) in [
            ("password=se cret", "wants '…'"),
            ("password='secret", "no end"),
            ("hots=secret", "\"hots\""),
            ("mysql://u:secret@h/d", "neither"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part) && !message.contains("cret"), "{text}: {message}");
        }
    }
}
