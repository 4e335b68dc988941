//! What sort of statement stands in a part outside a transaction: whether one that may or may not have
//! happened can be looked for, or run again. Pure. Where the first words don't say it, a person decides.

use limbeck_sql::{Token, TokenKind, tokens};

/// What was found of a part that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It happened; by what that shows.
    Happened(String),
    /// It did not; by what that shows. It runs again.
    Missing(String),
    /// Running it again changes nothing where it happened.
    Repeatable,
    /// An index was left invalid; dropped, it is made again.
    Invalid(String),
    /// It runs again, because that was asked for.
    Repeated,
    /// It is taken as done, because that was asked for.
    Skipped,
}

/// A sort of statement, with its names as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sort<'a> {
    /// `create index concurrently`.
    MakeIndex(MakeIndex<'a>),
    /// `drop index concurrently`.
    DropIndexes(Vec<&'a str>),
    /// `alter type … add value`, without `if not exists`.
    AddValue { kind: &'a str, label: &'a str },
    /// What changes nothing the second time.
    Repeatable,
    /// All else.
    Other,
}

/// A `create index concurrently name on table …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MakeIndex<'a> {
    pub(super) unique: bool,
    /// Without quotes, folded.
    pub(super) name: String,
    /// As it is written.
    pub(super) table: &'a str,
    /// What follows the table.
    pub(super) rest: &'a str,
}

impl<'a> Sort<'a> {
    pub(super) fn of(sql: &'a str) -> Self {
        let mut words =
            Words { sql, tokens: tokens(sql).filter(|t| t.kind != TokenKind::Blank).collect(), at: 0 };
        if words.take(&["create"]) {
            let unique = words.take(&["unique"]);
            if words.take(&["index", "concurrently"]) {
                return words.make_index(unique).map_or(Sort::Other, Sort::MakeIndex);
            }
            words.at = 1;
            return if words.is_guarded(&["if", "not", "exists"]) { Sort::Repeatable } else { Sort::Other };
        }
        if words.take(&["drop", "index", "concurrently"]) {
            words.take(&["if", "exists"]);
            return words.names().map_or(Sort::Other, Sort::DropIndexes);
        }
        if words.take(&["drop"]) {
            return if words.is_guarded(&["if", "exists"]) { Sort::Repeatable } else { Sort::Other };
        }
        if words.take(&["alter", "type"]) {
            return words.add_value().unwrap_or(Sort::Other);
        }
        let repeatable = ["vacuum", "analyze", "reindex", "refresh", "checkpoint", "cluster"];
        if repeatable.iter().any(|word| words.take(&[word])) { Sort::Repeatable } else { Sort::Other }
    }
}

/// The tokens of a statement, and how far they are read.
struct Words<'a> {
    sql: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Words<'a> {
    /// Goes past these words, if they come next.
    fn take(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.get(self.at..self.at + words.len());
        let same = next.is_some_and(|next| next.iter().zip(words).all(|(token, word)| token.is_word(word)));
        if same {
            self.at += words.len();
        }
        same
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let same = self.tokens.get(self.at).is_some_and(|t| t.kind == TokenKind::Symbol && t.text == symbol);
        self.at += usize::from(same);
        same
    }

    /// Whether these words stand within the first few, as in `create table if not exists`.
    fn is_guarded(&mut self, words: &[&str]) -> bool {
        (self.at..self.at + 4).any(|at| {
            self.at = at;
            self.take(words)
        })
    }

    /// A name with its schema.
    fn name(&mut self) -> Option<&'a str> {
        let first = *self.tokens.get(self.at).filter(|token| token.identifier().is_some())?;
        self.at += 1;
        let mut end = first.end();
        while self.symbol(".") {
            end = self.tokens.get(self.at).filter(|token| token.identifier().is_some())?.end();
            self.at += 1;
        }
        self.sql.get(first.start..end)
    }

    fn names(&mut self) -> Option<Vec<&'a str>> {
        let mut all = vec![self.name()?];
        while self.symbol(",") {
            all.push(self.name()?);
        }
        Some(all)
    }

    fn make_index(mut self, unique: bool) -> Option<MakeIndex<'a>> {
        self.take(&["if", "not", "exists"]);
        let name = self.tokens.get(self.at).filter(|token| !token.is_word("on"))?.identifier()?;
        self.at += 1;
        if !self.take(&["on"]) {
            return None;
        }
        self.take(&["only"]);
        let table = self.name()?;
        let rest = self.tokens.get(self.at)?.start;
        let rest = self.sql[rest..].trim_end().trim_end_matches(';');
        Some(MakeIndex { unique, name, table, rest })
    }

    fn add_value(mut self) -> Option<Sort<'a>> {
        let kind = self.name()?;
        if !self.take(&["add", "value"]) {
            return None;
        }
        if self.take(&["if", "not", "exists"]) {
            return Some(Sort::Repeatable);
        }
        let label = self.tokens.get(self.at).filter(|token| token.kind == TokenKind::String)?;
        Some(Sort::AddValue { kind, label: label.text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_stand() {
        let index = |sql| match Sort::of(sql) {
            Sort::MakeIndex(index) => index,
            other => panic!("{other:?}"),
        };
        let made = index(
            "-- why\nCreate unique index concurrently if not exists \"I i\" on only s.\"T\" using gin (a);\n",
        );
        assert_eq!(
            made,
            MakeIndex { unique: true, name: "I i".into(), table: "s.\"T\"", rest: "using gin (a)" }
        );
        assert_eq!(index("create index concurrently I on t(a) where b").rest, "(a) where b");
        assert_eq!(Sort::of("create index concurrently on t (a)"), Sort::Other);
        assert_eq!(Sort::of("drop index concurrently if exists a, b.c"), Sort::DropIndexes(vec!["a", "b.c"]));
        assert_eq!(
            Sort::of("alter type public.mood add value 'it''s' after 'x'"),
            Sort::AddValue { kind: "public.mood", label: "'it''s'" }
        );
    }

    #[test]
    fn what_can_run_twice_says_so() {
        for sql in [
            "alter type mood add value if not exists 'ok'",
            "vacuum (analyze) t",
            "create table if not exists t ()",
            "create unlogged table if not exists t ()",
            "drop materialized view if exists v",
            "reindex table concurrently t",
        ] {
            assert_eq!(Sort::of(sql), Sort::Repeatable, "{sql}");
        }
        for sql in ["create table t ()", "drop table t", "call work()", "alter type t rename to u", "create"]
        {
            assert_eq!(Sort::of(sql), Sort::Other, "{sql}");
        }
    }
}
