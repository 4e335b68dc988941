//! How every addressable thing is named: a kind and a path.

use std::fmt;
use std::sync::Arc;

use limbeck_sql::{ident, qualified};

use crate::Kind;

/// The names that lead to an object, unquoted: `[schema]`, `[schema, table]`,
/// `[schema, table, column]`, `[schema, function, argument types]`.
///
/// They are one text, in which each ends with a NUL: no name of Postgres holds one, and nothing comes before it. So
/// paths are ordered as their names are, one comparison for all of them, and a path begins with those above it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Arc<str>);

const END: char = '\0';

impl Path {
    /// The names, from the schema on.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.0.split_terminator(END)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.matches(END).count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name at a place.
    pub fn get(&self, index: usize) -> Option<&str> {
        self.iter().nth(index)
    }

    /// The last name.
    pub fn last(&self) -> Option<&str> {
        self.iter().next_back()
    }

    /// The first `len` names, or all that there are.
    #[must_use]
    pub fn first(&self, len: usize) -> Self {
        let ends = |count: usize| self.0.match_indices(END).nth(count).map(|(at, end)| at + end.len());
        match len.checked_sub(1).map_or(Some(0), ends) {
            Some(end) if end < self.0.len() => Self(self.0[..end].into()),
            Some(_) | None => self.clone(),
        }
    }

    /// Whether these are its first names.
    pub fn starts_with(&self, names: &Path) -> bool {
        self.0.starts_with(&*names.0)
    }

    /// With one more name at the end.
    #[must_use]
    pub fn with(&self, name: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + name.len() + END.len_utf8());
        text.push_str(&self.0);
        append(&mut text, name);
        Self(text.into())
    }
}

/// A NUL in a name would be the end of it. Whoever reads one says so, with its place; here it is passed over.
impl<S: AsRef<str>> FromIterator<S> for Path {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut text = String::with_capacity(64);
        names.into_iter().for_each(|name| append(&mut text, name.as_ref()));
        Self(text.into())
    }
}

fn append(text: &mut String, name: &str) {
    text.extend(name.split(END));
    text.push(END);
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The identity of an object. Its order (kind, then path) is the tie-break of every stable order.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// What it is.
    pub kind: Kind,
    /// For what is attached to another object (a comment, rights): that object's kind.
    pub of: Option<Kind>,
    /// Its names. Something attached to an object carries that object's path, followed by the
    /// column where it is attached to a column that is no object of its own (a view's).
    pub path: Path,
}

impl ObjectId {
    /// An id from its parts.
    pub fn new<S: AsRef<str>>(kind: Kind, path: impl IntoIterator<Item = S>) -> Self {
        Self { kind, of: None, path: path.into_iter().collect() }
    }

    /// The id of what is attached to this object.
    pub fn attached(&self, kind: Kind) -> Self {
        Self { kind, of: Some(self.kind), path: self.path.clone() }
    }

    /// The id of a member of this object: a column of a table.
    pub fn member(&self, kind: Kind, name: &str) -> Self {
        Self { kind, of: None, path: self.path.with(name) }
    }

    /// The first `len` names as the id of another kind: a column's table.
    pub fn prefix(&self, kind: Kind, len: usize) -> Self {
        Self { kind, of: None, path: self.path.first(len) }
    }

    /// The name at a place of the path; empty where there is none.
    pub fn at(&self, index: usize) -> &str {
        self.path.get(index).unwrap_or_default()
    }

    /// The schema it lives in.
    pub fn schema(&self) -> &str {
        self.at(0)
    }

    /// The last name: a column's own, a relation's without its schema.
    pub fn name(&self) -> &str {
        self.path.last().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[&str]) -> Path {
        names.iter().collect()
    }

    #[test]
    fn paths_are_ordered_as_their_names_are() {
        let names = ["", "a", "a b", "ab", "b", "\u{1}", "ä"];
        let mut lists: Vec<Vec<&str>> = vec![vec![]];
        lists.extend(names.iter().map(|one| vec![*one]));
        lists.extend(names.iter().flat_map(|one| names.map(|two| vec![*one, two])));
        for one in &lists {
            let (p, len) = (path(one), one.len());
            assert_eq!((p.len(), p.iter().collect::<Vec<_>>(), p.is_empty()), (len, one.clone(), len == 0));
            assert_eq!((p.last(), p.get(1)), (one.last().copied(), one.get(1).copied()));
            assert_eq!(p.with("x"), path(&[&one[..], &["x"]].concat()));
            for two in &lists {
                assert_eq!(p.cmp(&path(two)), one.cmp(two), "{one:?} {two:?}");
                assert_eq!(p.starts_with(&path(two)), one.starts_with(two), "{one:?} {two:?}");
            }
        }
    }

    #[test]
    fn the_first_names() {
        let p = path(&["s", "t", "c"]);
        assert_eq!([0, 1, 3, 4].map(|len| p.first(len).len()), [0, 1, 3, 3]);
        assert_eq!(p.first(2), path(&["s", "t"]));
    }

    #[test]
    fn a_nul_does_not_make_two_names_of_one() {
        assert_eq!(path(&["a\0b"]), path(&["ab"]));
    }
}
