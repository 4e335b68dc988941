//! A command line in one text, cut into words as a shell cuts it: for editors and hooks, which are started
//! without one.

/// The words; quotes hold blanks together, and a backslash takes the next character as it is.
///
/// # Errors
/// If a quote is never closed.
pub(crate) fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            (_, Some('\'')) => word.get_or_insert_default().push(c),
            // In paths of Windows it separates folders.
            ('\\', Some(_))
                if !cfg!(windows) && chars.peek().is_some_and(|next| "\"\\$`".contains(*next)) =>
            {
                word.get_or_insert_default().extend(chars.next());
            }
            ('\\', None) if !cfg!(windows) => word.get_or_insert_default().extend(chars.next()),
            (_, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (_, None) if c.is_whitespace() => words.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is never closed");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_cut_as_a_shell_cuts_them() {
        assert_eq!(split("code  --wait").unwrap(), ["code", "--wait"]);
        assert_eq!(split("'/a b/ed' \"x \\\" y\" '' z\"q\"").unwrap(), ["/a b/ed", "x \" y", "", "zq"]);
        assert_eq!(split("").unwrap(), [""; 0]);
        assert!(split("ed 'x").is_err());
    }
}
