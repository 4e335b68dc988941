//! Statements to the parts of a revision: what must run outside a transaction gets a part of its own, `BEGIN`
//! and `COMMIT` become where parts begin, and what is left to a person is marked.

use std::collections::BTreeMap;
use std::ops::Range;

use limbeck_migrate::PartText;
use limbeck_migrate::file::statements;
use limbeck_sql::{TokenKind, tokens};

use crate::translate::Statement;

/// What stands in a part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// SQL, and whether it was to run outside a transaction.
    Sql(String, bool),
    /// A marked place: words, and the text that they are about.
    Left(String, String),
}

/// Pieces of a function's statements. `made` says how often each enum is made along the whole chain; `place`
/// names a line of the script.
pub(crate) fn pieces(
    list: Vec<Statement>,
    source: &str,
    made: &BTreeMap<String, usize>,
    place: impl Fn(usize) -> String,
) -> Vec<Piece> {
    let piece = |statement| match statement {
        Statement::Sql { text, alone } => Piece::Sql(text, alone),
        Statement::CreateEnum { name, sql, looks } if looks && made.get(&name).is_some_and(|n| *n > 1) => {
            Piece::Sql(unless_there(&sql), false)
        }
        Statement::CreateEnum { sql, .. } => Piece::Sql(sql, false),
        Statement::Left { span, why } => {
            Piece::Left(format!("{}: {why}", place(span.start)), dedented(source, span))
        }
    };
    list.into_iter().map(piece).collect()
}

/// A statement's text, its further lines as far to the left as its first.
fn dedented(source: &str, span: Range<usize>) -> String {
    let column = source[..span.start].rfind('\n').map_or(span.start, |at| span.start - at - 1);
    let mut lines = source[span].lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let blank = |line: &str| line.len() - line.trim_start_matches(' ').len();
    lines.fold(first, |text, line| format!("{text}\n{}", &line[blank(line).min(column)..]))
}

/// What Alembic does by looking first.
fn unless_there(sql: &str) -> String {
    format!("DO $limbeck$ BEGIN\n  {sql};\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $limbeck$")
}

/// The parts that pieces make.
pub(crate) fn parts(pieces: Vec<Piece>) -> Vec<PartText> {
    let mut maker = Maker { parts: Vec::new(), open: String::new(), autocommit: false };
    for piece in pieces {
        match piece {
            Piece::Sql(text, alone) => maker.sql(&text, alone),
            Piece::Left(words, text) => maker.left(&words, &text),
        }
    }
    maker.close();
    maker.parts
}

struct Maker {
    parts: Vec<PartText>,
    open: String,
    autocommit: bool,
}

impl Maker {
    fn sql(&mut self, text: &str, alone: bool) {
        let ordinary = !alone && !self.autocommit;
        let kinds: Vec<_> = statements(text).iter().map(|span| kind(&text[span.start..span.end])).collect();
        if ordinary && kinds.iter().all(|kind| *kind == Where::Anywhere) {
            return self.add(&ended(text));
        }
        for (sql, kind) in split(text).into_iter().zip(kinds) {
            match kind {
                Where::Begins => self.autocommit = false,
                Where::Ends => self.autocommit = true,
                Where::Outside => self.alone(&sql),
                Where::Anywhere if alone || self.autocommit => self.alone(&sql),
                Where::Anywhere => self.add(&sql),
            }
        }
    }

    fn add(&mut self, sql: &str) {
        if !self.open.is_empty() {
            self.open.push('\n');
        }
        self.open.push_str(sql);
        self.open.push('\n');
    }

    fn alone(&mut self, sql: &str) {
        self.close();
        self.parts.push(PartText { no_transaction: true, sql: format!("{sql}\n"), ..PartText::default() });
    }

    fn left(&mut self, words: &str, text: &str) {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let quoted: String = text.lines().map(|line| format!("\n-- | {line}")).collect();
        self.add(&format!("-- limbeck:todo {words}{quoted}"));
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let sql = std::mem::take(&mut self.open);
            self.parts.push(PartText { sql, ..PartText::default() });
        }
    }
}

/// Where a statement may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Anywhere,
    Outside,
    /// It begins a transaction.
    Begins,
    /// It ends one.
    Ends,
}

fn kind(sql: &str) -> Where {
    let words: Vec<String> = tokens(sql)
        .filter(|token| token.kind != TokenKind::Blank)
        .take(6)
        .map(|token| token.text.to_lowercase())
        .collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let concurrently = words.iter().any(|word| word == "concurrently");
    match word(0) {
        "begin" | "start" => Where::Begins,
        "commit" | "end" | "rollback" if word(1) != "to" => Where::Ends,
        "vacuum" => Where::Outside,
        "create" | "drop" | "reindex" if concurrently => Where::Outside,
        "create" | "drop" if matches!(word(1), "database" | "tablespace") => Where::Outside,
        _ => Where::Anywhere,
    }
}

/// The statements of a text, each with the comments before it, and with its semicolon.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut begin = 0;
    let mut out = Vec::new();
    for span in statements(text) {
        let sql = text[begin..span.end].trim();
        out.push(format!("{};", sql.trim_start_matches(';').trim_start()));
        begin = span.end;
    }
    out
}

/// A text whose last statement has its semicolon.
fn ended(text: &str) -> String {
    let text = text.trim();
    match statements(text).last() {
        Some(last) if !text[last.end..].trim_start().starts_with(';') => {
            format!("{};{}", &text[..last.end], &text[last.end..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(texts: &[&str]) -> Vec<(bool, String)> {
        let pieces = texts.iter().map(|text| Piece::Sql((*text).to_owned(), false)).collect();
        parts(pieces).into_iter().map(|part| (part.no_transaction, part.sql)).collect()
    }

    #[test]
    fn what_needs_no_transaction_gets_a_part_of_its_own() {
        assert_eq!(
            made(&["select 1", "select 2; -- two"]),
            [(false, "select 1;\n\nselect 2; -- two\n".to_owned())]
        );
        let parts =
            made(&["a", "COMMIT", "vacuum t", "BEGIN", "b; create index concurrently i on t (a)", "c"]);
        let kinds: Vec<bool> = parts.iter().map(|(alone, _)| *alone).collect();
        assert_eq!(kinds, [false, true, false, true, false]);
        assert_eq!(parts[2].1, "b;\n");
    }

    #[test]
    fn comments_stay_with_their_statement() {
        assert_eq!(split("-- one\na; -- two\nb"), ["-- one\na;", "-- two\nb;"]);
    }
}
