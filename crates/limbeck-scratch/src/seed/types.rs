//! Values of a type, by number: the same number gives the same value, another one another.
//!
//! Values are texts in the type's input format, so that arrays, ranges and composites are made of
//! their elements' texts; statements have them as literals without a type.

use std::collections::BTreeMap;

use super::scalar;

/// Every type that a column can have, by its oid.
#[derive(Default)]
pub(crate) struct Types(BTreeMap<i64, Type>);

pub(crate) struct Type {
    pub(crate) schema: String,
    pub(crate) name: String,
    /// As statements name it.
    pub(crate) sql: String,
    pub(crate) not_null: bool,
    pub(crate) shape: Shape,
    /// The values that the server takes, where only the server knows.
    pub(crate) valid: Option<Vec<String>>,
}

pub(crate) enum Shape {
    Scalar,
    Enum(Vec<String>),
    Array(i64),
    Range(i64),
    Multirange(i64),
    Composite(Vec<(i64, i32)>),
    Domain { base: i64, modifier: i32, checks: Vec<String> },
}

impl Types {
    pub(crate) fn insert(&mut self, id: i64, found: Type) {
        self.0.insert(id, found);
    }

    pub(crate) fn get(&self, id: i64) -> Option<&Type> {
        self.0.get(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &Type)> {
        self.0.iter().map(|(id, found)| (*id, found))
    }

    /// Says which values a type takes.
    pub(crate) fn restrict(&mut self, id: i64, valid: Vec<String>) {
        if let Some(found) = self.0.get_mut(&id) {
            found.valid = Some(valid);
        }
    }

    /// Whether it is a domain that has no nulls.
    pub(crate) fn refuses_null(&self, id: i64) -> bool {
        self.get(id).is_some_and(|found| {
            let of_base = matches!(found.shape, Shape::Domain { base, .. } if self.refuses_null(base));
            found.not_null || of_base
        })
    }

    /// The type under domains, with the modifier that counts.
    pub(crate) fn base(&self, id: i64, modifier: i32) -> (i64, i32) {
        match self.get(id).map(|found| &found.shape) {
            Some(Shape::Domain { base, modifier: own, .. }) => {
                self.base(*base, if modifier == -1 { *own } else { modifier })
            }
            _ => (id, modifier),
        }
    }

    /// The checks of a domain and of those under it.
    pub(crate) fn checks(&self, id: i64) -> Vec<&str> {
        match self.get(id).map(|found| &found.shape) {
            Some(Shape::Domain { base, checks, .. }) => {
                let mut all: Vec<_> = checks.iter().map(String::as_str).collect();
                all.extend(self.checks(*base));
                all
            }
            _ => Vec::new(),
        }
    }

    /// How many values there are to choose from; `None` where they don't come to an end.
    pub(crate) fn size(&self, id: i64, modifier: i32) -> Option<usize> {
        let found = self.get(id)?;
        match (&found.valid, &found.shape) {
            (Some(valid), _) => Some(valid.len()),
            (None, Shape::Enum(labels)) => Some(labels.len()),
            (None, Shape::Domain { .. }) => {
                let (base, modifier) = self.base(id, modifier);
                self.size(base, modifier)
            }
            (None, Shape::Array(element)) => self.size(*element, modifier).map(|size| size + 1),
            (None, Shape::Scalar) => scalar::size(&found.name),
            (None, Shape::Range(_) | Shape::Multirange(_) | Shape::Composite(_)) => None,
        }
    }

    /// The value with a number; `None` for a type without any that we know.
    pub(crate) fn value(&self, id: i64, modifier: i32, number: usize) -> Option<String> {
        let found = self.get(id)?;
        if let Some(valid) = &found.valid {
            return valid.get(number % valid.len().max(1)).cloned();
        }
        match &found.shape {
            Shape::Scalar => scalar::value(&found.name, modifier, number),
            Shape::Enum(labels) => labels.get(number % labels.len().max(1)).cloned(),
            Shape::Domain { .. } => {
                let (base, modifier) = self.base(id, modifier);
                self.value(base, modifier, number)
            }
            Shape::Array(element) => self.array(*element, modifier, number),
            Shape::Range(of) => self.value(*of, -1, number).map(|v| format!("[{0},{0}]", quoted(&v))),
            Shape::Multirange(of) => self.value(*of, -1, number).map(|range| format!("{{{range}}}")),
            Shape::Composite(attributes) => {
                let value = |(id, modifier): &(i64, i32)| self.value(*id, *modifier, number);
                let values: Vec<_> = attributes
                    .iter()
                    .map(value)
                    .map(|v| v.map_or_else(String::new, |v| quoted(&v)))
                    .collect();
                Some(format!("({})", values.join(",")))
            }
        }
    }

    /// One element; after the last value of the element's type, two of them.
    fn array(&self, element: i64, modifier: i32, number: usize) -> Option<String> {
        let value = self.value(element, modifier, number)?;
        match self.size(element, modifier) {
            Some(size) if number >= size => Some(format!("{{{0},{0}}}", quoted(&value))),
            _ => Some(format!("{{{}}}", quoted(&value))),
        }
    }
}

/// An element inside the text of an array, a range or a composite.
pub(crate) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
