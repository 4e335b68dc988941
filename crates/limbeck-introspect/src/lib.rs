//! A live database as a [`Catalog`](limbeck_catalog::Catalog), in one round trip.
//!
//! Every kind's query goes to the server in one simple-protocol message, inside one snapshot, so
//! that a whole database costs one round trip however many tables it has ([`message`]). The answer
//! is read by position: one result set a query ([`answer`]); `pg_depend` then ties the objects
//! together ([`dependencies`]). What was answered can be kept ([`mod@file`]).

mod answer;
mod canonical;
mod dependencies;
mod error;
pub mod file;
mod fingerprint;
mod message;

use limbeck_catalog::row::{Address, Row};
use limbeck_catalog::{Catalog, ObjectId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

pub use error::Error;
pub use fingerprint::fingerprint;

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
    twice(connection, read_at_once).await
}

/// Reads once more if the schema changed meanwhile.
async fn twice<T>(
    connection: &mut PgConnection,
    read: impl AsyncFn(&mut PgConnection) -> Result<T, Error>,
) -> Result<T, Error> {
    match read(&mut *connection).await {
        Err(Error::Changing) => read(connection).await,
        done => done,
    }
}

/// Reads each row when it is there, while the server works on the next, and keeps none.
async fn read_at_once(connection: &mut PgConnection) -> Result<Snapshot, Error> {
    let message = message_to(connection, &message::Frame::snapshot());
    let mut answer = answer::Answer::default();
    // The first statement is the frame's `begin`.
    let mut answers = message.answers.iter();
    let mut answered = message::Answers::Nothing;
    let take = |part: answer::Part<'_>| match part {
        answer::Part::Row(columns, values) => answer.take(answered, Row { columns, values: &values }),
        answer::Part::End => {
            answered = answers.next().copied().unwrap_or(message::Answers::Nothing);
            Ok(())
        }
    };
    let sent = send(connection, &message, take).await;
    let begun = answer.fingerprint.clone();
    let done = match sent {
        Ok(()) => whole(connection, answer).await,
        Err(error) => Err(error),
    };
    judged(connection, begun, done).await
}

async fn whole(connection: &mut PgConnection, answer: answer::Answer) -> Result<Snapshot, Error> {
    unchanged(connection, &answer).await?;
    Ok(complete(connection, answer).await?.0)
}

/// What came of reading, once it is known whether the schema is still as it was when that began: if it isn't, any
/// trouble with it is the change's.
async fn judged<T>(
    connection: &mut PgConnection,
    begun: Option<String>,
    done: Result<T, Error>,
) -> Result<T, Error> {
    if done.as_ref().is_err_and(Error::may_be_a_change)
        && let Some(begun) = begun
        && fingerprint(connection).await? != begun
    {
        return Err(Error::Changing);
    }
    done
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
    twice(connection, async |connection| read(connection, message::Frame::snapshot()).await).await
}

async fn read(connection: &mut PgConnection, frame: message::Frame) -> Result<(Snapshot, Recording), Error> {
    let message = message_to(connection, &frame);
    let (mut sets, mut open) = (Vec::new(), answer::ResultSet::default());
    let keep = |part: answer::Part<'_>| {
        match part {
            answer::Part::Row(columns, values) => {
                if open.columns.is_empty() {
                    open.columns = columns.to_vec();
                }
                open.rows.push(values);
            }
            answer::Part::End => sets.push(std::mem::take(&mut open)),
        }
        Ok(())
    };
    let done = send(connection, &message, keep).await;
    let begun = answer::begun(&sets).filter(|_| frame.is_snapshot());
    let done = match done {
        Ok(()) => taken_down(connection, &frame, &message, sets).await,
        Err(error) => Err(error),
    };
    judged(connection, begun, done).await
}

async fn taken_down(
    connection: &mut PgConnection,
    frame: &message::Frame,
    message: &message::Message,
    mut sets: Vec<answer::ResultSet>,
) -> Result<(Snapshot, Recording), Error> {
    // What stands before the queries may be any number of statements, so they are counted from the end.
    let sets = sets.split_off(sets.len().saturating_sub(message.answers.len()));
    let answer = answer::read(&sets, message)?;
    if frame.is_snapshot() {
        unchanged(connection, &answer).await?;
    }
    let (snapshot, strangers) = complete(connection, answer).await?;
    let server = snapshot.catalog.server;
    let recording = Recording { server, queries: message.digest.clone(), sets, strangers };
    Ok((snapshot, recording))
}

/// Whether the schema stayed as it was while it was read. What was committed meanwhile need not have touched it.
async fn unchanged(connection: &mut PgConnection, answer: &answer::Answer) -> Result<(), Error> {
    if answer.stood_still() || Some(fingerprint(connection).await?) == answer.fingerprint {
        return Ok(());
    }
    Err(Error::Changing)
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

/// The snapshot, and the strangers in it by name.
async fn complete(
    connection: &mut PgConnection,
    answer: answer::Answer,
) -> Result<(Snapshot, Vec<(Address, String)>), Error> {
    let server = connection.server_version_num().unwrap_or_default();
    let (mut snapshot, strangers) = assemble(server, answer);
    let mut names = Vec::new();
    for (address, id, name) in describe(connection, strangers).await? {
        snapshot.catalog.uncompared_dependants.entry(id).or_default().insert(name.clone());
        names.push((address, name));
    }
    Ok((snapshot, names))
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
