//! What differs as a tree: under each object at the top what is a part of it, in the order in which a
//! person would look for it.

use limbeck_catalog::ObjectId;

use crate::report::{Changed, Object, Renamed, Report};

/// An object in its place.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) id: &'a ObjectId,
    pub(crate) change: Option<&'a Changed>,
    pub(crate) rename: Option<&'a Renamed>,
    pub(crate) parts: Vec<Node<'a>>,
}

/// The objects at the top.
pub(crate) fn tree<'a>(changes: &'a [Changed], renames: &'a [Renamed]) -> Vec<Node<'a>> {
    let mut top = Vec::new();
    for change in changes {
        node(&mut top, &change.object).change = Some(change);
    }
    for rename in renames {
        node(&mut top, &rename.object).rename = Some(rename);
    }
    sort(&mut top);
    top
}

/// The tree of a report.
pub(crate) fn of(report: &Report) -> Vec<Node<'_>> {
    tree(&report.changes, &report.renames)
}

/// The node of an object, made with those above it where they aren't there.
fn node<'a, 'n>(top: &'n mut Vec<Node<'a>>, object: &'a Object) -> &'n mut Node<'a> {
    let mut at = top;
    for id in &object.ancestors {
        at = &mut child(at, id).parts;
    }
    child(at, &object.id)
}

fn child<'a, 'n>(nodes: &'n mut Vec<Node<'a>>, id: &'a ObjectId) -> &'n mut Node<'a> {
    let index = nodes.iter().position(|node| node.id == id).unwrap_or_else(|| {
        nodes.push(Node { id, change: None, rename: None, parts: Vec::new() });
        nodes.len() - 1
    });
    &mut nodes[index]
}

/// By kind, then by place (columns), then by name.
fn sort(nodes: &mut [Node<'_>]) {
    let place = |node: &Node<'_>| node.change.map_or(0, |change| change.position);
    nodes.sort_by(|a, b| (a.id.kind, place(a), a.id).cmp(&(b.id.kind, place(b), b.id)));
    nodes.iter_mut().for_each(|node| sort(&mut node.parts));
}
