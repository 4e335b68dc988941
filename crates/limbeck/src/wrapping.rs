//! Messages within the width of whoever reads them: a terminal's, or what `COLUMNS` says. In a log, where
//! nothing says a width, a message stays on its line.

use std::io::IsTerminal;

/// The width of messages, where there is one.
pub(crate) fn width() -> Option<usize> {
    let terminal =
        std::io::stderr().is_terminal().then(|| terminal_size::terminal_size_of(std::io::stderr()));
    let columns = match terminal.flatten() {
        Some((width, _)) => usize::from(width.0),
        None => std::env::var("COLUMNS").ok()?.parse().ok()?,
    };
    Some(columns.clamp(60, 120))
}

/// A text in lines of at most `width`, where its words allow that. Its first line begins at column `column`,
/// all others are indented to `hang`. What stands between backticks is to be copied, and stays together.
pub(crate) fn wrapped(text: &str, column: usize, hang: usize, width: Option<usize>) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = column;
    let new_line = |out: &mut String| {
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', hang));
        hang
    };
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            at = new_line(&mut out);
        }
        for word in words(line) {
            if at > hang && width.is_some_and(|width| at + columns(word.trim_end()) > width) {
                at = new_line(&mut out);
            }
            out.push_str(word);
            at += columns(word);
        }
    }
    out
}

/// Words with the blanks after them; blanks at the beginning are a word.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let mut quoted = false;
        let mut blank = false;
        let end = rest.char_indices().find(|(_, c)| {
            quoted ^= *c == '`';
            let ends = blank && *c != ' ';
            blank = *c == ' ' && !quoted;
            ends
        });
        let (word, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// How many columns a text takes: escapes that style it take none.
fn columns(text: &str) -> usize {
    let mut escape = false;
    let visible = text.chars().filter(|c| {
        let hidden = escape || *c == '\u{1b}';
        escape = hidden && *c != 'm';
        !hidden
    });
    visible.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_never_within_what_is_copied() {
        let text = "or undo what was kept: `limbeck downgrade --stranded b0d4` does it";
        let lines = "or undo what was kept:\n    `limbeck downgrade --stranded b0d4`\n    does it";
        assert_eq!(wrapped(text, 4, 4, Some(40)), lines);
        assert_eq!(wrapped(text, 4, 4, None), text);
    }

    #[test]
    fn a_word_that_is_too_long_has_its_own_line() {
        assert_eq!(
            wrapped("in a_very_long_name.sql it is", 0, 2, Some(12)),
            "in\n  a_very_long_name.sql\n  it is"
        );
        assert_eq!(wrapped("one\ntwo", 4, 4, None), "one\n    two");
        assert_eq!(wrapped("a_very_long_name.sql", 9, 9, Some(12)), "a_very_long_name.sql");
    }

    #[test]
    fn styles_take_no_room() {
        assert_eq!(wrapped("\u{1b}[1mabc\u{1b}[0m def", 0, 0, Some(7)), "\u{1b}[1mabc\u{1b}[0m def");
    }
}
