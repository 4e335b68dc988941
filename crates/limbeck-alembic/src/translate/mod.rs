//! `op.*` in plain literal forms to the SQL that SQLAlchemy's PostgreSQL dialect would run. Whatever is
//! beyond that is left, with the reason and its Python text, for a person to fill in: nothing is guessed.

mod alter;
mod arguments;
mod body;
mod column;
mod constraint;
mod index;
mod named_type;
mod operations;
mod rows;
mod table;
mod text;
mod types;

use std::collections::BTreeSet;
use std::ops::Range;

pub(crate) use body::{Functions, translate};

/// One statement, or what could not become one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    /// SQL, without its semicolon or with it.
    Sql {
        text: String,
        /// Whether it was to run outside a transaction.
        alone: bool,
    },
    /// An enum type that may be there already.
    CreateEnum {
        name: String,
        sql: String,
        /// Whether Alembic looks first.
        looks: bool,
    },
    /// Python that is left to a person.
    Left { span: Range<usize>, why: String },
}

impl Statement {
    /// SQL for within a transaction, unless its surroundings say otherwise.
    fn plain(text: String) -> Self {
        Statement::Sql { text, alone: false }
    }
}

/// What a function came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    /// Its statements, in order.
    pub(crate) statements: Vec<Statement>,
    /// Constraints without a name, which Postgres names unless the project's naming convention did.
    pub(crate) unnamed: usize,
    /// Whether what comes now runs outside a transaction.
    autocommit: bool,
    /// Enums that tables of this function have made: a second table does not make them again.
    made: BTreeSet<String>,
}

impl Output {
    fn push(&mut self, statement: Statement) {
        self.statements.push(match statement {
            Statement::Sql { text, alone } => Statement::Sql { text, alone: alone || self.autocommit },
            other => other,
        });
    }

    fn enum_for_table(&mut self, kind: &types::Enum) {
        if self.made.insert(kind.name.clone()) {
            self.push(Statement::CreateEnum { name: kind.name.clone(), sql: kind.create(), looks: false });
        }
    }

    fn note_name(&mut self, constraint: &constraint::Constraint) {
        self.unnamed += usize::from(constraint.name.is_none());
    }
}
