//! The two ends of a run: the lock taken, and what the database is; and the lock given back.
//!
//! From the one to the other the session is always inside of a transaction, each one chained to the next:
//! so a pooler that hands out sessions by the transaction leaves this one alone, and the lock, which belongs
//! to the session, means what it should. Only around a part outside a transaction is that not so.

use std::time::{Duration, Instant};

use sqlx::Row;

use super::session::{BEGIN, NEXT, UNDO, local_pins};
use super::{Runner, lock, wire};
use crate::alembic;
use crate::error::{Error, Result};
use crate::run::Event;
use crate::squashed;
use crate::version::{Applied, Found};

/// What the first message of a run found.
#[derive(Debug)]
pub(super) struct Opened {
    found: Found,
    /// The server repeats what another one writes.
    standby: bool,
    /// Transactions only read, unless they ask for more.
    read_only: bool,
}

impl Opened {
    pub(super) fn writable(&self) -> bool {
        !self.standby && !self.read_only
    }

    /// Whether all tables are there.
    pub(super) fn is_complete(&self) -> bool {
        self.found.all()
    }
}

impl Runner<'_> {
    /// Takes the lock, however long that takes, and opens the run's first transaction.
    pub(super) async fn begin(&mut self) -> Result<Opened> {
        let key = lock::key(&self.settings.table);
        let (start, mut said) = (Instant::now(), None::<Instant>);
        let mut rest = Duration::from_millis(50);
        loop {
            if let Some(opened) = self.ask(key).await? {
                return Ok(opened);
            }
            self.wait_for(key, start, &mut said).await?;
            self.control.rest(rest).await?;
            rest = (rest * 2).min(Duration::from_secs(1));
        }
    }

    /// Asks for the lock, and in the same message for all that can be known before.
    async fn ask(&mut self, key: i64) -> Result<Option<Opened>> {
        self.control.check()?;
        let table = &self.settings.table;
        let first = format!(
            "select pg_catalog.pg_backend_pid() as process, pg_catalog.pg_is_in_recovery() as standby, \
             pg_catalog.current_setting('transaction_read_only')::bool as read_only, {} as locked",
            lock::take(key)
        );
        let message = format!("{BEGIN};\n{};\n{first};\n{}", local_pins(self.settings), table.find_sql());
        let rows = match wire::rows(self.conn, message).await {
            Ok(rows) => rows,
            Err(error) => {
                // The lock belongs to the session: it may be had, and outlives what is undone here.
                let release = lock::release_if_held(key);
                drop(wire::run(self.conn, format!("rollback;\n{release}")).await);
                return Err(error);
            }
        };
        // The first row is that of the settings.
        let (Some(first), rest) = (rows.get(1), rows.get(2..).unwrap_or_default()) else { return Ok(None) };
        if !first.try_get::<bool, _>("locked")? {
            return Ok(None);
        }
        self.control.set_process(first.try_get("process")?);
        match table.found(rest) {
            Ok(found) => {
                let (standby, read_only) = (first.try_get("standby")?, first.try_get("read_only")?);
                Ok(Some(Opened { found, standby, read_only }))
            }
            Err(error) => self.end(Err(error)).await,
        }
    }

    /// Leaves the transaction in which there was no lock to be had, and says now and then who has it.
    async fn wait_for(&mut self, key: i64, start: Instant, said: &mut Option<Instant>) -> Result<()> {
        wire::run(self.conn, "rollback".into()).await?;
        let waited = start.elapsed();
        if self.settings.run_lock_timeout.is_some_and(|timeout| waited >= timeout) {
            let holder = lock::holder(self.conn, key).await?.map(Box::new);
            return Err(Error::RunLocked { waited, holder });
        }
        let due = match said {
            None => Duration::from_millis(200).min(self.settings.report_every),
            Some(_) => self.settings.report_every,
        };
        if said.unwrap_or(start).elapsed() >= due {
            let holder = lock::holder(self.conn, key).await?;
            (self.events)(Event::Waiting { holder, waited });
            *said = Some(Instant::now());
        }
        Ok(())
    }

    /// Gives the lock back. Where the connection is gone, the server has done so itself.
    pub(super) async fn end<T>(&mut self, result: Result<T>) -> Result<T> {
        let release = lock::release(lock::key(&self.settings.table));
        let last = match &result {
            Ok(_) => format!("{release};\ncommit"),
            Err(_) => format!("{UNDO};\n{release};\ncommit"),
        };
        let done = wire::run(self.conn, last).await;
        if done.is_err() && result.is_err() {
            // A part may have ended the transaction: then there is none to be undone.
            drop(wire::run(self.conn, release).await);
        }
        self.control.set_process(0);
        result
    }

    /// What is applied: as recorded; where nothing is, as Alembic left it, which is recorded then.
    pub(super) async fn applied(&mut self, opened: &mut Opened) -> Result<Vec<Applied>> {
        let applied = self.recorded(opened).await?;
        if !opened.writable() {
            return alembic::applied(self.conn, self.graph, self.settings).await;
        }
        let applied = squashed::recorded(self.conn, self.graph, self.settings, self.events, applied).await?;
        if !applied.is_empty() || self.settings.alembic.is_none() {
            return Ok(applied);
        }
        let adopted =
            alembic::adopted(self.conn, self.graph, self.settings, self.events, opened.found).await?;
        if !adopted.is_empty() {
            opened.found = Found { schema: true, table: true, history: true };
        }
        Ok(adopted)
    }

    /// What the version table says.
    pub(super) async fn recorded(&mut self, opened: &Opened) -> Result<Vec<Applied>> {
        match self.settings.table.applied(self.conn, opened.found).await {
            Err(Error::Database(error)) => Err(self.refused("read", error)),
            other => other,
        }
    }

    /// Makes the tables that aren't there.
    pub(super) async fn make_tables(&mut self, opened: &Opened) -> Result<()> {
        if !opened.writable() {
            return Err(Error::ReadOnly { standby: opened.standby });
        }
        if opened.found.all() {
            return Ok(());
        }
        match self.own(format!("{}{NEXT}", self.settings.table.missing_sql(opened.found))).await {
            Err(Error::Database(error)) => Err(self.refused("make", error)),
            other => other,
        }
    }

    /// Runs statements of our own in the transaction that is open.
    pub(super) async fn own(&mut self, sql: String) -> Result<()> {
        wire::run(self.conn, format!("{};\n{sql}", local_pins(self.settings))).await
    }

    /// An error about a table of our own: mostly a right that is missing.
    pub(super) fn refused(&self, doing: &'static str, error: sqlx::Error) -> Error {
        let denied = error.as_database_error().is_some_and(|e| e.code().as_deref() == Some("42501"));
        if !denied {
            return Error::Database(error);
        }
        let table = &self.settings.table;
        Error::Denied {
            doing,
            schema: table.schema.clone(),
            tables: [table.qualified(), table.qualified_history()],
            message: super::server_words(&error),
        }
    }
}
