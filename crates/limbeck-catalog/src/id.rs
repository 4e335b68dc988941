//! How every addressable thing is named: a kind and a path.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use limbeck_sql::{ident, qualified};

use crate::Kind;

/// The names that lead to an object, unquoted: `[schema]`, `[schema, table]`,
/// `[schema, table, column]`, `[schema, function, argument types]`.
pub type Path = Arc<[Arc<str>]>;

/// The identity of an object. Its order (kind, then path) is the tie-break of every stable order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ObjectId {
    /// What it is.
    pub kind: Kind,
    /// For what is attached to another object (a comment, rights): that object's kind.
    pub of: Option<Kind>,
    /// Its names. Something attached to an object carries that object's path, followed by the
    /// column where it is attached to a column that is no object of its own (a view's).
    pub path: Path,
}

/// Kind, then path. Objects attached to each other share paths, and members of one object its names, and a map
/// compares each with many: so what is the same is known before it is read.
impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        let paths = || match Arc::ptr_eq(&self.path, &other.path) {
            true => Ordering::Equal,
            false => {
                let names = self.path.iter().zip(other.path.iter());
                let differ = names.filter(|(a, b)| !Arc::ptr_eq(a, b)).map(|(a, b)| a.cmp(b));
                let first = differ.into_iter().find(|ordering| ordering.is_ne());
                first.unwrap_or_else(|| self.path.len().cmp(&other.path.len()))
            }
        };
        self.kind.cmp(&other.kind).then_with(|| self.of.cmp(&other.of)).then_with(paths)
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Names that many paths have in common, each kept once.
#[derive(Debug, Default)]
pub struct Names(HashSet<Arc<str>>);

impl Names {
    /// The one copy of a name.
    pub fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

impl ObjectId {
    /// An id from its parts.
    pub fn new<S: AsRef<str>>(kind: Kind, path: impl IntoIterator<Item = S>) -> Self {
        Self { kind, of: None, path: path.into_iter().map(|p| Arc::from(p.as_ref())).collect() }
    }

    /// The id of what is attached to this object.
    pub fn attached(&self, kind: Kind) -> Self {
        Self { kind, of: Some(self.kind), path: self.path.clone() }
    }

    /// The id of a member of this object: a column of a table.
    pub fn member(&self, kind: Kind, name: &str) -> Self {
        Self { kind, of: None, path: self.path.iter().cloned().chain([Arc::from(name)]).collect() }
    }

    /// The first `len` names as the id of another kind: a column's table.
    pub fn prefix(&self, kind: Kind, len: usize) -> Self {
        Self { kind, of: None, path: self.path[..len].into() }
    }

    /// The name at a place of the path; empty where there is none.
    pub fn at(&self, index: usize) -> &str {
        self.path.get(index).map_or("", |p| p)
    }

    /// The schema it lives in.
    pub fn schema(&self) -> &str {
        self.at(0)
    }

    /// The last name: a column's own, a relation's without its schema.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", |p| p)
    }

    /// `schema.name` of the relation, type or routine that the path begins with, quoted.
    pub fn qualified(&self) -> String {
        qualified(self.at(0), self.at(1))
    }

    /// The last name, quoted.
    pub fn quoted(&self) -> String {
        ident(self.name())
    }
}

/// `table shop.orders`, `check shop.orders.orders_total_check`: for messages, quoted as SQL is.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.noun())?;
        if let Some(of) = self.of {
            write!(f, " on {}", of.noun())?;
        }
        let routine = self.of.unwrap_or(self.kind).is_routine();
        for (i, name) in self.path.iter().enumerate() {
            match i {
                0 => write!(f, " {}", ident(name))?,
                2 if routine => write!(f, "({name})")?,
                _ => write!(f, ".{}", ident(name))?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
