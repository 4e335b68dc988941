//! Statements as kinds say them: SQL with its dangers, and whether it can share a transaction.

use crate::{Note, ObjectId, Slot};

/// A statement, before it is written into a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// The statement without its semicolon. Of a container (`create table s.t`) only the head.
    pub sql: String,
    /// What stands in the parentheses of a container: columns and constraints, filled in when
    /// steps are contracted. `None` for every other statement.
    pub elements: Option<Vec<String>>,
    /// What follows a container's parentheses: ` with (fillfactor='70')`.
    pub tail: String,
    /// What is said over it.
    pub notes: Vec<Note>,
    /// Whether what depends on the object has to make way for it, or come after it.
    pub disrupts: bool,
    /// Names that it frees and takes beyond those of its object: for orders among alters that no
    /// dependency tells.
    pub frees: Vec<Slot>,
    /// See `frees`.
    pub takes: Vec<Slot>,
    /// Whether its body is a string that may name what only the application's `search_path` finds: it is
    /// then not looked into when it is made, as in a dump.
    pub unchecked_body: bool,
    /// Whether it must run in a part of its own, outside a transaction or before its use.
    pub own_part: bool,
    /// The table for whose rows it is there: it is left out where the same plan creates the table.
    pub for_rows_of: Option<ObjectId>,
    /// Whether it is written as a comment, for a person to fill in or turn to.
    pub commented: bool,
}

impl Action {
    /// A plain statement.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }

    /// A statement with parentheses that parts are written into.
    pub fn container(head: impl Into<String>, tail: impl Into<String>) -> Self {
        Self { sql: head.into(), elements: Some(Vec::new()), tail: tail.into(), ..Self::default() }
    }

    /// A suggestion, written as a comment.
    pub fn suggestion(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), commented: true, ..Self::default() }
    }

    /// With one more thing said over it.
    #[must_use]
    pub fn note(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    /// With several more things said over it.
    #[must_use]
    pub fn notes(mut self, notes: impl IntoIterator<Item = Note>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// As one that what depends on the object has to make way for.
    #[must_use]
    pub fn disrupting(mut self) -> Self {
        self.disrupts = true;
        self
    }

    /// As one that needs a part of its own.
    #[must_use]
    pub fn in_own_part(mut self) -> Self {
        self.own_part = true;
        self
    }

    /// As one whose body is not looked into when it is made.
    #[must_use]
    pub fn with_unchecked_body(mut self, unchecked: bool) -> Self {
        self.unchecked_body = unchecked;
        self
    }

    /// A `create` as the one that replaces what is there in place.
    #[must_use]
    pub fn or_replace(mut self) -> Self {
        if self.sql.starts_with("create ") && !self.sql.starts_with("create or replace ") {
            self.sql.insert_str("create ".len(), "or replace ");
        }
        self
    }

    /// As one that only rows that are there need.
    #[must_use]
    pub fn for_rows_of(mut self, table: &ObjectId) -> Self {
        self.for_rows_of = Some(table.clone());
        self
    }

    /// The whole statement, without its semicolon.
    pub fn text(&self) -> String {
        match &self.elements {
            None => format!("{}{}", self.sql, self.tail),
            Some(elements) if elements.is_empty() => format!("{} (){}", self.sql, self.tail),
            Some(elements) => format!("{} (\n    {}\n){}", self.sql, elements.join(",\n    "), self.tail),
        }
    }
}

/// The place of an object inside its parent's create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// A line between the parentheses: a column, a constraint.
    Element(String),
    /// A line between the parentheses, and statements that follow the create.
    ElementThen(String, Vec<Action>),
    /// Text after the parent's own element: a column's default.
    Suffix(String),
    /// It has no place there: a statement of its own.
    No,
}
