//! One revision on the server: which of its parts go together, what is recorded after which, and what
//! is left when one fails.

use std::time::Instant;

use limbeck_sql::literal;
use sqlx::postgres::PgDatabaseError;

use super::holder::Holder;
use super::message::{ENDED, LOCK_LOST, Message, OVERTAKEN};
use super::session::{NEXT, local_pins};
use super::{Event, Runner, SqlFailure, Work, lock, sums};
use crate::error::{Error, Result};
use crate::file::{Direction, Part, checksum};
use crate::graph::Graph;
use crate::plan::Planned;
use crate::version::{Applied, State};

/// Parts that go to the server together.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Chunk {
    /// In one transaction.
    Together(std::ops::Range<usize>),
    /// One statement without a transaction.
    Alone(usize),
}

/// How far a revision is to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// So many parts are done.
    Parts(usize),
    /// So many parts are done, and the next one, outside a transaction, is about to begin.
    Begun(usize),
    /// All of it.
    End,
}

impl Runner<'_> {
    /// Runs what is planned, from the files of a graph.
    pub(super) async fn run_all(
        &mut self,
        graph: &Graph,
        planned: &[Planned],
        applied: &[Applied],
    ) -> Result<()> {
        let mut open = false;
        for plan in planned {
            let Some(revision) = graph.get(&plan.revision) else { continue };
            let row = applied.iter().find(|row| row.revision == plan.revision);
            let work = Work { revision, direction: plan.direction, done: plan.done };
            check_resumable(work, row)?;
            self.control.check()?;
            (self.events)(Event::Started(work));
            let start = Instant::now();
            open = self.run_one(work, row, start, open).await?;
            (self.events)(Event::Finished { work, took: start.elapsed() });
        }
        if open {
            self.own(NEXT.into()).await?;
        }
        Ok(())
    }

    /// Runs one revision; says whether the run's one transaction is open after it.
    async fn run_one(
        &mut self,
        work: Work<'_>,
        row: Option<&Applied>,
        start: Instant,
        mut open: bool,
    ) -> Result<bool> {
        let parts = work.revision.parts(work.direction);
        let chunks = chunks(parts, work.done);
        let whole = chunks.len() == 1 && matches!(chunks[0], Chunk::Together(_));
        let join = whole && work.done == 0 && !self.settings.transaction_per_revision;
        if open && !join {
            self.own(NEXT.into()).await?;
            open = false;
        }
        let mut stands = row.map(|row| stands(row.state, row.is_in_doubt()));
        let mut doubt = row.is_some_and(|row| row.is_in_doubt() && is_same_way(row.state, work.direction));
        for (number, chunk) in chunks.iter().enumerate() {
            if number > 0 {
                self.control.check()?;
            }
            let last = number + 1 == chunks.len();
            let reached = match chunk {
                _ if last => Reached::End,
                Chunk::Together(range) => Reached::Parts(range.end),
                Chunk::Alone(index) => Reached::Parts(index + 1),
            };
            match chunk {
                Chunk::Together(range) => {
                    let mut message = self.opened(work, &stands);
                    range.clone().for_each(|index| message.push_part(work, index, self.settings));
                    message.push_record(&self.row(work, reached, start));
                    if last {
                        // A temporary table would hide one of its name from the next revision.
                        message.push("discard temp");
                    }
                    if !join {
                        message.push(NEXT);
                    }
                    let done = if number == 0 { work.done } else { range.start };
                    self.send(work, &message, done, !join && !open).await?;
                }
                Chunk::Alone(index) => {
                    let alone = super::alone::Alone { work, index: *index, reached, start };
                    self.alone(alone, stands.as_deref(), std::mem::take(&mut doubt)).await?;
                }
            }
            stands = Some(self::stands(state(work, reached), false));
        }
        Ok(join)
    }

    /// The beginning of a transaction: its settings, and the check that nobody else was at work on this.
    pub(super) fn opened(&self, work: Work<'_>, stands: &Option<String>) -> Message {
        let table = &self.settings.table;
        let expected = stands.as_deref().map_or("null".to_owned(), literal);
        let failed = |what| format!("pg_catalog.concat({})::pg_catalog.int4", literal(what));
        let mut message = Message::of(work);
        message.push(&local_pins(self.settings));
        message.push(&format!(
            "select case when not ({}) then {} when (select pg_catalog.concat_ws(' ', state, parts_done, \
             case when state <> 'applied' and duration_ms is null then 'begun' end) from {} where revision = {}) \
             is distinct from {expected} then {} else 0 end",
            lock::held(lock::key(table)),
            failed(LOCK_LOST),
            table.qualified(),
            literal(work.revision.id().as_str()),
            failed(OVERTAKEN),
        ));
        message
    }

    /// The statement that records how far a revision is.
    pub(super) fn row(&self, work: Work<'_>, reached: Reached, start: Instant) -> String {
        let table = &self.settings.table;
        let tool = &self.settings.tool_version;
        let mut sums = sums(work.revision);
        // The message carries the time until it was sent; the server adds its own.
        let mut duration = format!(
            "{} + (1000 * extract(epoch from pg_catalog.clock_timestamp() - \
             pg_catalog.statement_timestamp()))::bigint",
            start.elapsed().as_millis()
        );
        match reached {
            Reached::End if work.direction == Direction::Downgrade => {
                return table.delete_sql(work.revision.id(), &duration, tool);
            }
            Reached::End => {}
            Reached::Parts(parts) | Reached::Begun(parts) => {
                let done = checksum(&work.revision.parts(work.direction)[..parts]);
                match work.direction {
                    Direction::Upgrade => sums[0] = done,
                    Direction::Downgrade => sums[1] = done,
                }
            }
        }
        if matches!(reached, Reached::Begun(_)) {
            duration = "null".into();
        }
        table.upsert_sql(work.revision, state(work, reached), &sums, &duration, tool)
    }

    pub(super) fn judge(
        &self,
        work: Work<'_>,
        message: &Message,
        complete: usize,
        error: sqlx::Error,
        done: usize,
        holders: Vec<Holder>,
    ) -> Error {
        let place = message.by_count(complete).map(|place| place.part);
        let server = error.as_database_error().and_then(|e| e.try_downcast_ref::<PgDatabaseError>());
        let Some(server) = server.filter(|server| !is_end(server.code())) else {
            return broken(work, place, &error);
        };
        let (revision, path) = (work.revision.id().clone(), work.revision.path.clone());
        if server.message().contains(ENDED) {
            let parts = work.revision.parts(work.direction);
            let part = message.guarded(complete).and_then(|index| parts.get(index));
            return Error::TransactionEnded { revision, path, line: part.map_or(1, |part| part.line) };
        }
        if server.message().contains(LOCK_LOST) || server.message().contains(OVERTAKEN) {
            return Error::Overtaken { revision };
        }
        if message.is_record(complete) {
            return self.refused("write", error);
        }
        Error::Sql(Box::new(SqlFailure {
            holders,
            ..SqlFailure::locate(work, message, complete, server, done)
        }))
    }
}

/// Whether the server says with this code that it ends the connection, not that a statement failed.
fn is_end(code: &str) -> bool {
    code.starts_with("08") || ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"].contains(&code)
}

fn broken(work: Work<'_>, place: Option<usize>, error: &sqlx::Error) -> Error {
    let parts = work.revision.parts(work.direction);
    let alone =
        place.and_then(|index| Some((index, parts.get(index)?))).filter(|(_, p)| p.text.no_transaction);
    Error::Broken {
        revision: work.revision.id().clone(),
        path: work.revision.path.clone(),
        direction: work.direction,
        part: alone.map(|(index, part)| (index + 1, part.line)),
        words: super::server_words(error),
    }
}

/// The version row's state once so much is done.
pub(super) fn state(work: Work<'_>, reached: Reached) -> State {
    match (reached, work.direction) {
        (Reached::End, _) => State::Applied,
        (Reached::Parts(parts) | Reached::Begun(parts), Direction::Upgrade) => State::Upgrading(parts),
        (Reached::Parts(parts) | Reached::Begun(parts), Direction::Downgrade) => State::Downgrading(parts),
    }
}

/// A version row as the check spells it.
pub(super) fn stands(state: State, begun: bool) -> String {
    let (word, parts) = state.columns();
    format!("{word} {parts}{}", if begun { " begun" } else { "" })
}

fn is_same_way(state: State, direction: Direction) -> bool {
    match state {
        State::Applied => false,
        State::Upgrading(_) => direction == Direction::Upgrade,
        State::Downgrading(_) => direction == Direction::Downgrade,
    }
}

/// What goes together, from some part on. A direction without parts is one empty transaction, which
/// still holds the version row.
fn chunks(parts: &[Part], done: usize) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for (index, part) in parts.iter().enumerate().skip(done) {
        match chunks.last_mut() {
            _ if part.text.no_transaction => chunks.push(Chunk::Alone(index)),
            // What was a revision of its own before a squash still ends with a commit: what follows may
            // need that, and a database that stood there goes on from there.
            Some(Chunk::Together(range)) if parts[range.start].text.of == part.text.of => {
                range.end = index + 1;
            }
            Some(Chunk::Together(_) | Chunk::Alone(_)) | None => {
                chunks.push(Chunk::Together(index..index + 1))
            }
        }
    }
    if chunks.is_empty() {
        chunks.push(Chunk::Together(parts.len()..parts.len()));
    }
    chunks
}

/// A revision is resumed only where what ran of it is still what its file says.
fn check_resumable(work: Work<'_>, row: Option<&Applied>) -> Result<()> {
    let (Some(row), true) = (row, work.done > 0) else { return Ok(()) };
    let recorded = match work.direction {
        Direction::Upgrade => &row.upgrade_sha256,
        Direction::Downgrade => &row.downgrade_sha256,
    };
    let same =
        work.revision.parts(work.direction).get(..work.done).is_some_and(|done| checksum(done) == *recorded);
    if same {
        return Ok(());
    }
    let (revision, path) = (work.revision.id().clone(), work.revision.path.clone());
    Err(Error::EditedWhileHalfDone { revision, path, parts: work.done })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::PartText;

    #[test]
    fn parts_between_statements_without_a_transaction_go_together() {
        let part =
            |no_transaction| Part { text: PartText { no_transaction, ..PartText::default() }, line: 1 };
        let parts = [part(false), part(false), part(true), part(false)];
        let all = [Chunk::Together(0..2), Chunk::Alone(2), Chunk::Together(3..4)];
        assert_eq!(chunks(&parts, 0), all);
        assert_eq!(chunks(&parts, 2), all[1..]);
        assert_eq!(chunks(&parts, 4), [Chunk::Together(4..4)]);
        assert_eq!(chunks(&[], 0), [Chunk::Together(0..0)]);
        let of = |id| Part {
            text: PartText { of: crate::file::RevisionId::parse(id).ok(), ..PartText::default() },
            line: 1,
        };
        let squashed = [of("a"), of("a"), of("b")];
        assert_eq!(chunks(&squashed, 0), [Chunk::Together(0..2), Chunk::Together(2..3)]);
    }
}
