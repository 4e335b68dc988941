//! As much of Python as migration scripts need: literals, names, calls, and where statements begin and end.
//! What is beyond that is a statement with nothing but its text ([`Kind::Other`]). Nothing is executed.
//!
//! A reader of our own, because what there is costs more than it is worth here: the one parser in Rust that
//! is kept up belongs to a linter, says of itself that it is internal, and brings some forty crates; its
//! predecessor rests; and a generated C parser is half a megabyte of tables for a handful of literals.

mod expression;
mod lex;
mod statement;

use std::ops::Range;

pub(crate) use statement::read;

/// An expression and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) what: Expression,
    pub(crate) span: Range<usize>,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    None,
    Bool(bool),
    /// As written, without underscores.
    Number(String),
    Text(String),
    /// An f-string: texts and the names between them.
    Format(Vec<Piece>),
    Name(String),
    Attribute(Box<Node>, String),
    Call(Box<Node>, Vec<Argument>),
    /// A list, a tuple or a set.
    List(Vec<Node>),
    Dict(Vec<(Node, Node)>),
    Negative(Box<Node>),
    /// Two operands and what stands between them.
    Binary(Box<Node>, String, Box<Node>),
    /// `value[key]`.
    Subscript(Box<Node>, Box<Node>),
}

/// A piece of an f-string.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Name(String),
}

/// An argument of a call; its name is `*` or `**` where it is unpacked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Argument {
    pub(crate) name: Option<String>,
    pub(crate) value: Node,
}

/// A statement with everything that is indented below it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// An expression for its effect; or a docstring.
    Expression(Node),
    /// `name = value`, with or without a type.
    Assign(String, Node),
    /// Names and what they stand for: `sa` for `sqlalchemy`.
    Import(Vec<(String, String)>),
    /// A function without parameters, and its body.
    Function(String, Vec<Statement>),
    /// `with a as b:` and its body.
    With(Node, Option<String>, Vec<Statement>),
    /// `if a:` and its body, and what runs else.
    If(Node, Vec<Statement>, Vec<Statement>),
    /// `return` without a value.
    Return,
    /// `pass`.
    Nothing,
    /// Anything else.
    Other,
}

/// The line of a byte, from 1.
pub(crate) fn line(source: &str, at: usize) -> usize {
    1 + source.as_bytes()[..at.min(source.len())].iter().filter(|b| **b == b'\n').count()
}
