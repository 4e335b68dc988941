//! Bringing a database up to date from an application's start-up: all that is to be said is which
//! revisions, and which database.

use camino::Utf8PathBuf;
use limbeck_connect::{Keyword, Parameters, Surroundings, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::embedded::Embedded;
use crate::error::{Error, Result};
use crate::file::RevisionId;
use crate::graph::Graph;
use crate::run::{Event, Runner, Settings};
use crate::stranded::Stranded;
use crate::version::State;

/// The name that a connection of the migrator's own gives the server, unless it has another.
const APPLICATION: &str = "limbeck-migrate";

/// Applies whatever is missing in a database.
///
/// However many replicas start at once, one of them runs the revisions, under the lock and with the version
/// table of the `limbeck` command; the others wait, and find nothing to do. What fails leaves a revision
/// that runs in one transaction undone, and is an error: an application that starts nevertheless would meet
/// a schema that it does not know.
///
/// ```no_run
/// use limbeck_migrate::{Embedded, Migrator, embed};
///
/// static MIGRATIONS: Embedded = embed!("examples/migrations");
///
/// # async fn start() -> limbeck_migrate::Result<()> {
/// let migrated = Migrator::new(MIGRATIONS).run_at("postgres://app@localhost/shop").await?;
/// for revision in &migrated.ran {
///     println!("applied {revision}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Migrator {
    source: Source,
    settings: Settings,
    allow_newer: bool,
}

/// Where revisions come from.
#[derive(Clone, Debug)]
enum Source {
    Embedded(Embedded),
    Folders(Vec<Utf8PathBuf>),
    Graph(Box<Graph>),
}

/// What a run of the [`Migrator`] came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The revisions that were applied now, in order.
    pub ran: Vec<RevisionId>,
    /// The applied revisions that this application doesn't have: a newer one was here.
    pub newer: Vec<RevisionId>,
}

impl Migrator {
    /// A migrator with the revisions that [`embed!`](crate::embed) put into the binary.
    pub fn new(revisions: Embedded) -> Self {
        Migrator::from(Source::Embedded(revisions))
    }

    /// A migrator that reads the revisions of folders each time it runs.
    pub fn from_folders(folders: impl IntoIterator<Item = impl Into<Utf8PathBuf>>) -> Self {
        Migrator::from(Source::Folders(folders.into_iter().map(Into::into).collect()))
    }

    /// A migrator with revisions that were read already.
    pub fn from_graph(graph: Graph) -> Self {
        Migrator::from(Source::Graph(Box::new(graph)))
    }

    /// Runs with other settings: another place for the version table, timeouts, settings of the session.
    /// They should be those of the `limbeck.toml` that the command uses on the same database.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Starts, too, where a newer version of the application has applied revisions that this one doesn't
    /// have, as long as all of its own are applied: for a replica of the last release that is started again
    /// while the next one is rolled out. Without this, it is [`Error::FilesMissing`].
    #[must_use]
    pub fn allow_newer(mut self) -> Self {
        self.allow_newer = true;
        self
    }

    /// Brings a database up to date on a connection of its own, which is closed afterwards: by whatever names a
    /// database to `psql`, a URL or `key=value` pairs, with services, password files and `PG…` variables behind
    /// it.
    ///
    /// # Errors
    /// [`Error::Connect`] if the text can't be read or no host answers, and as [`Migrator::run`].
    pub async fn run_at(&self, url: &str) -> Result<Migrated> {
        let mut parameters = Parameters::parse(url)?;
        parameters.set_default(Keyword::FallbackApplicationName, APPLICATION);
        let conn = Target::new(&parameters, &Surroundings::from_env())?.connect().await?;
        self.run_and_close(conn).await
    }

    /// Brings a database up to date on a connection of its own, which is closed afterwards: `sqlx`'s pools
    /// tell their options.
    ///
    /// ```no_run
    /// # async fn start(pool: sqlx::PgPool, migrator: limbeck_migrate::Migrator) -> limbeck_migrate::Result<()> {
    /// migrator.run_on(&pool.connect_options()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the database can't be reached, and as [`Migrator::run`].
    pub async fn run_on(&self, options: &PgConnectOptions) -> Result<Migrated> {
        let named = options.get_application_name().is_some();
        let options = if named { options.clone() } else { options.clone().application_name(APPLICATION) };
        self.run_and_close(options.connect().await?).await
    }

    async fn run_and_close(&self, mut conn: PgConnection) -> Result<Migrated> {
        let result = self.run(&mut conn).await;
        // What there was to be done is done, or has failed with better words.
        drop(conn.close().await);
        result
    }

    /// Brings a database up to date on a connection that is there. It must not be in a transaction, and what
    /// was set on it (role, `search_path`) is reset. Where this future is dropped before it is done, the
    /// connection has to be closed: its session may still hold the lock. [`Migrator::run_on`] has none of
    /// these conditions.
    ///
    /// # Errors
    /// If the revisions can't be read, their SQL failed, or the database has revisions that aren't here;
    /// what was done by then stays done and recorded.
    pub async fn run(&self, conn: &mut PgConnection) -> Result<Migrated> {
        self.run_with(conn, &mut |_| {}).await
    }

    /// As [`Migrator::run`], and tells what happens.
    ///
    /// # Errors
    /// As there.
    pub async fn run_with(
        &self,
        conn: &mut PgConnection,
        events: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<Migrated> {
        let graph = self.graph()?;
        let result = Runner::new(conn, &graph, &self.settings, events).upgrade("heads").await;
        match result {
            Err(Error::FilesMissing { stranded }) if self.allow_newer => {
                self.newer(conn, &graph, stranded).await
            }
            planned => planned.map(|planned| Migrated {
                ran: planned.into_iter().map(|plan| plan.revision).collect(),
                newer: Vec::new(),
            }),
        }
    }

    /// The revisions that a run would apply; nothing is touched.
    ///
    /// # Errors
    /// As [`Migrator::run`], before anything runs.
    pub async fn pending(&self, conn: &mut PgConnection) -> Result<Vec<RevisionId>> {
        let graph = self.graph()?;
        let mut silent = |_: Event<'_>| {};
        let mut runner = Runner::new(conn, &graph, &self.settings, &mut silent);
        let planned = runner.pending(crate::Direction::Upgrade, "heads").await?;
        Ok(planned.into_iter().map(|plan| plan.revision).collect())
    }

    fn graph(&self) -> Result<Graph> {
        match &self.source {
            Source::Embedded(embedded) => embedded.graph(),
            Source::Folders(folders) => Graph::load(folders),
            Source::Graph(graph) => Ok(Graph::clone(graph)),
        }
    }

    /// Whether a database that is ahead has all that this application needs.
    async fn newer(
        &self,
        conn: &mut PgConnection,
        graph: &Graph,
        stranded: Vec<Stranded>,
    ) -> Result<Migrated> {
        let applied = self.settings.table.read(conn).await?;
        let is_whole =
            |id: &RevisionId| applied.iter().any(|row| row.revision == *id && row.state == State::Applied);
        if graph.revisions().iter().all(|revision| is_whole(revision.id())) {
            let newer = stranded.into_iter().map(|one| one.row.revision).collect();
            return Ok(Migrated { ran: Vec::new(), newer });
        }
        Err(Error::FilesMissing { stranded })
    }
}

impl From<Source> for Migrator {
    fn from(source: Source) -> Self {
        Migrator { source, settings: Settings::default(), allow_newer: false }
    }
}
