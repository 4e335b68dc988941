//! Python source to tokens, with indentation as tokens of its own (Python's reference, chapter 2).

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    String,
    Operator,
    Newline,
    Indent,
    Dedent,
    End,
}

/// A token and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

/// Operators of more than one character, longest first.
const LONG: [&str; 24] = [
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=",
    "*=", "/=", "%=", "&=", "|=", "^=", ":=", "@=",
];

/// All tokens; the last is [`Kind::End`].
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, at: 0, depth: 0, indents: vec![0], tokens: Vec::new() };
    lexer.line_start();
    while lexer.at < source.len() {
        lexer.next();
    }
    if lexer.tokens.last().is_some_and(|token| token.kind != Kind::Newline) {
        lexer.push(Kind::Newline, source.len());
    }
    lexer.dedent(0);
    lexer.push(Kind::End, source.len());
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    depth: usize,
    indents: Vec<usize>,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// A token from here to there.
    fn push(&mut self, kind: Kind, to: usize) {
        self.tokens.push(Token { kind, text: &self.source[self.at..to], start: self.at });
        self.at = to;
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        match first {
            '\n' if self.depth == 0 => {
                if self.tokens.last().is_some_and(|token| !matches!(token.kind, Kind::Newline | Kind::Indent))
                {
                    self.push(Kind::Newline, self.at + 1);
                } else {
                    self.at += 1;
                }
                self.line_start();
            }
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            c if c.is_whitespace() || c == '\\' || c == '\u{feff}' => self.at += c.len_utf8(),
            '"' | '\'' => self.string(0),
            c if c.is_ascii_digit() => self.number(),
            c if c == '_' || c.is_alphabetic() => self.word(),
            _ => self.operator(),
        }
        // A line that a backslash continues has no indentation.
        if first == '\\' && self.rest().starts_with('\n') {
            self.at += 1;
        }
    }

    /// Indentation, at the beginning of a line that holds something.
    fn line_start(&mut self) {
        let rest = self.rest();
        let body = rest.trim_start_matches([' ', '\t', '\r', '\u{c}']);
        let width = rest[..rest.len() - body.len()].chars().map(|c| if c == '\t' { 8 } else { 1 }).sum();
        self.at += rest.len() - body.len();
        if body.is_empty() || body.starts_with(['\n', '#']) {
            return;
        }
        if width > self.indents.last().copied().unwrap_or_default() {
            self.indents.push(width);
            self.push(Kind::Indent, self.at);
        }
        self.dedent(width);
    }

    fn dedent(&mut self, width: usize) {
        while self.indents.last().is_some_and(|open| *open > width) {
            self.indents.pop();
            self.push(Kind::Dedent, self.at);
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let mut previous = ' ';
        let end = rest.find(|c: char| {
            let exponent = matches!(previous, 'e' | 'E') && !rest.starts_with("0x") && matches!(c, '+' | '-');
            previous = c;
            !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || exponent)
        });
        self.push(Kind::Number, self.at + end.unwrap_or(rest.len()));
    }

    fn word(&mut self) {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c == '_' || c.is_alphanumeric())).unwrap_or(rest.len());
        let is_prefix = end <= 2 && rest[..end].chars().all(|c| "rbufRBUF".contains(c));
        if is_prefix && rest[end..].starts_with(['"', '\'']) {
            self.string(end);
        } else {
            self.push(Kind::Name, self.at + end);
        }
    }

    /// A string whose prefix is so long. Even a raw one goes on after a backslash and a quote.
    fn string(&mut self, prefix: usize) {
        let body = &self.rest()[prefix..];
        let quote = &body[..1];
        let triple = quote.repeat(3);
        let close = if body.starts_with(&triple) { triple.as_str() } else { quote };
        let mut end = close.len();
        while end < body.len() && !body[end..].starts_with(close) {
            let c = body[end..].chars().next().unwrap_or_default();
            let escaped =
                if c == '\\' { body[end + 1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
            end += c.len_utf8() + escaped;
        }
        let end = (end + close.len()).min(body.len());
        self.push(Kind::String, self.at + prefix + end);
    }

    fn operator(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = LONG.iter().find(|long| rest.starts_with(**long)).map_or(first, |long| long.len());
        match &rest[..length] {
            "(" | "[" | "{" => self.depth += 1,
            ")" | "]" | "}" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.push(Kind::Operator, self.at + length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_strings_and_brackets() {
        let source =
            "def f():\n    # note\n    x = r'a\\'b' + \"\"\"q\n\"'\"\"\"\n\n    g(1,\n2)\ny = 1_0.5e-3\n";
        let kinds: Vec<Kind> = tokens(source).iter().map(|token| token.kind).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Indent).count(), 1);
        assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Dedent).count(), 1);
        assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Newline).count(), 4);
        let texts: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
        assert!(
            texts.contains(&"r'a\\'b'")
                && texts.contains(&"\"\"\"q\n\"'\"\"\"")
                && texts.contains(&"1_0.5e-3")
        );
    }
}
