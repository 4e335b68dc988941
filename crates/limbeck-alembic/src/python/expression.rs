//! Tokens to expressions. What isn't understood is no error: its statement stays text.

use super::lex::{Kind, Token};
use super::{Argument, Expression, Node, Piece};

/// A place among tokens.
pub(super) struct Cursor<'a> {
    pub(super) tokens: &'a [Token<'a>],
    pub(super) at: usize,
    /// How deep in brackets, operands and indentation.
    pub(super) depth: usize,
}

/// What is deeper stays text: nobody writes it, and the stack ends somewhere.
pub(super) const DEEPEST: usize = 100;

/// How tightly operators bind; those that aren't here end an expression.
const BINDING: [(&str, u8); 12] = [
    ("==", 1),
    ("!=", 1),
    ("|", 2),
    ("^", 3),
    ("&", 4),
    ("<<", 5),
    (">>", 5),
    ("+", 6),
    ("-", 6),
    ("*", 7),
    ("/", 7),
    ("%", 7),
];

impl<'a> Cursor<'a> {
    pub(super) fn peek(&self) -> Token<'a> {
        self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub(super) fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn is(&self, text: &str) -> bool {
        let token = self.peek();
        token.text == text && matches!(token.kind, Kind::Operator | Kind::Name)
    }

    /// Takes a token if it is this one.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    fn want(&mut self, text: &str) -> Option<()> {
        self.eat(text).then_some(())
    }

    /// The byte after the last token that was taken.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].start + self.tokens[last].text.len())
    }

    /// Expressions with commas between them are a tuple.
    pub(super) fn expressions(&mut self) -> Option<Node> {
        let first = self.expression()?;
        if !self.is(",") {
            return Some(first);
        }
        let (start, mut list) = (first.span.start, vec![first]);
        while self.eat(",") && !matches!(self.peek().kind, Kind::Newline | Kind::End) && !self.is(")") {
            list.push(self.expression()?);
        }
        Some(Node { what: Expression::List(list), span: start..self.end() })
    }

    pub(super) fn expression(&mut self) -> Option<Node> {
        self.binary(0)
    }

    fn binary(&mut self, least: u8) -> Option<Node> {
        let mut left = self.unary()?;
        while self.peek().kind == Kind::Operator {
            let Some((word, binding)) = BINDING.iter().find(|(word, b)| self.is(word) && *b > least) else {
                break;
            };
            self.at += 1;
            let right = self.binary(*binding)?;
            let span = left.span.start..right.span.end;
            left = Node { what: Expression::Binary(left.into(), (*word).to_owned(), right.into()), span };
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Node> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let node = self.operand();
        self.depth -= 1;
        node
    }

    fn operand(&mut self) -> Option<Node> {
        let start = self.peek().start;
        if self.eat("-") {
            let operand = self.unary()?;
            let span = start..operand.span.end;
            return Some(Node { what: Expression::Negative(operand.into()), span });
        }
        let mut node = self.atom()?;
        loop {
            let what = if self.eat(".") {
                let name = self.take();
                (name.kind == Kind::Name).then_some(())?;
                Expression::Attribute(node.into(), name.text.to_owned())
            } else if self.eat("(") {
                Expression::Call(node.into(), self.arguments()?)
            } else if self.eat("[") {
                let key = self.expressions()?;
                self.want("]")?;
                Expression::Subscript(node.into(), key.into())
            } else {
                return Some(node);
            };
            node = Node { what, span: start..self.end() };
        }
    }

    fn atom(&mut self) -> Option<Node> {
        let token = self.take();
        let what = match (token.kind, token.text) {
            (Kind::Name, "None") => Expression::None,
            (Kind::Name, "True") => Expression::Bool(true),
            (Kind::Name, "False") => Expression::Bool(false),
            (Kind::Name, "not" | "lambda" | "await" | "yield" | "if" | "for") => return None,
            (Kind::Name, name) => Expression::Name(name.to_owned()),
            (Kind::Number, digits) => Expression::Number(digits.replace('_', "")),
            (Kind::String, _) => {
                self.at -= 1;
                self.strings()?
            }
            (Kind::Operator, "(") => return self.parenthesized(token.start),
            (Kind::Operator, "[") => Expression::List(self.list("]")?),
            (Kind::Operator, "{") => self.braces()?,
            _ => return None,
        };
        Some(Node { what, span: token.start..self.end() })
    }

    fn parenthesized(&mut self, start: usize) -> Option<Node> {
        if self.eat(")") {
            return Some(Node { what: Expression::List(Vec::new()), span: start..self.end() });
        }
        let mut inner = self.expressions()?;
        self.want(")")?;
        inner.span = start..self.end();
        Some(inner)
    }

    fn list(&mut self, close: &str) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.expression()?);
            if !self.is(close) {
                self.want(",")?;
            }
        }
        Some(items)
    }

    fn braces(&mut self) -> Option<Expression> {
        let mut items = Vec::new();
        while !self.eat("}") {
            let key = self.expression()?;
            self.want(":")?;
            items.push((key, self.expression()?));
            if !self.is("}") {
                self.want(",")?;
            }
        }
        Some(Expression::Dict(items))
    }

    fn arguments(&mut self) -> Option<Vec<Argument>> {
        let mut arguments = Vec::new();
        while !self.eat(")") {
            let next = self.tokens.get(self.at + 1).map_or("", |token| token.text);
            let name = if self.is("*") || self.is("**") {
                Some(self.take().text.to_owned())
            } else if self.peek().kind == Kind::Name && next == "=" {
                let name = self.take().text.to_owned();
                self.at += 1;
                Some(name)
            } else {
                None
            };
            arguments.push(Argument { name, value: self.expression()? });
            if !self.is(")") {
                self.want(",")?;
            }
        }
        Some(arguments)
    }

    /// Strings that stand side by side are one.
    fn strings(&mut self) -> Option<Expression> {
        let mut pieces: Vec<Piece> = Vec::new();
        while self.peek().kind == Kind::String {
            for piece in literal(self.take().text)? {
                match (pieces.last_mut(), piece) {
                    (Some(Piece::Text(all)), Piece::Text(more)) => all.push_str(&more),
                    (_, piece) => pieces.push(piece),
                }
            }
        }
        Some(match &pieces[..] {
            [] => Expression::Text(String::new()),
            [Piece::Text(text)] => Expression::Text(text.clone()),
            _ => Expression::Format(pieces),
        })
    }
}

/// What a string literal says; none for bytes, and for f-strings that hold more than names.
fn literal(token: &str) -> Option<Vec<Piece>> {
    let quoted = token.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let prefix = token[..token.len() - quoted.len()].to_lowercase();
    let quotes = if quoted.starts_with("\"\"\"") || quoted.starts_with("'''") { 3 } else { 1 };
    let body = quoted.get(quotes..quoted.len().checked_sub(quotes)?)?.replace("\r\n", "\n");
    if prefix.contains('b') {
        return None;
    }
    let text = |text: &str| if prefix.contains('r') { Some(text.to_owned()) } else { unescaped(text) };
    if !prefix.contains('f') {
        return Some(vec![Piece::Text(text(&body)?)]);
    }
    let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), body.as_str());
    while let Some(brace) = rest.find(['{', '}']) {
        plain.push_str(&rest[..brace]);
        let doubled = rest[brace..].starts_with("{{") || rest[brace..].starts_with("}}");
        if doubled {
            plain.push_str(&rest[brace..=brace]);
            rest = &rest[brace + 2..];
            continue;
        }
        let (name, after) = rest[brace..].strip_prefix('{')?.split_once('}')?;
        let is_name = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric());
        is_name.then_some(())?;
        pieces.push(Piece::Text(text(&std::mem::take(&mut plain))?));
        pieces.push(Piece::Name(name.to_owned()));
        rest = after;
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(text(&plain)?));
    Some(pieces)
}

/// A string's text with its escapes resolved (Python's reference, 2.4.1.1).
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        let next = rest[slash + 1..].chars().next()?;
        let after = &rest[slash + 1 + next.len_utf8()..];
        let simple = match next {
            '\n' => Some(""),
            'n' => Some("\n"),
            't' => Some("\t"),
            'r' => Some("\r"),
            '\\' => Some("\\"),
            '\'' => Some("'"),
            '"' => Some("\""),
            _ => None,
        };
        rest = match (simple, next) {
            (Some(simple), _) => {
                out.push_str(simple);
                after
            }
            (None, 'x') => coded(&mut out, after, 2)?,
            (None, 'u') => coded(&mut out, after, 4)?,
            (None, 'U') => coded(&mut out, after, 8)?,
            (None, 'a' | 'b' | 'f' | 'v' | 'N' | '0'..='7') => return None,
            // An escape that Python doesn't know stays as it is.
            (None, other) => {
                out.push('\\');
                out.push(other);
                after
            }
        };
    }
    out.push_str(rest);
    Some(out)
}

/// A character by so many hexadecimal digits; what follows them.
fn coded<'a>(out: &mut String, text: &'a str, digits: usize) -> Option<&'a str> {
    let code = u32::from_str_radix(text.get(..digits)?, 16).ok()?;
    out.push(char::from_u32(code)?);
    text.get(digits..)
}
