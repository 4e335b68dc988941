//! Roles, which belong to servers, and not to databases.
//!
//! What is built on scratch may name roles that no scratch server has. On a server of somebody's none is made: it
//! would stay, or be somebody else's by the time that it is dropped. In a cluster of ours they are made when they are
//! found missing, and marked, so that whoever is alone with them can tell them and drop them. Everybody who made one
//! holds a lock, shared; who gets it alone is the last, and the first after a run that was killed.
//!
//! Revisions that themselves make roles have a cluster that they share with nobody at the time
//! ([`Wanted::roles`](super::Wanted::roles)): two runs' `create role app` would be in each other's way, and who made
//! a role, the server does not keep. There the lock is held alone from the first moment, and every role goes.

use limbeck_sql::{ident, literal};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::Database;
use super::database::Place;
use super::error::Error;
use super::server::{Owner, Server};

/// Of the advisory lock, in the database `postgres` of a cluster of ours.
const LOCK: i64 = 0x006c_696d_6265_636b;

/// What marks a role that was made because it was missing.
const MARK: &str = "made by limbeck for a scratch database";

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
        if self.owner() == Owner::Shared && !self.set_has_roles(true) {
            let sql = format!("select pg_catalog.pg_advisory_lock_shared({LOCK})");
            self.query("waiting for roles to be dropped", sql).await?;
        }
        let (role, mark) = (ident(name), literal(MARK));
        self.query("making a role", format!("create role {role}; comment on role {role} is {mark}")).await?;
        Ok(true)
    }

    /// Waits until no other run is in a cluster that takes one at a time.
    pub(super) async fn wait_to_be_alone(&self) -> Result<(), Error> {
        let lock = |function: &str| format!("select pg_catalog.{function}({LOCK})");
        if self.owner() == Owner::Alone {
            self.query("waiting for another run's roles", lock("pg_advisory_lock")).await?;
        }
        Ok(())
    }

    /// Drops the roles of runs that are over: this one, and those that were killed. One that a database needs
    /// stays for as long as that does; and those that another run may need right now are for that to drop.
    pub(super) async fn drop_roles(&self) -> Result<(), Error> {
        match self.owner() {
            Owner::User => Ok(()),
            Owner::Alone => self.drop_those("true").await,
            Owner::Shared => {
                if self.set_has_roles(false) {
                    let unlock = format!("select pg_catalog.pg_advisory_unlock_shared({LOCK})");
                    self.query("leaving roles", unlock).await?;
                }
                let marked = format!("pg_catalog.shobj_description(oid, 'pg_authid') = {}", literal(MARK));
                if self.roles(&marked).await?.is_empty() {
                    return Ok(());
                }
                let lock = format!("select pg_catalog.pg_try_advisory_lock({LOCK})");
                let got = self.query("locking roles", lock).await?;
                if !got.first().is_some_and(|row| row.get::<bool, _>(0)) {
                    return Ok(());
                }
                let dropped = self.drop_those(&marked).await;
                let unlock = format!("select pg_catalog.pg_advisory_unlock({LOCK})");
                dropped.and(self.query("unlocking roles", unlock).await.map(drop))
            }
        }
    }

    async fn drop_those(&self, which: &str) -> Result<(), Error> {
        let roles = self.roles(which).await?;
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
    async fn roles(&self, which: &str) -> Result<Vec<String>, Error> {
        // What initdb makes has lower numbers.
        let sql = format!(
            "select rolname::text from pg_catalog.pg_roles where oid >= 16384 and {which} order by oid desc"
        );
        let rows = self.query("looking for roles", sql).await?;
        Ok(rows.iter().map(|row| ident(row.get(0))).collect())
    }
}
