//! Reads the statements that the server deparses (`pg_get_triggerdef`, `pg_get_ruledef`) word by word:
//! taken apart at keywords and brackets, never interpreted.

use limbeck_sql::{Token, TokenKind, bracketed, tokens};

/// A place in a statement.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<Token<'a>> {
        tokens(&self.text[self.at..])
            .find(|token| token.kind != TokenKind::Blank)
            .map(|token| Token { start: self.at + token.start, ..token })
    }

    /// Goes past these words, if they are next.
    pub(crate) fn words(&mut self, words: &str) -> bool {
        let from = self.at;
        for word in words.split(' ') {
            match self.peek() {
                Some(token) if token.is_word(word) => self.at = token.end(),
                _ => {
                    self.at = from;
                    return false;
                }
            }
        }
        true
    }

    /// Goes past a symbol, if it is next.
    pub(crate) fn symbol(&mut self, symbol: &str) -> bool {
        let next = self.peek().filter(|token| token.kind == TokenKind::Symbol && token.text == symbol);
        if let Some(token) = next {
            self.at = token.end();
        }
        next.is_some()
    }

    /// An identifier, as it is written.
    pub(crate) fn identifier(&mut self) -> Option<&'a str> {
        let token = self.peek().filter(|t| matches!(t.kind, TokenKind::Word | TokenKind::Quoted))?;
        self.at = token.end();
        Some(token.text)
    }

    /// A name, qualified or not, as it is written.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        let start = self.peek()?.start;
        self.identifier()?;
        while self.symbol(".") {
            self.identifier()?;
        }
        Some(&self.text[start..self.at])
    }

    /// What stands in the brackets that open next.
    pub(crate) fn bracketed(&mut self) -> Option<&'a str> {
        let open = self.peek().filter(|token| token.text == "(")?;
        let (inside, after) = bracketed(self.text, open.start)?;
        self.at = self.text.len() - after.len();
        Some(inside.trim())
    }

    /// All up to a word that stands outside brackets; the reader stops before it.
    pub(crate) fn until(&mut self, word: &str) -> Option<&'a str> {
        let from = self.at;
        let mut depth = 0;
        let end = tokens(&self.text[from..]).find(|token| {
            match (token.kind, token.text) {
                (TokenKind::Symbol, "(" | "[") => depth += 1,
                (TokenKind::Symbol, ")" | "]") => depth -= 1,
                _ => {}
            }
            depth == 0 && token.is_word(word)
        })?;
        self.at = from + end.start;
        Some(self.text[from..self.at].trim())
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a str {
        self.text[self.at..].trim()
    }
}
