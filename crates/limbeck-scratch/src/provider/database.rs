//! One scratch database.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::error::Error;
use super::server::Server;

/// A database that may be filled, broken and thrown away.
///
/// Dropped by [`Database::drop`], by [`super::Scratch::close`], or, after a crash, by the next run.
#[derive(Debug)]
pub struct Database {
    name: String,
    server: Arc<Server>,
}

impl Database {
    pub(super) fn new(name: String, server: Arc<Server>) -> Self {
        Self { name, server }
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        self.server.options_for(&self.name)
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
        self.server.drop_database(&self.name).await
    }
}
