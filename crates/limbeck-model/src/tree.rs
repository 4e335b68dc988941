//! Objects as trees: serde into a [`Node`], keeping the order of fields.

use limbeck_catalog::Object;
use limbeck_catalog::document::{Key, Node, Span, Value};
use serde::ser::{self, Serialize, Serializer};

/// The canonical document of an object.
pub(crate) fn of(object: &Object) -> Node {
    object.to_document(NodeSerializer).unwrap_or_default()
}

/// The same as JSON, all scalars as text.
pub(crate) fn to_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Scalar { text, .. } => serde_json::Value::String(text.clone()),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, node)| (key.text.clone(), to_json(node))).collect(),
    }
}

/// A map's entry that the tool writes.
pub(crate) fn key(text: impl Into<String>) -> Key {
    Key { text: text.into(), span: Span::default() }
}

fn node(value: Value) -> Node {
    Node { value, span: Span::default() }
}

fn plain(text: impl ToString) -> Node {
    node(Value::Scalar { text: text.to_string(), quoted: false })
}

/// A document that can't be written as YAML: no kind has one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unwritable(String);

impl ser::Error for Unwritable {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct NodeSerializer;

macro_rules! plain_scalars {
    ($($method:ident $type:ty,)+) => {
        $(fn $method(self, value: $type) -> Result<Node, Unwritable> {
            Ok(plain(value))
        })+
    };
}

impl Serializer for NodeSerializer {
    type Ok = Node;
    type Error = Unwritable;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = ser::Impossible<Node, Unwritable>;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = ser::Impossible<Node, Unwritable>;

    plain_scalars! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_f32 f32, serialize_f64 f64,
    }

    fn serialize_char(self, value: char) -> Result<Node, Unwritable> {
        Ok(Node::text(value))
    }

    fn serialize_str(self, value: &str) -> Result<Node, Unwritable> {
        Ok(Node::text(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Node, Unwritable> {
        Ok(Node::text(String::from_utf8_lossy(value)))
    }

    fn serialize_none(self) -> Result<Node, Unwritable> {
        Ok(Node::default())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, Unwritable> {
        Ok(Node::default())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Unwritable> {
        Ok(Node::default())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Node, Unwritable> {
        Ok(Node::text(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Node, Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Unwritable> {
        Ok(node(Value::Map(vec![(key(variant), value.serialize(self)?)])))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Unwritable> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<List, Unwritable> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, Unwritable> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(ser::Error::custom(format!("{name} has a form that models don't")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Map, Unwritable> {
        Ok(Map::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Map, Unwritable> {
        Ok(Map::default())
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(ser::Error::custom(format!("{name} has a form that models don't")))
    }
}

struct List(Vec<Node>);

impl ser::SerializeSeq for List {
    type Ok = Node;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.0.push(value.serialize(NodeSerializer)?);
        Ok(())
    }

    fn end(self) -> Result<Node, Unwritable> {
        Ok(node(Value::List(self.0)))
    }
}

impl ser::SerializeTuple for List {
    type Ok = Node;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Node, Unwritable> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Node;
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Node, Unwritable> {
        ser::SerializeSeq::end(self)
    }
}

#[derive(Default)]
struct Map {
    entries: Vec<(Key, Node)>,
    key: Option<String>,
}

impl ser::SerializeMap for Map {
    type Ok = Node;
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.key = key.serialize(NodeSerializer)?.as_text().map(str::to_owned);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let text = self.key.take().unwrap_or_default();
        self.entries.push((key(text), value.serialize(NodeSerializer)?));
        Ok(())
    }

    fn end(self) -> Result<Node, Unwritable> {
        Ok(node(Value::Map(self.entries)))
    }
}

impl ser::SerializeStruct for Map {
    type Ok = Node;
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.entries.push((key(name), value.serialize(NodeSerializer)?));
        Ok(())
    }

    fn end(self) -> Result<Node, Unwritable> {
        Ok(node(Value::Map(self.entries)))
    }
}
