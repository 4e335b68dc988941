//! Roles, which belong to servers, and not to databases.
//!
//! What is built on scratch may name roles that no scratch server has. On a server of somebody's none is made: it
//! would stay, or be somebody else's by the time that it is dropped. In a cluster of ours they are made when they are
//! found missing. Every run there holds a lock, shared; who gets it alone is the last, or the first after a run that
//! was killed, and drops what roles there are: nobody needs them.
//!
//! Revisions that themselves make roles have a cluster that they share with nobody at the time
//! ([`Wanted::roles`](super::Wanted::roles)): two runs' `create role app` would be in each other's way. There the lock
//! is held alone from the first moment.

use limbeck_sql::ident;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::Database;
use super::database::Place;
use super::error::Error;
use super::server::{Owner, Server};

/// Of the advisory lock, in the database `postgres` of a cluster of ours.
const LOCK: i64 = 0x006c_696d_6265_636b;

impl Database {
    /// Makes a role that a statement found missing. False where limbeck makes none: the server is somebody's, or
    /// does not take the name. The session is of this database, in no transaction that failed.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub async fn make_role(&self, session: &mut PgConnection, name: &str) -> Result<bool, Error> {
        let made = match self.place() {
            Place::Server(_, server) => server.make_role(name).await,
            // It has a server to itself, which takes one session at a time.
            #[cfg(feature = "embedded")]
            Place::Embedded(_) => {
                let sql = sqlx::AssertSqlSafe(format!("create role {}", ident(name)));
                let made = sqlx::raw_sql(sql).execute(&mut *session).await;
                made.map(|_| true).map_err(|error| Error::sql("making a role", &error))
            }
        };
        #[cfg(not(feature = "embedded"))]
        let _ = session;
        match made {
            // Another run was first.
            Err(error) if matches!(error.code(), Some("42710" | "23505")) => Ok(true),
            Err(error) if error.code().is_some() => {
                tracing::debug!("{error}");
                Ok(false)
            }
            made => made,
        }
    }
}

impl Server {
    async fn make_role(&self, name: &str) -> Result<bool, Error> {
        if self.owner() == Owner::User {
            return Ok(false);
        }
        self.query("making a role", format!("create role {}", ident(name))).await?;
        Ok(true)
    }

    /// Joins the runs of a cluster of ours; one that takes one at a time is waited for. What roles those left that
    /// were killed go, if nobody else is there.
    pub(super) async fn join_roles(&self) -> Result<(), Error> {
        match self.owner() {
            Owner::User => Ok(()),
            Owner::Alone => {
                self.lock("pg_advisory_lock").await?;
                self.drop_roles().await
            }
            Owner::Shared => {
                self.drop_roles_if_last().await?;
                self.lock("pg_advisory_lock_shared").await.map(drop)
            }
        }
    }

    /// Leaves them, and drops the roles unless another run may need them: they are for that to drop. One that a
    /// database needs which is kept stays for as long as that does.
    pub(super) async fn leave_roles(&self) -> Result<(), Error> {
        match self.owner() {
            Owner::User => Ok(()),
            Owner::Alone => self.drop_roles().await,
            Owner::Shared => {
                self.lock("pg_advisory_unlock_shared").await?;
                self.drop_roles_if_last().await
            }
        }
    }

    async fn drop_roles_if_last(&self) -> Result<(), Error> {
        if !self.lock("pg_try_advisory_lock").await? {
            return Ok(());
        }
        let dropped = self.drop_roles().await;
        dropped.and(self.lock("pg_advisory_unlock").await.map(drop))
    }

    /// Asks one of the functions of the lock; what it answers, if it does.
    async fn lock(&self, function: &str) -> Result<bool, Error> {
        let sql = format!("select pg_catalog.{function}({LOCK})::text = 'true'");
        let rows = self.query("locking roles", sql).await?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    async fn drop_roles(&self) -> Result<(), Error> {
        let roles = self.roles().await?;
        // Grants to each other, settings, default rights in this database: whatever a `drop role` stumbles over.
        for verb in ["drop owned by", "drop role"] {
            for role in &roles {
                // What another session holds is needed, and that one may be about to ask for our lock.
                let sql = format!("set local lock_timeout = '100ms'; {verb} {role}");
                if let Err(error) = self.query("dropping a role", sql).await {
                    tracing::debug!("{error}");
                }
            }
        }
        if self.owner() == Owner::Alone {
            let reset = "alter role all reset all; alter role current_user reset all";
            self.query("resetting roles", reset.to_owned()).await?;
        }
        Ok(())
    }

    /// The roles that somebody made, quoted.
    async fn roles(&self) -> Result<Vec<String>, Error> {
        // What initdb makes has lower numbers.
        let sql = "select rolname::text from pg_catalog.pg_roles where oid >= 16384 order by oid desc";
        let rows = self.query("looking for roles", sql.to_owned()).await?;
        Ok(rows.iter().map(|row| ident(row.get(0))).collect())
    }
}
