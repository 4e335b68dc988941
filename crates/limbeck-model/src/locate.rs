//! Where in a model the text stands that a server complained of: it names a place in a statement of ours, which
//! was made of texts of the model.

use std::cmp::Reverse;

use limbeck_catalog::ObjectId;
use limbeck_catalog::document::Span;
use limbeck_sql::{Token, TokenKind, tokens};

use crate::Place;
use crate::diagnostic::place;
use crate::read::{Declared, Stretch};

impl Declared {
    /// The place in the files of what stands in a statement about an object, `at` bytes from its beginning; that of
    /// the object's name, where it can't be told.
    pub fn place_in(&self, id: &ObjectId, sql: &str, at: Option<usize>) -> Option<Place> {
        let Stretch { name, extent } = *self.places.get(id)?;
        let extent = extent.unwrap_or(name);
        let text = self.files.get(extent.file as usize)?.text.get(extent.start as usize..extent.end as usize);
        let found = text.zip(at).and_then(|(text, at)| locate(text, sql, at));
        let start = found.and_then(|offset| Some(extent.start + u32::try_from(offset).ok()?));
        place(&self.files, start.map_or(name, |start| Span { start, end: start, ..extent }))
    }
}

/// Where a text has what stands at a byte of a statement. A statement has its own layout, and a text of YAML its own
/// escapes: so of all places with the same word, it is the one around which most is the same; of several, the one whose
/// line has more of the words that stand in the statement's line.
fn locate(text: &str, sql: &str, at: usize) -> Option<usize> {
    let word = word_at(sql, at)?;
    let around: Vec<&str> = tokens(line_at(sql, word.start)).map(|token| token.text).collect();
    let alike = |offset: usize| {
        let before = common(text[..offset].chars().rev(), sql[..word.start].chars().rev());
        let line = line_at(text, offset);
        let words = around.iter().filter(|word| line.contains(**word)).count();
        (before + common(text[offset..].chars(), sql[word.start..].chars()), words)
    };
    // A bracket or a comma stands everywhere: alone it says nothing.
    let least = if word.kind == TokenKind::Symbol { 3 } else { word.text.chars().count() };
    let places = text.match_indices(word.text).map(|(offset, _)| (alike(offset), offset));
    let likely = places.filter(|((length, _), _)| *length >= least);
    likely.max_by_key(|(alike, offset)| (*alike, Reverse(*offset))).map(|(_, offset)| offset)
}

fn line_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    &text[start..end]
}

/// The token at a byte; the last one, where it is the statement's end.
fn word_at(sql: &str, at: usize) -> Option<Token<'_>> {
    let words = || tokens(sql).filter(|token| token.kind != TokenKind::Blank);
    words().find(|token| token.end() > at).or_else(|| words().last())
}

/// How many characters are the same from here on, on one line.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b && *a != '\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the text has from the place on, for a statement whose place is marked by `^`.
    fn check(text: &str, sql: &str, want: Option<&str>) {
        let at = sql.find('^').expect("a mark");
        let found = locate(text, &sql.replace('^', ""), at);
        assert_eq!(found.map(|offset| text[offset..].lines().next().unwrap_or_default()), want, "{sql}");
    }

    #[test]
    fn what_the_server_points_at_is_found_in_the_model() {
        let view = "  v: |\n    select a\n    fro t\n";
        check(view, "create view public.v as\nselect a\n^fro t", Some("fro t"));
        check(view, "create view public.v as\nselect a\nfro ^t", Some("t"));
        check(view, "create view public.v as\nselect a\nfro t^", Some("t"));
        let table =
            "t:\n  columns:\n    kind: text\n    b: kind\n  checks:\n    c: a > > 1\n    d: \"a = 1)\"\n";
        check(table, "create table t (\n    kind text,\n    b ^kind\n)", Some("kind"));
        check(table, "create table t (constraint c check (a > ^> 1))", Some("> 1"));
        check(table, "create table t (constraint d check (a = 1^)))", Some(")\""));
        check(table, "create table t ^(b)", None);
        check("v: 'it''s'", "create view v as select ^'it''s'", Some("'it''s'"));
    }
}
