//! What is wrong with a model, and where: as data, and as text with the source line.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use camino::Utf8PathBuf;
use limbeck_catalog::document::Span;
use serde::Serialize;

/// A model file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, as messages and changes name it.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
}

/// One mistake. Nothing that has one is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// Where; `None` for what belongs to no file.
    pub span: Option<Span>,
    /// What stands at the place, or was expected there.
    pub label: String,
    /// Other places that have to do with it, with what they are.
    pub related: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

/// A place in a file, as people and editors count: lines and columns (in characters) from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub path: Utf8PathBuf,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A diagnostic with its places worked out: for JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// What was expected there.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        let message = message.into();
        Self { message, span: Some(span), label: String::new(), related: Vec::new(), help: None }
    }

    /// With what stands at the place, or was expected there.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With another place that has to do with it.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// With what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the key that may have been meant, if one is near.
    #[must_use]
    pub fn did_you_mean<'a>(self, written: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(written, known) {
            Some(near) => self.label(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Its message, place and source line, as compilers print them.
    pub fn render(&self, files: &[SourceFile], colour: bool) -> String {
        let (message, help) =
            (shortened(&self.message, MOST), self.help.as_ref().map(|h| shortened(h, MOST)));
        let mut group = Level::ERROR.primary_title(&*message).elements(self.snippets(files));
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(&**help));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// One snippet a file, the one with the mistake first.
    fn snippets<'a>(
        &'a self,
        files: &'a [SourceFile],
    ) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
        let primary = self.span.map(|span| (span, self.label.as_str(), AnnotationKind::Primary));
        let related = self.related.iter().map(|(s, label)| (*s, label.as_str(), AnnotationKind::Context));
        let mut snippets: Vec<(u32, Snippet<'a, _>)> = Vec::new();
        for (span, label, kind) in primary.into_iter().chain(related) {
            let Some(file) = files.get(span.file as usize) else { continue };
            let label = (!label.is_empty()).then_some(label);
            let annotation = kind.span(shown(&file.text, span)).label(label);
            match snippets.iter_mut().find(|(of, _)| *of == span.file) {
                Some((_, snippet)) => *snippet = snippet.clone().annotation(annotation),
                None => {
                    let snippet =
                        Snippet::source(&*file.text).path(file.path.as_str()).annotation(annotation);
                    snippets.push((span.file, snippet));
                }
            }
        }
        snippets.into_iter().map(|(_, snippet)| snippet).collect()
    }

    /// The plain structure.
    pub fn report(&self, files: &[SourceFile]) -> Report {
        Report {
            message: self.message.clone(),
            place: self.span.and_then(|span| place(files, span)),
            label: self.label.clone(),
            help: self.help.clone(),
        }
    }
}

/// Characters of a message that are shown: what was written may be a book.
const MOST: usize = 1_000;

/// Bytes of a line that are underlined.
const WIDEST: usize = 200;

/// A text as it is, or so much of it and how much more there is.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            Cow::Owned(format!("{}… ({} more characters)", &text[..at], text[at..].chars().count()))
        }
    }
}

/// Line and column of a span's start.
pub fn place(files: &[SourceFile], span: Span) -> Option<Place> {
    let file = files.get(span.file as usize)?;
    let before = &file.text[..file.text.floor_char_boundary(span.start as usize)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    Some(Place { path: file.path.clone(), line, column: before[line_start..].chars().count() + 1 })
}

/// What of a span is underlined: its first line, and never nothing.
fn shown(text: &str, span: Span) -> Range<usize> {
    let start = text.floor_char_boundary(span.start as usize);
    let end = text.floor_char_boundary((span.end as usize).max(start));
    let line = text[start..end].find('\n').map_or(end, |at| start + at);
    let line = text.floor_char_boundary(line.min(start + WIDEST));
    if line > start { start..line } else { start..text.ceil_char_boundary((start + 1).min(text.len())) }
}

/// The nearest of the known words, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > WIDEST {
        return None;
    }
    let distance = |word: &str| strsim::damerau_levenshtein(written, word);
    let near = known.into_iter().map(|word| (distance(word), word)).min()?;
    (near.0 <= near.1.len().max(written.len()).div_ceil(3)).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_file_line_and_column() {
        let text = "tables:\n  t:\n    colums: {}\n".to_owned();
        let files = [SourceFile { path: "models/t.yaml".into(), text }];
        let span = Span { file: 0, start: 17, end: 23 };
        let diagnostic =
            Diagnostic::new("unknown key `colums`", span).did_you_mean("colums", ["columns", "checks"]);
        let text = diagnostic.render(&files, false);
        assert!(text.contains("models/t.yaml:3:5"), "{text}");
        assert!(text.contains("did you mean `columns`?"), "{text}");
        let place = diagnostic.report(&files).place.expect("a place");
        assert_eq!((place.line, place.column), (3, 5));
    }
}
