//! A run in one transaction that is rolled back: what it would meet on this very database.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sqlx::Row;

use super::message::Message;
use super::session::local_pins;
use super::{Runner, Work, wire};
use crate::error::{Error, Result};
use crate::file::Direction;
use crate::plan::Planned;

/// What a rehearsal came to.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// What ran, each with how long it took.
    pub ran: Vec<(Planned, Duration)>,
    /// The locks that were held at its end on what is there outside of it.
    pub held: Vec<Held>,
}

/// A lock on a table or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What is locked, by its schema and name.
    pub relation: String,
    /// The lock, as `pg_locks` has it.
    pub mode: String,
}

impl Runner<'_> {
    /// Runs what [`Runner::upgrade`] or [`Runner::downgrade`] would, in one transaction, and rolls it back.
    /// Nothing is recorded; sequences keep what they gave, as always.
    ///
    /// # Errors
    /// As theirs; and if a part can't run in a transaction, before anything runs.
    pub async fn rehearse(&mut self, direction: Direction, target: &str) -> Result<Rehearsal> {
        let planned = self.pending(direction, target).await?;
        self.refuse_alone(&planned)?;
        let known = self.relations().await?;
        wire::run(self.conn, format!("begin;\n{}", local_pins(self.settings))).await?;
        let rehearsal = self.run_open(&planned, &known).await;
        let undone = wire::run(self.conn, "rollback".into()).await;
        let rehearsal = rehearsal?;
        undone?;
        Ok(rehearsal)
    }

    fn refuse_alone(&self, planned: &[Planned]) -> Result<()> {
        for plan in planned {
            let Some(revision) = self.graph.get(&plan.revision) else { continue };
            let parts = revision.parts(plan.direction).iter().skip(plan.done);
            if let Some(part) = parts.into_iter().find(|part| part.text.no_transaction) {
                let (path, line) = (revision.path.clone(), part.line);
                return Err(Error::NotInTransaction { revision: plan.revision.clone(), path, line });
            }
        }
        Ok(())
    }

    async fn run_open(&mut self, planned: &[Planned], known: &BTreeSet<String>) -> Result<Rehearsal> {
        let mut rehearsal = Rehearsal::default();
        for plan in planned {
            let Some(revision) = self.graph.get(&plan.revision) else { continue };
            let work = Work { revision, direction: plan.direction, done: plan.done };
            let mut message = Message::default();
            (plan.done..revision.parts(plan.direction).len())
                .for_each(|index| message.push_part(work, index, self.settings));
            let start = Instant::now();
            let sent = self.watched(work, message.text()).await;
            if let Err((complete, error)) = sent.result {
                return Err(self.judge(work, &message, complete, error, plan.done, sent.holders));
            }
            rehearsal.ran.push((plan.clone(), start.elapsed()));
        }
        rehearsal.held = self.held(known).await?;
        Ok(rehearsal)
    }

    /// Everything that can be locked and is there already, by its number.
    async fn relations(&mut self) -> Result<BTreeSet<String>> {
        let sql =
            "select oid::text from pg_catalog.pg_class where relkind in ('r', 'p', 'i', 'I', 'm', 'v', 'S')";
        let rows = wire::rows(self.conn, sql.to_owned()).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>()?)
    }

    /// The locks of this session that others would wait for when they write.
    async fn held(&mut self, known: &BTreeSet<String>) -> Result<Vec<Held>> {
        let sql = "select l.relation::text as number, l.mode::text as mode, \
                   pg_catalog.concat_ws('.', n.nspname, c.relname) as relation \
                   from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation \
                   join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                   where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.granted \
                   and n.nspname !~ '^pg_' and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock') \
                   order by 3, 2";
        let mut held = Vec::new();
        for row in wire::rows(self.conn, sql.to_owned()).await? {
            if known.contains(&row.try_get::<String, _>("number")?) {
                held.push(Held { relation: row.try_get("relation")?, mode: row.try_get("mode")? });
            }
        }
        Ok(held)
    }
}
