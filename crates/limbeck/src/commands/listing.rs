//! How revisions are listed, for people and for programs: the same in every command.

use limbeck_migrate::{Applied, Entry, Graph, Kept, Revision, RevisionId, State, Stranded, Undo};
use serde_json::{Value, json};

use crate::output::{DIM, GOOD, ID, printable, styled};

/// The mark of what a database is at.
pub(crate) const CURRENT: &str = " (current)";

/// One line: `9c1d00aa71b2 -> 3f2c9a1b7d40 (head), add members email`.
pub(crate) fn line(graph: &Graph, revision: &Revision, current: &[RevisionId]) -> String {
    line_with(graph, revision, current, "")
}

/// A line with marks that one list alone has.
pub(crate) fn line_with(graph: &Graph, revision: &Revision, current: &[RevisionId], more: &str) -> String {
    let parents = revision.header.parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let parents = if parents.is_empty() { "<base>".to_owned() } else { parents };
    format!(
        "{parents} -> {}{}{more}{}",
        styled(ID, revision.id()),
        marks(graph, revision, current),
        after(", ", &revision.header.message)
    )
}

/// A message behind what it is about; nothing where there is none.
pub(crate) fn after(between: &str, message: &str) -> String {
    if message.is_empty() { String::new() } else { format!("{between}{}", printable(message)) }
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

/// ` (edited since)`, ` (half-way up, parts done: 2)`.
pub(crate) fn applied_marks(graph: &Graph, row: &Applied) -> String {
    let edited = is_edited(graph, row).then(|| "edited since".to_owned());
    edited.into_iter().chain(half_way(row.state)).map(|mark| format!(" ({mark})")).collect()
}

/// Whether an applied revision's file says something else now.
pub(crate) fn is_edited(graph: &Graph, row: &Applied) -> bool {
    graph.get(&row.revision).is_some_and(|revision| !row.edited(revision).is_empty())
}

/// How far a revision is that is neither applied nor not.
pub(crate) fn half_way(state: State) -> Option<String> {
    let (word, parts) = match state {
        State::Applied => return None,
        State::Upgrading(parts) => ("upgrade", parts),
        State::Downgrading(parts) => ("downgrade", parts),
    };
    Some(format!("half-way through its {word}, parts done: {parts}"))
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
        "parents": ids(&row.parents),
        "message": row.message,
        "applied_at": row.applied_at,
        "applied_by": row.applied_by,
        "duration_ms": row.duration_ms,
        "tool_version": row.tool_version,
        "state": state,
        "parts_done": parts,
    })
}

/// A line of the history for a program.
pub(crate) fn entry_value(entry: &Entry) -> Value {
    json!({
        "revision": entry.revision.as_str(),
        "action": entry.action.word(),
        "parents": ids(&entry.parents),
        "message": entry.message,
        "done_at": entry.done_at,
        "duration_ms": entry.duration_ms,
        "done_by": entry.done_by,
        "application": entry.application,
        "client": entry.client,
        "tool_version": entry.tool_version,
    })
}

/// A kept downgrade for a program.
pub(crate) fn kept_value(kept: &Kept) -> Value {
    json!({
        "revision": kept.revision.as_str(),
        "done_at": kept.done_at,
        "done_by": kept.done_by,
        "tool_version": kept.tool_version,
        "text": kept.text,
    })
}

/// An applied revision without a file, for a program.
pub(crate) fn stranded_value(stranded: &Stranded) -> Value {
    let mut value = applied_value(&stranded.row);
    value["downgrade"] = match stranded.undo {
        Undo::Unknown => Value::Null,
        Undo::NotKept => "not kept".into(),
        Undo::Altered => "altered".into(),
        Undo::Kept(_) => "kept".into(),
    };
    value
}

/// Ids for a program.
pub(crate) fn ids(ids: &[RevisionId]) -> Vec<&str> {
    ids.iter().map(RevisionId::as_str).collect()
}
