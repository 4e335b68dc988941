//! From a heap of revisions to their order: every reference found, no cycle, and one stable sequence.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;
use crate::error::{Error, Mistake, Result, nearest};
use crate::file::{Revision, RevisionId};

/// Checks how revisions follow each other, and sorts them: parents and dependencies first, then by
/// the date in the header, then by id.
pub(super) fn arrange(mut revisions: Vec<Revision>) -> Result<Graph> {
    revisions.sort_by(|a, b| (&a.header.created, a.id(), &a.path).cmp(&(&b.header.created, b.id(), &b.path)));
    let mut mistakes = twice(&revisions);
    mistakes.extend(replaced_and_here(&revisions));
    mistakes.extend(super::names::hidden(&revisions));
    revisions.dedup_by(|b, a| a.id() == b.id());
    let links = Links::find(&revisions, &mut mistakes);
    let (order, stuck) = sort(&links);
    if !stuck.is_empty() {
        mistakes.push(cycle(&revisions, &links, &stuck));
    }
    if !mistakes.is_empty() {
        mistakes.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        return Err(Error::Mistakes { mistakes });
    }
    Ok(links.graph(revisions, &order))
}

/// A mistake on the header line that begins with some key.
pub(super) fn at_header(revision: &Revision, key: &str, message: String) -> Mistake {
    let text = fs_err::read_to_string(&revision.path).unwrap_or_default();
    let start = format!("-- {key}");
    let found = text.lines().enumerate().find(|(_, line)| line.starts_with(&start));
    let (index, line) = found.unwrap_or((0, ""));
    Mistake::new(&revision.path, index + 1, line, message)
}

fn twice(revisions: &[Revision]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut first: BTreeMap<&RevisionId, &Revision> = BTreeMap::new();
    let mut labels: BTreeMap<&str, &Revision> = BTreeMap::new();
    for revision in revisions {
        if let Some(other) = first.insert(revision.id(), revision) {
            let message = format!("id {} is also that of {}", revision.id(), other.path);
            mistakes.push(
                at_header(revision, "limbeck:revision", message)
                    .help("give one of them another id; the parents lines that mean it change with it"),
            );
            continue;
        }
        for label in &revision.header.labels {
            if let Some(other) = labels.insert(label, revision) {
                let message = format!("label {label:?} is also that of {}", other.path);
                mistakes.push(
                    at_header(revision, "labels", message).help("a label stands once, where its line begins"),
                );
            }
        }
    }
    mistakes
}

/// What a squash stands in for must not be here as well: it would run twice.
fn replaced_and_here(revisions: &[Revision]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for squash in revisions.iter().filter(|revision| !revision.header.replaces.is_empty()) {
        for gone in revisions.iter().filter(|revision| squash.header.replaces.contains(revision.id())) {
            let message = format!("{} was squashed into {}, and is here as well", gone.id(), squash.id());
            mistakes.push(at_header(gone, "limbeck:revision", message).help(format!(
                "{} holds what it did: delete this file, once no change of it is missing there",
                squash.path
            )));
        }
    }
    mistakes
}

/// Where a name went that a squash stands in for.
fn squashed_into<'a>(revisions: &'a [Revision], name: &str) -> Option<&'a Revision> {
    revisions.iter().find(|squash| squash.header.replaces.iter().any(|id| id.as_str() == name))
}

#[derive(Default)]
struct Links {
    parents: Vec<Vec<usize>>,
    needs: Vec<Vec<usize>>,
}

impl Links {
    fn find(revisions: &[Revision], mistakes: &mut Vec<Mistake>) -> Self {
        let ids: BTreeMap<&str, usize> =
            revisions.iter().enumerate().map(|(i, r)| (r.id().as_str(), i)).collect();
        let labels: BTreeMap<&str, usize> = revisions
            .iter()
            .enumerate()
            .flat_map(|(i, r)| r.header.labels.iter().map(move |l| (l.as_str(), i)))
            .collect();
        let mut links = Links::default();
        for revision in revisions {
            let mut missing = |key: &str, what: &str, name: &str| {
                let near = nearest(name, ids.keys().copied());
                let help = match (squashed_into(revisions, name), near) {
                    (Some(squash), _) => {
                        format!(
                            "it was squashed into {0}: to follow all of that, write {0} here",
                            squash.id()
                        )
                    }
                    (None, Some(near)) => format!("did you mean {near}?"),
                    (None, None) => {
                        "its file is missing: another branch has it, or it was deleted".to_owned()
                    }
                };
                mistakes.push(at_header(revision, key, format!("{what} {name:?} is in no file")).help(help));
            };
            let mut parents = Vec::new();
            for parent in &revision.header.parents {
                match ids.get(parent.as_str()) {
                    Some(&index) if !parents.contains(&index) => parents.push(index),
                    Some(_) => {}
                    None => missing("parents", "parent", parent.as_str()),
                }
            }
            let mut needs = Vec::new();
            for name in &revision.header.depends_on {
                match ids.get(name.as_str()).or_else(|| labels.get(name.as_str())) {
                    Some(&index) => needs.push(index),
                    None => missing("depends-on", "dependency", name),
                }
            }
            links.parents.push(parents);
            links.needs.push(needs);
        }
        links
    }

    fn before(&self, index: usize) -> impl Iterator<Item = usize> {
        self.parents[index].iter().chain(&self.needs[index]).copied()
    }

    fn graph(&self, revisions: Vec<Revision>, order: &[usize]) -> Graph {
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        let moved = |links: &[Vec<usize>]| -> Vec<Vec<usize>> {
            order.iter().map(|&old| links[old].iter().map(|&l| place[l]).collect()).collect()
        };
        let (parents, needs) = (moved(&self.parents), moved(&self.needs));
        let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
        let revisions: Vec<Revision> = order.iter().filter_map(|&old| slots[old].take()).collect();
        let by_id = revisions.iter().enumerate().map(|(i, r)| (r.id().clone(), i)).collect();
        Graph::linked(revisions, by_id, parents, needs)
    }
}

/// The order, and what is left over because it waits for itself.
fn sort(links: &Links) -> (Vec<usize>, BTreeSet<usize>) {
    let mut waiting: BTreeSet<usize> = (0..links.parents.len()).collect();
    let mut missing: Vec<usize> = (0..links.parents.len()).map(|i| links.before(i).count()).collect();
    let mut after = vec![Vec::new(); links.parents.len()];
    for index in 0..links.parents.len() {
        links.before(index).for_each(|before| after[before].push(index));
    }
    let mut ready: BTreeSet<usize> = waiting.iter().copied().filter(|&i| missing[i] == 0).collect();
    let mut order = Vec::new();
    while let Some(next) = ready.pop_first() {
        waiting.remove(&next);
        order.push(next);
        for &index in &after[next] {
            missing[index] -= 1;
            if missing[index] == 0 {
                ready.insert(index);
            }
        }
    }
    (order, waiting)
}

/// One cycle among the revisions that couldn't be sorted, named member by member.
fn cycle(revisions: &[Revision], links: &Links, stuck: &BTreeSet<usize>) -> Mistake {
    let mut path = Vec::new();
    let mut at = stuck.first().copied().unwrap_or_default();
    while !path.contains(&at) {
        path.push(at);
        // Whatever is stuck waits for something that is stuck.
        at = links.before(at).find(|i| stuck.contains(i)).unwrap_or(at);
    }
    let from = path.iter().position(|&i| i == at).unwrap_or_default();
    let names: Vec<String> =
        path[from..].iter().chain([&at]).map(|&i| revisions[i].id().to_string()).collect();
    at_header(&revisions[at], "parents", format!("revisions wait for each other: {}", names.join(" after ")))
        .help("one of these parents or depends-on lines must go")
}
