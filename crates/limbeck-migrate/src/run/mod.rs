//! Running revisions on a database: one lock around a run, one transaction a revision with its version
//! row in it, and no doubt about what a failure left behind.

mod failure;
mod lock;
mod message;
mod revision;
mod session;
mod stranded;
pub(crate) mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::PgConnection;

use crate::alembic::{self, VersionTable};
use crate::error::{Error, Result};
use crate::file::{Direction, Revision, RevisionId};
use crate::graph::Graph;
use crate::plan::{self, Planned};
use crate::squashed;
use crate::version::{Applied, Table};

pub use failure::{Excerpt, ServerError, SqlFailure, server_words};
pub(crate) use lock::key as lock_key;
pub(crate) use session::{pinned, pins};

/// How revisions are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the version table stands.
    pub table: Table,
    /// Alembic's version table, where the project was taken over from it.
    pub alembic: Option<VersionTable>,
    /// A transaction a revision; otherwise one for the whole run, as far as its parts allow.
    pub transaction_per_revision: bool,
    /// How long a statement waits for a lock before it gives up, as Postgres writes it (`5s`).
    pub lock_timeout: Option<String>,
    /// How long a statement may run.
    pub statement_timeout: Option<String>,
    /// How often a revision that gave up waiting for a lock is begun again.
    pub lock_retries: u32,
    /// Settings of the session, besides those.
    pub session: Vec<(String, String)>,
    /// What the version table says of the tool.
    pub tool_version: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            table: Table::default(),
            alembic: None,
            transaction_per_revision: true,
            lock_timeout: None,
            statement_timeout: None,
            lock_retries: 5,
            session: Vec::new(),
            tool_version: concat!("limbeck ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// What happens during a run, for whoever shows it.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another run holds the lock; said once.
    Waiting {
        /// Who, as far as the server tells.
        holder: Option<String>,
    },
    /// An applied revision's file was edited since.
    Edited {
        /// The file.
        revision: &'a Revision,
        /// The directions that differ.
        directions: Vec<Direction>,
    },
    /// The database was where Alembic brought it, and that is recorded now.
    Adopted {
        /// Alembic's table.
        table: &'a VersionTable,
        /// What it says: the revisions that Alembic applied last.
        heads: Vec<String>,
    },
    /// The database stood inside a chain that one revision stands in for now, and that is recorded.
    Squashed(&'a squashed::Inside),
    /// A revision begins.
    Started(Work<'a>),
    /// A revision gave up waiting for a lock, was undone, and will be begun again.
    LockTimeout {
        /// Which.
        work: Work<'a>,
        /// How many times that has happened.
        attempt: u32,
        /// How many times it may.
        of: u32,
        /// How long the run rests first.
        rest: Duration,
    },
    /// A revision is done and recorded.
    Finished {
        /// Which.
        work: Work<'a>,
        /// How long it took.
        took: Duration,
    },
}

/// One revision in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The file.
    pub revision: &'a Revision,
    /// Which way.
    pub direction: Direction,
    /// How many parts an earlier run has done.
    pub done: usize,
}

/// A database, the revisions, and how the one is brought to the other.
pub struct Runner<'a> {
    conn: &'a mut PgConnection,
    graph: &'a Graph,
    settings: &'a Settings,
    events: &'a mut (dyn FnMut(Event<'_>) + Send),
    stop: Arc<AtomicBool>,
}

impl<'a> Runner<'a> {
    /// A runner on a connection of its own: role, `search_path` and settings of the session are reset
    /// after every part of a revision.
    pub fn new(
        conn: &'a mut PgConnection,
        graph: &'a Graph,
        settings: &'a Settings,
        events: &'a mut (dyn FnMut(Event<'_>) + Send),
    ) -> Self {
        Runner { conn, graph, settings, events, stop: Arc::default() }
    }

    /// A flag that, once set, stops the run while it waits for the lock, or before its next revision. A
    /// statement that is running has to be cancelled on the server, from another connection.
    pub fn stopper(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Applies what is missing up to a target.
    ///
    /// # Errors
    /// The target can't be resolved, the version table can't be trusted, or SQL failed; what is done by
    /// then stays done and recorded.
    pub async fn upgrade(&mut self, target: &str) -> Result<Vec<Planned>> {
        self.migrate(Direction::Upgrade, target).await
    }

    /// Undoes what is applied above a target.
    ///
    /// # Errors
    /// As [`Runner::upgrade`].
    pub async fn downgrade(&mut self, target: &str) -> Result<Vec<Planned>> {
        self.migrate(Direction::Downgrade, target).await
    }

    /// What [`Runner::upgrade`] or [`Runner::downgrade`] would run; nothing is touched.
    ///
    /// # Errors
    /// As theirs, before anything runs.
    pub async fn pending(&mut self, direction: Direction, target: &str) -> Result<Vec<Planned>> {
        let applied = alembic::applied(self.conn, self.graph, self.settings).await?;
        let planned = self.plan(direction, &applied, target);
        self.or_stranded(planned).await
    }

    /// Records that some targets are reached, without running anything; `purge` forgets first what is
    /// recorded. The checksums become those of the files as they are now.
    ///
    /// # Errors
    /// As [`Runner::upgrade`].
    pub async fn stamp(&mut self, targets: &[&str], purge: bool) -> Result<Vec<RevisionId>> {
        let key = self.begin().await?;
        let result = self.stamp_locked(targets, purge).await;
        self.end(key).await;
        result
    }

    /// Makes the version table if it isn't there, and says whether it did; where Alembic brought the
    /// database to where it is, that is recorded.
    ///
    /// # Errors
    /// As [`Runner::upgrade`].
    pub async fn ensure(&mut self) -> Result<bool> {
        let key = self.begin().await?;
        let result = self.ensure_locked().await;
        self.end(key).await;
        result
    }

    async fn ensure_locked(&mut self) -> Result<bool> {
        let before = self.settings.table.read(self.conn).await?;
        let after = alembic::adopted(self.conn, self.graph, self.settings, self.events).await?;
        Ok(self.settings.table.ensure(self.conn).await? || before.len() < after.len())
    }

    async fn stamp_locked(&mut self, targets: &[&str], purge: bool) -> Result<Vec<RevisionId>> {
        let applied = if purge {
            // What is forgotten need not have a file, in Alembic's table neither.
            self.settings.table.read(self.conn).await?
        } else {
            alembic::adopted(self.conn, self.graph, self.settings, self.events).await?
        };
        let wanted = self.or_stranded(plan::stamp(self.graph, &applied, targets, purge)).await?;
        let table = &self.settings.table;
        table.ensure(self.conn).await?;
        let mut sql = String::from("begin;\n");
        let tool = &self.settings.tool_version;
        let gone = applied.iter().filter(|row| !wanted.contains(&row.revision));
        gone.for_each(|row| sql.push_str(&format!("{};\n", table.unstamp_sql(&row.revision, tool))));
        let recorded = |revision: &Revision| applied.iter().any(|row| row.records(revision));
        // Who applied what is there already stays on record.
        for revision in wanted.iter().filter_map(|id| self.graph.get(id)).filter(|r| !recorded(r)) {
            sql.push_str(&format!("{};\n", table.stamp_sql(revision, &sums(revision), tool)));
        }
        sql.push_str("commit;");
        wire::run(self.conn, sql).await?;
        Ok(wanted)
    }

    async fn migrate(&mut self, direction: Direction, target: &str) -> Result<Vec<Planned>> {
        let key = self.begin().await?;
        let result = self.migrate_locked(direction, target).await;
        self.end(key).await;
        result
    }

    async fn migrate_locked(&mut self, direction: Direction, target: &str) -> Result<Vec<Planned>> {
        // What is applied is read under the lock: another run may just have finished.
        let applied = alembic::adopted(self.conn, self.graph, self.settings, self.events).await?;
        for row in &applied {
            if let Some(revision) = self.graph.get(&row.revision) {
                let directions = row.edited(revision);
                if !directions.is_empty() {
                    (self.events)(Event::Edited { revision, directions });
                }
            }
        }
        let planned = self.plan(direction, &applied, target);
        let planned = self.or_stranded(planned).await?;
        if !planned.is_empty() || direction == Direction::Upgrade {
            self.settings.table.ensure(self.conn).await?;
        }
        self.run_all(&planned, &applied).await?;
        Ok(planned)
    }

    fn plan(&self, direction: Direction, applied: &[Applied], target: &str) -> Result<Vec<Planned>> {
        match direction {
            Direction::Upgrade => plan::upgrade(self.graph, applied, target),
            Direction::Downgrade => plan::downgrade(self.graph, applied, target),
        }
    }

    /// Pins the session and takes the lock.
    async fn begin(&mut self) -> Result<i64> {
        if let Some(sql) = pins(self.settings) {
            wire::run(self.conn, sql).await?;
        }
        let key = lock::key(&self.settings.table);
        lock::acquire(self.conn, key, &self.stop, self.events).await?;
        Ok(key)
    }

    /// Gives the lock back. Where the connection is gone, the server has done so itself.
    async fn end(&mut self, key: i64) {
        drop(lock::release(self.conn, key).await);
    }
}

/// An error, once the run was asked to stop.
fn check_stop(stop: &AtomicBool) -> Result<()> {
    if stop.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
}

/// Both checksums of a revision.
pub(crate) fn sums(revision: &Revision) -> [String; 2] {
    [revision.checksum(Direction::Upgrade), revision.checksum(Direction::Downgrade)]
}
