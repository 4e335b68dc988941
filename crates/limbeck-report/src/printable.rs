//! Texts out of files and databases, without what would drive a terminal or mislead its reader: control
//! characters, and those that turn the direction of what follows.

use limbeck_sql::is_hidden;

/// A text of any number of lines; line feeds and tabs stay.
pub fn printable(text: &str) -> String {
    tame(text, |c| matches!(c, '\n' | '\t'))
}

/// A text that stays on one line: a line feed in a name would forge the next line. Tabs become blanks.
pub fn printable_line(text: &str) -> String {
    tame(&text.replace('\t', "    "), |_| false)
}

fn tame(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !stays(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_drives_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\nc");
        assert_eq!(printable("x\u{202e}y\u{9b}"), "x\\u{202e}y\\u{9b}");
        assert_eq!(printable_line("a\nb\tc"), "a\\u{a}b    c");
    }
}
