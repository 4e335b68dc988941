//! Lines of styled pieces, and a page that breaks them at blanks so that they fit.

use anstyle::{AnsiColor, Style};

use crate::printable::printable_line;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GONE: Style = AnsiColor::Red.on_default();
pub(crate) const NEW: Style = AnsiColor::Green.on_default();
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();
pub(crate) const RENAMED: Style = AnsiColor::Cyan.on_default();
pub(crate) const HAZARD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const BLIND: Style = AnsiColor::Magenta.on_default().bold();

/// A line before it is broken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pieces: Vec<(Style, String)>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds text of any origin.
    pub(crate) fn push(&mut self, style: Style, text: &str) -> &mut Self {
        self.pieces.push((style, printable_line(text)));
        self
    }

    /// With text of any origin.
    pub(crate) fn with(mut self, style: Style, text: &str) -> Self {
        self.push(style, text);
        self
    }

    /// How many columns it takes.
    pub(crate) fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.chars().count()).sum()
    }

    /// What belongs together: stretches of blanks, and stretches without.
    fn words(&self) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for (style, text) in &self.pieces {
            for piece in split(text) {
                let blank = piece.starts_with(' ');
                match words.last_mut() {
                    Some(last) if last.blank == blank => last.pieces.push((*style, piece.to_owned())),
                    _ => words.push(Word { blank, pieces: vec![(*style, piece.to_owned())] }),
                }
            }
        }
        words
    }
}

struct Word {
    blank: bool,
    pieces: Vec<(Style, String)>,
}

impl Word {
    fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.chars().count()).sum()
    }
}

/// A text at the borders between blanks and the rest. The blank in `12 000` is none.
fn split(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_blank = |at: usize| bytes[at] == b' ' && !(at > 0 && is_digit(at - 1) && is_digit(at + 1));
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in 1..bytes.len() {
        if text.is_char_boundary(at) && is_blank(at) != is_blank(at - 1) {
            pieces.push(&text[start..at]);
            start = at;
        }
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// What has been written, and how wide it may be.
#[derive(Debug)]
pub(crate) struct Page {
    width: usize,
    text: String,
    last: Style,
}

impl Page {
    pub(crate) fn new(width: usize) -> Self {
        Page { width, text: String::new(), last: PLAIN }
    }

    /// How many columns are left beside an indent.
    pub(crate) fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent)
    }

    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Writes a line; what doesn't fit goes on below, indented further by `hang`. A word that is wider
    /// than the page stays whole: it may have to be copied.
    pub(crate) fn line(&mut self, indent: usize, hang: usize, line: &Line) {
        let hang = indent + hang;
        let mut column = indent;
        let mut margin = indent;
        let mut blanks: Option<Word> = None;
        for word in line.words() {
            if word.blank {
                blanks = Some(word);
                continue;
            }
            let before = blanks.as_ref().map_or(0, Word::width);
            if column + before + word.width() > self.width && column > hang {
                self.text.push('\n');
                (column, margin) = (hang, hang);
                blanks = None;
            }
            self.text.extend(std::iter::repeat_n(' ', std::mem::take(&mut margin)));
            for word in blanks.take().iter().chain([&word]) {
                column += word.width();
                self.pieces(&word.pieces);
            }
        }
        self.text.push('\n');
    }

    /// Adds pieces; those that follow each other in one style share its escapes.
    fn pieces(&mut self, pieces: &[(Style, String)]) {
        for (style, text) in pieces {
            let (on, off) = (style.to_string(), format!("{style:#}"));
            if self.last == *style && !off.is_empty() && self.text.ends_with(&off) {
                self.text.truncate(self.text.len() - off.len());
                self.text += text;
            } else {
                self.text += &on;
                self.text += text;
            }
            self.text += &off;
            self.last = *style;
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_words_stay_whole() {
        let mut page = Page::new(12);
        page.line(2, 2, &Line::new().with(PLAIN, "one two three").with(PLAIN, "four"));
        page.line(0, 2, &Line::new().with(PLAIN, "  kept  as is"));
        page.line(0, 2, &Line::new().with(PLAIN, "unbreakable_as_it_is x\ny"));
        page.line(4, 2, &Line::new().with(PLAIN, "  "));
        page.line(0, 2, &Line::new().with(PLAIN, "größe 12 000"));
        let wanted =
            "  one two\n    threefour\n  kept  as\n  is\nunbreakable_as_it_is\n  x\\u{a}y\n\ngröße 12 000\n";
        assert_eq!(page.finish(), wanted);
    }
}
