//! The chain of revisions on a scratch database: what a fresh database would be after them.

use std::time::Duration;

use limbeck_introspect::{Recording, Server, Snapshot};
use limbeck_migrate::{
    Applied, Direction, Event, Graph, Planned, Revision, RevisionId, Runner, Settings, State,
};
use limbeck_scratch::build::{self, may_be_made};
use limbeck_scratch::prove;
use limbeck_scratch::provider::{Database, Scratch};
use limbeck_scratch::seed::Seeded;
use limbeck_scratch::settle::replicate;
use sqlx::{Connection, PgConnection};

use crate::connect::{self, Second, Wanted};
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::server_wide::{self, ServerWide};
use crate::{comparing, migrations, output, progress};

/// What a chain comes to, for readers.
pub(crate) const NAME: &str = "what the revisions make on scratch";

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
    /// A server like that of a database that was read, on which these revisions may run.
    pub(crate) async fn open(ctx: &Ctx, graph: &Graph, like: Option<&Server>) -> Result<Self> {
        Self::beside(ctx, server_wide::first(graph).as_ref(), like).await
    }

    /// The same, for revisions that run in several databases there.
    pub(crate) async fn for_several(ctx: &Ctx, graph: &Graph, like: Option<&Server>) -> Result<Self> {
        let beyond = server_wide::first(graph);
        let ground = Self::beside(ctx, beyond.as_ref(), like).await?;
        match beyond.filter(|_| ground.scratch.shares_roles()) {
            None => Ok(ground),
            Some(beyond) => {
                ground.close().await;
                Err(beyond.refused_on_several())
            }
        }
    }

    async fn beside(ctx: &Ctx, beyond: Option<&ServerWide>, like: Option<&Server>) -> Result<Self> {
        let settings = migrations::settings(ctx)?;
        Ok(Ground { scratch: comparing::scratch_for(ctx, like, beyond).await?, settings })
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

    /// A database with the schema of one that was read.
    pub(crate) async fn replica(&self, of: &Snapshot) -> Result<Chain> {
        let replica = replicate(&self.scratch, &of.catalog).await.map_err(|error| {
            let failure = Failure::of(Code::Database, &error);
            let limbeck_scratch::Error::Build(refused) = &error else { return failure };
            refused.iter().fold(failure, |failure, r| failure.note(format!("{}: {}", r.id, r.message)))
        })?;
        Ok(Chain {
            database: replica.database,
            session: Some(replica.session),
            settings: self.settings.clone(),
        })
    }

    /// A database that holds what an earlier run kept under this key, and what it noted.
    pub(crate) async fn kept(&self, key: &str) -> Option<(Chain, String)> {
        let (database, note) = self.scratch.kept(key).await?;
        Some((Chain { database, session: None, settings: self.settings.clone() }, note))
    }

    /// Keeps what a database holds now for later runs, where that can be.
    pub(crate) async fn keep(&self, chain: &mut Chain, key: &str, note: &str) {
        if let Some(session) = chain.session.take() {
            session.close().await.ok();
        }
        self.scratch.keep(&chain.database, key, note).await;
    }

    /// Lets the server go, and with it every database that is left.
    pub(crate) async fn close(self) {
        self.scratch.close().await.ok();
    }
}

impl Chain {
    /// Runs revisions up to a target.
    pub(crate) async fn upgrade(&mut self, graph: &Graph, target: &str) -> Result<()> {
        self.run(graph, Direction::Upgrade, target).await.map(drop)
    }

    /// Undoes revisions down to a target.
    pub(crate) async fn downgrade(&mut self, graph: &Graph, target: &str) -> Result<()> {
        self.run(graph, Direction::Downgrade, target).await.map(drop)
    }

    /// Runs in a direction, and says how long each revision took.
    pub(crate) async fn run(
        &mut self,
        graph: &Graph,
        direction: Direction,
        target: &str,
    ) -> Result<Vec<(RevisionId, Duration)>> {
        let settings = self.settings.clone();
        let (mut all, mut made) = (Vec::new(), Vec::new());
        loop {
            let session = self.session().await?;
            let mut note = |event: Event<'_>| {
                if let Event::Finished { work, took } = event {
                    all.push((work.revision.id().clone(), took));
                }
            };
            let mut runner = Runner::new(session, graph, &settings, &mut note);
            let done = match direction {
                Direction::Upgrade => runner.upgrade(target).await,
                Direction::Downgrade => runner.downgrade(target).await,
            };
            let Err(error) = done else { return Ok(all) };
            let Some(role) = missing_role(&error).filter(|role| may_be_made(&mut made, role)) else {
                return Err(Failure::on_scratch(error));
            };
            self.make_role(&role, error).await?;
        }
    }

    /// Roles belong to servers, and a scratch server has none of those that revisions speak of.
    async fn make_role(&mut self, role: &str, missing: limbeck_migrate::Error) -> Result<()> {
        self.session().await?;
        let Some(session) = &mut self.session else { return Err(Failure::on_scratch(missing)) };
        if self.database.make_role(session, role).await.map_err(|error| failed(&error))? {
            output::say(format!(
                "role {role} stands in on scratch: whoever runs the revisions needs it there"
            ));
            return Ok(());
        }
        Err(Failure::on_scratch(missing).help(server_wide::ROLES_ON_SCRATCH))
    }

    /// What a run would do.
    pub(crate) async fn pending(
        &mut self,
        graph: &Graph,
        direction: Direction,
        target: &str,
    ) -> Result<Vec<Planned>> {
        let settings = self.settings.clone();
        let mut silent = |_: Event<'_>| {};
        let mut runner = Runner::new(self.session().await?, graph, &settings, &mut silent);
        runner.pending(direction, target).await.map_err(Failure::on_scratch)
    }

    /// Records revisions as they are recorded elsewhere.
    pub(crate) async fn record(&mut self, graph: &Graph, applied: &[Applied]) -> Result<()> {
        let (table, tool) = (self.settings.table.clone(), self.settings.tool_version.clone());
        let row = |row: &Applied| {
            let sums = [row.upgrade_sha256.clone(), row.downgrade_sha256.clone()];
            let took = row.duration_ms.map_or("null".to_owned(), |ms| ms.to_string());
            Some(table.upsert_sql(graph.get(&row.revision)?, row.state, &sums, &took, &tool))
        };
        self.insert(applied.iter().filter_map(row).collect()).await
    }

    /// Records revisions as applied, as their files are now.
    pub(crate) async fn record_files(&mut self, revisions: &[&Revision]) -> Result<()> {
        let (table, tool) = (self.settings.table.clone(), self.settings.tool_version.clone());
        let row = |revision: &&Revision| {
            let sums =
                [Direction::Upgrade, Direction::Downgrade].map(|way| revision.checksum(way).to_owned());
            table.upsert_sql(revision, State::Applied, &sums, "null", &tool)
        };
        self.insert(revisions.iter().map(row).collect()).await
    }

    /// Makes the version table, and runs what fills it.
    async fn insert(&mut self, rows: Vec<String>) -> Result<()> {
        let mut sql = self.settings.table.create_sql();
        rows.iter().for_each(|row| sql.push_str(&format!("{row};\n")));
        let session = self.session().await?;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(session).await;
        done.map(drop).map_err(|error| limbeck_migrate::Error::from(error).into())
    }

    /// What it holds now.
    pub(crate) async fn snapshot(&mut self) -> Result<Snapshot> {
        comparing::live(self.session().await?).await
    }

    /// Makes rows up in all its tables.
    pub(crate) async fn fill(&mut self) -> Result<Seeded> {
        let catalog = self.snapshot().await?.catalog;
        prove::fill(self.session().await?, &catalog)
            .await
            .map_err(|error| Failure::of(Code::Database, &error))
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

fn missing_role(error: &limbeck_migrate::Error) -> Option<String> {
    let limbeck_migrate::Error::Sql(failure) = error else { return None };
    build::missing_role(Some(&failure.server.code), &failure.server.message)
}

/// The configured database, for its version and locale: scratch is like it where it can be reached, and
/// says itself where it is not.
pub(crate) async fn like(ctx: &Ctx) -> Option<Server> {
    let Ok(Wanted::Server(server)) = connect::wanted(ctx) else { return None };
    let mut connection = server.at_most(PATIENCE).open().await.ok()?;
    let like = limbeck_introspect::server(&mut connection).await.ok();
    connection.close().await.ok();
    like
}

/// What all revisions make of nothing.
pub(crate) async fn whole(ctx: &Ctx, graph: &Graph, like: Option<&Server>) -> Result<Snapshot> {
    Ok(recorded(ctx, graph, like).await?.0)
}

/// The same, with the server's own words.
pub(crate) async fn recorded(
    ctx: &Ctx,
    graph: &Graph,
    like: Option<&Server>,
) -> Result<(Snapshot, Recording)> {
    let ground = Ground::open(ctx, graph, like).await?;
    let step = progress::step(ctx, "running the revisions on scratch");
    let recorded = built(&ground, graph).await;
    drop(step);
    ground.close().await;
    recorded
}

async fn built(ground: &Ground, graph: &Graph) -> Result<(Snapshot, Recording)> {
    let mut chain = ground.chain().await?;
    chain
        .upgrade(graph, "heads")
        .await
        .map_err(|failure| failure.note("on a scratch database, where the revisions run from nothing"))?;
    let recorded = comparing::recorded(chain.session().await?, Second::none()).await;
    chain.close().await;
    recorded
}

fn failed(error: &limbeck_scratch::provider::Error) -> Failure {
    Failure::of(Code::Database, error)
}
