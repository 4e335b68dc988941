//! How revisions are run, as an application or a configuration says it.

use std::time::Duration;

use crate::alembic::VersionTable;
use crate::version::Table;

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
    /// How long a run waits for another one to end; however long that takes where there is none.
    pub run_lock_timeout: Option<Duration>,
    /// How often it is said what a run waits for.
    pub report_every: Duration,
    /// What to do with a revision that an earlier run left half-way, where that can't be told.
    pub half_done: Option<HalfDone>,
}

/// What to do with a revision that stands half-way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfDone {
    /// The part that may or may not have happened runs again.
    Retry,
    /// That part is taken as done, and the run goes on behind it.
    Skip,
    /// A revision that is half-way in the other direction is turned round: what the file says for this
    /// direction runs, from its first part.
    Undo,
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
            run_lock_timeout: None,
            report_every: Duration::from_secs(10),
            half_done: None,
        }
    }
}
