//! The statements of `upgrade()` or `downgrade()`, one after the other.

use std::collections::BTreeMap;

use super::operations::{self, Batch};
use super::{Output, Statement, named_type};
use crate::python::{self, Kind, Node};
use crate::value::{Call, Scope, Value, Why, why};

/// How deep functions of a script may call each other.
const DEEPEST: usize = 5;

/// Functions of a script, by name.
pub(crate) type Functions = BTreeMap<String, Vec<python::Statement>>;

/// Translates a function of a script.
pub(crate) fn translate(source: &str, scope: &Scope, functions: &Functions, name: &str) -> Output {
    let mut body = Body {
        source,
        scope: scope.clone(),
        functions,
        batches: Vec::new(),
        depth: 0,
        returned: false,
        out: Output::default(),
    };
    if let Some(statements) = functions.get(name) {
        body.all(statements);
    }
    body.out
}

struct Body<'a> {
    source: &'a str,
    scope: Scope,
    functions: &'a Functions,
    batches: Vec<Batch>,
    depth: usize,
    /// Whether the function has returned.
    returned: bool,
    out: Output,
}

impl Body<'_> {
    fn all(&mut self, statements: &[python::Statement]) {
        for statement in statements {
            if self.returned {
                return;
            }
            let before = self.out.clone();
            if let Err(Why(why)) = self.one(statement) {
                // A statement is translated in whole or not at all.
                self.out = before;
                self.scope.forget_mentioned(&self.source[statement.span.clone()]);
                if let Kind::Assign(name, _) = &statement.kind {
                    self.scope.set(name, Err(Why(format!("`{name}` is not known: {why}"))));
                }
                self.out.push(Statement::Left { span: statement.span.clone(), why });
            }
        }
    }

    fn one(&mut self, statement: &python::Statement) -> Result<(), Why> {
        match &statement.kind {
            Kind::Nothing | Kind::Function(..) => Ok(()),
            Kind::Return => {
                self.returned = true;
                Ok(())
            }
            Kind::Import(names) => {
                names.iter().for_each(|(name, path)| self.scope.import(name, path));
                Ok(())
            }
            Kind::Expression(node) => self.effect(node),
            Kind::Assign(name, node) => self.assign(name, node),
            Kind::If(condition, body, otherwise) => match self.scope.value(condition)? {
                Value::Bool(holds) => {
                    self.all(if holds { body } else { otherwise });
                    Ok(())
                }
                _ => why("whether this holds is not known"),
            },
            Kind::With(manager, name, body) => self.with(manager, name.as_deref(), body),
            Kind::Other => {
                let text = &self.source[statement.span.clone()];
                let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                why(format!("`{word} …` is more than a literal operation"))
            }
        }
    }

    fn effect(&mut self, node: &Node) -> Result<(), Why> {
        match self.scope.value(node)? {
            Value::Text(_) | Value::Path(_) => Ok(()),
            Value::Call(call) => self.call(&call),
            _ => why("an expression without an effect that is known"),
        }
    }

    fn call(&mut self, call: &Call) -> Result<(), Why> {
        if let Some(of) = &call.of {
            let is_bind = matches!(of, Value::Call(of) if of.name == "op.get_bind");
            return match call.name.as_str() {
                "execute" | "exec_driver_sql" if is_bind => operations::execute(call, &mut self.out),
                "create" | "drop" => named_type::method(of, call, &mut self.out),
                method => why(format!("`.{method}()` is not translated")),
            };
        }
        if call.name == "print" {
            return Ok(());
        }
        match call.name.split_once('.') {
            Some(("op", name)) => operations::run(name, call, None, &mut self.out),
            Some(("batch", name)) => operations::run(name, call, self.batches.last(), &mut self.out),
            _ => self.inline(call),
        }
    }

    /// A function of the same script, without arguments: its statements stand for its call.
    fn inline(&mut self, call: &Call) -> Result<(), Why> {
        let functions = self.functions;
        let bare = call.positional.is_empty() && call.named.is_empty() && self.depth < DEEPEST;
        let Some(body) = functions.get(&call.name).filter(|_| bare) else {
            return why(format!("`{}` is not translated", call.name));
        };
        let outside = self.scope.clone();
        self.depth += 1;
        self.all(body);
        self.depth -= 1;
        self.returned = false;
        self.scope = outside;
        Ok(())
    }

    fn assign(&mut self, name: &str, node: &Node) -> Result<(), Why> {
        let value = self.scope.value(node)?;
        match &value {
            Value::Call(call) if call.of.is_none() && call.name == "op.create_table" => self.call(call)?,
            value if is_harmless(value) => {}
            _ => return why("this takes the result of something that is not translated"),
        }
        self.scope.set(name, Ok(value));
        Ok(())
    }

    fn with(&mut self, manager: &Node, name: Option<&str>, body: &[python::Statement]) -> Result<(), Why> {
        let value = self.scope.value(manager)?;
        let Value::Call(call) = value else { return why("a `with` of something that is not understood") };
        if call.name == "autocommit_block" {
            let outside = std::mem::replace(&mut self.out.autocommit, true);
            self.all(body);
            self.out.autocommit = outside;
            return Ok(());
        }
        if call.name != "op.batch_alter_table" {
            return why(format!("a `with` of `{}`", call.name));
        }
        self.batches.push(Batch::read(&call)?);
        if let Some(name) = name {
            self.scope.set(name, Ok(Value::Path("batch".to_owned())));
        }
        self.all(body);
        self.batches.pop();
        Ok(())
    }
}

/// Whether making a value changes nothing: literals, types, tables in name only, the connection.
fn is_harmless(value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Path(_) => true,
        Value::List(items) => items.iter().all(is_harmless),
        Value::Dict(items) => items.iter().all(|(key, value)| is_harmless(key) && is_harmless(value)),
        Value::Call(call) => {
            let name = call.name.as_str();
            let known = match &call.of {
                None => {
                    name.starts_with("sa.")
                        || name.starts_with("postgresql.")
                        || matches!(name, "op.get_bind" | "op.get_context")
                }
                Some(of) => matches!(name, "with_variant" | "bindparams") && is_harmless(of),
            };
            known && call.positional.iter().chain(call.named.iter().map(|(_, value)| value)).all(is_harmless)
        }
    }
}
