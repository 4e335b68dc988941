//! Which revisions a target asks for, from what is applied. Pure.

use crate::error::{Error, Result};
use crate::file::{Direction, RevisionId};
use crate::graph::{Graph, Point, Set, Unresolved};
use crate::squashed;
use crate::stranded::{Stranded, Undo};
use crate::unfinished;
use crate::version::{Applied, State, heads};

/// A revision that is going to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub revision: RevisionId,
    /// Which way.
    pub direction: Direction,
    /// How many of its parts are done already, by an earlier run that stopped half-way.
    pub done: usize,
}

/// What `upgrade TARGET` runs, in order.
///
/// # Errors
/// If the target can't be resolved, an applied revision has no file, or one is half-way down.
pub fn upgrade(graph: &Graph, applied: &[Applied], target: &str) -> Result<Vec<Planned>> {
    known(graph, applied)?;
    half_done(applied, Direction::Upgrade)?;
    squashed::refuse_taken_apart(graph, applied)?;
    let current = heads(graph, applied);
    let targets = match graph.resolve(target, &current)? {
        Point::At(ids) => ids,
        Point::Base { .. } if matches!(target, "head" | "heads") => Vec::new(),
        Point::Base { .. } => return Err(wrong_way(target, "up")),
    };
    let targets: Set = targets.iter().filter_map(|id| graph.index(id.as_str())).collect();
    let have = places(graph, applied, |row| row.state == State::Applied);
    let wanted = graph.ancestors(targets.iter().copied());
    let below = targets.iter().all(|t| have.contains(t)) && target.starts_with('-');
    if below {
        return Err(wrong_way(target, "up"));
    }
    let missing = wanted.difference(&have).map(|&place| planned(graph, applied, place, Direction::Upgrade));
    finished(graph, missing.collect())
}

/// What `downgrade TARGET` runs, in order.
///
/// # Errors
/// As [`upgrade`]; and if the target is not applied.
pub fn downgrade(graph: &Graph, applied: &[Applied], target: &str) -> Result<Vec<Planned>> {
    known(graph, applied)?;
    half_done(applied, Direction::Downgrade)?;
    squashed::refuse_taken_apart(graph, applied)?;
    let have = places(graph, applied, |_| true);
    let gone = match back_steps(target) {
        Some((line, steps)) => undo(graph, &have, target, line, steps)?,
        None => below(graph, applied, &have, target)?,
    };
    let gone = gone.iter().rev().map(|&place| planned(graph, applied, place, Direction::Downgrade));
    finished(graph, gone.collect())
}

/// A plan in which nothing is left to be filled in.
fn finished(graph: &Graph, planned: Vec<Planned>) -> Result<Vec<Planned>> {
    unfinished::refuse(graph, &planned)?;
    Ok(planned)
}

/// What is applied after `stamp TARGET…`, which runs nothing.
///
/// # Errors
/// If a target can't be resolved, or (without `purge`) an applied revision has no file.
pub fn stamp(graph: &Graph, applied: &[Applied], targets: &[&str], purge: bool) -> Result<Vec<RevisionId>> {
    let applied = if purge { &[] } else { applied };
    let places = standing(graph, applied, targets, |row| row.state == State::Applied)?;
    Ok(places.into_iter().map(|place| graph.at(place).id().clone()).collect())
}

/// The revisions that are half-way and stay so after `stamp TARGET…`, because they are on other lines.
///
/// # Errors
/// As [`stamp`].
pub(crate) fn stay_half_way(graph: &Graph, applied: &[Applied], targets: &[&str]) -> Result<Vec<RevisionId>> {
    let stamped = standing(graph, applied, targets, |row| row.state == State::Applied)?;
    let all = standing(graph, applied, targets, |_| true)?;
    Ok(all.difference(&stamped).map(|&place| graph.at(place).id().clone()).collect())
}

/// What of some rows stays, and what comes, where a database is said to be at some targets.
fn standing(
    graph: &Graph,
    applied: &[Applied],
    targets: &[&str],
    which: impl Fn(&Applied) -> bool,
) -> Result<Set> {
    known(graph, applied)?;
    let mut have = places(graph, applied, which);
    let mut at = Set::new();
    for target in targets {
        match graph.resolve(target, &heads(graph, applied))? {
            Point::Base { line: None } => have.clear(),
            Point::Base { line: Some(line) } => {
                let line = graph.descendants(graph.lineage(&line).unwrap_or_default());
                have.retain(|place| !line.contains(place));
            }
            Point::At(ids) => at.extend(ids.iter().filter_map(|id| graph.index(id.as_str()))),
        }
    }
    let above = above(graph, &at);
    have.retain(|place| !above.contains(place));
    have.extend(graph.ancestors(at));
    Ok(have)
}

/// `-2` and `label@-2`: so many revisions back, which `resolve` can't say across a merge.
fn back_steps(target: &str) -> Option<(Option<&str>, usize)> {
    let (line, rest) = target.split_once('@').map_or((None, target), |(line, rest)| (Some(line), rest));
    rest.strip_prefix('-')?.parse().ok().map(|steps| (line, steps))
}

/// The applied revisions that go when this many are undone one after the other.
fn undo(graph: &Graph, have: &Set, word: &str, line: Option<&str>, steps: usize) -> Result<Set> {
    let line = match line {
        Some(label) => Some(graph.lineage(label).ok_or_else(|| unknown(label))?),
        None => None,
    };
    let (mut left, mut gone) = (have.clone(), Set::new());
    for done in 0..steps {
        let on_line = |place: &usize| line.as_ref().is_none_or(|set| set.contains(place));
        let heads: Vec<usize> = last_of(graph, &left).into_iter().filter(on_line).collect();
        match heads[..] {
            [head] => {
                left.remove(&head);
                gone.insert(head);
            }
            [] => {
                let (word, from) = (word.to_owned(), "what is applied".to_owned());
                return Err(Unresolved::TooFar { word, from, wanted: steps, available: done }.into());
            }
            _ => {
                let heads = graph.named(&heads);
                return Err(Unresolved::SeveralHeads { word: word.to_owned(), heads }.into());
            }
        }
    }
    Ok(gone)
}

/// Those of a set that none of it follows, however far: between two that are applied one may stand that is
/// not, where it was spliced in.
fn last_of(graph: &Graph, set: &Set) -> Set {
    let mut before = vec![false; graph.revisions().len()];
    // Places are in order, so whatever follows one was looked at before it.
    for place in (0..before.len()).rev() {
        before[place] = graph.after(place).any(|after| before[after] || set.contains(&after));
    }
    set.iter().copied().filter(|&place| !before[place]).collect()
}

/// The applied revisions that go when everything above a target does.
fn below(graph: &Graph, applied: &[Applied], have: &Set, target: &str) -> Result<Set> {
    let current = heads(graph, applied);
    match graph.resolve(target, &current)? {
        Point::Base { line: None } => Ok(have.clone()),
        Point::Base { line: Some(line) } => {
            let after = graph.descendants(graph.lineage(&line).ok_or_else(|| unknown(&line))?);
            Ok(have.intersection(&after).copied().collect())
        }
        Point::At(ids) => {
            let targets: Set = ids.iter().filter_map(|id| graph.index(id.as_str())).collect();
            if !targets.is_subset(have) {
                let heads = graph.named_ids(&current);
                return Err(Unresolved::NotApplied { word: target.to_owned(), heads }.into());
            }
            let above = above(graph, &targets);
            Ok(above.intersection(have).copied().filter(|place| !targets.contains(place)).collect())
        }
    }
}

/// What has to go before a database stands at some revisions. What only depends on them may stay.
fn above(graph: &Graph, targets: &Set) -> Set {
    graph.descendants(targets.iter().flat_map(|place| graph.children_at(*place)).copied())
}

fn unknown(label: &str) -> Error {
    Unresolved::Unknown { word: label.to_owned(), nearest: None }.into()
}

fn wrong_way(word: &str, direction: &'static str) -> Error {
    Unresolved::WrongWay { word: word.to_owned(), direction }.into()
}

fn places(graph: &Graph, applied: &[Applied], which: impl Fn(&Applied) -> bool) -> Set {
    applied.iter().filter(|row| which(row)).filter_map(|row| graph.index(row.revision.as_str())).collect()
}

fn planned(graph: &Graph, applied: &[Applied], place: usize, direction: Direction) -> Planned {
    let revision = graph.at(place).id().clone();
    let state = applied.iter().find(|row| row.revision == revision).map(|row| row.state);
    let done = match (state, direction) {
        (Some(State::Upgrading(n)), Direction::Upgrade)
        | (Some(State::Downgrading(n)), Direction::Downgrade) => n,
        _ => 0,
    };
    Planned { revision, direction, done }
}

/// Every applied revision has a file, or the error names those that have none.
fn known(graph: &Graph, applied: &[Applied]) -> Result<()> {
    let missing = applied.iter().filter(|row| graph.index(row.revision.as_str()).is_none());
    let stranded: Vec<Stranded> =
        missing.map(|row| Stranded { row: row.clone(), undo: Undo::Unknown }).collect();
    if stranded.is_empty() { Ok(()) } else { Err(Error::FilesMissing { stranded }) }
}

/// A revision that is half-way in the other direction stops a run.
fn half_done(applied: &[Applied], direction: Direction) -> Result<()> {
    for row in applied {
        let other = match (row.state, direction) {
            (State::Upgrading(parts), Direction::Downgrade) => Some(("upgrade", parts)),
            (State::Downgrading(parts), Direction::Upgrade) => Some(("downgrade", parts)),
            _ => None,
        };
        if let Some((direction, parts)) = other {
            return Err(Error::HalfDone { revision: row.revision.clone(), direction, parts });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
