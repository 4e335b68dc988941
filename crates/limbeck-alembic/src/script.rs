//! One script of Alembic's: its identity, its place in the graph, and its two functions, unread.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result, read as read_file};
use crate::python::{self, Expression, Kind, line};
use crate::translate::Functions;
use crate::value::{Scope, Value};

/// A script.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) path: Utf8PathBuf,
    /// Where it stands below its folder of versions, without `.py`.
    pub(crate) stem: Utf8PathBuf,
    /// Which of the folders it stands in.
    pub(crate) location: usize,
    pub(crate) id: String,
    pub(crate) parents: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) depends_on: Vec<String>,
    pub(crate) message: String,
    pub(crate) created: Option<String>,
    pub(crate) source: String,
    pub(crate) scope: Scope,
    pub(crate) functions: Functions,
}

/// Reads a script; none where the file is none, an `__init__.py` for instance.
pub(crate) fn read(path: &Utf8Path, stem: Utf8PathBuf, location: usize) -> Result<Option<Script>> {
    let source = read_file(path)?.replace("\r\n", "\n");
    let (mut scope, mut functions, mut doc) = (Scope::default(), Functions::new(), String::new());
    let mut decorated = false;
    for (index, statement) in python::read(&source).into_iter().enumerate() {
        // What a decorator makes of a function is not known: it stays unread.
        let is_decorated = std::mem::replace(&mut decorated, source[statement.span.clone()].starts_with('@'));
        match statement.kind {
            Kind::Expression(node) => match node.what {
                Expression::Text(text) if index == 0 => doc = text,
                _ => scope.forget_mentioned(&source[statement.span]),
            },
            Kind::Import(names) => names.iter().for_each(|(name, path)| scope.import(name, path)),
            Kind::Assign(name, node) => {
                let value = scope.value(&node);
                scope.set(&name, value);
            }
            Kind::Function(..) if is_decorated => {}
            Kind::Function(name, body) => {
                functions.insert(name, body);
            }
            Kind::Other | Kind::If(..) => scope.forget_mentioned(&source[statement.span]),
            Kind::With(..) | Kind::Return | Kind::Nothing => {}
        }
    }
    let names = Names { path, source: &source, scope: &scope };
    let Some(id) = names.texts("revision")?.and_then(|ids| ids.into_iter().next()) else { return Ok(None) };
    let list = |name: &str| names.texts(name).map(Option::unwrap_or_default);
    let script = Script {
        path: path.to_owned(),
        stem,
        location,
        parents: list("down_revision")?,
        labels: list("branch_labels")?,
        depends_on: list("depends_on")?,
        message: message(&doc),
        created: created(&doc),
        id,
        scope: scope.clone(),
        functions,
        source,
    };
    Ok(Some(script))
}

/// A module's names that Alembic reads.
struct Names<'a> {
    path: &'a Utf8Path,
    source: &'a str,
    scope: &'a Scope,
}

impl Names<'_> {
    /// The texts that a name stands for; none where it isn't there.
    fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let node = python::Node { what: Expression::Name(name.to_owned()), span: 0..0 };
        match self.scope.value(&node) {
            Ok(Value::Path(path)) if path == name => Ok(None),
            Ok(Value::None) => Ok(Some(Vec::new())),
            Ok(value) => match value.texts() {
                Some(texts) => Ok(Some(texts)),
                None => self.refuse(name),
            },
            Err(_) => self.refuse(name),
        }
    }

    fn refuse<T>(&self, name: &str) -> Result<T> {
        let at = self.source.find(&format!("\n{name}")).map_or(0, |at| at + 1);
        Err(Error::Script {
            path: self.path.to_owned(),
            line: line(self.source, at),
            message: format!("`{name}` is no literal, and nothing is executed to find out what it is"),
        })
    }
}

/// The first paragraph of a script's docstring.
fn message(doc: &str) -> String {
    let first = doc.trim().split("\n\n").next().unwrap_or_default();
    let ours =
        |line: &&str| !["Revision ID:", "Revises:", "Create Date:"].iter().any(|word| line.starts_with(word));
    first.lines().map(str::trim).filter(ours).collect::<Vec<_>>().join(" ")
}

/// `Create Date: 2024-01-02 03:04:05.678901`, without the fraction.
fn created(doc: &str) -> Option<String> {
    let date = doc.lines().find_map(|line| line.trim().strip_prefix("Create Date:"))?.trim();
    let Some((seconds, fraction)) = date.split_once('.') else { return Some(date.to_owned()) };
    Some(format!("{seconds}{}", fraction.trim_start_matches(|c: char| c.is_ascii_digit())))
}
