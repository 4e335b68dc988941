//! A look at SQL that is going to be run as it stands: where its statements begin and end (to say
//! which one failed), and the few things that can't work through a connection that isn't `psql`.

use limbeck_sql::{Token, TokenKind, tokens};

/// Where a statement stands, in bytes, without the blanks and comments before it and without its `;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementSpan {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// Something that can't be run, and the byte where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unrunnable {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
    pub(crate) help: &'static str,
}

/// The statements of a text, cut as `psql` cuts them: at `;` outside of strings, comments, parentheses
/// (`create rule … do (…; …)`) and `begin atomic` bodies.
pub fn statements(sql: &str) -> Vec<StatementSpan> {
    let mut cutter = Cutter::default();
    for token in tokens(sql) {
        cutter.take(&token);
    }
    cutter.finish()
}

/// What keeps a text from being run as a part of a revision; all of it.
pub(crate) fn unrunnable(sql: &str, no_transaction: bool) -> Vec<Unrunnable> {
    let mut found: Vec<Unrunnable> = tokens(sql).filter_map(|token| bad_token(&token)).collect();
    let spans = statements(sql);
    found.extend(spans.iter().filter_map(|span| bad_statement(sql, *span, no_transaction)));
    if let (true, Some(second)) = (no_transaction, spans.get(1)) {
        found.push(Unrunnable {
            at: second.start,
            what: "a part outside a transaction holds one statement, and this is its second",
            help: "give it a part of its own: write a line like `-- limbeck:upgrade no-transaction` over it",
        });
    }
    found.sort_by_key(|bad| bad.at);
    found
}

/// Whether a text ends inside of a quote or a comment.
pub(super) fn ends_open(sql: &str) -> bool {
    tokens(sql).last().is_some_and(|token| is_open(&token))
}

/// Whether a quote or a comment runs to the end because nothing closes it.
fn is_open(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::String | TokenKind::Quoted => !closed(token.text),
        TokenKind::Blank => token.text.starts_with("/*") && !comment_closed(token.text),
        TokenKind::Word | TokenKind::Number | TokenKind::Symbol => false,
    }
}

fn bad_token(token: &Token<'_>) -> Option<Unrunnable> {
    let bad = |what, help| Some(Unrunnable { at: token.start, what, help });
    match token.kind {
        TokenKind::Symbol if token.text == "\\" => {
            bad("a command of psql, which is not SQL", "write what it does as SQL, or leave it out")
        }
        TokenKind::Blank if is_open(token) => bad("a comment that is never closed", "close it with */"),
        _ if is_open(token) => bad("a quote that is never closed", "close it"),
        TokenKind::Word
        | TokenKind::Quoted
        | TokenKind::String
        | TokenKind::Number
        | TokenKind::Symbol
        | TokenKind::Blank => None,
    }
}

fn bad_statement(sql: &str, span: StatementSpan, no_transaction: bool) -> Option<Unrunnable> {
    let text = &sql[span.start..span.end];
    let words: Vec<Token<'_>> = tokens(text).filter(|t| t.kind != TokenKind::Blank).take(400).collect();
    let word = |i: usize, w: &str| words.get(i).is_some_and(|t| t.is_word(w));
    let bad = |what, help| Some(Unrunnable { at: span.start, what, help });
    if word(0, "copy") {
        let wire = words.iter().skip(1).any(|t| t.is_word("stdin") || t.is_word("stdout"));
        return if wire {
            bad("`copy` through the client's connection", "write the rows as `insert … values`")
        } else {
            None
        };
    }
    if let Some((what, help)) = against_the_transaction(&words, no_transaction) {
        return bad(what, help);
    }
    None
}

/// What must not be done to the transaction in which a part runs, where it runs in one, and what to do instead.
fn against_the_transaction(
    words: &[Token<'_>],
    no_transaction: bool,
) -> Option<(&'static str, &'static str)> {
    let word = |i: usize, w: &str| words.get(i).is_some_and(|t| t.is_word(w));
    let begins = word(0, "begin") || (word(0, "start") && word(1, "transaction"));
    let ends = word(0, "commit")
        || word(0, "end")
        || word(0, "abort")
        || (word(0, "rollback") && !words.iter().any(|t| t.is_word("to")))
        || (word(0, "prepare") && word(1, "transaction"));
    let resets = word(0, "reset") && word(1, "all");
    match no_transaction {
        true if begins => Some((
            "a transaction that nothing ends: this part is one statement, and runs outside of one",
            "leave it out; what is to run in a transaction goes into a part without `no-transaction`",
        )),
        false if begins => Some((
            "a transaction within the one in which the revision and its version row stand",
            "leave out begin and commit: every part runs in a transaction, unless it is marked `no-transaction`",
        )),
        false if ends => Some((
            "a statement that ends the transaction in which the revision and its version row stand",
            "leave out begin and commit; what must run outside a transaction goes into a part \
             marked `no-transaction`",
        )),
        // Among them is what tells whether a part ended its transaction, were it from within a function.
        false if resets => Some((
            "a statement that takes away the settings under which revisions run",
            "reset the settings that the part has set, each by its name; after a part all are reset anyway",
        )),
        true | false => None,
    }
}

fn closed(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('$') {
        let tag = rest.find('$').map_or(text, |i| &text[..i + 2]);
        return text.len() >= 2 * tag.len() && text.ends_with(tag);
    }
    let body = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let escapes = text.starts_with(['e', 'E']);
    let Some(quote) = body.chars().next() else { return false };
    let mut chars = body[1..].chars().peekable();
    while let Some(c) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if_eq(&quote).is_none() {
            return true;
        }
    }
    false
}

fn comment_closed(text: &str) -> bool {
    let (opened, ended) = (text.matches("/*").count(), text.matches("*/").count());
    text.len() >= 4 && text.ends_with("*/") && opened <= ended
}

/// `psql`'s rules for the end of a statement (its `psqlscan.l`).
#[derive(Default)]
struct Cutter {
    spans: Vec<StatementSpan>,
    open: Option<StatementSpan>,
    depth: usize,
    words: Vec<String>,
    atomic: usize,
}

impl Cutter {
    fn take(&mut self, token: &Token<'_>) {
        if token.kind == TokenKind::Blank {
            return;
        }
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(") => self.depth += 1,
            (TokenKind::Symbol, ")") => self.depth = self.depth.saturating_sub(1),
            (TokenKind::Symbol, ";") if self.depth == 0 && self.atomic == 0 => return self.cut(),
            (TokenKind::Word, word) if self.depth == 0 => self.word(word),
            _ => {}
        }
        let open = self.open.get_or_insert(StatementSpan { start: token.start, end: token.end() });
        open.end = token.end();
    }

    fn word(&mut self, word: &str) {
        let word = word.to_lowercase();
        if self.in_routine() {
            match word.as_str() {
                "begin" => self.atomic += 1,
                "case" if self.atomic > 0 => self.atomic += 1,
                "end" => self.atomic = self.atomic.saturating_sub(1),
                _ => {}
            }
        }
        if self.words.len() < 4 {
            self.words.push(word);
        }
    }

    fn in_routine(&self) -> bool {
        let mut words = self.words.iter().map(String::as_str).filter(|w| !matches!(*w, "or" | "replace"));
        words.next() == Some("create") && matches!(words.next(), Some("function" | "procedure"))
    }

    fn cut(&mut self) {
        self.spans.extend(self.open.take());
        self.words.clear();
        self.depth = 0;
    }

    fn finish(mut self) -> Vec<StatementSpan> {
        self.cut();
        self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        statements(sql).into_iter().map(|s| &sql[s.start..s.end]).collect()
    }

    #[test]
    fn cuts_where_psql_cuts() {
        assert_eq!(texts("-- a;\nselect ';' ;; /* ; */ select 2"), ["select ';'", "select 2"]);
        assert_eq!(texts("do $x$ a; b; $x$; select 1;").len(), 2);
        assert_eq!(texts("create rule r as on insert to t do also (select 1; select 2); select 3").len(), 2);
        let atomic = "create or replace function f() returns int language sql \
                      begin atomic select case when true then 1 end; select 2; end; select 3";
        assert_eq!(texts(atomic).len(), 2, "{:?}", texts(atomic));
    }

    fn bad(sql: &str) -> Vec<&'static str> {
        unrunnable(sql, false).into_iter().map(|b| b.what).collect()
    }

    #[test]
    fn refuses_what_only_psql_can_run() {
        assert_eq!(bad("copy t (a) from stdin;").len(), 1);
        assert_eq!(bad("select 1;\n\\connect x").len(), 1);
        assert_eq!(bad("select '\\d', $$ \\d $$, E'\\'' -- \\d\n, \"a\\b\"; copy t from '/x';"), [""; 0]);
        assert_eq!(bad("select 'copy t from stdin;'; /* copy t from stdin */"), [""; 0]);
    }

    #[test]
    fn refuses_what_never_ends_and_what_ends_the_transaction() {
        assert_eq!(bad("select 'abc").len(), 1);
        assert_eq!(bad("select $a$ x $b$").len(), 1);
        assert_eq!(bad("select 1 /* /* */").len(), 1);
        assert_eq!(bad("begin; select 1; commit;").len(), 2);
        assert_eq!(bad("start transaction; reset all; RESET /* */ ALL").len(), 3);
        assert_eq!(
            bad("reset work_mem; create function f() returns int begin atomic select 1; end"),
            [""; 0]
        );
        assert_eq!(unrunnable("begin", true).len(), 1);
        assert_eq!(unrunnable("reset all", true).len(), 0);
        assert_eq!(bad("savepoint a; rollback to a; select 'it''s', $a$b$a$;"), [""; 0]);
        assert_eq!(unrunnable("select 1; select 2;", true).len(), 1);
    }
}
