//! A model document as a tree with positions: what the YAML reader makes, what kinds normalise, and
//! what the writer prints.

/// A stretch of a model file, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which file, as an index into the reader's list.
    pub file: u32,
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

/// A value and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What it says.
    pub value: Value,
    /// Where; the default span for what the tool writes.
    pub span: Span,
}

/// What a node says.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing, `null` or `~`.
    #[default]
    Null,
    /// A plain scalar as it was written (`true`, `1.50`, `text`), or a quoted or block one.
    Scalar {
        /// The text.
        text: String,
        /// Whether it was quoted or a block, so that it is a string whatever it looks like.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order in which it was written.
    Map(Vec<(Key, Node)>),
}

/// Another object that a document's short form stands for.
#[derive(Clone, Debug)]
pub struct Extra {
    /// Its kind.
    pub kind: crate::Kind,
    /// The object whose document it would stand in, in full.
    pub parent: crate::ObjectId,
    /// Its name; `None` where Postgres would choose one.
    pub name: Option<String>,
    /// Its document.
    pub document: Node,
}

/// A key of a map and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where; the default span for what the tool writes.
    pub span: Span,
}

impl PartialEq for Node {
    /// Equal if they say the same, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Node {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self { value: Value::Scalar { text: text.into(), quoted: true }, span: Span::default() }
    }

    /// The text of a scalar.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The value of a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node),
            Value::Null | Value::Scalar { .. } | Value::List(_) => None,
        }
    }

    /// Takes a key out of a map.
    pub fn take(&mut self, key: &str) -> Option<(Key, Node)> {
        match &mut self.value {
            Value::Map(entries) => {
                let at = entries.iter().position(|(k, _)| k.text == key)?;
                Some(entries.remove(at))
            }
            Value::Null | Value::Scalar { .. } | Value::List(_) => None,
        }
    }

    /// Replaces a scalar or a list by a map that holds it under `key`: the usual short form.
    pub fn wrap(&mut self, key: &str) {
        if matches!(self.value, Value::Scalar { .. } | Value::List(_)) {
            let span = self.span;
            let inner = std::mem::take(self);
            let key = Key { text: key.to_owned(), span };
            *self = Self { value: Value::Map(vec![(key, inner)]), span };
        }
    }
}
