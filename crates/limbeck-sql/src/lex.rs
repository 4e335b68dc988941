//! A lexer for SQL text, by the rules of the manual's "Lexical Structure": enough to find
//! identifiers, parentheses and top-level commas without mistaking strings or comments for them.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An unquoted word: a keyword or an identifier.
    Word,
    /// A `"quoted"` identifier.
    Quoted,
    /// A string constant of any form: `'…'`, `E'…'`, `$tag$…$tag$`.
    String,
    /// A numeric constant.
    Number,
    /// One character of punctuation or of an operator.
    Symbol,
    /// White space or a comment.
    Blank,
}

/// A token and where it stands, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text, quotes included.
    pub text: &'a str,
    /// The byte offset of its first character.
    pub start: usize,
}

impl Token<'_> {
    /// The byte offset after its last character.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether this is the unquoted word, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// The name that it is, if it is one: a word folded to lower case, what stands between the quotes of
    /// a quoted identifier.
    pub fn identifier(&self) -> Option<String> {
        match self.kind {
            TokenKind::Word => Some(self.text.to_lowercase()),
            TokenKind::Quoted => {
                let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
                Some(inner.replace("\"\"", "\""))
            }
            TokenKind::String | TokenKind::Number | TokenKind::Symbol | TokenKind::Blank => None,
        }
    }

    /// What stands between the quotes of a string constant, escapes as they are.
    fn content(&self) -> &str {
        let text = self.text.trim_start_matches(['e', 'E', 'b', 'B', 'x', 'X', 'n', 'N']);
        let tag = match text.strip_prefix('$').and_then(|rest| rest.find('$')) {
            Some(end) => &text[..end + 2],
            None => "'",
        };
        let inner = text.strip_prefix(tag).unwrap_or(text);
        inner.strip_suffix(tag).unwrap_or(inner)
    }
}

/// A name as it is stored, from one as it is written: without its quotes, if it has any. Nothing is folded.
pub fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// Every token of a text, blanks included; an unterminated string or comment runs to the end.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let first = rest.chars().next()?;
        let (kind, len) = next(rest, first);
        let token = Token { kind, text: &rest[..len], start: at };
        at += len;
        Some(token)
    })
}

fn next(rest: &str, first: char) -> (TokenKind, usize) {
    let second = rest[first.len_utf8()..].chars().next();
    match (first, second) {
        ('-', Some('-')) => (TokenKind::Blank, rest.find('\n').unwrap_or(rest.len())),
        ('/', Some('*')) => (TokenKind::Blank, comment(rest)),
        ('\'', _) => (TokenKind::String, quoted(rest, 0, '\'', false)),
        ('e' | 'E', Some('\'')) => (TokenKind::String, quoted(rest, 1, '\'', true)),
        ('b' | 'B' | 'x' | 'X' | 'n' | 'N', Some('\'')) => (TokenKind::String, quoted(rest, 1, '\'', false)),
        ('"', _) => (TokenKind::Quoted, quoted(rest, 0, '"', false)),
        ('$', _) => match dollar(rest) {
            Some(len) => (TokenKind::String, len),
            None => (TokenKind::Symbol, 1),
        },
        (c, _) if c.is_whitespace() => {
            (TokenKind::Blank, rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()))
        }
        (c, _) if c.is_alphabetic() || c == '_' => {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
            (TokenKind::Word, end.unwrap_or(rest.len()))
        }
        (c, _) if c.is_ascii_digit() => {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'));
            (TokenKind::Number, end.unwrap_or(rest.len()))
        }
        (c, _) => (TokenKind::Symbol, c.len_utf8()),
    }
}

/// The length of a quoted token whose opening quote stands at `open`.
fn quoted(rest: &str, open: usize, quote: char, backslash: bool) -> usize {
    let mut chars = rest[open + 1..].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if backslash && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some(&(_, next)) if next == quote => drop(chars.next()),
                _ => return open + 1 + i + 1,
            }
        }
    }
    rest.len()
}

/// The length of a nested block comment.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a dollar-quoted string, if one starts here (`$1` is a parameter).
fn dollar(rest: &str) -> Option<usize> {
    let tag = &rest[1..][..rest[1..].find('$')?];
    let valid =
        tag.chars().enumerate().all(|(i, c)| c == '_' || c.is_alphabetic() || (i > 0 && c.is_ascii_digit()));
    let open = tag.len() + 2;
    valid.then(|| rest[open..].find(&rest[..open]).map_or(rest.len(), |close| open + close + open))
}

/// The byte offset just after the bracket that closes the one at `open`; the text's end if none does.
pub fn balanced_end(text: &str, open: usize) -> usize {
    bracketed(text, open).map_or(text.len(), |(_, after)| text.len() - after.len())
}

/// What stands between the bracket at `open` and the one that closes it, and what follows; `None` if none
/// does.
pub fn bracketed(text: &str, open: usize) -> Option<(&str, &str)> {
    let (opened, mut depth) = (&text[open..], 0);
    for token in tokens(opened) {
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => depth += 1,
            (TokenKind::Symbol, ")" | "]") => {
                depth -= 1;
                if depth == 0 {
                    return Some((&opened[1..token.start], &opened[token.end()..]));
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands before the first such symbol, and the rest from there on: all and nothing where there is none. One
/// inside of a quoted name, a string or a comment is none.
pub fn split_at_symbol<'a>(text: &'a str, symbol: &str) -> (&'a str, &'a str) {
    let found = tokens(text).find(|token| token.kind == TokenKind::Symbol && token.text == symbol);
    text.split_at(found.map_or(text.len(), |token| token.start))
}

/// Splits at the commas that stand outside brackets, strings and comments; parts are trimmed.
pub fn split_top_level(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for token in tokens(text) {
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => depth += 1,
            (TokenKind::Symbol, ")" | "]") => depth -= 1,
            (TokenKind::Symbol, ",") if depth == 0 => {
                parts.push(text[from..token.start].trim());
                from = token.end();
            }
            _ => {}
        }
    }
    let last = text[from..].trim();
    if !last.is_empty() || !parts.is_empty() {
        parts.push(last);
    }
    parts
}

/// The identifiers that a text mentions: words folded to lower case, quoted ones as they are, and
/// those inside string constants too, since bodies and `regclass` literals name things there.
pub fn identifiers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect_identifiers(text, &mut found, 0);
    found
}

fn collect_identifiers(text: &str, found: &mut Vec<String>, depth: usize) {
    for token in tokens(text) {
        found.extend(token.identifier());
        // A body within a body within a body is as deep as anybody goes.
        if token.kind == TokenKind::String && depth < 3 {
            collect_identifiers(token.content(), found, depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_hide_brackets() {
        let text = "(a ')' , $x$ ) $x$ /* ) /* ) */ */ -- )\n b)";
        assert_eq!(balanced_end(&format!("{text} c"), 0), text.len());
    }

    #[test]
    fn splits_at_top_level_commas_only() {
        assert_eq!(split_top_level("a, f(b, c), 'd,e', \"g,h\""), ["a", "f(b, c)", "'d,e'", "\"g,h\""]);
        assert!(split_top_level("").is_empty());
    }

    #[test]
    fn symbols_in_names_are_none() {
        assert_eq!(split_at_symbol("\"a(b\".c(d)", "("), ("\"a(b\".c", "(d)"));
        assert_eq!(split_at_symbol("a", "["), ("a", ""));
    }

    #[test]
    fn finds_identifiers_in_bodies() {
        let found = identifiers("select nextval('shop.\"Seq\"'::regclass), $$ select * from t $$");
        assert!(["shop", "Seq", "t", "nextval"].iter().all(|n| found.contains(&n.to_string())), "{found:?}");
        assert_eq!(identifiers("$fn$ a $fn$ $$b$$ E'c'"), ["a", "b", "c"]);
    }

    #[test]
    fn names_that_end_in_a_quote_keep_it() {
        assert_eq!(identifiers("\"a\"\"\" Bc"), ["a\"", "bc"]);
    }

    #[test]
    fn what_is_not_closed_runs_to_the_end() {
        for text in ["'é", "\"é", "$$é", "E'", "\"", "(é", "$x$é", "/* é"] {
            identifiers(text);
            assert_eq!(balanced_end(&format!("({text}"), 0), text.len() + 1);
            assert_eq!(bracketed(&format!("({text}"), 0), None);
        }
        assert_eq!(bracketed("f(a, (b)) c", 1), Some(("a, (b)", " c")));
    }
}
