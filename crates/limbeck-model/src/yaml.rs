//! YAML text to a tree of [`Node`]s with positions.
//!
//! The event parser under serde-saphyr (`granit-parser`) is used directly: models need each scalar's
//! text as it was written (`0` is a default's text, `1.50` a version), the spans of keys as well as of
//! values, and *all* duplicate keys of a file at once; serde-saphyr decides the type of a scalar by
//! what asks for it and stops at the first mistake. What it adds is small and stands here:
//! duplicate keys, and budgets for nesting, aliases and size. The schema is YAML 1.2's: what a plain
//! scalar means is decided where it is read, and only `true` and `false` are booleans.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Range};
use limbeck_catalog::document::{Key, Node, Span, Value};

use crate::Diagnostic;

/// Nesting beyond this is a mistake or an attack; the deepest document of the models has some 10.
const DEEPEST: usize = 64;
/// Nodes that a file may have, those that aliases repeat included.
const MOST_NODES: usize = 2_000_000;
/// Nodes that anchors and aliases may repeat in one file.
const MOST_REPEATED: usize = 100_000;

/// Reads a file: an empty one is [`Value::Null`]. What can't be read is a diagnostic.
pub(crate) fn parse(text: &str, file: u32, diagnostics: &mut Vec<Diagnostic>) -> Node {
    if u32::try_from(text.len()).is_err() {
        diagnostics.push(Diagnostic::new("the file is larger than 4 GB", Span { file, start: 0, end: 0 }));
        return Node::default();
    }
    let options = granit_parser::options! {
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder::new(file, diagnostics);
    for event in Parser::new_from_str_with_options(text, options) {
        let stop = match event {
            Ok((event, range)) => builder.event(event, span(file, range)).is_err(),
            Err(error) => {
                builder.diagnostics.push(scan_error(&error, text, file));
                true
            }
        };
        if stop {
            return Node::default();
        }
    }
    builder.root.unwrap_or_default()
}

fn span(file: u32, range: Range) -> Span {
    let offset = |at: Option<usize>| at.and_then(|at| u32::try_from(at).ok()).unwrap_or_default();
    Span { file, start: offset(range.start.byte_offset()), end: offset(range.end.byte_offset()) }
}

fn scan_error(error: &ScanError, text: &str, file: u32) -> Diagnostic {
    let marker = error.marker();
    let at = marker.byte_offset().or_else(|| text.char_indices().nth(marker.index()).map(|(at, _)| at));
    let at = u32::try_from(at.unwrap_or(text.len())).unwrap_or_default();
    Diagnostic::new("this is no YAML", Span { file, start: at, end: at }).label(error.info().to_lowercase())
}

/// A collection whose end has not come yet.
struct Open {
    anchor: usize,
    start: u32,
    what: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, seen: Seen, key: Option<Key> },
}

/// The keys of a map that has many: in one with few they are found as fast, and most have few.
#[derive(Default)]
struct Seen(HashMap<String, Span>);

impl Seen {
    const FEW: usize = 16;

    /// Where the key of an entry that is to come stood before.
    fn first(&mut self, entries: &[(Key, Node)], written: &Key) -> Option<Span> {
        if entries.len() < Self::FEW {
            return entries.iter().find(|(key, _)| key.text == written.text).map(|(key, _)| key.span);
        }
        if self.0.is_empty() {
            self.0.extend(entries.iter().map(|(key, _)| (key.text.clone(), key.span)));
        }
        let first = self.0.get(&written.text).copied();
        if first.is_none() {
            self.0.insert(written.text.clone(), written.span);
        }
        first
    }
}

/// A file that has said all that it may.
struct Exhausted;

/// Makes the tree of the events, without recursion.
struct Builder<'a> {
    file: u32,
    diagnostics: &'a mut Vec<Diagnostic>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    repeated: usize,
    documents: usize,
    root: Option<Node>,
}

impl<'a> Builder<'a> {
    fn new(file: u32, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            file,
            diagnostics,
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            repeated: 0,
            documents: 0,
            root: None,
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Exhausted> {
        match event {
            Event::DocumentStart(..) => self.document(span)?,
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::Scalar(text, style, anchor, tag) => {
                self.nul(&text, span);
                let is_text =
                    tag.as_deref().is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix() == "str");
                self.tag(tag.is_some() && !is_text, span);
                let quoted = style != ScalarStyle::Plain || is_text;
                self.put(scalar(&text, quoted, span), anchor)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.is_some(), span);
                self.begin(anchor, span, Collection::List(Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.is_some(), span);
                let map = Collection::Map { entries: Vec::new(), seen: Seen::default(), key: None };
                self.begin(anchor, span, map);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
            _ => {}
        }
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            self.diagnostics.push(Diagnostic::new("the file has more nodes than any model needs", span));
            return Err(Exhausted);
        }
        Ok(())
    }

    fn nul(&mut self, text: &str, span: Span) {
        if text.contains('\0') {
            let nul = Diagnostic::new("a NUL character", span).help("Postgres can hold none: remove it");
            self.diagnostics.push(nul);
        }
    }

    /// A tag would change what is read in other readers, and says nothing here: it is a mistake.
    fn tag(&mut self, is_unknown: bool, span: Span) {
        if is_unknown {
            let said = Diagnostic::new("tags mean nothing in a model", span);
            self.diagnostics.push(said.label("leave out what begins with `!`"));
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Exhausted> {
        self.documents += 1;
        if self.documents > 1 {
            self.diagnostics.push(Diagnostic::new("a model file holds one document", span));
            return Err(Exhausted);
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Exhausted> {
        // What is still open has no node yet.
        let Some(named) = self.anchors.get(&anchor) else {
            let within = Diagnostic::new("an alias stands inside of what it names", span);
            self.diagnostics.push(within.help("write out what is meant"));
            return Err(Exhausted);
        };
        let mut node = named.clone();
        self.repeat(&node, span)?;
        node.span = span;
        self.put(node, 0)
    }

    /// Counts a copy of a node.
    fn repeat(&mut self, node: &Node, span: Span) -> Result<(), Exhausted> {
        self.repeated += size(node);
        if self.repeated > MOST_REPEATED {
            let what = "anchors and aliases repeat more than any model needs";
            self.diagnostics.push(Diagnostic::new(what, span));
            return Err(Exhausted);
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, span: Span, what: Collection) {
        self.open.push(Open { anchor, start: span.start, what });
    }

    /// A block collection ends with its last child: the parser says so only for `]` and `}`.
    fn end(&mut self, end: Span) -> Result<(), Exhausted> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (first, last, value) = match open.what {
            Collection::List(mut items) => {
                items.shrink_to_fit();
                let ends = (items.first().map(|n| n.span.start), items.last().map(|n| n.span.end));
                (ends.0, ends.1, Value::List(items))
            }
            Collection::Map { mut entries, .. } => {
                entries.shrink_to_fit();
                let ends = (entries.first().map(|(k, _)| k.span.start), entries.last().map(extent_end));
                (ends.0, ends.1, Value::Map(entries))
            }
        };
        let start = first.map_or(open.start, |first| first.min(open.start));
        let end = if end.end > end.start { end.end } else { last.unwrap_or(end.end) };
        let span = Span { file: self.file, start, end: end.max(start) };
        self.put(Node { value, span }, open.anchor)
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Exhausted> {
        if anchor != 0 {
            self.repeat(&node, node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { what: Collection::List(items), .. }) => items.push(node),
            Some(Open { what: Collection::Map { entries, seen, key }, .. }) => match key.take() {
                None => *key = Some(as_key(&node, self.diagnostics)),
                Some(written) => match seen.first(entries, &written) {
                    Some(first) => self.diagnostics.push(twice(&written, first)),
                    None => entries.push((written, node)),
                },
            },
        }
        Ok(())
    }
}

fn twice(key: &Key, first: Span) -> Diagnostic {
    Diagnostic::new(format!("the key `{}` stands here twice", key.text), key.span)
        .label("the second time")
        .related(first, "the first time")
}

fn as_key(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Key {
    match &node.value {
        Value::Scalar { text, .. } => Key { text: text.clone(), span: node.span },
        Value::Null => Key { text: "null".to_owned(), span: node.span },
        Value::List(_) | Value::Map(_) => {
            diagnostics.push(Diagnostic::new("a key is a name", node.span).label("this is a list or a map"));
            Key { text: String::new(), span: node.span }
        }
    }
}

fn scalar(text: &str, quoted: bool, span: Span) -> Node {
    let is_null = !quoted && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    let value = if is_null { Value::Null } else { Value::Scalar { text: text.to_owned(), quoted } };
    Node { value, span }
}

/// Where an entry of a map ends: an empty value stands nowhere in particular.
pub(crate) fn extent_end((key, node): &(Key, Node)) -> u32 {
    node.span.end.max(key.span.end)
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Null | Value::Scalar { .. } => 0,
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(_, node)| size(node)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Node, Vec<String>) {
        let mut diagnostics = Vec::new();
        let node = parse(text, 0, &mut diagnostics);
        (node, diagnostics.into_iter().map(|d| d.message).collect())
    }

    fn slice(text: &str, node: &Node) -> String {
        text[node.span.start as usize..node.span.end as usize].to_owned()
    }

    #[test]
    fn spans_cover_what_was_written() {
        let text = "a:\n  b: { c: 1 } # x\n  d: [e, f]\n\n# end\ng: |\n  h\n";
        let (node, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let a = node.get("a").expect("a");
        assert_eq!(slice(text, a), "b: { c: 1 } # x\n  d: [e, f]");
        assert_eq!(slice(text, a.get("b").expect("b")), "{ c: 1 }");
        assert_eq!(slice(text, a.get("d").expect("d")), "[e, f]");
        assert_eq!(node.get("g").and_then(Node::as_text), Some("h\n"));
    }

    #[test]
    fn scalars_stay_as_written() {
        let (node, _) = read("[no, 0, 1.50, 'x', ~, \"\"]");
        let Value::List(items) = node.value else { panic!("a list") };
        let texts: Vec<_> = items.iter().map(Node::as_text).collect();
        assert_eq!(texts, [Some("no"), Some("0"), Some("1.50"), Some("x"), None, Some("")]);
    }

    #[test]
    fn every_duplicate_is_said() {
        let (_, problems) = read("a: 1\na: 2\nb: { c: 1, c: 2 }\n");
        assert_eq!(problems, ["the key `a` stands here twice", "the key `c` stands here twice"]);
        let many: String = (0..100).map(|i| format!("k{i}: 1\n")).collect();
        assert_eq!(read(&many).1, Vec::<String>::new());
        for (again, first) in [("k3", 3), ("k15", 15), ("k16", 16), ("k99", 99)] {
            let text = format!("{many}{again}: 2\n");
            let mut said = Vec::new();
            parse(&text, 0, &mut said);
            let at = said.iter().map(|d| (d.span.map(|s| s.start as usize), d.related[0].0.start as usize));
            let want = text.find(&format!("k{first}:")).map(|first| (Some(many.len()), first));
            assert_eq!(at.collect::<Vec<_>>(), want.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn bombs_do_not_go_off() {
        let (_, deep) = read(&"[".repeat(100_000));
        assert_eq!(deep, ["this is no YAML"]);
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..9 {
            let last = format!("*a{}, ", i - 1).repeat(10);
            laughs += &format!("a{i}: &a{i} [{last}]\n");
        }
        assert_eq!(read(&laughs).1, ["anchors and aliases repeat more than any model needs"]);
        let nested: String = (0..60).map(|i| format!("&a{i} [")).collect();
        let nested = format!("a: {nested}{}{}", "x,".repeat(10_000), "]".repeat(60));
        assert_eq!(read(&nested).1, ["anchors and aliases repeat more than any model needs"]);
        let deep_blocks: String = (0..5_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert_eq!(read(&deep_blocks).1, ["this is no YAML"]);
        assert_eq!(read("[!x a, !!str 1]").1, ["tags mean nothing in a model"]);
        assert_eq!(read("a: 1\n---\nb: 1\n").1, ["a model file holds one document"]);
    }

    #[test]
    fn an_alias_inside_of_what_it_names_is_said() {
        assert_eq!(read("a: &a { b: 1, c: *a }").1, ["an alias stands inside of what it names"]);
    }
}
