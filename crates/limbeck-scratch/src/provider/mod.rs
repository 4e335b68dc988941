//! Where scratch databases come from: one [`open`], several providers behind it.
//!
//! `url` and `server` use a server that is there; `native` finds server binaries and keeps one throwaway
//! cluster a version. All of them hand out [`Database`]s with the same life: made under a name that says
//! whose they are, dropped at the end, and swept by the next run when a run was killed.
//!
//! An embedded provider joins as one more [`Source`]; that it takes a single connection is what
//! [`Scratch::connections`] is for.

mod database;
mod error;
mod kept;
mod native;
mod places;
mod server;
mod wanted;

pub use database::Database;
pub use error::{Attempt, Error};
pub use native::{Candidate, Native, candidates};
pub use places::Places;
pub use wanted::{Choice, Locale, Wanted};

use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

use server::{Copying, Server};

/// How many sessions a scratch database takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One: a second one would wait for ever.
    One,
    /// As many as needed.
    Many,
}

/// An open source of scratch databases.
#[derive(Debug)]
pub struct Scratch {
    source: Source,
    server: Arc<Server>,
}

/// What stands behind a [`Scratch`].
#[derive(Debug)]
enum Source {
    Native(Box<Native>),
    Url,
    Server,
}

/// Opens the provider that was asked for, or the first that can be had.
///
/// # Errors
/// [`Error::Unavailable`] lists what was tried and what to do; every other error is a provider that was
/// there and failed.
pub async fn open(wanted: &Wanted) -> Result<Scratch, Error> {
    match &wanted.choice {
        Choice::None => Err(Error::Off),
        Choice::Url(url) => on_server(Source::Url, by_url(url).await?, wanted).await,
        Choice::Server(options) => on_server(Source::Server, options.as_ref().clone(), wanted).await,
        Choice::Native { bin } => native(bin.as_deref(), wanted).await,
        Choice::Auto => native(None, wanted).await,
    }
}

/// The way to a server that is named by a URL or a `key=value` string: to the one of its hosts that answers.
async fn by_url(text: &str) -> Result<PgConnectOptions, Error> {
    let target = limbeck_connect::Target::parse(text).map_err(|e| Error::Url { why: e.to_string() })?;
    let reached = target
        .reach()
        .await
        .map_err(|e| Error::Unreachable { server: target.place(), why: e.to_string() })?;
    // The session that stays has a name of its own.
    drop(reached.connection.close().await);
    Ok(reached.options)
}

async fn native(bin: Option<&std::path::Path>, wanted: &Wanted) -> Result<Scratch, Error> {
    let native = Native::open(bin, wanted).await?;
    let server = Server::open(native.options(), wanted.locale.clone(), Copying::Files).await?;
    Ok(Scratch { source: Source::Native(Box::new(native)), server: Arc::new(server) })
}

async fn on_server(source: Source, options: PgConnectOptions, wanted: &Wanted) -> Result<Scratch, Error> {
    let server = Server::open(options, wanted.locale.clone(), Copying::Wal).await?;
    server.require_createdb().await?;
    Ok(Scratch { source, server: Arc::new(server) })
}

impl Scratch {
    /// Provider and version, as a revision's header names them: `native 15.18`.
    pub fn describe(&self) -> String {
        let provider = match self.source {
            Source::Native(_) => "native",
            Source::Url => "url",
            Source::Server => "server",
        };
        format!("{provider} {}", self.server.version_text())
    }

    /// `server_version_num`, such as 150018.
    pub fn version(&self) -> u32 {
        self.server.version()
    }

    /// How many sessions a database of this source takes.
    pub fn connections(&self) -> Connections {
        match self.source {
            Source::Native(_) | Source::Url | Source::Server => Connections::Many,
        }
    }

    /// What differs from what was wanted: another major, a locale that is not installed.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.server.notes();
        if let Source::Native(native) = &self.source {
            notes.extend(native.note().map(str::to_owned));
        }
        notes
    }

    /// A new, empty database, from `template0`.
    ///
    /// # Errors
    /// When the server refuses to create it.
    pub async fn database(&self) -> Result<Database, Error> {
        Server::create(&self.server).await
    }

    /// A new database that holds what `of` holds. Nobody may be connected to `of` meanwhile.
    ///
    /// # Errors
    /// When the server refuses, most often because somebody is connected.
    pub async fn copy(&self, of: &Database) -> Result<Database, Error> {
        Server::copy(&self.server, of.name()).await
    }

    /// Drops what is left of this run's databases and lets the server go.
    ///
    /// # Errors
    /// When a database can't be dropped; the next run will try again.
    pub async fn close(self) -> Result<(), Error> {
        let dropped = self.server.close().await;
        if let Source::Native(native) = self.source {
            native.close().await?;
        }
        dropped
    }
}
