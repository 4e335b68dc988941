//! Serde over a [`Node`]: what a kind's document says becomes the kind's fields. Any plain scalar is
//! text where text is wanted (`default: 0`); errors carry the span of what they are about.

use std::cell::RefCell;
use std::fmt;

use limbeck_catalog::document::{Key, Node, Span, Value};
use serde::de::{self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};

use crate::diagnostic::{nearest, shortened};

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Error {
    /// What is wrong.
    pub(crate) message: String,
    /// What to say at the place.
    pub(crate) label: String,
    /// Where, once it is known.
    pub(crate) span: Option<Span>,
}

impl Error {
    fn new(message: String, label: String) -> Self {
        Self { message, label, span: None }
    }

    fn at(self, span: Span) -> Self {
        Self { span: self.span.or(Some(span)), ..self }
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), String::new())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}"), shown(found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}"), shown(found))
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        let choices = expected.iter().map(|e| format!("`{e}`")).collect::<Vec<_>>().join(", ");
        let label = nearest(found, expected.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        Self::new(format!("expected one of {choices}, not `{found}`"), label.unwrap_or_default())
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        let label = nearest(found, expected.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let keys = expected.iter().map(|e| format!("`{e}`")).collect::<Vec<_>>().join(", ");
        Self::new(format!("unknown key `{found}`"), label.unwrap_or_else(|| format!("known here: {keys}")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("the key `{field}` is missing"), String::new())
    }
}

fn shown(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(text) => format!("this is `{}`", shortened(text, 60)),
        other => format!("this is {other}"),
    }
}

/// Reads a node.
#[derive(Clone, Copy)]
pub(crate) struct NodeDeserializer<'de> {
    node: &'de Node,
    unknown: &'de RefCell<Vec<Unknown>>,
}

/// A key that no field has, with those that there are.
#[derive(Clone, Debug)]
pub(crate) struct Unknown {
    /// The key.
    pub(crate) key: Key,
    /// The keys of its document.
    pub(crate) fields: &'static [&'static str],
}

impl<'de> NodeDeserializer<'de> {
    /// A reader of `node` that passes over unknown keys and notes all of them.
    pub(crate) fn new(node: &'de Node, unknown: &'de RefCell<Vec<Unknown>>) -> Self {
        Self { node, unknown }
    }

    fn entries(self, entries: &'de [(Key, Node)], fields: Option<&'static [&'static str]>) -> Entries<'de> {
        Entries { entries: entries.iter(), value: None, fields, unknown: self.unknown }
    }

    fn unexpected(&self) -> Unexpected<'de> {
        match &self.node.value {
            Value::Null => Unexpected::Other("nothing"),
            Value::Scalar { text, .. } => Unexpected::Str(text),
            Value::List(_) => Unexpected::Other("a list"),
            Value::Map(_) => Unexpected::Other("a map"),
        }
    }

    fn invalid<T>(&self, expected: &dyn Expected) -> Result<T, Error> {
        Err(<Error as de::Error>::invalid_type(self.unexpected(), expected).at(self.node.span))
    }

    fn number<T: std::str::FromStr>(&self, expected: &dyn Expected) -> Result<T, Error> {
        match self.node.as_text().map(str::parse) {
            Some(Ok(number)) => Ok(number),
            Some(Err(_)) | None => self.invalid(expected),
        }
    }
}

/// Numbers are read from their text, so that their width is the field's.
macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty,)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let number: $type = self.number(&visitor)?;
            visitor.$visit(number).map_err(|e: Error| e.at(self.node.span))
        })+
    };
}

impl<'de> Deserializer<'de> for NodeDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Null => visitor.visit_unit().map_err(|e: Error| e.at(self.node.span)),
            Value::Scalar { text, quoted: false } if text == "true" || text == "false" => {
                self.deserialize_bool(visitor)
            }
            Value::Scalar { text, quoted: false } if text.parse::<i64>().is_ok() => {
                self.deserialize_i64(visitor)
            }
            Value::Scalar { .. } => self.deserialize_str(visitor),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let flag = match &self.node.value {
            Value::Scalar { text, quoted: false } if text == "true" => true,
            Value::Scalar { text, quoted: false } if text == "false" => false,
            Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
                return self.invalid(&"`true` or `false`");
            }
        };
        visitor.visit_bool(flag).map_err(|e: Error| e.at(self.node.span))
    }

    numbers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_f32 visit_f32 f32, deserialize_f64 visit_f64 f64,
        deserialize_char visit_char char,
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.as_text() {
            Some(text) => visitor.visit_str(text).map_err(|e: Error| e.at(self.node.span)),
            None => self.invalid(&"a text"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let span = self.node.span;
        match self.node.value {
            Value::Null => visitor.visit_none(),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => visitor.visit_some(self),
        }
        .map_err(|e| e.at(span))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => self.invalid(&"nothing"),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::List(items) = &self.node.value else { return self.invalid(&"a list") };
        visitor
            .visit_seq(Items { items: items.iter(), unknown: self.unknown })
            .map_err(|e| e.at(self.node.span))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Map(entries) = &self.node.value else { return self.invalid(&"a map") };
        visitor.visit_map(self.entries(entries, None)).map_err(|e| e.at(self.node.span))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Map(entries) = &self.node.value else { return self.invalid(&"a map") };
        visitor.visit_map(self.entries(entries, Some(fields))).map_err(|e| e.at(self.node.span))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let span = self.node.span;
        match &self.node.value {
            Value::Scalar { text, .. } => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Map(entries) if entries.len() == 1 => {
                let access = de::value::MapAccessDeserializer::new(self.entries(entries, None));
                visitor.visit_enum(access)
            }
            Value::Null | Value::List(_) | Value::Map(_) => {
                let choices = variants.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", ");
                self.invalid(&format!("one of {choices}").as_str())
            }
        }
        .map_err(|e| e.at(span))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct Items<'de> {
    items: std::slice::Iter<'de, Node>,
    unknown: &'de RefCell<Vec<Unknown>>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let value = seed.deserialize(NodeDeserializer::new(node, self.unknown));
        value.map(Some).map_err(|e| e.at(node.span))
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, (Key, Node)>,
    value: Option<(&'de Key, &'de Node)>,
    fields: Option<&'static [&'static str]>,
    unknown: &'de RefCell<Vec<Unknown>>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        for (key, node) in self.entries.by_ref() {
            match self.fields {
                Some(fields) if !fields.contains(&key.text.as_str()) => {
                    self.unknown.borrow_mut().push(Unknown { key: key.clone(), fields });
                }
                Some(_) | None => {
                    self.value = Some((key, node));
                    let text = de::value::StrDeserializer::<Error>::new(&key.text);
                    return seed.deserialize(text).map(Some).map_err(|e| e.at(key.span));
                }
            }
        }
        Ok(None)
    }

    /// A value that stands nowhere in particular (`key:` and no more) is said at its key.
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, node)) = self.value.take() else {
            return Err(de::Error::custom("a value without a key"));
        };
        seed.deserialize(NodeDeserializer::new(node, self.unknown)).map_err(|mut e| {
            let nowhere = e.span.is_none_or(|span| span.start >= span.end);
            e.span = if nowhere { Some(key.span) } else { e.span };
            e
        })
    }
}
