//! Which keys of a document are objects of their own: the kinds' [`Section`]s, turned round.

use std::borrow::Cow;

use limbeck_catalog::{Kind, Section};
use limbeck_sql::{TokenKind, ident, tokens};

/// The key under which every object's former names stand.
pub(crate) const RENAMED_FROM: &str = "renamed_from";

/// How the objects of a key stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A map of names to documents, or a list of documents without names.
    Members,
    /// One document with its name inside.
    Single,
    /// One document, named as the object that it stands in.
    Field,
    /// One document, attached to the object that it stands in.
    Attached,
}

/// A key of a document that holds other objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner {
    /// The key.
    pub(crate) key: &'static str,
    /// The kind of what stands there.
    pub(crate) kind: Kind,
    /// How it stands there.
    pub(crate) shape: Shape,
}

/// The keys at the top of a file, with their kinds.
pub(crate) fn top() -> impl Iterator<Item = (&'static str, Kind)> {
    Kind::ALL.iter().filter_map(|kind| match kind.section() {
        Section::Top(key) => Some((key, *kind)),
        Section::Members { .. }
        | Section::Single { .. }
        | Section::Field { .. }
        | Section::Attached(_)
        | Section::None => None,
    })
}

/// The keys of a document of this kind that hold other objects.
pub(crate) fn inner(of: Kind) -> impl Iterator<Item = Inner> {
    Kind::ALL.iter().filter_map(move |&kind| {
        let inner = |key, shape| Some(Inner { key, kind, shape });
        match kind.section() {
            Section::Members { of: kinds, key } if kinds.contains(&of) => inner(key, Shape::Members),
            Section::Single { of: kinds, key } if kinds.contains(&of) => inner(key, Shape::Single),
            Section::Field { of: kinds, key } if kinds.contains(&of) => inner(key, Shape::Field),
            Section::Attached(key) if is_addressable(of) => inner(key, Shape::Attached),
            Section::Members { .. }
            | Section::Single { .. }
            | Section::Field { .. }
            | Section::Attached(_)
            | Section::Top(_)
            | Section::None => None,
        }
    })
}

/// Whether others can be attached to it: not to what is itself no more than a property.
fn is_addressable(kind: Kind) -> bool {
    match kind.section() {
        Section::Top(_) | Section::Members { .. } | Section::Single { .. } => true,
        Section::Field { .. } | Section::Attached(_) | Section::None => false,
    }
}

/// Whether it stands in a schema: all that stands at the top of a file does, but schemas
/// themselves and extensions.
pub(crate) fn is_in_schema(kind: Kind) -> bool {
    !matches!(kind, Kind::Schema | Kind::Extension)
}

/// The key of a routine: its name and the types of its arguments. The name stands as it is, unless brackets, quotes or
/// blanks in it would be read as something else.
pub(crate) fn routine_key(name: &str, types: &str) -> String {
    let misread = name.contains('(') || name.starts_with('"') || name.trim() != name;
    let name = if misread { Cow::from(ident(name)) } else { Cow::from(name) };
    format!("{name}({types})")
}

/// The name and the arguments that a routine's key says.
pub(crate) fn routine(key: &str) -> (String, &str) {
    let key = key.trim();
    let quoted = tokens(key).next().filter(|first| first.kind == TokenKind::Quoted);
    let (name, rest) = match quoted.map(|first| (first.identifier(), key[first.end()..].trim_start())) {
        Some((Some(name), rest)) if rest.is_empty() || rest.starts_with('(') => (name, rest),
        Some(_) | None => {
            let (name, rest) = key.split_at(key.find('(').unwrap_or(key.len()));
            (name.trim().to_owned(), rest)
        }
    };
    let arguments = rest.strip_prefix('(').unwrap_or(rest);
    (name, arguments.strip_suffix(')').unwrap_or(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routines_have_keys_that_are_read_back() {
        for (name, key) in [
            ("f", "f(integer)"),
            ("a b", "a b(integer)"),
            ("it's \"x\"", "it's \"x\"(integer)"),
            ("a(b)", "\"a(b)\"(integer)"),
            (" a", "\" a\"(integer)"),
            ("\"a\"", "\"\"\"a\"\"\"(integer)"),
            ("\"a", "\"\"\"a\"(integer)"),
            ("a\n--(", "\"a\n--(\"(integer)"),
        ] {
            assert_eq!(routine_key(name, "integer"), key);
            assert_eq!(routine(key), (name.to_owned(), "integer"), "{key}");
        }
        assert_eq!(routine("f"), ("f".to_owned(), ""));
        assert_eq!(routine("f ( )"), ("f".to_owned(), " "));
        assert_eq!(routine("\"F\""), ("F".to_owned(), ""));
    }
}
