//! Undoing revisions that no file here has, by what the database kept of them.

use super::Runner;
use super::opening::Opened;
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
        let mut opened = self.begin().await?;
        let result = self.downgrade_stranded_locked(&mut opened, revisions).await;
        self.end(result).await
    }

    async fn downgrade_stranded_locked(
        &mut self,
        opened: &mut Opened,
        revisions: &[String],
    ) -> Result<Vec<Planned>> {
        let applied = self.applied(opened).await?;
        let stranded = self.settings.table.stranded(self.conn, self.graph, &applied).await?;
        let (graph, planned) = downgrades(&stranded, &applied, revisions)?;
        self.make_tables(opened).await?;
        self.run_all(&graph, &planned, &applied).await?;
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
