//! A second connection beside a run's own, opened when there is something to ask while a statement runs:
//! what it waits for, and whether a pooler stands between.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sqlx::{PgConnection, Row};

use super::holder::{self, Holder};
use super::wire;
use crate::error::Result;

type Opening = Pin<Box<dyn Future<Output = Option<PgConnection>> + Send>>;

/// The way to a second connection to the same database.
pub struct Side {
    open: Box<dyn Fn() -> Opening + Send + Sync>,
    conn: Option<PgConnection>,
}

impl fmt::Debug for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Side").field("open", &self.conn.is_some()).finish_non_exhaustive()
    }
}

impl Side {
    /// One that is opened so; none where it can't be.
    pub fn new<F>(open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<PgConnection>> + Send + 'static,
    {
        Side { open: Box::new(move || Box::pin(open())), conn: None }
    }

    pub(super) fn is_open(&self) -> bool {
        self.conn.is_some()
    }

    /// The sessions that a process of the server waits for; none where nobody can be asked.
    pub(super) async fn blockers(&mut self, process: i32) -> Vec<Holder> {
        // Taken out while it is in use: whoever asks may be cut off, and what is left half-asked is dropped.
        let Some(mut conn) = self.take().await else { return Vec::new() };
        let processes = format!("select pg_catalog.unnest(pg_catalog.pg_blocking_pids({process}))");
        let Ok(holders) = holder::ask(&mut conn, &processes).await else { return Vec::new() };
        self.conn = Some(conn);
        holders
    }

    /// Whether something between hands sessions around, so that the run's own connection (`own`, which had
    /// the server's process `process`) can't be sure of its session. Whoever hands out what rested longest
    /// shows that by giving `own` another one; whoever hands out what was used last gives `own`'s to this
    /// connection.
    pub(super) async fn shares(&mut self, own: &mut PgConnection, process: i32) -> Result<bool> {
        for _ in 0..2 {
            if session(own, "").await? != process {
                return Ok(true);
            }
        }
        let Some(mut conn) = self.take().await else { return Ok(false) };
        let other = session(&mut conn, "begin;").await?;
        let again = session(own, "").await?;
        wire::run(&mut conn, "rollback".into()).await?;
        self.conn = Some(conn);
        Ok(other == process || again != process)
    }

    async fn take(&mut self) -> Option<PgConnection> {
        match self.conn.take() {
            Some(conn) => Some(conn),
            None => tokio::time::timeout(Duration::from_secs(10), (self.open)()).await.ok().flatten(),
        }
    }
}

async fn session(conn: &mut PgConnection, first: &str) -> Result<i32> {
    let rows = wire::rows(conn, format!("{first}select pg_catalog.pg_backend_pid() as process")).await?;
    Ok(rows.first().map(|row| row.try_get("process")).transpose()?.unwrap_or_default())
}
