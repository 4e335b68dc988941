//! Changes to a file's text, line by line: what they don't touch stays byte for byte.

use std::ops::Range;

use limbeck_catalog::document::Span;

/// The changes to one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits {
    changes: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Puts `text`, whole lines, in place of the lines of an entry.
    pub(super) fn replace(&mut self, lines: Range<usize>, text: String) {
        self.changes.push((lines, text));
    }

    /// Puts `text`, whole lines, at a place between lines.
    pub(super) fn insert(&mut self, at: usize, text: String) {
        self.changes.push((at..at, text));
    }

    /// The text with all changes. What is replaced within something else that is goes with it; what is
    /// inserted there comes after it.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.changes.sort_by_key(|(range, _)| (range.start, !range.is_empty(), std::cmp::Reverse(range.end)));
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for (range, new) in self.changes {
            if range.start < at && !range.is_empty() {
                continue;
            }
            out.push_str(&text[at..range.start.max(at)]);
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(&new);
            at = range.end.max(at);
        }
        out.push_str(&text[at..]);
        out
    }
}

/// The lines that an entry covers, with the break at their end.
pub(super) fn lines(text: &str, span: Span) -> Range<usize> {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = end_of_lines(text, start, span.end as usize);
    // A block literal that keeps no line break at its end may be said to end after the blank lines
    // that follow it. A line of blanks, though, is its own.
    let covered = text[start..end].trim_end_matches(['\n', '\r']).len() + start;
    let end = text[covered..].find('\n').map_or(text.len(), |at| covered + at + 1).min(end.max(covered));
    start..end
}

/// Where the last line ends that something covers. A block literal may be said to end where the next entry
/// begins, after its indentation: that line is not covered.
fn end_of_lines(text: &str, start: usize, end: usize) -> usize {
    let before = text[..end].trim_end_matches([' ', '\t']).len();
    let is_blank = text[end..].starts_with(['\n', '\r']) || text[end..].is_empty();
    if before > start && text[..before].ends_with('\n') && (before == end || !is_blank) {
        return before;
    }
    text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

/// The lines of an entry with the comment right above it, and the blank line that set it apart.
pub(super) fn lines_with_comment(text: &str, span: Span) -> Range<usize> {
    let Range { mut start, end } = lines(text, span);
    while let Some(above) = line_above(text, start) {
        let line = text[above.clone()].trim();
        if !line.starts_with('#') || line.contains("yaml-language-server") {
            break;
        }
        start = above.start;
    }
    let blank_above = line_above(text, start).filter(|above| text[above.clone()].trim().is_empty());
    match blank_above {
        Some(above) if text[end..].is_empty() || text[end..].starts_with(['\n', '\r']) => above.start..end,
        Some(_) | None => start..end,
    }
}

fn line_above(text: &str, at: usize) -> Option<Range<usize>> {
    let end = at.checked_sub(1)?;
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    Some(start..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_goes_with_its_comment() {
        let text = "tables:\n  # a\n  a: {}\n\n  # b\n  b: {} # c\n\nviews: {}\n";
        let at = text.find("b: {}").map_or(0, |at| u32::try_from(at).unwrap_or(0));
        let span = Span { file: 0, start: at, end: at + 5 };
        assert_eq!(&text[lines(text, span)], "  b: {} # c\n");
        assert_eq!(&text[lines_with_comment(text, span)], "\n  # b\n  b: {} # c\n");
    }

    #[test]
    fn a_literal_goes_with_its_line_of_blanks() {
        let text = "- |-\n  a\n     \n\n- b\n";
        let span = Span { file: 0, start: 2, end: u32::try_from(text.len() - 4).unwrap_or(0) };
        assert_eq!(&text[lines(text, span)], "- |-\n  a\n     \n");
        let text = "a:\n  b: |-\n    c\n  d: e\n";
        let span = Span { file: 0, start: 6, end: u32::try_from(text.find("d:").unwrap_or(0)).unwrap_or(0) };
        assert_eq!(&text[lines(text, span)], "  b: |-\n    c\n");
    }
}
