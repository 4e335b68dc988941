//! Databases that stood inside a chain before it was squashed. The revision that stands in for the chain
//! keeps its parts apart, each with the id that it came from; so the rows of the version table can be told
//! as so many parts of it done, and a run goes on with the next. Checksums decide: a text that was edited
//! before the squash is not the one that a database ran.

use sqlx::PgConnection;

use crate::error::{Error, Result};
use crate::file::{Direction, Part, Revision, RevisionId, checksum};
use crate::graph::{Graph, Named};
use crate::run::{Event, NEXT, Settings, sums, wire};
use crate::version::{Applied, State};

/// Where a database stands inside a squashed chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// The revision that stands in for the chain.
    pub revision: RevisionId,
    /// Its file's message.
    pub message: String,
    /// The revisions of the chain that are applied, in order.
    pub applied: Vec<RevisionId>,
    /// How many revisions the chain had.
    pub of: usize,
    /// How many parts that makes, where it is not all of them.
    pub parts: Option<usize>,
}

impl Inside {
    /// The last revision that is applied.
    pub fn at(&self) -> &str {
        self.applied.last().map_or("base", RevisionId::as_str)
    }

    /// Whether all of the chain is applied.
    pub fn whole(&self) -> bool {
        self.parts.is_none()
    }
}

/// Why the parts that a database has can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untold {
    /// The squash was made anew from the difference: it has no parts of its revisions.
    Regenerated,
    /// A revision was applied with another text than the squash holds.
    Edited(RevisionId),
}

/// What is applied, in the words of this checkout.
#[derive(Clone, Debug, Default)]
pub struct Translated {
    /// The rows, those of squashed revisions replaced by the one that stands in for them.
    pub applied: Vec<Applied>,
    /// Each chain in which the database stood.
    pub inside: Vec<Inside>,
}

/// Tells rows of squashed revisions as rows of what stands in for them.
///
/// # Errors
/// If a database stands in the middle of one and the rest can't be told from what is done.
pub fn translate(graph: &Graph, applied: Vec<Applied>) -> Result<Translated> {
    let mut translated = Translated { applied, inside: Vec::new() };
    let bundles = graph.revisions().iter().filter(|revision| !revision.header.replaces.is_empty());
    for bundle in bundles {
        if let Some((row, inside)) = stand_in(bundle, &translated.applied)? {
            let gone = |row: &Applied| members(bundle).any(|id| *id == row.revision);
            let at = translated.applied.iter().position(gone).unwrap_or_default();
            translated.applied.retain(|row| !gone(row));
            translated.applied.insert(at.min(translated.applied.len()), row);
            translated.inside.push(inside);
        }
    }
    Ok(translated)
}

/// The revisions of a squashed chain, the one whose id it keeps last.
fn members(bundle: &Revision) -> impl Iterator<Item = &RevisionId> {
    bundle.header.replaces.iter().chain([bundle.id()])
}

/// A row of the version table, and the revisions of the chain that it tells of: one, or several where an
/// earlier squash stood in for them.
struct Step<'a> {
    row: &'a Applied,
    covers: Vec<&'a RevisionId>,
}

impl Step<'_> {
    /// The parts that the squash has of it.
    fn parts(&self, bundle: &Revision, direction: Direction) -> Vec<Part> {
        let is_meant = |part: &&Part| part.text.of.as_ref().is_some_and(|of| self.covers.contains(&of));
        bundle.parts(direction).iter().filter(is_meant).cloned().collect()
    }

    /// Whether the squash holds what ran.
    fn is_what_ran(&self, bundle: &Revision) -> bool {
        let up = self.parts(bundle, Direction::Upgrade);
        match self.row.state {
            State::Applied => {
                let down = self.parts(bundle, Direction::Downgrade);
                checksum(&up) == self.row.upgrade_sha256 && checksum(&down) == self.row.downgrade_sha256
            }
            State::Upgrading(parts) => {
                up.get(..parts).is_some_and(|done| checksum(done) == self.row.upgrade_sha256)
            }
            State::Downgrading(_) => false,
        }
    }
}

/// The rows of a squashed chain, in order, each with what it tells of.
fn steps<'a>(bundle: &'a Revision, applied: &'a [Applied]) -> Vec<Step<'a>> {
    let (mut steps, mut covers) = (Vec::new(), Vec::new());
    for id in members(bundle) {
        covers.push(id);
        if let Some(row) = applied.iter().find(|row| row.revision == *id) {
            steps.push(Step { row, covers: std::mem::take(&mut covers) });
        }
    }
    steps
}

/// The row of a squash for rows of its revisions; none where there is nothing to tell.
fn stand_in(bundle: &Revision, applied: &[Applied]) -> Result<Option<(Applied, Inside)>> {
    let steps = steps(bundle, applied);
    let Some(last) = steps.last() else { return Ok(None) };
    let own = last.row.revision == *bundle.id();
    let edited = steps.iter().find(|step| !step.is_what_ran(bundle));
    // Its own row alone is the squash itself. A row that tells of several, and not what they say, is not of
    // this chain; nor is one that is half undone with files that are gone.
    let foreign = edited.is_some_and(|step| step.covers.len() > 1);
    if (own && steps.len() == 1) || foreign || matches!(last.row.state, State::Downgrading(_)) {
        return Ok(None);
    }
    let untold = match edited {
        _ if bundle.upgrade.iter().all(|part| part.text.of.is_none()) => Some(Untold::Regenerated),
        Some(step) => Some(Untold::Edited(step.row.revision.clone())),
        None => None,
    };
    let mut inside = Inside {
        revision: bundle.id().clone(),
        message: bundle.header.message.clone(),
        applied: steps.iter().map(|step| step.row.revision.clone()).collect(),
        of: members(bundle).count(),
        parts: None,
    };
    if own && last.row.state == State::Applied {
        return Ok(Some((whole(bundle, last.row, untold.as_ref()), inside)));
    }
    let done = done_parts(bundle, &steps);
    inside.parts = Some(done);
    match untold {
        Some(why) => Err(Error::InsideSquash { inside: Box::new(inside), why }),
        None => Ok(Some((half_way(bundle, last.row, done), inside))),
    }
}

/// How many parts of the squash a database has.
fn done_parts(bundle: &Revision, steps: &[Step<'_>]) -> usize {
    let done = |step: &Step<'_>| match step.row.state {
        State::Applied => step.parts(bundle, Direction::Upgrade).len(),
        State::Upgrading(parts) => parts,
        State::Downgrading(_) => 0,
    };
    steps.iter().map(done).sum()
}

/// The row of a squash all of whose revisions are applied.
fn whole(bundle: &Revision, last: &Applied, untold: Option<&Untold>) -> Applied {
    let told = retold(bundle, last);
    match untold {
        // The old checksum stays, and says that this was edited since.
        Some(Untold::Edited(_)) => told,
        Some(Untold::Regenerated) | None => {
            let [upgrade_sha256, downgrade_sha256] = sums(bundle);
            Applied { upgrade_sha256, downgrade_sha256, ..told }
        }
    }
}

/// The row of a squash of which so many parts are done.
fn half_way(bundle: &Revision, last: &Applied, parts: usize) -> Applied {
    let [_, downgrade_sha256] = sums(bundle);
    let upgrade_sha256 = checksum(&bundle.upgrade[..parts.min(bundle.upgrade.len())]);
    // One that was stamped has no duration, and no doubt about it either.
    let duration_ms = if last.is_in_doubt() { None } else { Some(last.duration_ms.unwrap_or_default()) };
    let state = State::Upgrading(parts);
    Applied { upgrade_sha256, downgrade_sha256, duration_ms, state, ..retold(bundle, last) }
}

fn retold(bundle: &Revision, last: &Applied) -> Applied {
    Applied {
        revision: bundle.id().clone(),
        parents: bundle.header.parents.clone(),
        message: bundle.header.message.clone(),
        ..last.clone()
    }
}

/// What is applied, translated; what that changes is recorded, in the transaction that is open.
pub(crate) async fn recorded(
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    events: &mut (dyn FnMut(Event<'_>) + Send),
    before: Vec<Applied>,
) -> Result<Vec<Applied>> {
    let Translated { applied, inside } = translate(graph, before)?;
    if inside.is_empty() {
        return Ok(applied);
    }
    let (table, tool) = (&settings.table, &settings.tool_version);
    let mut sql = table.missing_sql(table.find(conn).await?);
    for chain in &inside {
        let inner = chain.applied.iter().filter(|id| **id != chain.revision);
        inner.for_each(|id| sql.push_str(&format!("{};\n", table.unstamp_sql(id, tool))));
        let row = applied.iter().find(|row| row.revision == chain.revision);
        if let (Some(revision), Some(row)) = (graph.get(&chain.revision), row) {
            let sums = [row.upgrade_sha256.clone(), row.downgrade_sha256.clone()];
            let recorded = match row.state {
                State::Applied => table.stamp_sql(revision, &sums, tool),
                State::Upgrading(_) | State::Downgrading(_) => {
                    let duration = row.duration_ms.map_or("null".into(), |ms| ms.to_string());
                    table.upsert_sql(revision, row.state, &sums, &duration, tool)
                }
            };
            sql.push_str(&format!("{recorded};\n"));
        }
    }
    wire::run(conn, format!("{sql}{NEXT}")).await?;
    inside.iter().for_each(|chain| events(Event::Squashed(chain)));
    Ok(applied)
}

/// A checkout from before a squash would run again what a database has as a part of the one revision: the
/// id is the same, parents and text are others, and what it follows here is nowhere applied.
///
/// # Errors
/// If it is so.
pub(crate) fn refuse_taken_apart(graph: &Graph, applied: &[Applied]) -> Result<()> {
    for row in applied.iter().filter(|row| row.state == State::Applied) {
        let (Some(revision), Some(place)) = (graph.get(&row.revision), graph.index(row.revision.as_str()))
        else {
            continue;
        };
        if row.parents == revision.header.parents || row.edited(revision).is_empty() {
            continue;
        }
        let is_applied = |place: &usize| applied.iter().any(|row| row.revision == *graph.at(*place).id());
        let missing: Vec<usize> =
            graph.ancestors([place]).into_iter().filter(|place| !is_applied(place)).collect();
        if !missing.is_empty() {
            let missing: Vec<Named> = graph.named(&missing);
            return Err(Error::TakenApart { revision: row.revision.clone(), missing });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
