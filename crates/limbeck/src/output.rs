//! What people and programs read: data on stdout, everything else on stderr.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use limbeck_model::shortened;

use crate::cli::Color;
use crate::exit::{Report, Snippet};
use crate::wrapping::{self, wrapped};

pub(crate) use limbeck_report::printable;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const FRAME: Style = AnsiColor::Blue.on_default().bold();
const BOLD: Style = Style::new().bold();
/// Ids of revisions.
pub(crate) const ID: Style = AnsiColor::Yellow.on_default();
/// What is beside the point.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What did not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Decides for the whole process.
pub(crate) fn choose_color(color: Color) {
    match color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// Text in a style.
pub(crate) fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line of data.
pub(crate) fn data(line: impl std::fmt::Display) {
    put(&format!("{line}\n"));
}

/// Why stdout took no more, once it did not.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Text that is ours, colours included.
pub(crate) fn put(text: &str) {
    written(|| anstream::stdout().write_all(guarded(text).as_bytes()));
}

/// SQL for a program: byte for byte, unless people see it on their terminal.
pub(crate) fn script(text: &str) {
    let text = text.trim_end();
    if io::stdout().is_terminal() {
        put(&format!("{}\n", printable(text)));
    } else {
        written(|| io::stdout().write_all(format!("{text}\n").as_bytes()));
    }
}

/// What is for another program alone, byte for byte: a shell's script, a manual page.
pub(crate) fn bytes(bytes: &[u8]) {
    written(|| io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()));
}

fn written(write: impl FnOnce() -> io::Result<()>) {
    if LOST.get().is_none()
        && let Err(error) = write()
    {
        LOST.get_or_init(|| error);
    }
}

/// Why data did not get where it should. A reader that had enough (`| head`) is no reason.
pub(crate) fn lost() -> Option<&'static io::Error> {
    LOST.get().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}

/// Anything but data. That the terminal is gone must not end a run that is at work.
pub(crate) fn tell(text: impl std::fmt::Display) {
    drop(anstream::stderr().write_all(guarded(&text.to_string()).as_bytes()));
}

/// What comes from outside is made printable where it is put into words. Where that was forgotten it can still
/// change colours, and nothing else: no other sequence gets to a terminal.
fn guarded(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let mut out = printable(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push_str(if is_colour(piece) { "\u{1b}" } else { "\\u{1b}" });
        out.push_str(&printable(piece));
    }
    out
}

/// Whether what follows an escape character sets colours: `[1;31m`.
fn is_colour(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('[') else { return false };
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ';' | ':')).starts_with('m')
}

/// Data for a program: an object with its `version`.
pub(crate) fn json(mut value: serde_json::Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert("version".into(), 1.into());
    }
    put(&format!("{value:#}\n"));
}

/// A line about what is going on. Where it has to go on in another, that is indented by two more.
pub(crate) fn say(line: impl std::fmt::Display) {
    for line in line.to_string().split('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        tell(format_args!("{}\n", wrapped(line, 0, indent + 2, wrapping::width())));
    }
}

/// Something that is not wrong enough to stop.
pub(crate) fn warn(message: impl std::fmt::Display) {
    let message = printable(&message.to_string());
    let message = wrapped(&message, "warning: ".len(), "warning: ".len(), wrapping::width());
    tell(format_args!("{}: {message}\n", styled(WARNING, "warning")));
}

/// Something that is wrong: what, where, why, what next.
pub(crate) fn error(report: &Report) {
    let columns = wrapping::width();
    let printable = |text: &str| printable(&shortened(text, MOST));
    let message = wrapped(&printable(&report.message), "error: ".len(), "error: ".len(), columns);
    let mut out = format!("{}: {}\n", styled(ERROR, "error"), styled(BOLD, message));
    let width = report.snippet.as_ref().map_or(1, |s| (s.first_line + s.lines.len()).to_string().len());
    let pad = " ".repeat(width);
    if let Some(snippet) = &report.snippet {
        draw(&mut out, snippet, width);
    }
    for (word, texts) in [("note", &report.notes), ("help", &report.help)] {
        for text in texts {
            let hang = width + " = note: ".len();
            let text = wrapped(&printable(text), hang, hang, columns);
            _ = writeln!(out, "{pad} {} {}: {text}", styled(FRAME, "="), styled(BOLD, word));
        }
    }
    tell(out);
}

/// Characters of a message that are shown: what was written may be a book.
const MOST: usize = 4_000;

/// Characters of a line that are shown.
const WIDEST: usize = 200;

/// A line; of a very long one the part around a column, and where that is in it.
fn window(line: &str, column: Option<usize>) -> (Cow<'_, str>, Option<usize>) {
    if line.chars().nth(WIDEST).is_none() {
        return (Cow::Borrowed(line), column);
    }
    let skipped = column.unwrap_or_default().saturating_sub(WIDEST / 2);
    let mut rest = line.chars().skip(skipped);
    let part: String = rest.by_ref().take(WIDEST).collect();
    let (before, after) = (if skipped > 0 { "…" } else { "" }, rest.next().map_or("", |_| "…"));
    let column = column.map(|column| column - skipped + before.chars().count());
    (Cow::Owned(format!("{before}{part}{after}")), column)
}

/// Lines of a statement that are shown.
const LINES: usize = 20;

/// A statement; of a long one the lines around a byte of it.
pub(crate) fn excerpt(sql: &str, at: Option<usize>) -> String {
    let line = at.and_then(|at| sql.get(..at)).map_or(0, |before| before.matches('\n').count());
    let first = line.saturating_sub(LINES / 2);
    let mut rest = sql.lines().skip(first);
    let part: Vec<_> = rest.by_ref().take(LINES).map(|line| window(line, None).0).collect();
    let (before, after) = (if first > 0 { "…\n" } else { "" }, rest.next().map_or("", |_| "\n…"));
    format!("{before}{}{after}", part.join("\n"))
}

fn draw(out: &mut String, snippet: &Snippet, width: usize) {
    let pad = " ".repeat(width);
    let column = snippet.column.map(|c| format!(":{c}")).unwrap_or_default();
    _ = writeln!(out, "{pad}{} {}:{}{column}", styled(FRAME, "-->"), printable(&snippet.path), snippet.line);
    if snippet.lines.is_empty() {
        return;
    }
    _ = writeln!(out, "{pad} {}", styled(FRAME, "|"));
    for (index, line) in snippet.lines.iter().enumerate() {
        let number = snippet.first_line + index;
        // A statement of hundreds of lines is not shown whole: its head, and what is around the place.
        if index > 3 && number.abs_diff(snippet.line) > 3 {
            continue;
        }
        let (line, column) = window(line, snippet.column.filter(|_| number == snippet.line));
        let blanks = column.map(|column| {
            let before = line.chars().take(column - 1);
            before.map(|c| if c == '\t' { "    " } else { " " }).collect::<String>()
        });
        let line = printable(&line).replace('\t', "    ");
        _ = writeln!(out, "{} {line}", styled(FRAME, format!("{number:>width$} |")));
        if let Some(blanks) = blanks {
            _ = writeln!(out, "{pad} {} {blanks}{}", styled(FRAME, "|"), styled(ERROR, "^"));
        }
    }
    _ = writeln!(out, "{pad} {}", styled(FRAME, "|"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_and_statements_are_shown_around_their_place() {
        assert_eq!(window("short", Some(2)), (Cow::Borrowed("short"), Some(2)));
        let line = format!("{}!{}", "é".repeat(500), "ü".repeat(500));
        let (part, column) = window(&line, Some(501));
        assert_eq!(part.chars().nth(column.unwrap() - 1), Some('!'));
        assert!(part.starts_with('…') && part.ends_with('…') && part.chars().count() == WIDEST + 2);
        let (part, column) = window(&line, Some(3));
        assert_eq!((part.chars().next(), column), (Some('é'), Some(3)));
        let sql = (0..100).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        let part = excerpt(&sql, sql.find("line 50"));
        assert!(part.starts_with("…\nline 40\n") && part.ends_with("line 59\n…"), "{part}");
        assert_eq!(excerpt("a\nb", None), "a\nb");
    }

    #[test]
    fn colours_alone_get_to_a_terminal() {
        let red = styled(BAD, "red");
        assert_eq!(guarded(&red), red);
        assert_eq!(guarded("a\u{1b}[2J\u{1b}]0;b\u{7}\n\tc\r"), "a\\u{1b}[2J\\u{1b}]0;b\\u{7}\n\tc\\u{d}");
    }
}
