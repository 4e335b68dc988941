//! Where scratch databases come from: one [`open`], several providers behind it.
//!
//! `url` and `server` use a server that is there; `native` finds server binaries and keeps one throwaway
//! cluster a version. All of them hand out [`Database`]s with the same life: made under a name that says
//! whose they are, dropped at the end, and swept by the next run when a run was killed. `embedded`, behind
//! the feature of that name, is the last that is tried: a server inside this program, for machines without any.

mod database;
#[cfg(feature = "embedded")]
mod embedded;
mod error;
mod kept;
mod native;
#[cfg(any(feature = "embedded", test))]
mod owned;
mod places;
mod roles;
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

use database::Place;
#[cfg(feature = "embedded")]
use embedded::Embedded;
use server::{Owner, Server};

/// An open source of scratch databases.
#[derive(Debug)]
pub struct Scratch(Source);

/// What stands behind a [`Scratch`].
#[derive(Debug)]
enum Source {
    Native(Box<Native>, Arc<Server>),
    Url(Arc<Server>),
    Server(Arc<Server>),
    #[cfg(feature = "embedded")]
    Embedded(Box<Embedded>),
}

/// Opens the provider that was asked for, or the first that can be had.
///
/// # Errors
/// [`Error::Unavailable`] lists what was tried and what to do; every other error is a provider that was
/// there and failed.
pub async fn open(wanted: &Wanted) -> Result<Scratch, Error> {
    match &wanted.choice {
        Choice::Url(_) | Choice::Server(_) if wanted.roles => Err(Error::Roles),
        Choice::None => Err(Error::Off),
        Choice::Url(url) => on_server(by_url(url).await?, wanted).await.map(Source::Url).map(Scratch),
        Choice::Server(options) => {
            on_server(options.as_ref().clone(), wanted).await.map(Source::Server).map(Scratch)
        }
        Choice::Embedded => embedded(wanted),
        Choice::Native { .. } | Choice::Auto if wanted.places.wants_embedded() => embedded(wanted),
        Choice::Native { bin } => native(bin.as_deref(), wanted).await,
        Choice::Auto => match native(None, wanted).await {
            // Its own reasons are the ones that somebody can do something about.
            Err(none @ Error::Unavailable { .. }) => embedded(wanted).map_err(|_| none),
            done => done,
        },
    }
}

#[cfg(feature = "embedded")]
fn embedded(wanted: &Wanted) -> Result<Scratch, Error> {
    Embedded::open(wanted).map(Box::new).map(Source::Embedded).map(Scratch)
}

#[cfg(not(feature = "embedded"))]
fn embedded(_: &Wanted) -> Result<Scratch, Error> {
    Err(Error::NotBuiltIn)
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
    let owner = if wanted.roles { Owner::Alone } else { Owner::Shared };
    let server = Server::open(native.options(), wanted.locale.clone(), owner).await?;
    Ok(Scratch(Source::Native(Box::new(native), Arc::new(server))))
}

async fn on_server(options: PgConnectOptions, wanted: &Wanted) -> Result<Arc<Server>, Error> {
    let server = Server::open(options, wanted.locale.clone(), Owner::User).await?;
    server.require_createdb().await?;
    Ok(Arc::new(server))
}

impl Source {
    /// The server, or the one inside this program.
    fn host(&self) -> Host<'_> {
        match self {
            Self::Native(_, server) | Self::Url(server) | Self::Server(server) => Host::Server(server),
            #[cfg(feature = "embedded")]
            Self::Embedded(embedded) => Host::Embedded(embedded),
        }
    }
}

/// Who makes databases.
enum Host<'a> {
    Server(&'a Arc<Server>),
    #[cfg(feature = "embedded")]
    Embedded(&'a Embedded),
}

impl Scratch {
    /// Provider and version, as a revision's header names them: `native 15.18`.
    pub fn describe(&self) -> String {
        let provider = match self.0 {
            Source::Native(..) => "native",
            Source::Url(_) => "url",
            Source::Server(_) => "server",
            #[cfg(feature = "embedded")]
            Source::Embedded(_) => "embedded",
        };
        let version = match self.0.host() {
            Host::Server(server) => server.version_text(),
            #[cfg(feature = "embedded")]
            Host::Embedded(embedded) => embedded.version_text(),
        };
        format!("{provider} {version}")
    }

    /// Whether all its databases have the same roles.
    pub fn shares_roles(&self) -> bool {
        match self.0.host() {
            Host::Server(_) => true,
            #[cfg(feature = "embedded")]
            Host::Embedded(_) => false,
        }
    }

    /// `server_version_num`, such as 150018.
    pub fn version(&self) -> u32 {
        match self.0.host() {
            Host::Server(server) => server.version(),
            #[cfg(feature = "embedded")]
            Host::Embedded(embedded) => embedded.version(),
        }
    }

    /// What differs from what was wanted: another major, a locale that is not installed.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = match self.0.host() {
            Host::Server(server) => server.notes(),
            #[cfg(feature = "embedded")]
            Host::Embedded(embedded) => embedded.notes(),
        };
        if let Source::Native(native, _) = &self.0 {
            notes.extend(native.note().map(str::to_owned));
        }
        notes
    }

    /// A new, empty database, from `template0`. One of the embedded server takes one session at a time.
    ///
    /// # Errors
    /// When the server refuses to create it.
    pub async fn database(&self) -> Result<Database, Error> {
        match self.0.host() {
            Host::Server(server) => Server::create(server).await,
            #[cfg(feature = "embedded")]
            Host::Embedded(embedded) => embedded.create().await.map(Place::Embedded).map(Database::new),
        }
    }

    /// A new database that holds what `of` holds. Nobody may be connected to `of` meanwhile.
    ///
    /// # Errors
    /// When the server refuses, most often because somebody is connected.
    pub async fn copy(&self, of: &Database) -> Result<Database, Error> {
        match (self.0.host(), of.place()) {
            #[cfg(feature = "embedded")]
            (Host::Embedded(embedded), Place::Embedded(instance)) => {
                embedded.copy(instance).await.map(Place::Embedded).map(Database::new)
            }
            (Host::Server(server), Place::Server(name, _)) => Server::copy(server, name).await,
            #[cfg(feature = "embedded")]
            _ => Err(Error::Embedded { why: "the database is not one of this server".to_owned() }),
        }
    }

    /// Drops what is left of this run's databases and lets the server go.
    ///
    /// # Errors
    /// When a database can't be dropped; the next run will try again.
    pub async fn close(self) -> Result<(), Error> {
        match self.0 {
            Source::Native(native, server) => {
                let dropped = server.close().await;
                native.close().await?;
                dropped
            }
            Source::Url(server) | Source::Server(server) => server.close().await,
            #[cfg(feature = "embedded")]
            Source::Embedded(embedded) => embedded.close().await,
        }
    }
}
