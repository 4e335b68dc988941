//! The chain of revisions on a scratch database: what a fresh database would be after them.

use std::time::Duration;

use limbeck_introspect::Snapshot;
use limbeck_migrate::{Direction, Event, Graph, Runner, Settings};
use limbeck_scratch::provider::{Database, Scratch};
use sqlx::{Connection, PgConnection};

use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::{comparing, migrations, progress};

/// How long a database is waited for whose version would be good to know.
const PATIENCE: Duration = Duration::from_secs(5);

/// A scratch server, and how revisions run there.
pub(crate) struct Ground {
    scratch: Scratch,
    settings: Settings,
}

/// A scratch database for revisions, empty at first.
pub(crate) struct Chain {
    database: Database,
    /// None while nobody may be connected, because the database is copied.
    session: Option<PgConnection>,
    settings: Settings,
}

impl Ground {
    /// A server like that of a database that was read.
    pub(crate) async fn open(ctx: &Ctx, like: Option<&Snapshot>) -> Result<Self> {
        let settings = migrations::settings(ctx)?;
        Ok(Ground { scratch: comparing::scratch(ctx, like).await?, settings })
    }

    /// Where it stands: `native 15.18`.
    pub(crate) fn provider(&self) -> String {
        self.scratch.describe()
    }

    /// A new, empty database.
    pub(crate) async fn chain(&self) -> Result<Chain> {
        let database = self.scratch.database().await.map_err(|error| failed(&error))?;
        Ok(Chain { database, session: None, settings: self.settings.clone() })
    }

    /// A database that holds what another holds now.
    pub(crate) async fn copy(&self, of: &mut Chain) -> Result<Chain> {
        if let Some(session) = of.session.take() {
            session.close().await.ok();
        }
        let database = self.scratch.copy(&of.database).await.map_err(|error| failed(&error))?;
        Ok(Chain { database, session: None, settings: self.settings.clone() })
    }

    /// Lets the server go, and with it every database that is left.
    pub(crate) async fn close(self) {
        self.scratch.close().await.ok();
    }
}

impl Chain {
    /// Runs revisions up to a target.
    pub(crate) async fn upgrade(&mut self, graph: &Graph, target: &str) -> Result<()> {
        self.run(graph, Direction::Upgrade, target).await
    }

    /// Undoes revisions down to a target.
    pub(crate) async fn downgrade(&mut self, graph: &Graph, target: &str) -> Result<()> {
        self.run(graph, Direction::Downgrade, target).await
    }

    async fn run(&mut self, graph: &Graph, direction: Direction, target: &str) -> Result<()> {
        let settings = self.settings.clone();
        let session = self.session().await?;
        loop {
            let mut silent = |_: Event<'_>| {};
            let mut runner = Runner::new(session, graph, &settings, &mut silent);
            let done = match direction {
                Direction::Upgrade => runner.upgrade(target).await,
                Direction::Downgrade => runner.downgrade(target).await,
            };
            let Err(error) = done else { return Ok(()) };
            let Some(role) = missing_role(&error) else { return Err(error.into()) };
            // Roles belong to servers, and a scratch server has none of those that revisions speak of.
            let sql = format!("create role {}", limbeck_sql::ident(&role));
            if sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *session).await.is_err() {
                return Err(error.into());
            }
        }
    }

    /// What it holds now.
    pub(crate) async fn snapshot(&mut self) -> Result<Snapshot> {
        comparing::live(self.session().await?).await
    }

    /// The session on it.
    pub(crate) async fn session(&mut self) -> Result<&mut PgConnection> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.database.connect().await.map_err(|error| failed(&error))?,
        };
        Ok(self.session.insert(session))
    }

    /// Drops it.
    pub(crate) async fn close(self) {
        if let Some(session) = self.session {
            session.close().await.ok();
        }
        self.database.drop().await.ok();
    }
}

/// The role of `role "name" does not exist`.
fn missing_role(error: &limbeck_migrate::Error) -> Option<String> {
    let limbeck_migrate::Error::Sql(failure) = error else { return None };
    let name = failure.server.message.strip_prefix("role \"")?.strip_suffix("\" does not exist")?;
    (failure.server.code == "42704").then(|| name.to_owned())
}

/// The configured database, for its version and locale: scratch is like it where it can be reached, and
/// says itself where it is not.
pub(crate) async fn like(ctx: &Ctx) -> Option<Snapshot> {
    let Ok(Wanted::Server(server)) = connect::wanted(ctx) else { return None };
    let _step = progress::step(ctx, "reading the database");
    let mut connection = server.at_most(PATIENCE).open().await.ok()?;
    let snapshot = comparing::live(&mut connection).await.ok();
    connection.close().await.ok();
    snapshot
}

/// What all revisions make of nothing.
pub(crate) async fn whole(ctx: &Ctx, graph: &Graph, like: Option<&Snapshot>) -> Result<Snapshot> {
    let ground = Ground::open(ctx, like).await?;
    let step = progress::step(ctx, "running the revisions on scratch");
    let snapshot = built(&ground, graph).await;
    drop(step);
    ground.close().await;
    snapshot
}

async fn built(ground: &Ground, graph: &Graph) -> Result<Snapshot> {
    let mut chain = ground.chain().await?;
    chain
        .upgrade(graph, "heads")
        .await
        .map_err(|failure| failure.note("on a scratch database, where the revisions run from nothing"))?;
    let snapshot = chain.snapshot().await;
    chain.close().await;
    snapshot
}

fn failed(error: &limbeck_scratch::provider::Error) -> Failure {
    Failure::of(Code::Database, error)
}
