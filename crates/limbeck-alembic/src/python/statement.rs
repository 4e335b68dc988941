//! Tokens to statements.

use super::expression::{Cursor, DEEPEST};
use super::lex::{Kind as TokenKind, tokens};
use super::{Kind, Statement};

/// The statements of a module.
pub(crate) fn read(source: &str) -> Vec<Statement> {
    let tokens = tokens(source);
    let mut cursor = Cursor { tokens: &tokens, at: 0, depth: 0 };
    let mut statements = Vec::new();
    while cursor.peek().kind != TokenKind::End {
        statements.extend(cursor.block());
        // A stray dedent would else stop here for ever.
        if matches!(cursor.peek().kind, TokenKind::Dedent | TokenKind::Indent) {
            cursor.at += 1;
        }
    }
    statements
}

/// Words that continue the statement before them.
const CONTINUING: [&str; 4] = ["elif", "else", "except", "finally"];

impl Cursor<'_> {
    /// Statements up to the end of their indentation.
    fn block(&mut self) -> Vec<Statement> {
        let mut statements: Vec<Statement> = Vec::new();
        while !matches!(self.peek().kind, TokenKind::Dedent | TokenKind::End | TokenKind::Indent) {
            if self.peek().kind == TokenKind::Newline || self.is(";") {
                self.at += 1;
                continue;
            }
            let continues = CONTINUING.iter().any(|word| self.is(word));
            let statement = self.statement();
            match statements.last_mut() {
                Some(before) if continues => before.span.end = statement.span.end,
                _ => statements.push(statement),
            }
        }
        statements
    }

    fn statement(&mut self) -> Statement {
        let (first, start) = (self.at, self.peek().start);
        let kind = self.known().filter(|kind| {
            let compound = matches!(kind, Kind::Function(..) | Kind::With(..) | Kind::If(..));
            compound || self.is(";") || matches!(self.peek().kind, TokenKind::Newline | TokenKind::End)
        });
        let kind = kind.unwrap_or_else(|| {
            self.at = first;
            self.skip();
            Kind::Other
        });
        // Dedents and line ends belong to no statement's text.
        let last = self.tokens[first..self.at].iter().rev().find(|token| !token.text.trim().is_empty());
        Statement { kind, span: start..last.map_or(start, |token| token.start + token.text.len()) }
    }

    fn known(&mut self) -> Option<Kind> {
        if self.peek().kind != TokenKind::Name {
            return self.expressions().map(Kind::Expression);
        }
        match self.peek().text {
            "pass" => {
                self.at += 1;
                Some(Kind::Nothing)
            }
            "return" => {
                self.at += 1;
                matches!(self.peek().kind, TokenKind::Newline | TokenKind::End).then_some(Kind::Return)
            }
            "import" => self.import(),
            "from" => self.import_from(),
            "def" => self.function(),
            "with" => self.with(),
            "if" => self.condition(),
            _ => self.assignment_or_expression(),
        }
    }

    fn assignment_or_expression(&mut self) -> Option<Kind> {
        let name = self.peek().text.to_owned();
        let next = self.tokens.get(self.at + 1).map_or("", |token| token.text);
        if next == ":" {
            while !self.is("=") {
                if matches!(self.peek().kind, TokenKind::Newline | TokenKind::End) {
                    return None;
                }
                self.at += 1;
            }
        } else if next == "=" {
            self.at += 1;
        } else {
            return self.expressions().map(Kind::Expression);
        }
        self.at += 1;
        self.expressions().map(|value| Kind::Assign(name, value))
    }

    /// `a.b.c`.
    fn path(&mut self) -> Option<String> {
        let mut path = String::new();
        while self.eat(".") {}
        loop {
            let name = self.take();
            (name.kind == TokenKind::Name).then_some(())?;
            path.push_str(name.text);
            if !self.eat(".") {
                return Some(path);
            }
            path.push('.');
        }
    }

    fn alias(&mut self) -> Option<String> {
        self.eat("as").then(|| self.take().text.to_owned())
    }

    fn import(&mut self) -> Option<Kind> {
        self.at += 1;
        let mut names = Vec::new();
        loop {
            let path = self.path()?;
            // `import a.b` binds `a`.
            let top = path.split('.').next().unwrap_or_default().to_owned();
            names.push(self.alias().map_or((top.clone(), top), |alias| (alias, path)));
            if !self.eat(",") {
                return Some(Kind::Import(names));
            }
        }
    }

    fn import_from(&mut self) -> Option<Kind> {
        self.at += 1;
        let module = self.path()?;
        self.eat("import").then_some(())?;
        let bracket = self.eat("(");
        let mut names = Vec::new();
        while !self.eat(")") && !matches!(self.peek().kind, TokenKind::Newline | TokenKind::End) {
            let name = self.take().text.to_owned();
            let alias = self.alias().unwrap_or_else(|| name.clone());
            names.push((alias, format!("{module}.{name}")));
            if !self.eat(",") && !bracket {
                break;
            }
        }
        Some(Kind::Import(names))
    }

    /// Only a function without parameters: others would need their arguments.
    fn function(&mut self) -> Option<Kind> {
        self.at += 1;
        let name = self.take().text.to_owned();
        (self.eat("(") && self.eat(")")).then_some(())?;
        while !self.is(":") {
            (self.peek().kind != TokenKind::Newline).then_some(())?;
            self.at += 1;
        }
        self.at += 1;
        Some(Kind::Function(name, self.body()?))
    }

    fn with(&mut self) -> Option<Kind> {
        self.at += 1;
        let manager = self.expression()?;
        let name = self.alias();
        self.eat(":").then_some(())?;
        Some(Kind::With(manager, name, self.body()?))
    }

    /// `if` or `elif`, with all that continues it.
    fn condition(&mut self) -> Option<Kind> {
        self.at += 1;
        let condition = self.expression()?;
        self.eat(":").then_some(())?;
        let body = self.body()?;
        let start = self.peek().start;
        let otherwise = if self.is("elif") {
            let kind = self.condition()?;
            vec![Statement { kind, span: start..self.end() }]
        } else if self.eat("else") {
            self.eat(":").then_some(())?;
            self.body()?
        } else {
            Vec::new()
        };
        Some(Kind::If(condition, body, otherwise))
    }

    /// What is indented after a colon, or stands behind it.
    fn body(&mut self) -> Option<Vec<Statement>> {
        if self.peek().kind != TokenKind::Newline {
            return Some(vec![self.statement()]);
        }
        self.at += 1;
        (self.take().kind == TokenKind::Indent && self.depth < DEEPEST).then_some(())?;
        self.depth += 1;
        let body = self.block();
        self.depth -= 1;
        if self.peek().kind == TokenKind::Dedent {
            self.at += 1;
        }
        Some(body)
    }

    /// Over a statement and all that is indented below it.
    fn skip(&mut self) {
        while !matches!(self.take().kind, TokenKind::Newline | TokenKind::End) {}
        let mut depth = 0_usize;
        loop {
            match self.peek().kind {
                TokenKind::Indent => depth += 1,
                TokenKind::Dedent if depth > 0 => depth -= 1,
                TokenKind::End => return,
                _ if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::Expression;

    #[test]
    fn what_is_too_deep_stays_text() {
        let source = format!("x = {}1{}\ny = {}1\n", "(".repeat(9_000), ")".repeat(9_000), "-".repeat(9_000));
        assert!(read(&source).iter().all(|statement| statement.kind == Kind::Other));
        let nested: String = (0..2_000).map(|n| format!("{}with a:\n", " ".repeat(n))).collect();
        assert_eq!(read(&nested).len(), 1);
        for broken in ["x = ((\"open", "\"\"\"open \\", "", "def f(", "\t", "with a:", "f\"{"] {
            read(broken);
        }
    }

    #[test]
    fn what_is_known_and_what_stays_text() {
        let source = "\"\"\"doc\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa, os.path\nx: str | None = 'a' 'b'\n\
                      def upgrade() -> None:\n    pass\n    for a in b:\n        c(a)\n    else:\n        d()\n    \
                      with f() as g:\n        h(1, *k, l={'m': -2})\ndef other(a):\n    return 1\n";
        let kinds = read(source);
        let words: Vec<String> =
            kinds.iter().map(|s| format!("{:?}", s.kind).chars().take(8).collect::<String>()).collect();
        assert_eq!(words, ["Expressi", "Import([", "Import([", "Assign(\"", "Function", "Other"]);
        assert!(
            matches!(&kinds[3].kind, Kind::Assign(_, node) if node.what == Expression::Text("ab".into()))
        );
        let Kind::Function(_, body) = &kinds[4].kind else { panic!() };
        let texts: Vec<&str> = body.iter().map(|s| &source[s.span.clone()]).collect();
        assert_eq!(texts[1], "for a in b:\n        c(a)\n    else:\n        d()");
        assert!(matches!(&body[2].kind, Kind::With(_, Some(g), inner) if g == "g" && inner.len() == 1));
    }
}
