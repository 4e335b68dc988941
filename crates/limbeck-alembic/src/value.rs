//! Expressions to values: literals, names that stand for literals, and calls whose names are resolved
//! through the imports. Nothing is executed; a call is only a name with arguments.

use std::collections::BTreeMap;

use crate::python::{Argument, Expression, Node, Piece};

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    /// A number as written.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    /// Something that is imported or unknown, by its dotted name: `sa.Integer`.
    Path(String),
    /// A call of such a thing, or of a method of a value.
    Call(Box<Call>),
}

/// A call that nobody makes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// The value whose method is called, if it is one.
    pub(crate) of: Option<Value>,
    /// What is called: `sa.Column`, or a method's name.
    pub(crate) name: String,
    pub(crate) positional: Vec<Value>,
    pub(crate) named: Vec<(String, Value)>,
}

/// What knows the dialect.
const BINDS: [&str; 2] = ["op.get_bind", "op.get_context"];

/// Why something can't be said in SQL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Why(pub(crate) String);

/// A [`Why`] as a result.
pub(crate) fn why<T>(words: impl Into<String>) -> Result<T, Why> {
    Err(Why(words.into()))
}

/// What names stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    imports: BTreeMap<String, String>,
    values: BTreeMap<String, Result<Value, Why>>,
}

impl Scope {
    pub(crate) fn import(&mut self, name: &str, path: &str) {
        self.imports.insert(name.to_owned(), path.to_owned());
    }

    pub(crate) fn set(&mut self, name: &str, value: Result<Value, Why>) {
        self.values.insert(name.to_owned(), value);
    }

    /// What is mentioned in code that isn't understood may have another value after it.
    pub(crate) fn forget_mentioned(&mut self, code: &str) {
        let words: Vec<&str> = code.split(|c: char| !(c == '_' || c.is_alphanumeric())).collect();
        for (name, value) in &mut self.values {
            if words.contains(&name.as_str()) {
                *value = why(format!("`{name}` may have been changed by code that is not translated"));
            }
        }
    }

    /// What an expression comes to.
    pub(crate) fn value(&self, node: &Node) -> Result<Value, Why> {
        match &node.what {
            Expression::None => Ok(Value::None),
            Expression::Bool(value) => Ok(Value::Bool(*value)),
            Expression::Number(digits) => Ok(Value::Number(digits.clone())),
            Expression::Text(text) => Ok(Value::Text(text.clone())),
            Expression::Format(pieces) => self.format(pieces),
            Expression::Name(name) => self.name(name),
            Expression::Attribute(of, name) => match self.value(of)? {
                Value::Path(path) if path == "dialect" && name == "name" => {
                    Ok(Value::Text("postgresql".to_owned()))
                }
                Value::Path(path) => Ok(Value::Path(short(&format!("{path}.{name}")))),
                // Which database it is, is known here.
                Value::Call(call) if name == "dialect" && BINDS.contains(&call.name.as_str()) => {
                    Ok(Value::Path(name.clone()))
                }
                _ => why(format!("`.{name}` of a value is not known")),
            },
            Expression::Call(function, arguments) => self.call(function, arguments),
            Expression::List(items) => Ok(Value::List(self.values(items)?)),
            Expression::Dict(items) => {
                let pair = |(key, value): &(Node, Node)| Ok((self.value(key)?, self.value(value)?));
                Ok(Value::Dict(items.iter().map(pair).collect::<Result<_, Why>>()?))
            }
            Expression::Negative(operand) => match self.value(operand)? {
                Value::Number(digits) => Ok(Value::Number(format!("-{digits}"))),
                _ => why("a minus before something that is no number"),
            },
            Expression::Binary(left, operator, right) => {
                match (self.value(left)?, operator.as_str(), self.value(right)?) {
                    (Value::Text(left), "+", Value::Text(right)) => Ok(Value::Text(left + &right)),
                    (Value::Text(left), "==", Value::Text(right)) => Ok(Value::Bool(left == right)),
                    (Value::Text(left), "!=", Value::Text(right)) => Ok(Value::Bool(left != right)),
                    (Value::List(mut left), "+", Value::List(right)) => {
                        left.extend(right);
                        Ok(Value::List(left))
                    }
                    _ => why(format!("`{operator}` is not worked out")),
                }
            }
            Expression::Subscript(..) => why("`[…]` is not worked out"),
        }
    }

    fn values(&self, nodes: &[Node]) -> Result<Vec<Value>, Why> {
        nodes.iter().map(|node| self.value(node)).collect()
    }

    fn name(&self, name: &str) -> Result<Value, Why> {
        match (self.values.get(name), self.imports.get(name)) {
            (Some(value), _) => value.clone(),
            (None, Some(path)) => Ok(Value::Path(short(path))),
            (None, None) => Ok(Value::Path(name.to_owned())),
        }
    }

    fn format(&self, pieces: &[Piece]) -> Result<Value, Why> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Name(name) => match self.name(name)? {
                    Value::Text(text) | Value::Number(text) => out.push_str(&text),
                    _ => return why(format!("`{{{name}}}` in an f-string is no plain text")),
                },
            }
        }
        Ok(Value::Text(out))
    }

    fn call(&self, function: &Node, arguments: &[Argument]) -> Result<Value, Why> {
        let (of, name) = match &function.what {
            Expression::Attribute(of, method) => match self.value(of)? {
                Value::Path(path) => (None, short(&format!("{path}.{method}"))),
                value => (Some(value), method.clone()),
            },
            _ => match self.value(function)? {
                Value::Path(path) => (None, path),
                _ => return why("a call of something that has no name"),
            },
        };
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        for argument in arguments {
            let value = self.value(&argument.value)?;
            match (argument.name.as_deref(), value) {
                (None, value) => positional.push(value),
                (Some("*"), Value::List(values)) => positional.extend(values),
                (Some("*" | "**"), _) => return why("arguments that are unpacked are not worked out"),
                (Some(name), value) => named.push((name.to_owned(), value)),
            }
        }
        // Alembic's mark for a name that no naming convention shall change.
        if let ("op.f" | "batch.f" | "sa.conv" | "sa.quoted_name", Some(text)) =
            (name.as_str(), positional.first())
        {
            return Ok(text.clone());
        }
        Ok(Value::Call(Box::new(Call { of, name, positional, named })))
    }
}

/// The names that migration scripts usually write: `sa.Integer`, `postgresql.JSONB`, `op.execute`.
fn short(path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let parts = path.split('.').count();
    if path.starts_with("sqlalchemy.dialects.postgresql.") {
        return format!("postgresql.{last}");
    }
    if path == "sqlalchemy.dialects.postgresql" {
        return "postgresql".to_owned();
    }
    if path.starts_with("alembic.op.") {
        return format!("op.{last}");
    }
    if path == "alembic.op" {
        return "op".to_owned();
    }
    let modules = ["types", "sql", "schema", "sqltypes", "expression", "elements", "func", "dialects", "sa"];
    if path.starts_with("sqlalchemy.func.")
        || path.starts_with("sa.func.")
        || path.contains(".functions.func.")
    {
        return format!("sa.func.{last}");
    }
    let ours = path.starts_with("sqlalchemy.") || (path.starts_with("sa.") && parts > 2);
    if ours && (!modules.contains(&last) || last == "func") {
        return format!("sa.{last}");
    }
    if path == "sqlalchemy" { "sa".to_owned() } else { path.to_owned() }
}

impl Value {
    /// Its text.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As a call: `sa.Integer` is one without arguments.
    pub(crate) fn as_call(&self) -> Option<Call> {
        match self {
            Value::Call(call) => Some((**call).clone()),
            Value::Path(name) => {
                Some(Call { of: None, name: name.clone(), positional: Vec::new(), named: Vec::new() })
            }
            _ => None,
        }
    }

    /// Its texts, of a list or of one.
    pub(crate) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Value::Text(text) => Some(vec![text.clone()]),
            Value::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }
}
