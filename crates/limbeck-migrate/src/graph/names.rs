//! Labels and tags that would hide something else: all that can be named shares one namespace. The commands
//! refuse such names; headers are edited by hand as well.

use std::collections::BTreeSet;

use super::order::at_header;
use crate::error::Mistake;
use crate::file::Revision;

/// The words that name places in every chain.
const WORDS: [&str; 5] = ["head", "heads", "base", "bases", "current"];

/// Mistakes in the names that headers give. A label on two revisions, and a tag, are another matter: those are
/// found where revisions are put in order, and where the name is used.
pub(super) fn hidden(revisions: &[Revision]) -> Vec<Mistake> {
    let ids: BTreeSet<&str> = revisions.iter().map(|revision| revision.id().as_str()).collect();
    let labels: BTreeSet<&str> =
        revisions.iter().flat_map(|revision| &revision.header.labels).map(String::as_str).collect();
    let mut mistakes = Vec::new();
    for revision in revisions {
        let header = &revision.header;
        for (key, noun, names) in [("labels", "label", &header.labels), ("tags", "tag", &header.tags)] {
            let mut seen = BTreeSet::new();
            for name in names.iter().map(String::as_str) {
                let why = if !seen.insert(name) {
                    "stands twice"
                } else if WORDS.contains(&name) {
                    "has a meaning of its own"
                } else if ids.contains(name) {
                    "is an id"
                } else if noun == "tag" && labels.contains(name) {
                    "is a label"
                } else {
                    continue;
                };
                let mistake = at_header(revision, key, format!("{noun} {name:?} {why}"));
                mistakes.push(mistake.help(format!("give the {noun} another name, or remove it")));
            }
        }
    }
    mistakes
}
