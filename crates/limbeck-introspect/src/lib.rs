//! A live database as a [`Catalog`](limbeck_catalog::Catalog), in one round trip.
//!
//! Every kind's query goes to the server in one simple-protocol message, inside one snapshot, so
//! that a whole database costs one round trip however many tables it has ([`message`]). The answer
//! is read by position: one result set a query ([`answer`]); `pg_depend` then ties the objects
//! together ([`dependencies`]).

mod answer;
mod dependencies;
mod error;
mod message;

use limbeck_catalog::Catalog;
use limbeck_catalog::row::Address;
use sqlx::PgConnection;

pub use error::Error;

/// What is known of a server and the database that was read.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// `server_version_num`: 150018.
    pub version: u32,
    /// `server_version`, as the server says it.
    pub version_text: String,
    /// `datcollate`.
    pub collate: String,
    /// `datctype`.
    pub ctype: String,
    /// The encoding's name.
    pub encoding: String,
    /// The database's name, quoted.
    pub database: String,
    /// The role at work.
    pub user: String,
    /// Whether it is a replica, where nothing can be written.
    pub in_recovery: bool,
}

impl Server {
    /// The major version: 15.
    pub fn major(&self) -> u16 {
        u16::try_from(self.version / 10_000).unwrap_or(u16::MAX)
    }
}

/// A database at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// What it holds.
    pub catalog: Catalog,
    /// Where it stands.
    pub server: Server,
    /// Changes whenever the catalogs do.
    pub fingerprint: String,
}

/// Reads a whole database in one message; one retry if the schema changes meanwhile.
///
/// # Errors
///
/// What the server refuses, a row that can't be read, or [`Error::Changing`].
pub async fn introspect(connection: &mut PgConnection) -> Result<Snapshot, Error> {
    match read(connection, &message::Frame::snapshot()).await {
        Err(error) if error.may_be_a_change() => {
            tracing::debug!(%error, "the schema changed while it was read, once more");
            read(connection, &message::Frame::snapshot()).await
        }
        done => done,
    }
}

/// Reads a database as it would be after some statements, which are rolled back.
///
/// # Errors
///
/// As [`introspect`]; a statement that fails is [`Error::Server`].
pub async fn introspect_after(connection: &mut PgConnection, statements: &str) -> Result<Snapshot, Error> {
    read(connection, &message::Frame::after(statements)).await
}

async fn read(connection: &mut PgConnection, frame: &message::Frame) -> Result<Snapshot, Error> {
    let server = connection.server_version_num().unwrap_or_default();
    let message = message::Message::new(server, frame);
    let result = answer::fetch(connection, &message).await;
    if result.is_err() {
        // The message's own commit never ran; the session must not stay in a failed transaction.
        sqlx::raw_sql("rollback").execute(&mut *connection).await.ok();
    }
    let answer = result?;
    if answer.fingerprints.first() != answer.fingerprints.last() && frame.is_snapshot() {
        return Err(Error::Changing);
    }
    let mut snapshot = Snapshot {
        server: answer.server,
        fingerprint: answer.fingerprints.into_iter().next().unwrap_or_default(),
        catalog: Catalog { server, ..Catalog::default() },
    };
    let strangers =
        dependencies::assemble(&mut snapshot.catalog, answer.objects, answer.depends, &answer.context);
    snapshot.catalog.casts = answer.casts;
    snapshot.catalog.statistics = answer.sizes;
    snapshot.catalog.uncompared = answer.context.into_iter().map(|(what, _)| what).collect();
    describe(connection, &mut snapshot.catalog, strangers).await?;
    Ok(snapshot)
}

/// Names what depends on a compared object and is of no kind that is compared or listed.
async fn describe(
    connection: &mut PgConnection,
    catalog: &mut Catalog,
    strangers: Vec<(Address, limbeck_catalog::ObjectId)>,
) -> Result<(), Error> {
    if strangers.is_empty() {
        return Ok(());
    }
    for (id, name) in answer::describe(connection, strangers).await? {
        catalog.uncompared_dependants.entry(id).or_default().insert(name);
    }
    Ok(())
}
