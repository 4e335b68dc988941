//! The chain of revisions on a scratch database: what a fresh database would be after them.

use std::time::Duration;

use limbeck_introspect::Snapshot;
use limbeck_migrate::{Event, Graph, Runner, Settings};
use limbeck_scratch::provider::{Database, Scratch};
use sqlx::{Connection, PgConnection};

use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::{comparing, migrations, progress};

/// How long a database is waited for whose version would be good to know.
const PATIENCE: Duration = Duration::from_secs(5);

/// A scratch database for revisions, empty at first.
pub(crate) struct Chain {
    scratch: Scratch,
    database: Database,
    session: PgConnection,
    settings: Settings,
}

impl Chain {
    /// Opens one, on a server like that of a database that was read.
    pub(crate) async fn open(ctx: &Ctx, like: Option<&Snapshot>) -> Result<Self> {
        let settings = migrations::settings(ctx)?;
        let scratch = comparing::scratch(ctx, like).await?;
        let database = match scratch.database().await {
            Ok(database) => database,
            Err(error) => {
                scratch.close().await.ok();
                return Err(failed(&error));
            }
        };
        match database.connect().await {
            Ok(session) => Ok(Chain { scratch, database, session, settings }),
            Err(error) => {
                scratch.close().await.ok();
                Err(failed(&error))
            }
        }
    }

    /// Where it stands: `native 15.18`.
    pub(crate) fn provider(&self) -> String {
        self.scratch.describe()
    }

    /// Runs revisions up to a target.
    pub(crate) async fn upgrade(&mut self, graph: &Graph, target: &str) -> limbeck_migrate::Result<()> {
        let mut silent = |_: Event<'_>| {};
        Runner::new(&mut self.session, graph, &self.settings, &mut silent).upgrade(target).await.map(drop)
    }

    /// Undoes revisions down to a target.
    pub(crate) async fn downgrade(&mut self, graph: &Graph, target: &str) -> limbeck_migrate::Result<()> {
        let mut silent = |_: Event<'_>| {};
        Runner::new(&mut self.session, graph, &self.settings, &mut silent).downgrade(target).await.map(drop)
    }

    /// What it holds now.
    pub(crate) async fn snapshot(&mut self) -> Result<Snapshot> {
        comparing::live(&mut self.session).await
    }

    /// The session on it.
    pub(crate) fn session(&mut self) -> &mut PgConnection {
        &mut self.session
    }

    /// Lets it go.
    pub(crate) async fn close(self) {
        self.session.close().await.ok();
        self.database.drop().await.ok();
        self.scratch.close().await.ok();
    }
}

/// The configured database, for its version and locale: scratch is like it where it can be reached, and
/// says itself where it is not.
pub(crate) async fn like(ctx: &Ctx) -> Option<Snapshot> {
    let Ok(Wanted::Server(options, timeout)) = connect::wanted(ctx) else { return None };
    let _step = progress::step(ctx, "reading the database");
    let mut connection = connect::open_with(&options, timeout.min(PATIENCE)).await.ok()?;
    let snapshot = comparing::live(&mut connection).await.ok();
    connection.close().await.ok();
    snapshot
}

/// What all revisions make of nothing.
pub(crate) async fn whole(ctx: &Ctx, graph: &Graph, like: Option<&Snapshot>) -> Result<Snapshot> {
    let mut chain = Chain::open(ctx, like).await?;
    let step = progress::step(ctx, "running the revisions on scratch");
    let snapshot = match chain.upgrade(graph, "heads").await {
        Ok(()) => chain.snapshot().await,
        Err(error) => {
            Err(Failure::from(error).note("on a scratch database, where the revisions run from nothing"))
        }
    };
    drop(step);
    chain.close().await;
    snapshot
}

fn failed(error: &limbeck_scratch::provider::Error) -> Failure {
    Failure::of(Code::Database, error)
}
