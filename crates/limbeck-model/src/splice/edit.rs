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
    let end = span.end as usize;
    let ends_line = end > start && text[..end].ends_with('\n');
    let end = if ends_line { end } else { text[end..].find('\n').map_or(text.len(), |at| end + at + 1) };
    // A block literal that keeps no line break at its end may be said to end after the blank lines
    // that follow it.
    let covered = text[start..end].trim_end().len() + start;
    let end = text[covered..].find('\n').map_or(text.len(), |at| covered + at + 1).min(end.max(covered));
    start..end
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
}
