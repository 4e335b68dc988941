//! Databases that outlive a run: what took long to build is kept under the digest of what it holds, and the
//! next run copies it.
//!
//! Only in clusters of ours that several runs share: on a server of somebody's nothing stays behind, and where roles
//! are made, a database is not all of what there was. Each carries a comment, with the time of its last use and what
//! its maker noted; the oldest go, and so do those that nobody used for long. It is made, comment and all, under a
//! name of its run, and then renamed: so it is there as a whole, or is swept like any other. Keeping is a shortcut,
//! and whatever goes wrong with it is no matter.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use limbeck_sql::literal;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::error::Error;
use super::server::{Owner, Server};
use super::{Database, Scratch, Source};

const PREFIX: &str = "limbeck_kept_";

/// So many are kept; the oldest go.
const KEPT: usize = 6;

/// And none that was not used for two weeks.
const SECONDS: u64 = 14 * 24 * 60 * 60;

impl Scratch {
    /// A new database that holds what an earlier run kept under this key, and what it noted of it.
    pub async fn kept(&self, key: &str) -> Option<(Database, String)> {
        let server = self.keeping()?;
        noted("copying what was kept", copied(server, &name(key)).await).flatten()
    }

    /// Keeps a copy of a database for later runs. Nobody may be connected to it meanwhile.
    pub async fn keep(&self, database: &Database, key: &str, note: &str) {
        let Some(server) = self.keeping() else { return };
        noted("keeping a database", keep(server, database, &name(key), note).await);
        noted("tidying what is kept", tidy(server).await);
    }

    /// The server, where databases may be kept.
    fn keeping(&self) -> Option<&Arc<Server>> {
        match &self.0 {
            Source::Native(_, server) if server.owner() == Owner::Shared => Some(server),
            _ => None,
        }
    }
}

fn noted<T>(doing: &str, done: Result<T, Error>) -> Option<T> {
    done.inspect_err(|error| tracing::debug!("{doing}: {error}")).ok()
}

async fn copied(server: &Arc<Server>, name: &str) -> Result<Option<(Database, String)>, Error> {
    let sql = format!(
        "select pg_catalog.shobj_description(d.oid, 'pg_database') from pg_database d where d.datname = '{name}'"
    );
    let rows = server.query("looking for a database that was kept", sql).await?;
    let comment = rows.first().and_then(|row| row.get::<Option<String>, _>(0));
    let Some((_, note)) = comment.as_deref().and_then(|comment| comment.split_once(' ')) else {
        return Ok(None);
    };
    let database = Server::copy(server, name).await?;
    // Another run may have thrown it out since.
    noted("marking a database that is kept", mark(server, name, note).await);
    Ok(Some((database, note.to_owned())))
}

async fn keep(server: &Arc<Server>, database: &Database, name: &str, note: &str) -> Result<(), Error> {
    let copy = Server::copy(server, database.name()).await?;
    mark(server, copy.name(), note).await?;
    let renamed =
        server.query("keeping a database", format!("alter database {} rename to {name}", copy.name()));
    match renamed.await {
        Ok(_) => server.give_up(copy.name()),
        // Another run did the same.
        Err(error) if error.code() == Some("42P04") => copy.drop().await?,
        Err(error) => {
            copy.drop().await?;
            return Err(error);
        }
    }
    Ok(())
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

/// Says of a database that is kept that it was used now.
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
