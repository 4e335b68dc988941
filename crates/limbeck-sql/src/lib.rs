//! Identifiers, literals, quoting and a lexer for SQL text.
