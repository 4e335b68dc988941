//! A live database as a [`Catalog`](limbeck_catalog::Catalog), in one round trip or two.
//!
//! Every kind's query goes to the server in one simple-protocol message, inside one snapshot, so
//! that a whole database costs one round trip however many tables it has ([`message`]). Two sessions
//! can share them, each with a message of its own ([`reading`]). The answer is read by position: one
//! result set a query ([`answer`]); `pg_depend` then ties the objects together ([`dependencies`]).
//! What was answered can be kept ([`mod@file`]).

mod answer;
mod canonical;
mod dependencies;
mod error;
pub mod file;
mod fingerprint;
mod message;
mod moment;
mod reading;

use limbeck_catalog::row::Address;
use limbeck_catalog::{Catalog, ObjectId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

pub use error::Error;
pub use fingerprint::fingerprint;
use reading::Keep;
pub use reading::Opening;

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
    /// The ICU locale, where ICU is what the database collates by.
    pub icu: Option<String>,
    /// The encoding's name.
    pub encoding: String,
    /// The database's name, quoted.
    pub database: String,
    /// The role at work.
    pub user: String,
    /// The `search_path` that a session begins with: the database's own, the role's, or the server's.
    pub search_path: String,
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
    introspect_beside(connection, None).await
}

/// The same with the help of a second session, which must be like the first: each reads a half. The first begins while
/// the second is on its way, and whatever is wrong with that, does its work.
///
/// # Errors
///
/// As [`introspect`].
pub async fn introspect_beside(
    connection: &mut PgConnection,
    second: Option<Opening<'_>>,
) -> Result<Snapshot, Error> {
    Ok(reading::committed(connection, second, Keep::Nothing).await?.0)
}

/// Asks what server and database these are, without reading them.
///
/// # Errors
///
/// What the server refuses.
pub async fn server(connection: &mut PgConnection) -> Result<Server, Error> {
    answer::server_alone(connection).await
}

/// Reads a database as it would be after some statements, which are rolled back.
///
/// # Errors
///
/// As [`introspect`]; a statement that fails is [`Error::Server`].
pub async fn introspect_after(connection: &mut PgConnection, statements: &str) -> Result<Snapshot, Error> {
    Ok(read(connection, message::Frame::after(statements)).await?.0)
}

/// Reads a database as the open transaction has made it, takes down what the server answered, and rolls the
/// transaction back.
///
/// # Errors
///
/// As [`introspect`].
pub async fn record_and_undo(connection: &mut PgConnection) -> Result<(Snapshot, Recording), Error> {
    let done = read(connection, message::Frame::open()).await?;
    sqlx::raw_sql("rollback").execute(connection).await?;
    Ok(done)
}

/// What a server answered, to be read again without it: for caches and snapshot files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    /// `server_version_num` of the server that answered.
    server: u32,
    /// What names the queries that were answered: another version asks others.
    queries: String,
    sets: Vec<answer::ResultSet>,
    /// What depends on a compared object and is of no kind that is compared or listed.
    strangers: Vec<(Address, String)>,
}

impl Recording {
    /// The database as it was when it answered.
    ///
    /// # Errors
    ///
    /// [`Error::Outdated`] if other queries are asked today.
    pub fn replay(&self) -> Result<Snapshot, Error> {
        let message = message::Message::new(self.server, &message::Frame::snapshot());
        if self.queries != message.digest {
            return Err(Error::Outdated);
        }
        let answer = answer::read(&self.sets, &message)?;
        let (mut snapshot, strangers) = assemble(self.server, answer);
        let names: std::collections::BTreeMap<_, _> = self.strangers.iter().cloned().collect();
        for (address, id) in strangers {
            if let Some(name) = names.get(&address) {
                snapshot.catalog.uncompared_dependants.entry(id).or_default().insert(name.clone());
            }
        }
        Ok(snapshot)
    }
}

/// Reads a database and takes down what the server answered.
///
/// # Errors
///
/// As [`introspect`].
pub async fn record(connection: &mut PgConnection) -> Result<(Snapshot, Recording), Error> {
    record_beside(connection, None).await
}

/// The same with the help of a second session.
///
/// # Errors
///
/// As [`introspect`].
pub async fn record_beside(
    connection: &mut PgConnection,
    second: Option<Opening<'_>>,
) -> Result<(Snapshot, Recording), Error> {
    reading::committed(connection, second, Keep::Words).await
}

/// Reads what no other session sees.
async fn read(connection: &mut PgConnection, frame: message::Frame) -> Result<(Snapshot, Recording), Error> {
    let message = message_to(connection, &frame);
    let (mut sets, mut open) = (Vec::new(), answer::ResultSet::default());
    let keep = |part: answer::Part<'_>| {
        match part {
            answer::Part::Row(columns, values) => open.take(columns, values),
            answer::Part::End => sets.push(std::mem::take(&mut open)),
        }
        Ok(())
    };
    send(connection, &message, keep).await?;
    // What stands before the queries may be any number of statements, so they are counted from the end.
    let sets = sets.split_off(sets.len().saturating_sub(message.answers.len()));
    let answer = answer::read(&sets, &message)?;
    complete(connection, answer, message.digest, sets).await
}

fn message_to(connection: &PgConnection, frame: &message::Frame) -> message::Message {
    message::Message::new(connection.server_version_num().unwrap_or_default(), frame)
}

async fn send(
    connection: &mut PgConnection,
    message: &message::Message,
    take: impl FnMut(answer::Part<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let done = answer::fetch(connection, message, take).await;
    if done.is_err() {
        // The message's own commit never ran; the session must not stay in a failed transaction.
        sqlx::raw_sql("rollback").execute(&mut *connection).await.ok();
    }
    done
}

/// The snapshot, and what names the strangers in it.
async fn complete(
    connection: &mut PgConnection,
    answer: answer::Answer,
    queries: String,
    sets: Vec<answer::ResultSet>,
) -> Result<(Snapshot, Recording), Error> {
    let server = connection.server_version_num().unwrap_or_default();
    let (mut snapshot, strangers) = assemble(server, answer);
    let mut names = Vec::new();
    for (address, id, name) in describe(connection, strangers).await? {
        snapshot.catalog.uncompared_dependants.entry(id).or_default().insert(name.clone());
        names.push((address, name));
    }
    Ok((snapshot, Recording { server, queries, sets, strangers: names }))
}

fn assemble(server: u32, answer: answer::Answer) -> (Snapshot, Vec<(Address, ObjectId)>) {
    let mut snapshot = Snapshot {
        server: answer.server,
        fingerprint: answer.fingerprint.unwrap_or_default(),
        catalog: Catalog { server, ..Catalog::default() },
    };
    let strangers =
        dependencies::assemble(&mut snapshot.catalog, answer.objects, answer.depends, &answer.context);
    snapshot.catalog.casts = answer.casts;
    snapshot.catalog.statistics = answer.sizes;
    snapshot.catalog.uncompared = answer.context.into_iter().map(|(what, _)| what).collect();
    (snapshot, strangers)
}

async fn describe(
    connection: &mut PgConnection,
    strangers: Vec<(Address, ObjectId)>,
) -> Result<Vec<(Address, ObjectId, String)>, Error> {
    if strangers.is_empty() {
        return Ok(Vec::new());
    }
    answer::describe(connection, strangers).await
}
