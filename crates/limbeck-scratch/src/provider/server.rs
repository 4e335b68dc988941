//! Databases on a running server: made, dropped, and swept when their owner was killed.
//!
//! A run's databases are called `limbeck_scratch_<token>_<n>`, and the run holds one session whose
//! application name is `limbeck_scratch_<token>`. The server itself thus knows which databases still have
//! an owner, also where client process ids mean nothing: another machine, another container.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use limbeck_sql::literal;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use super::Locale;
use super::database::{Database, Place};
use super::error::Error;

const PREFIX: &str = "limbeck_scratch_";

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Somebody's: databases come and go, and all else stays as it is.
    User,
    /// A cluster of ours, where other runs may be.
    Shared,
    /// A cluster of ours that takes one run at a time.
    Alone,
}

/// A server that scratch databases are made on.
#[derive(Debug)]
pub(super) struct Server {
    admin: tokio::sync::Mutex<Option<PgConnection>>,
    options: PgConnectOptions,
    token: String,
    next: AtomicU32,
    version: u32,
    version_text: String,
    owner: Owner,
    locale: Mutex<Option<Locale>>,
    notes: Mutex<Vec<String>>,
    /// The databases of this run that are still there.
    live: Mutex<Vec<String>>,
}

impl Server {
    /// Connects, and drops the databases and roles of runs that are gone.
    pub(super) async fn open(
        options: PgConnectOptions,
        locale: Option<Locale>,
        owner: Owner,
    ) -> Result<Self, Error> {
        let token = token();
        let options = options.disable_statement_logging();
        let mut admin =
            options.clone().application_name(&format!("{PREFIX}{token}")).connect().await.map_err(|e| {
                Error::sql(format!("connecting to the scratch server {}", place(&options)), &e)
            })?;
        let row =
            sqlx::raw_sql("select current_setting('server_version_num'), current_setting('server_version')")
                .fetch_one(&mut admin)
                .await
                .map_err(|e| Error::sql("asking the scratch server's version", &e))?;
        let number: String = row.get(0);
        let text: String = row.get(1);
        let server = Self {
            admin: tokio::sync::Mutex::new(Some(admin)),
            options,
            token,
            next: AtomicU32::new(1),
            version: number.parse().unwrap_or_default(),
            // Debian's text goes on: `15.18 (Debian 15.18-0+deb12u1)`.
            version_text: text.split(' ').next().unwrap_or_default().to_owned(),
            owner,
            locale: Mutex::new(locale),
            notes: Mutex::default(),
            live: Mutex::default(),
        };
        server.sweep().await?;
        server.join_roles().await?;
        Ok(server)
    }

    pub(super) fn owner(&self) -> Owner {
        self.owner
    }

    pub(super) fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn version_text(&self) -> &str {
        &self.version_text
    }

    pub(super) fn notes(&self) -> Vec<String> {
        locked(&self.notes).clone()
    }

    pub(super) fn options_for(&self, database: &str) -> PgConnectOptions {
        self.options.clone().database(database).application_name("limbeck")
    }

    pub(super) async fn require_createdb(&self) -> Result<(), Error> {
        let sql = "select current_user, rolcreatedb or rolsuper from pg_roles where rolname = current_user";
        let rows = self.query("asking for the role's rights", sql.to_owned()).await?;
        match rows.first() {
            Some(row) if !row.get::<bool, _>(1) => {
                Err(Error::NoCreatedb { role: row.get(0), server: place(&self.options) })
            }
            _ => Ok(()),
        }
    }

    /// A new database from `template0`, in the wanted locale, or without it where the server lacks it.
    pub(super) async fn create(this: &Arc<Self>) -> Result<Database, Error> {
        let locale = locked(&this.locale).clone();
        let Some(locale) = locale else {
            return this.create_from("template0", "").await.map(|n| this.own(n));
        };
        let first = this.create_from("template0", &this.locale_clause(&locale)).await;
        match first {
            Ok(name) => Ok(this.own(name)),
            // Invalid locale name; a collation provider that this build does not have; encoding and locale
            // that don't match.
            Err(e) if matches!(e.code(), Some("22023" | "0A000" | "42809" | "22000")) => {
                locked(&this.locale).take();
                locked(&this.notes).push(format!(
                    "locale {} is not on the scratch server, its own stands in",
                    locale.icu.as_ref().unwrap_or(&locale.collate)
                ));
                this.create_from("template0", "").await.map(|n| this.own(n))
            }
            Err(e) => Err(e),
        }
    }

    fn locale_clause(&self, locale: &Locale) -> String {
        let libc = format!(" lc_collate {} lc_ctype {}", literal(&locale.collate), literal(&locale.ctype));
        match &locale.icu {
            // Older ones have ICU for collations alone, and stand out by their major already.
            Some(icu) if self.version >= 150_000 => {
                format!("{libc} locale_provider icu icu_locale {}", literal(icu))
            }
            Some(_) | None => libc,
        }
    }

    /// A new database that holds what `of` holds.
    pub(super) async fn copy(this: &Arc<Self>, of: &str) -> Result<Database, Error> {
        this.create_from(of, "").await.map(|n| this.own(n))
    }

    fn own(self: &Arc<Self>, name: String) -> Database {
        Database::new(Place::Server(name, Arc::clone(self)))
    }

    async fn create_from(&self, template: &str, clause: &str) -> Result<String, Error> {
        let name = format!("{PREFIX}{}_{}", self.token, self.next.fetch_add(1, Ordering::Relaxed));
        self.create_as(&name, template, clause).await?;
        locked(&self.live).push(name.clone());
        Ok(name)
    }

    /// Takes note that a database is not this run's any more.
    pub(super) fn give_up(&self, name: &str) {
        locked(&self.live).retain(|n| n != name);
    }

    async fn create_as(&self, name: &str, template: &str, clause: &str) -> Result<(), Error> {
        let strategy = match self.owner {
            // Fastest without fsync; but it forces two checkpoints, which a busy server would notice.
            Owner::Shared | Owner::Alone if self.version >= 150_000 => " strategy file_copy",
            Owner::Shared | Owner::Alone | Owner::User => "",
        };
        // A server of the user's may have another encoding by default.
        let encoding = if template == "template0" { " encoding 'UTF8'" } else { "" };
        let sql = format!("create database {name} template {template}{encoding}{clause}{strategy}");
        self.query("creating a scratch database", sql).await.map(drop)
    }

    pub(super) async fn drop_database(&self, name: &str) -> Result<(), Error> {
        let force = if self.version >= 130_000 { " with (force)" } else { "" };
        self.query("dropping a scratch database", format!("drop database if exists {name}{force}")).await?;
        self.give_up(name);
        Ok(())
    }

    /// Drops this run's databases and roles, and ends the session that owns them.
    pub(super) async fn close(&self) -> Result<(), Error> {
        let live = locked(&self.live).clone();
        let mut result = Ok(());
        for name in live {
            result = result.and(self.drop_database(&name).await);
        }
        result = result.and(self.leave_roles().await);
        if let Some(admin) = self.admin.lock().await.take() {
            let _ = admin.close().await;
        }
        result
    }

    /// Drops databases whose owner's session is gone. Another run may do the same at the same time, and a
    /// database that is in use after all stays: so failures are no matter.
    async fn sweep(&self) -> Result<(), Error> {
        let sql = format!(
            "select datname::text from pg_database d where datname ~ '^{PREFIX}[0-9a-f]+_[0-9]+$' \
             and pg_has_role(datdba, 'usage') and not exists (select from pg_stat_activity a \
             where a.application_name = substring(d.datname::text from '^{PREFIX}[0-9a-f]+'))"
        );
        for row in self.query("looking for left-over scratch databases", sql).await? {
            let name: String = row.get(0);
            let _ = self
                .query("dropping a left-over scratch database", format!("drop database if exists {name}"))
                .await;
        }
        Ok(())
    }

    pub(super) async fn query(&self, doing: &str, sql: String) -> Result<Vec<sqlx::postgres::PgRow>, Error> {
        let mut admin = self.admin.lock().await;
        let session = admin.as_mut().ok_or_else(|| Error::Sql {
            doing: doing.to_owned(),
            said: "the scratch server was closed".to_owned(),
            code: None,
        })?;
        sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(session).await.map_err(|e| Error::sql(doing, &e))
    }
}

/// Tells this run from all others: its process and the moment.
fn token() -> String {
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as u64);
    format!("{:x}{:02x}{now:x}", process::id(), OPENED.fetch_add(1, Ordering::Relaxed))
}

fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
