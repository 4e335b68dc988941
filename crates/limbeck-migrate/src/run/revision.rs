//! One revision on the server: which of its parts go together, what is recorded after which, and what
//! is left when one fails.

use std::time::{Duration, Instant};

use sqlx::postgres::PgDatabaseError;

use super::message::{ENDED, Message, is_empty};
use super::{Event, Runner, SqlFailure, Work, check_stop, session, sums, wire};
use crate::error::{Error, Result};
use crate::file::{Direction, Part, checksum};
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

impl Runner<'_> {
    pub(super) async fn run_all(&mut self, planned: &[Planned], applied: &[Applied]) -> Result<()> {
        let graph = self.graph;
        let mut open = false;
        for plan in planned {
            let Some(revision) = graph.get(&plan.revision) else { continue };
            let work = Work { revision, direction: plan.direction, done: plan.done };
            check_resumable(work, applied)?;
            check_stop(&self.stop)?;
            (self.events)(Event::Started(work));
            let start = Instant::now();
            open = self.run_one(work, start, open).await?;
            (self.events)(Event::Finished { work, took: start.elapsed() });
        }
        if open {
            wire::run(self.conn, "commit".into()).await?;
        }
        Ok(())
    }

    /// Runs one revision; says whether the run's one transaction is open after it.
    async fn run_one(&mut self, work: Work<'_>, start: Instant, mut open: bool) -> Result<bool> {
        let parts = work.revision.parts(work.direction);
        let chunks = chunks(parts, work.done);
        let whole = chunks.len() == 1 && matches!(chunks[0], Chunk::Together(_));
        let join = whole && work.done == 0 && !self.settings.transaction_per_revision;
        if open && !join {
            wire::run(self.conn, "commit".into()).await?;
            open = false;
        }
        for (number, chunk) in chunks.iter().enumerate() {
            let last = number + 1 == chunks.len();
            match chunk {
                Chunk::Together(range) => {
                    let state = if last { None } else { Some(range.end) };
                    let message = self.together(work, range.clone(), state, start, [!open, !join]);
                    let done = if number == 0 { work.done } else { range.start };
                    self.send(work, &message, done, !join).await?;
                }
                Chunk::Alone(index) => self.alone(work, *index, last, start).await?,
            }
        }
        Ok(join)
    }

    /// A transaction with its version row: `begin; part; row; commit` in one message.
    fn together(
        &self,
        work: Work<'_>,
        range: std::ops::Range<usize>,
        reached: Option<usize>,
        start: Instant,
        [begin, commit]: [bool; 2],
    ) -> Message {
        let mut message = Message::default();
        if begin {
            message.push("begin");
        }
        range.for_each(|index| message.push_part(work, index, self.settings));
        message.push(&self.row(work, reached, start));
        if commit {
            message.push("commit");
        }
        message
    }

    /// The version row after so many parts; none means all.
    fn row(&self, work: Work<'_>, reached: Option<usize>, start: Instant) -> String {
        let table = &self.settings.table;
        let mut sums = sums(work.revision);
        // The message carries the time until it was sent; the server adds its own.
        let duration = format!(
            "{} + (1000 * extract(epoch from clock_timestamp() - statement_timestamp()))::bigint",
            start.elapsed().as_millis()
        );
        let tool = &self.settings.tool_version;
        let state = match (reached, work.direction) {
            (Some(parts), direction) => {
                let done = checksum(&work.revision.parts(direction)[..parts]);
                match direction {
                    Direction::Upgrade => sums[0] = done,
                    Direction::Downgrade => sums[1] = done,
                }
                if direction == Direction::Upgrade {
                    State::Upgrading(parts)
                } else {
                    State::Downgrading(parts)
                }
            }
            (None, Direction::Upgrade) => State::Applied,
            (None, Direction::Downgrade) => return table.delete_sql(work.revision.id(), &duration, tool),
        };
        table.upsert_sql(work.revision, state, &sums, &duration, tool)
    }

    /// Sends a transaction, again where it gave up waiting for a lock and nothing of it stayed.
    async fn send(&mut self, work: Work<'_>, message: &Message, done: usize, whole: bool) -> Result<()> {
        let of = if whole { self.settings.lock_retries } else { 0 };
        let mut attempt = 0;
        loop {
            let Err((complete, error)) = wire::run_counting(self.conn, message.text()).await else {
                return Ok(());
            };
            // Where not even `begin` was complete, there is nothing to undo and the server would warn.
            if complete > 0 || !whole {
                // Fails only where the connection is gone, which `error` says better.
                drop(wire::run(self.conn, "rollback".into()).await);
            }
            let failure = self.judge(work, message, complete, error, done);
            let timed_out = matches!(&failure, Error::Sql(sql) if sql.server.code == "55P03");
            if !timed_out || attempt >= of {
                return Err(failure);
            }
            attempt += 1;
            let rest = Duration::from_millis(500 * u64::from(attempt));
            (self.events)(Event::LockTimeout { work, attempt, of, rest });
            tokio::time::sleep(rest).await;
            check_stop(&self.stop)?;
        }
    }

    /// A statement without a transaction: settings before, the statement alone, the record after.
    async fn alone(&mut self, work: Work<'_>, index: usize, last: bool, start: Instant) -> Result<()> {
        let part = &work.revision.parts(work.direction)[index];
        if !is_empty(part) {
            for (key, value) in &part.text.settings {
                wire::run(self.conn, format!("select {}", session::set(key, value, false))).await?;
            }
            let mut message = Message::default();
            message.place(index, part);
            let result = wire::run_counting(self.conn, message.text()).await;
            let reset = wire::run(self.conn, session::reset(self.settings).join(";\n")).await;
            if let Err((complete, error)) = result {
                return Err(self.judge(work, &message, complete, error, index));
            }
            reset?;
        }
        let reached = if last { None } else { Some(index + 1) };
        wire::run(self.conn, self.row(work, reached, start)).await
    }

    fn judge(
        &self,
        work: Work<'_>,
        message: &Message,
        complete: usize,
        error: sqlx::Error,
        done: usize,
    ) -> Error {
        let sqlx::Error::Database(database) = &error else { return Error::Database(error) };
        let Some(server) = database.try_downcast_ref::<PgDatabaseError>() else {
            return Error::Database(error);
        };
        if server.message().contains(ENDED) {
            let parts = work.revision.parts(work.direction);
            let part = message.guarded(complete).and_then(|index| parts.get(index));
            return Error::TransactionEnded {
                revision: work.revision.id().clone(),
                path: work.revision.path.clone(),
                line: part.map_or(1, |part| part.line),
            };
        }
        Error::Sql(Box::new(SqlFailure::locate(work, message, complete, server, done)))
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
fn check_resumable(work: Work<'_>, applied: &[Applied]) -> Result<()> {
    let row = applied.iter().find(|row| row.revision == *work.revision.id());
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
