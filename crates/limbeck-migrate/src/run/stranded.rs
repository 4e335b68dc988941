//! Undoing revisions that no file here has, by what the database kept of them.

use std::sync::Arc;

use super::Runner;
use crate::error::{Error, Result};
use crate::plan::Planned;
use crate::stranded::downgrades;

impl Runner<'_> {
    /// Runs the kept downgrades of revisions that are applied and in no file; each has to be named, and
    /// they run in the order that their parents ask for.
    ///
    /// # Errors
    /// If one isn't stranded, something that stays applied needs it, or its downgrade isn't kept, or not as
    /// it was applied; and as [`Runner::downgrade`].
    pub async fn downgrade_stranded(&mut self, revisions: &[String]) -> Result<Vec<Planned>> {
        let key = self.begin().await?;
        let result = self.downgrade_stranded_locked(revisions).await;
        self.end(key).await;
        result
    }

    async fn downgrade_stranded_locked(&mut self, revisions: &[String]) -> Result<Vec<Planned>> {
        let table = &self.settings.table;
        let applied = table.read(self.conn).await?;
        let stranded = table.stranded(self.conn, self.graph, &applied).await?;
        let (graph, planned) = downgrades(&stranded, &applied, revisions)?;
        let mut runner = Runner {
            conn: &mut *self.conn,
            graph: &graph,
            settings: self.settings,
            events: &mut *self.events,
            stop: Arc::clone(&self.stop),
        };
        runner.run_all(&planned, &applied).await?;
        Ok(planned)
    }

    /// Adds what the database knows of revisions that no file has, where that is why there is no plan.
    pub(super) async fn or_stranded<T>(&mut self, plan: Result<T>) -> Result<T> {
        let Err(Error::FilesMissing { stranded }) = plan else { return plan };
        let rows: Vec<_> = stranded.into_iter().map(|one| one.row).collect();
        let stranded = self.settings.table.stranded(self.conn, self.graph, &rows).await?;
        Err(Error::FilesMissing { stranded })
    }
}
