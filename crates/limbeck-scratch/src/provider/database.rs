//! One scratch database.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

#[cfg(feature = "embedded")]
use super::embedded::Instance;
use super::error::Error;
use super::server::Server;

/// A database that may be filled, broken and thrown away.
///
/// Dropped by [`Database::drop`], by [`super::Scratch::close`], or, after a crash, by the next run.
#[derive(Debug)]
pub struct Database(Place);

/// Where it stands.
#[derive(Debug)]
pub(super) enum Place {
    /// Under a name, on a server that has others.
    Server(String, Arc<Server>),
    /// It has a server to itself.
    #[cfg(feature = "embedded")]
    Embedded(Instance),
}

impl Database {
    pub(super) fn new(place: Place) -> Self {
        Self(place)
    }

    pub(super) fn place(&self) -> &Place {
        &self.0
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        match &self.0 {
            Place::Server(name, _) => name,
            #[cfg(feature = "embedded")]
            Place::Embedded(_) => super::embedded::NAME,
        }
    }

    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        match &self.0 {
            Place::Server(name, server) => server.options_for(name),
            #[cfg(feature = "embedded")]
            Place::Embedded(instance) => instance.options(),
        }
    }

    /// A new session.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        self.options().connect().await.map_err(|e| Error::sql("connecting to a scratch database", &e))
    }

    /// Runs statements in a session of their own, in one message.
    ///
    /// # Errors
    /// With the server's words.
    pub async fn run(&self, sql: &str) -> Result<(), Error> {
        let mut session = self.connect().await?;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut session).await;
        let _ = session.close().await;
        done.map(|_| ()).map_err(|e| Error::sql("running statements on a scratch database", &e))
    }

    /// Drops it, whoever is still connected.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn drop(self) -> Result<(), Error> {
        match self.0 {
            Place::Server(name, server) => server.drop_database(&name).await,
            #[cfg(feature = "embedded")]
            Place::Embedded(instance) => instance.drop().await,
        }
    }
}
