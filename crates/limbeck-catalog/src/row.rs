//! Rows of a catalog query, as text columns, read into facts.
//!
//! A row is a map from column to text in the server's output format; facts derive `Deserialize`, so
//! a kind's query and its struct agree by names. A column named `x:json` holds JSON and fills the
//! field `x`: for fields that are lists of structs.

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::{Kind, ObjectId};

/// One row of a result.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The names of the columns.
    pub columns: &'a [String],
    /// Their values.
    pub values: &'a [Option<String>],
}

/// An address of `pg_depend`: class, object, sub-object.
pub type Address = (u32, u32, i32);

/// Why a row could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl de::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Relations, schemas and extension members as every query needs them, in place of the names
/// `:relations`, `:user_schemas` and `:extension_members`.
///
/// `:relations` has `oid`, `relname`, `relkind`, `nspname`, and all else of `pg_class`, for the
/// relations that are the user's and of kinds that are compared: in no system or temporary schema,
/// not an extension's, not the tool's own (`limbeck_…`), no partition, partitioned table,
/// inheritance child or typed table.
pub fn complete_query(query: &str) -> String {
    query
        .replace(":relations", RELATIONS)
        .replace(":user_schemas", USER_SCHEMAS)
        .replace(":extension_members", EXTENSION_MEMBERS)
}

/// `starts_with` costs a tenth of what a regular expression does, and the planner has it for the rows of all relations.
/// `refclassid = 3079` (`pg_extension`) is true of every member, and lets the server find these few by an index.
/// A list that is the same for every row is hashed once. Only a relation that has, or had, children can be a parent.
const RELATIONS: &str = "(select c.*, n.nspname from pg_catalog.pg_class c \
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' \
     and not pg_catalog.starts_with(c.relname, 'limbeck_') and c.relkind in ('r', 'v', 'm') \
     and not c.relispartition and c.reloftype = 0 \
     and c.oid not in (select h.inhrelid from pg_catalog.pg_inherits h) \
     and not (c.relhassubclass and exists (select from pg_catalog.pg_inherits h where h.inhparent = c.oid)) \
     and c.oid not in (select e.objid from pg_catalog.pg_depend e \
     where e.refclassid = 3079 and e.deptype = 'e' and e.classid = 1259))";

const USER_SCHEMAS: &str = "(select n.* from pg_catalog.pg_namespace n \
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not pg_catalog.starts_with(n.nspname, 'limbeck_'))";

const EXTENSION_MEMBERS: &str =
    "(select e.classid, e.objid from pg_catalog.pg_depend e where e.refclassid = 3079 and e.deptype = 'e')";

impl Row<'_> {
    /// The text of a column.
    pub fn text(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|c| c == column)?;
        self.values.get(at)?.as_deref()
    }

    /// The addresses by which `pg_depend` knows the object.
    pub fn addresses(&self) -> Vec<Address> {
        self.text("addresses").unwrap_or_default().split_whitespace().filter_map(address).collect()
    }

    /// The identity of an object that has a path of its own.
    pub fn id(&self, kind: Kind) -> Option<ObjectId> {
        let path = array(self.text("path")?)?;
        let path = path.into_iter().collect::<Option<_>>()?;
        Some(ObjectId { kind, of: None, path })
    }

    /// What something attached is attached to.
    pub fn target(&self) -> Option<Address> {
        address(self.text("target")?)
    }

    /// Its place among its siblings, if it has one.
    pub fn position(&self) -> Option<i32> {
        self.text("position")?.parse().ok()
    }

    /// The fields.
    pub fn facts<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let fields = self
            .columns
            .iter()
            .zip(self.values)
            .filter(|(name, _)| {
                !matches!(name.as_str(), "addresses" | "path" | "target" | "member" | "position")
            })
            .map(|(name, value)| match name.strip_suffix(":json") {
                Some(field) => (field, Value { text: value.as_deref(), json: true }),
                None => (name.as_str(), Value { text: value.as_deref(), json: false }),
            });
        T::deserialize(Fields(fields.collect()))
    }
}

/// An address as the queries print it: `class:oid:sub`.
pub fn address(text: &str) -> Option<Address> {
    let mut parts = text.split(':');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A `text[]` as Postgres prints it; `None` if it isn't one.
pub fn array(text: &str) -> Option<Vec<Option<String>>> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    if !inner.contains(['"', '\\']) {
        let plain = |item: &str| (item != "NULL").then(|| item.to_owned());
        return Some(inner.split_terminator(',').map(plain).collect());
    }
    let mut items = Vec::new();
    let mut chars = inner.chars().peekable();
    while chars.peek().is_some() {
        let (mut item, mut quoted) = (String::new(), false);
        while let Some(c) = chars.next() {
            match c {
                '"' => quoted = read_quoted(&mut chars, &mut item),
                ',' => break,
                _ => item.push(c),
            }
        }
        items.push((quoted || item != "NULL").then_some(item));
    }
    Some(items)
}

fn read_quoted(chars: &mut impl Iterator<Item = char>, item: &mut String) -> bool {
    while let Some(c) = chars.next() {
        match c {
            '\\' => item.extend(chars.next()),
            '"' => break,
            _ => item.push(c),
        }
    }
    true
}

/// The fields of a row: a map, or, for facts that are one value and nothing else (a comment's words),
/// that value.
struct Fields<'a>(Vec<(&'a str, Value<'a>)>);

impl<'a> Fields<'a> {
    fn only(&self) -> Value<'a> {
        self.0.first().map_or(Value { text: None, json: false }, |(_, value)| *value)
    }
}

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(self.0.into_iter()))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.only().deserialize_any(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.only().deserialize_any(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.only().deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf option unit unit_struct
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// One column as a serde value.
#[derive(Clone, Copy)]
struct Value<'a> {
    text: Option<&'a str>,
    json: bool,
}

impl<'de> IntoDeserializer<'de, Error> for Value<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl Value<'_> {
    fn parse<T: std::str::FromStr>(self) -> Result<T, Error> {
        let text = self.text.unwrap_or_default();
        text.parse().map_err(|_| Error(format!("unexpected value {text:?}")))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident),+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parse()?)
        })+
    };
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text {
            Some(text) if self.json => json(text, visitor),
            Some(text) => visitor.visit_str(text),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(matches!(self.text, Some("t" | "true")))
    }

    numbers! {
        deserialize_i16 visit_i16, deserialize_i32 visit_i32, deserialize_i64 visit_i64,
        deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
        deserialize_f32 visit_f32, deserialize_f64 visit_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text {
            Some(_) => visitor.visit_some(self),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.text.unwrap_or("{}");
        if self.json {
            return json(self.text.unwrap_or("[]"), visitor);
        }
        let items = array(text).ok_or_else(|| Error(format!("not an array: {text:?}")))?;
        let values: Vec<_> = items.into_iter().map(Option::unwrap_or_default).collect();
        visitor.visit_seq(SeqDeserializer::new(values.into_iter()))
    }

    /// `{fillfactor=70,…}`, as `reloptions` has it.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.json {
            return json(self.text.unwrap_or("{}"), visitor);
        }
        let items = array(self.text.unwrap_or("{}")).unwrap_or_default();
        let pairs = items.into_iter().flatten().map(|item| match item.split_once('=') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (item, String::new()),
        });
        visitor.visit_map(MapDeserializer::new(pairs))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        StrDeserializer::<Error>::new(self.text.unwrap_or_default()).deserialize_enum(name, variants, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 u8 i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct struct
        identifier ignored_any
    }
}

fn json<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Error> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| Error(e.to_string()))?;
    value.deserialize_any(visitor).map_err(|e| Error(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn reads_arrays_as_postgres_prints_them() {
        let want =
            vec![Some("a".into()), Some("b,\"c\\".into()), None, Some("NULL".into()), Some(String::new())];
        assert_eq!(array(r#"{a,"b,\"c\\",NULL,"NULL",""}"#), Some(want));
        assert_eq!(array("{a,NULL,b c}"), Some(vec![Some("a".into()), None, Some("b c".into())]));
        assert_eq!(array("{}"), Some(vec![]));
        assert_eq!(array("x"), None);
    }

    #[test]
    fn fills_fields_by_name() {
        #[derive(serde::Deserialize, PartialEq, Debug)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            flag: bool,
            number: i64,
            none: Option<String>,
            list: Vec<String>,
            options: BTreeMap<String, String>,
            nested: Vec<(String, i32)>,
        }
        let columns = ["flag", "number", "none", "list", "options", "nested:json"].map(String::from);
        let values = [Some("t"), Some("7"), None, Some("{x,y}"), Some("{a=1}"), Some(r#"[["p",1]]"#)]
            .map(|v| v.map(String::from));
        let got: Fields = Row { columns: &columns, values: &values }.facts().expect("a row");
        let want = Fields {
            flag: true,
            number: 7,
            none: None,
            list: vec!["x".into(), "y".into()],
            options: BTreeMap::from([("a".into(), "1".into())]),
            nested: vec![("p".into(), 1)],
        };
        assert_eq!(got, want);
    }
}
