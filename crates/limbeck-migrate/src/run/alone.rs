//! A part outside a transaction. Between its statement's end and the record of it there is a hole in which
//! a run can be cut off; so it is recorded before that the part was begun, and the next run looks.

use std::time::Instant;

use super::doubt::{Finding, Sort};
use super::message::{Message, is_empty};
use super::revision::{Reached, stands, state};
use super::send::is_lock_failure;
use super::session::{BEGIN, NEXT, RESET, notices_its_client_is_gone, pins, set};
use super::{Event, HalfDone, Runner, Work, lock, wire};
use crate::error::{Error, Result};
use crate::file::{Direction, Part};
use crate::version::State;

/// One part outside a transaction, and where it leads.
#[derive(Clone, Copy)]
pub(super) struct Alone<'a> {
    pub(super) work: Work<'a>,
    pub(super) index: usize,
    pub(super) reached: Reached,
    pub(super) start: Instant,
}

impl<'a> Alone<'a> {
    pub(super) fn part(&self) -> &'a Part {
        &self.work.revision.parts(self.work.direction)[self.index]
    }

    fn begun(&self) -> Reached {
        Reached::Begun(self.index)
    }

    /// What stands in the version table while it is not begun, where an earlier part was recorded.
    fn state(&self) -> State {
        state(self.work, Reached::Parts(self.index))
    }
}

impl Runner<'_> {
    /// Runs the part; `stands` is what the version table says, `doubt` whether it says that the part was
    /// begun before.
    pub(super) async fn alone(&mut self, alone: Alone<'_>, stands: Option<&str>, doubt: bool) -> Result<()> {
        let mut stands = stands.map(str::to_owned);
        if is_empty(alone.part()) || (doubt && self.happened(&alone).await?) {
            return self.record(&alone, &stands).await;
        }
        // Only a row of the other direction says more than that the first part was begun.
        let other_way = stands.as_deref().is_some_and(|row| !row.starts_with(alone.state().columns().0));
        let sort = Sort::of(&alone.part().text.sql);
        let of = self.settings.lock_retries;
        let mut attempt = 0;
        loop {
            self.attempt(&alone, &sort, &stands).await?;
            let Err(failure) = self.statement(&alone).await else { break };
            if matches!(failure, Error::Broken { .. }) {
                return Err(failure);
            }
            stands = self.forget(&alone, other_way).await?;
            if !is_lock_failure(&failure) || attempt >= of {
                return Err(failure);
            }
            attempt += 1;
            self.rest_before(alone.work, attempt, of, &failure).await?;
        }
        self.finish(&alone).await
    }

    /// Whether a part that was begun has happened: by choice, or by a look.
    async fn happened(&mut self, alone: &Alone<'_>) -> Result<bool> {
        let finding = match self.settings.half_done {
            Some(HalfDone::Retry) => Finding::Repeated,
            Some(HalfDone::Skip) => Finding::Skipped,
            Some(HalfDone::Undo) | None => self.find_out(alone).await?,
        };
        let happened = matches!(finding, Finding::Happened(_) | Finding::Skipped);
        (self.events)(Event::Doubted { work: alone.work, part: alone.index + 1, finding });
        Ok(happened)
    }

    /// Leaves the transaction with the record that the part begins, and gives the session its settings;
    /// looks for an index that an earlier attempt left invalid.
    async fn attempt(&mut self, alone: &Alone<'_>, sort: &Sort<'_>, stands: &Option<String>) -> Result<()> {
        let invalid = self.invalid_index(alone, sort).await?;
        let mut message = self.opened(alone.work, stands);
        message.push_record(&self.row(alone.work, alone.begun(), alone.start));
        message.push("commit");
        let settings = alone.part().text.settings.iter();
        pins(self.settings).into_iter().for_each(|pins| message.push(&pins));
        message.push(&format!("select {}", notices_its_client_is_gone(false)));
        settings.for_each(|(key, value)| message.push(&format!("select {}", set(key, value, false))));
        self.sent(alone, &message).await?;
        self.refuse_pooler(alone).await?;
        if let Some(index) = invalid {
            let sent = self.watched(alone.work, format!("drop index concurrently {index}")).await;
            if let Err((_, error)) = sent.result {
                return Err(self.judge(alone.work, &Message::default(), 0, error, alone.index, sent.holders));
            }
            let (work, part) = (alone.work, alone.index + 1);
            (self.events)(Event::Doubted { work, part, finding: Finding::Invalid(index) });
        }
        Ok(())
    }

    /// A pooler that hands out sessions by the transaction would give the lock, and the part's settings, to
    /// somebody else.
    async fn refuse_pooler(&mut self, alone: &Alone<'_>) -> Result<()> {
        let (Some(side), Some(process)) = (&mut self.side, self.control.process()) else { return Ok(()) };
        if !side.shares(self.conn, process).await? {
            return Ok(());
        }
        self.forget(alone, false).await?;
        self.release_elsewhere(process).await?;
        Err(self.pooled(alone))
    }

    /// Gives the lock back that a session has which is not this connection's any more: by asking until it is
    /// had again; or else by ending it, for which it does nothing but rest in the pooler.
    async fn release_elsewhere(&mut self, process: i32) -> Result<()> {
        wire::run(self.conn, "commit".into()).await?;
        let release = lock::release(lock::key(&self.settings.table));
        for _ in 0..20 {
            if !wire::rows(self.conn, release.clone()).await?.is_empty() {
                return wire::run(self.conn, BEGIN.into()).await;
            }
        }
        let end = format!(
            "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity \
             where pid = {process} and state = 'idle'"
        );
        wire::run(self.conn, format!("{end};\n{BEGIN}")).await
    }

    fn pooled(&self, alone: &Alone<'_>) -> Error {
        Error::Pooled {
            revision: alone.work.revision.id().clone(),
            path: alone.work.revision.path.clone(),
            line: alone.part().line,
            part: alone.index + 1,
        }
    }

    /// The statement itself.
    async fn statement(&mut self, alone: &Alone<'_>) -> Result<()> {
        let mut message = Message::of(alone.work);
        message.place(alone.index, alone.part());
        let sent = self.watched(alone.work, message.text()).await;
        sent.result.map_err(|(complete, error)| {
            self.judge(alone.work, &message, complete, error, alone.index, sent.holders)
        })
    }

    /// Back into transactions, with the record that the part is done.
    async fn finish(&mut self, alone: &Alone<'_>) -> Result<()> {
        self.back().await?;
        self.record(alone, &Some(stands(alone.state(), true))).await
    }

    async fn record(&mut self, alone: &Alone<'_>, stands: &Option<String>) -> Result<()> {
        let mut message = self.opened(alone.work, stands);
        message.push_record(&self.row(alone.work, alone.reached, alone.start));
        message.push(NEXT);
        self.sent(alone, &message).await
    }

    /// Sends statements that nobody waits beside: no lock that another holds is looked for.
    async fn sent(&mut self, alone: &Alone<'_>, message: &Message) -> Result<()> {
        wire::run_counting(self.conn, message.text()).await.map_err(|(complete, error)| {
            self.judge(alone.work, message, complete, error, alone.index, Vec::new())
        })
    }

    /// Back into transactions, with the record that the part did not happen; gives what now stands in the
    /// version table.
    async fn forget(&mut self, alone: &Alone<'_>, other_way: bool) -> Result<Option<String>> {
        self.back().await?;
        let nothing = alone.index == 0 && alone.work.direction == Direction::Upgrade && !other_way;
        let table = &self.settings.table;
        let record = if nothing {
            let id = limbeck_sql::literal(alone.work.revision.id().as_str());
            format!("delete from {} where revision = {id}", table.qualified())
        } else {
            self.row(alone.work, Reached::Parts(alone.index), alone.start)
        };
        self.own(format!("{record};\n{NEXT}")).await?;
        Ok((!nothing).then(|| stands(alone.state(), false)))
    }

    async fn back(&mut self) -> Result<()> {
        wire::run(self.conn, format!("{};\n{BEGIN}", RESET.join(";\n"))).await
    }
}
