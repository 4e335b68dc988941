//! How revisions are listed, for people and for programs: the same in every command.

use limbeck_migrate::{Applied, Graph, Revision, RevisionId, State};
use serde_json::{Value, json};

use crate::output::{DIM, GOOD, ID, printable, styled};

/// One line: `9c1d00aa71b2 -> 3f2c9a1b7d40 (head), add members email`.
pub(crate) fn line(graph: &Graph, revision: &Revision, current: &[RevisionId]) -> String {
    let parents = revision.header.parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let parents = if parents.is_empty() { "<base>".to_owned() } else { parents };
    format!(
        "{parents} -> {}{}, {}",
        styled(ID, revision.id()),
        marks(graph, revision, current),
        printable(&revision.header.message)
    )
}

/// ` (members) (head) (current)`.
pub(crate) fn marks(graph: &Graph, revision: &Revision, current: &[RevisionId]) -> String {
    let mut marks: Vec<String> = Vec::new();
    let labels = graph.labels_of(revision.id());
    if !labels.is_empty() {
        marks.push(labels.join(", "));
    }
    marks.extend(revision.header.tags.iter().map(|tag| format!("tag {tag}")));
    let children = graph.children(revision.id()).len();
    if children == 0 {
        marks.push("head".into());
    }
    if children > 1 {
        marks.push("branchpoint".into());
    }
    if revision.header.parents.len() > 1 {
        marks.push("mergepoint".into());
    }
    if current.contains(revision.id()) {
        marks.push(styled(GOOD, "current"));
    }
    marks.iter().map(|mark| format!(" ({mark})")).collect()
}

/// Everything that a header says, indented under the line.
pub(crate) fn details(revision: &Revision) -> String {
    let header = &revision.header;
    let mut out = format!("    file: {}\n", revision.path);
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("    {key}: {}\n", printable(&value)));
        }
    };
    add("created", header.created.clone().unwrap_or_default());
    add("labels", header.labels.join(", "));
    add("depends on", header.depends_on.join(", "));
    add("made", header.made.clone().unwrap_or_default());
    header.proof.iter().for_each(|proof| add("proof", proof.clone()));
    out
}

/// What the version table says of a revision.
pub(crate) fn applied_details(row: &Applied) -> String {
    let took = row.duration_ms.map_or("stamped".to_owned(), |ms| format!("took {ms} ms"));
    styled(
        DIM,
        format!(
            "    applied {} by {} with {}, {took}",
            row.applied_at,
            printable(&row.applied_by),
            printable(&row.tool_version)
        ),
    )
}

/// A revision for a program.
pub(crate) fn value(graph: &Graph, revision: &Revision) -> Value {
    let header = &revision.header;
    json!({
        "revision": header.id.as_str(),
        "parents": header.parents.iter().map(RevisionId::as_str).collect::<Vec<_>>(),
        "message": header.message,
        "created": header.created,
        "labels": graph.labels_of(revision.id()),
        "depends_on": header.depends_on,
        "tags": header.tags,
        "made": header.made,
        "proof": header.proof,
        "file": revision.path,
        "head": graph.children(revision.id()).is_empty(),
    })
}

/// A row of the version table for a program.
pub(crate) fn applied_value(row: &Applied) -> Value {
    let (state, parts) = match row.state {
        State::Applied => ("applied", None),
        State::Upgrading(parts) => ("upgrading", Some(parts)),
        State::Downgrading(parts) => ("downgrading", Some(parts)),
    };
    json!({
        "revision": row.revision.as_str(),
        "message": row.message,
        "applied_at": row.applied_at,
        "applied_by": row.applied_by,
        "duration_ms": row.duration_ms,
        "tool_version": row.tool_version,
        "state": state,
        "parts_done": parts,
    })
}
