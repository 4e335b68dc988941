//! From files to entries: the files' keys, the objects' documents, and in these the keys that are
//! objects of their own. One file's tree is there at a time, but for routines, which wait for the last file.

use limbeck_catalog::document::{Extra, Key, Node, Span, Value};
use limbeck_catalog::kinds::routine::identity_arguments;
use limbeck_catalog::{Kind, ObjectId, Section};

use super::qualify::{Declarations, may_name};
use super::serial::{self, Serial};
use super::{Entry, Place, Said, check, parse};
use crate::sections::{self, Inner, RENAMED_FROM, Shape};
use crate::{Diagnostic, SourceFile};

/// What the files hold, object by object.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) entries: Vec<Entry>,
    pub(super) serials: Vec<Serial>,
    /// The schemas that files say they are for.
    pub(super) schemas: Vec<(String, Span)>,
    /// Labels of enums, below their enums' paths, with their former names.
    pub(super) labels: Vec<(ObjectId, Vec<String>)>,
    /// Schemas that are said not to be there (only `public` is there without being said).
    pub(super) absent: Vec<String>,
}

/// Reads the files and takes them apart.
pub(super) fn walk(files: &[SourceFile], diagnostics: &mut Vec<Diagnostic>) -> Walked {
    let mut walker = Walker {
        declarations: Declarations::default(),
        diagnostics,
        walked: Walked::default(),
        schema: String::new(),
        ends: Vec::new(),
        routines: Vec::new(),
    };
    for (index, file) in files.iter().enumerate() {
        let tree = super::tree(index, file, walker.diagnostics);
        walker.file(tree);
        walker.end();
    }
    // The types of their arguments are part of what routines are called.
    for (schema, kind, key, node) in std::mem::take(&mut walker.routines) {
        walker.schema = schema;
        walker.section(kind, &key, node);
        walker.end();
    }
    walker.qualify();
    walker.walked
}

struct Walker<'a> {
    /// What the files declare, as far as they were read.
    declarations: Declarations,
    diagnostics: &'a mut Vec<Diagnostic>,
    walked: Walked,
    schema: String,
    /// The schemas that entries are written in: each up to the next one's first.
    ends: Vec<(String, usize)>,
    /// The files' sections of routines, each with its schema.
    routines: Vec<(String, Kind, Key, Node)>,
}

impl Walker<'_> {
    /// What was written in the present schema ends here.
    fn end(&mut self) {
        self.ends.push((std::mem::take(&mut self.schema), self.walked.entries.len()));
    }

    /// Looks names without a schema up, now that all are known.
    fn qualify(&mut self) {
        let mut entries = self.walked.entries.iter_mut();
        let mut done = 0;
        for (schema, end) in &self.ends {
            for entry in entries.by_ref().take(end - done) {
                if let Said::Written(document) = &mut entry.said {
                    self.declarations.document(document, schema);
                }
            }
            done = *end;
        }
    }

    /// Notes the names of the types and relations in a section.
    fn declare(&mut self, kind: Kind, section: &Node) {
        let Value::Map(entries) = &section.value else { return };
        for (name, _) in entries {
            self.declarations.add(&ObjectId::new(kind, [self.schema.as_str(), &name.text]));
        }
    }

    fn file(&mut self, tree: Node) {
        let entries = match tree.value {
            Value::Map(entries) => entries,
            Value::Null => return,
            Value::Scalar { .. } | Value::List(_) => {
                let known = sections::top().map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                self.problem(Diagnostic::new(
                    format!("a model file is a map with keys among {known}"),
                    tree.span,
                ));
                return;
            }
        };
        self.schema = "public".to_owned();
        if let Some((_, node)) = entries.iter().find(|(key, _)| key.text == "schema") {
            match node.as_text() {
                Some(schema) => {
                    schema.clone_into(&mut self.schema);
                    self.walked.schemas.push((schema.to_owned(), node.span));
                }
                None => self.problem(Diagnostic::new("`schema` is the name of a schema", node.span)),
            }
        }
        for (key, node) in entries.into_iter().filter(|(key, _)| key.text != "schema") {
            match sections::top().find(|(section, _)| *section == key.text) {
                Some((_, kind)) => {
                    self.declare(kind, &node);
                    match kind.is_routine() {
                        true => self.routines.push((self.schema.clone(), kind, key, node)),
                        false => self.section(kind, &key, node),
                    }
                }
                None => self.unknown_section(&key),
            }
        }
    }

    fn unknown_section(&mut self, key: &Key) {
        let known: Vec<_> = sections::top().map(|(section, _)| section).chain(["schema"]).collect();
        let near = Diagnostic::new(format!("unknown key `{}`", key.text), key.span)
            .did_you_mean(&key.text, known.iter().copied());
        let help = format!("a model file has the keys {}", known.join(", "));
        self.problem(if near.label.is_empty() { near.help(help) } else { near });
    }

    /// `tables: { name: … }`, and for what needs no document `extensions: [name, …]`.
    fn section(&mut self, kind: Kind, key: &Key, node: Node) {
        match node.value {
            Value::Null => {}
            Value::Map(entries) => {
                for (name, document) in entries {
                    let id = self.top_id(kind, &name.text);
                    self.named(id, &name, document);
                }
            }
            Value::List(names) if names.iter().all(|n| n.as_text().is_some()) => {
                for node in names {
                    let name = Key { text: node.as_text().unwrap_or_default().to_owned(), span: node.span };
                    let id = self.top_id(kind, &name.text);
                    self.named(id, &name, Node { value: Value::Null, span: node.span });
                }
            }
            Value::Scalar { .. } | Value::List(_) => {
                let message = format!("`{}` is a map from names to documents", key.text);
                self.problem(Diagnostic::new(message, node.span));
            }
        }
    }

    fn top_id(&self, kind: Kind, name: &str) -> ObjectId {
        if !sections::is_in_schema(kind) {
            return ObjectId::new(kind, [name]);
        }
        if !kind.is_routine() {
            return ObjectId::new(kind, [self.schema.as_str(), name]);
        }
        let (name, arguments) = sections::routine(name);
        let types = identity_arguments(kind, arguments);
        let types = self.declarations.argument_types(&types, &self.schema);
        ObjectId::new(kind, [self.schema.as_str(), &name, &types])
    }

    fn named(&mut self, id: ObjectId, name: &Key, document: Node) {
        if id.kind == Kind::Schema && document.as_text() == Some("absent") {
            self.walked.absent.push(name.text.clone());
            return;
        }
        let end = document.span.end.max(name.span.end);
        let extent = Span { end, ..name.span };
        self.object(id.kind, Place::At(id), document, name.span, extent);
    }

    /// An object: its own entry, and those of all that stands in its document.
    fn object(&mut self, kind: Kind, place: Place, mut document: Node, span: Span, extent: Span) {
        if matches!(document.value, Value::Null) {
            document.value = Value::Map(Vec::new());
        }
        let renamed_from = self.renamed_from(&mut document);
        let inner: Vec<_> = sections::inner(kind)
            .filter_map(|inner| document.take(inner.key).map(|(key, node)| (inner, key, node)))
            .collect();
        let id = match &place {
            Place::At(id) => id.clone(),
            Place::Unnamed { parent } => parent.member(kind, ""),
            Place::On(_) => ObjectId::new(kind, [""; 0]),
        };
        let comments = self.member_comments(&id, &mut document);
        let extras = kind.normalise(&id, &mut document);
        if kind == Kind::Enum {
            self.labels(&id, &mut document);
        }
        if kind == Kind::Column {
            self.walked.serials.extend(serial::take(&id, &mut document, self.diagnostics));
        }
        let said = self.said(kind, &place, document);
        let at = self.walked.entries.len();
        self.walked.entries.push(Entry { kind, place, said, span, extent, renamed_from });
        for (section, key, node) in inner {
            self.inner(section, &id, at, &key, node);
        }
        for (comment, key, node) in comments {
            self.object(comment.kind, Place::At(comment), node, key.span, key.span);
        }
        extras.into_iter().for_each(|extra| self.extra(extra));
    }

    /// What a document says, as far as that is known by now.
    fn said(&mut self, kind: Kind, place: &Place, mut document: Node) -> Said {
        if !matches!(place, Place::At(_)) || may_name(&mut document) || check::looks_at(&document) {
            return Said::Written(document);
        }
        match parse::object(kind, &document, self.diagnostics) {
            // Where it asks for what not every server has will be wanted.
            Some(object) if !object.asks().is_empty() => Said::Written(document),
            object => Said::Read(object),
        }
    }

    fn inner(&mut self, section: Inner, id: &ObjectId, at: usize, key: &Key, mut node: Node) {
        let kind = section.kind;
        let extent = Span { end: node.span.end.max(key.span.end), ..key.span };
        match section.shape {
            Shape::Members => self.members(kind, id, key, node),
            Shape::Single => {
                let place = match node.take("name") {
                    Some((_, name)) => Place::At(id.member(kind, name.as_text().unwrap_or_default())),
                    None => Place::Unnamed { parent: id.clone() },
                };
                self.object(kind, place, node, key.span, extent);
            }
            Shape::Field => {
                let id = ObjectId { kind, of: None, path: id.path.clone() };
                self.object(kind, Place::At(id), node, key.span, extent);
            }
            Shape::Attached => self.object(kind, Place::On(at), node, key.span, extent),
        }
    }

    fn members(&mut self, kind: Kind, parent: &ObjectId, key: &Key, node: Node) {
        match node.value {
            Value::Null => {}
            Value::Map(entries) => {
                for (name, document) in entries {
                    self.named(parent.member(kind, &name.text), &name, document);
                }
            }
            Value::List(documents) => {
                for document in documents {
                    let span = document.span;
                    let place = Place::Unnamed { parent: parent.clone() };
                    self.object(kind, place, document, span, span);
                }
            }
            Value::Scalar { .. } => {
                let message =
                    format!("`{}` is a map from names, or a list where Postgres chooses them", key.text);
                self.problem(Diagnostic::new(message, node.span));
            }
        }
    }

    /// What a short form stands for, placed by where its kind stands.
    fn extra(&mut self, extra: Extra) {
        let Extra { kind, parent, name, document } = extra;
        let place = match (kind.section(), name) {
            (Section::Field { .. }, _) => Place::At(ObjectId { kind, of: None, path: parent.path }),
            (Section::Attached(_), _) => Place::At(parent.attached(kind)),
            (_, Some(name)) => Place::At(parent.member(kind, &name)),
            (_, None) => Place::Unnamed { parent },
        };
        let span = document.span;
        self.object(kind, place, document, span, span);
    }

    /// Comments on what is no object of its own: the columns of a view, the attributes of a type.
    fn member_comments(&mut self, id: &ObjectId, document: &mut Node) -> Vec<(ObjectId, Key, Node)> {
        let key = match id.kind {
            Kind::View | Kind::MaterializedView => "columns",
            Kind::Composite => "attributes",
            _ => return Vec::new(),
        };
        let mut found = Vec::new();
        if let Some((_, Node { value: Value::Map(members), .. })) =
            entry_mut(document, key).map(|(key, node)| (key.clone(), node))
        {
            for (member, node) in members.iter_mut() {
                if let Some((_, comment)) = node.take("comment") {
                    let attached = id.attached(Kind::Comment);
                    let path = attached.path.with(&member.text);
                    found.push((ObjectId { path, ..attached }, member.clone(), comment));
                }
            }
            if id.kind != Kind::Composite {
                members.retain(|(_, node)| !matches!(&node.value, Value::Map(rest) if rest.is_empty()));
                if members.is_empty() {
                    document.take(key);
                }
            }
        }
        found
    }

    /// `{ name: sent, renamed_from: shipped }` in place of a label.
    fn labels(&mut self, id: &ObjectId, document: &mut Node) {
        let Some((_, Node { value: Value::List(labels), .. })) = entry_mut(document, "values") else {
            return;
        };
        for label in labels {
            let renamed_from = self.renamed_from(label);
            if let Some((_, name)) = label.take("name")
                && matches!(&label.value, Value::Map(rest) if rest.is_empty())
            {
                self.walked
                    .labels
                    .push((id.member(Kind::Enum, name.as_text().unwrap_or_default()), renamed_from));
                *label = name;
            }
        }
    }

    fn renamed_from(&mut self, document: &mut Node) -> Vec<String> {
        let Some((_, node)) = document.take(RENAMED_FROM) else { return Vec::new() };
        let texts = match &node.value {
            Value::Scalar { text, .. } => Some(vec![text.clone()]),
            Value::List(items) => items.iter().map(|item| item.as_text().map(str::to_owned)).collect(),
            Value::Null | Value::Map(_) => None,
        };
        if texts.is_none() {
            self.problem(Diagnostic::new(
                "`renamed_from` is a former name, or a list of them, newest first",
                node.span,
            ));
        }
        texts.unwrap_or_default()
    }

    fn problem(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

fn entry_mut<'a>(document: &'a mut Node, key: &str) -> Option<(&'a Key, &'a mut Node)> {
    match &mut document.value {
        Value::Map(entries) => entries.iter_mut().find(|(k, _)| k.text == key).map(|(k, node)| (&*k, node)),
        Value::Null | Value::Scalar { .. } | Value::List(_) => None,
    }
}
