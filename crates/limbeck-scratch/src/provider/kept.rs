//! Databases that outlive a run: what took long to build is kept under the digest of what it holds, and the
//! next run copies it.
//!
//! Only in clusters of our own: on a server of somebody's nothing stays behind. Each carries a comment, with
//! the time of its last use and what its maker noted; the oldest go, and so do those that nobody used for
//! long. One without a comment is what a run left that was killed between the two statements.

use std::time::{SystemTime, UNIX_EPOCH};

use limbeck_sql::literal;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::error::Error;
use super::server::Server;
use super::{Database, Scratch, Source};

const PREFIX: &str = "limbeck_kept_";

/// So many are kept; the oldest go.
const KEPT: usize = 6;

/// And none that was not used for two weeks.
const SECONDS: u64 = 14 * 24 * 60 * 60;

impl Scratch {
    /// A new database that holds what an earlier run kept under this key, and what it noted of it.
    ///
    /// # Errors
    /// When the server refuses to copy it.
    pub async fn kept(&self, key: &str) -> Result<Option<(Database, String)>, Error> {
        let Source::Native(_, server) = &self.0 else { return Ok(None) };
        let name = name(key);
        let sql = format!(
            "select pg_catalog.shobj_description(d.oid, 'pg_database') from pg_database d where d.datname = '{name}'"
        );
        let rows = server.query("looking for a database that was kept", sql).await?;
        let Some(comment) = rows.first().map(|row| row.get::<Option<String>, _>(0)) else { return Ok(None) };
        let Some((_, note)) = comment.as_deref().and_then(|comment| comment.split_once(' ')) else {
            drop_unused(server, &name).await;
            return Ok(None);
        };
        match Server::copy(server, &name).await {
            Ok(database) => {
                mark(server, &name, note).await?;
                Ok(Some((database, note.to_owned())))
            }
            // Another run threw it out meanwhile.
            Err(error) if error.code() == Some("3D000") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps a copy of a database for later runs. Nobody may be connected to it meanwhile.
    ///
    /// # Errors
    /// When the server refuses to copy it.
    pub async fn keep(&self, database: &Database, key: &str, note: &str) -> Result<(), Error> {
        let Source::Native(_, server) = &self.0 else { return Ok(()) };
        let name = name(key);
        match server.copy_as(&name, database.name()).await {
            Ok(()) => mark(server, &name, note).await?,
            // Another run did the same.
            Err(error) if error.code() == Some("42P04") => {}
            Err(error) => return Err(error),
        }
        tidy(server).await
    }
}

/// Throws out what is too old, and what is too many.
async fn tidy(server: &Server) -> Result<(), Error> {
    let sql = format!(
        "select d.datname::text, pg_catalog.shobj_description(d.oid, 'pg_database') \
         from pg_database d where d.datname ~ '^{PREFIX}[0-9a-f]+$'"
    );
    let rows = server.query("looking for databases that were kept", sql).await?;
    let used = |comment: Option<String>| {
        comment.and_then(|comment| comment.split(' ').next()?.parse().ok()).unwrap_or(0)
    };
    let mut found: Vec<(u64, String)> = rows.iter().map(|row| (used(row.get(1)), row.get(0))).collect();
    found.sort();
    let (now, many) = (now(), found.len());
    for (index, (used, name)) in found.into_iter().enumerate() {
        if many - index > KEPT || used + SECONDS < now {
            drop_unused(server, &name).await;
        }
    }
    Ok(())
}

/// Says of a kept database that it is whole, and was used now.
async fn mark(server: &Server, name: &str, note: &str) -> Result<(), Error> {
    let comment = literal(&format!("{} {note}", now()));
    server
        .query("marking a database that is kept", format!("comment on database {name} is {comment}"))
        .await?;
    Ok(())
}

/// Drops a database; one that another run copies right now stays.
async fn drop_unused(server: &Server, name: &str) {
    let sql = format!("drop database if exists {name}");
    if let Err(error) = server.query("dropping a database that was kept", sql).await {
        tracing::debug!("{error}");
    }
}

fn name(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{digest}")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
