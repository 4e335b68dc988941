//! Which keys of a document are objects of their own: the kinds' [`Section`]s, turned round.

use limbeck_catalog::{Kind, Section};

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
