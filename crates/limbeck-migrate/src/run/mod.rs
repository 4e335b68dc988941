//! Running revisions on a database: one lock around a run, one transaction a revision with its version
//! row in it, and no doubt about what a failure left behind.

mod alone;
mod control;
mod doubt;
mod event;
mod failure;
mod holder;
mod lock;
mod look;
mod message;
mod opening;
mod rehearse;
mod revision;
mod send;
mod session;
mod settings;
mod side;
mod stranded;
mod turned;
pub(crate) mod wire;

use sqlx::PgConnection;

use crate::alembic;
use crate::error::Result;
use crate::file::{Direction, Revision, RevisionId};
use crate::graph::Graph;
use crate::plan::{self, Planned};
use crate::version::Applied;
use opening::Opened;
use turned::turned;

pub use control::Control;
pub use doubt::Finding;
pub use event::{Event, Work};
pub use failure::{Excerpt, ServerError, SqlFailure, server_words};
pub use holder::{Holder, span};
pub(crate) use lock::key as lock_key;
pub use rehearse::{Held, Rehearsal};
pub(crate) use session::{NEXT, pinned};
pub use settings::{HalfDone, Settings};
pub use side::Side;

/// A database, the revisions, and how the one is brought to the other.
pub struct Runner<'a> {
    conn: &'a mut PgConnection,
    graph: &'a Graph,
    settings: &'a Settings,
    events: &'a mut (dyn FnMut(Event<'_>) + Send),
    control: Control,
    side: Option<Side>,
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
        Runner { conn, graph, settings, events, control: Control::default(), side: None }
    }

    /// With a way to a second connection: then it is said what a statement waits for, and a pooler is
    /// noticed that hands out sessions by the transaction.
    #[must_use]
    pub fn beside(mut self, side: Side) -> Self {
        self.side = Some(side);
        self
    }

    /// A handle, to stop the run from elsewhere.
    pub fn control(&self) -> Control {
        self.control.clone()
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
        let mut opened = self.begin().await?;
        let result = self.stamp_locked(&mut opened, targets, purge).await;
        self.end(result).await
    }

    /// Makes the version table if it isn't there, and says whether it did; where Alembic brought the
    /// database to where it is, that is recorded.
    ///
    /// # Errors
    /// As [`Runner::upgrade`].
    pub async fn ensure(&mut self) -> Result<bool> {
        let mut opened = self.begin().await?;
        let result = self.ensure_locked(&mut opened).await;
        self.end(result).await
    }

    async fn ensure_locked(&mut self, opened: &mut Opened) -> Result<bool> {
        let complete = opened.is_complete();
        self.applied(opened).await?;
        self.make_tables(opened).await?;
        Ok(!complete)
    }

    async fn stamp_locked(
        &mut self,
        opened: &mut Opened,
        targets: &[&str],
        purge: bool,
    ) -> Result<Vec<RevisionId>> {
        // What is forgotten need not have a file, in Alembic's table neither.
        let applied = if purge { self.recorded(opened).await? } else { self.applied(opened).await? };
        let wanted = self.or_stranded(plan::stamp(self.graph, &applied, targets, purge)).await?;
        self.make_tables(opened).await?;
        let table = &self.settings.table;
        let mut sql = String::new();
        let tool = &self.settings.tool_version;
        let half_way = if purge { Vec::new() } else { plan::stay_half_way(self.graph, &applied, targets)? };
        let stays = |id: &RevisionId| wanted.contains(id) || half_way.contains(id);
        let gone = applied.iter().filter(|row| !stays(&row.revision));
        gone.for_each(|row| sql.push_str(&format!("{};\n", table.unstamp_sql(&row.revision, tool))));
        let recorded = |revision: &Revision| applied.iter().any(|row| row.records(revision));
        // Who applied what is there already stays on record.
        for revision in wanted.iter().filter_map(|id| self.graph.get(id)).filter(|r| !recorded(r)) {
            sql.push_str(&format!("{};\n", table.stamp_sql(revision, &sums(revision), tool)));
        }
        sql.push_str(NEXT);
        self.own(sql).await?;
        Ok(wanted)
    }

    async fn migrate(&mut self, direction: Direction, target: &str) -> Result<Vec<Planned>> {
        let mut opened = self.begin().await?;
        let result = self.migrate_locked(&mut opened, direction, target).await;
        self.end(result).await
    }

    async fn migrate_locked(
        &mut self,
        opened: &mut Opened,
        direction: Direction,
        target: &str,
    ) -> Result<Vec<Planned>> {
        // What is applied is read under the lock: another run may just have finished.
        let applied = self.applied(opened).await?;
        self.say_edited(&applied);
        let planned = self.plan(direction, &turned(&applied, direction, self.settings.half_done), target);
        let planned = self.or_stranded(planned).await?;
        if !planned.is_empty() || (direction == Direction::Upgrade && opened.writable()) {
            self.make_tables(opened).await?;
        }
        self.run_all(self.graph, &planned, &applied).await?;
        Ok(planned)
    }

    fn say_edited(&mut self, applied: &[Applied]) {
        for row in applied {
            if let Some(revision) = self.graph.get(&row.revision) {
                let directions = row.edited(revision);
                if !directions.is_empty() {
                    (self.events)(Event::Edited { revision, directions });
                }
            }
        }
    }

    fn plan(&self, direction: Direction, applied: &[Applied], target: &str) -> Result<Vec<Planned>> {
        match direction {
            Direction::Upgrade => plan::upgrade(self.graph, applied, target),
            Direction::Downgrade => plan::downgrade(self.graph, applied, target),
        }
    }
}

/// Both checksums of a revision.
pub(crate) fn sums(revision: &Revision) -> [String; 2] {
    [revision.checksum(Direction::Upgrade), revision.checksum(Direction::Downgrade)]
}
