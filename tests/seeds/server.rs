//! The server that pages run on: one of the project's own, kept apart from scratch, because pages name
//! their databases and make roles.

use std::fs::File;
use std::future::Future;
use std::path::PathBuf;

use limbeck_scratch::provider::{Choice, Places, Scratch, Wanted, candidates, open};
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tokio::runtime::Runtime;

use crate::dump::Objects;
use crate::observer::Observer;

/// A running server, and who looks at its databases.
pub(crate) struct Server {
    runtime: Runtime,
    scratch: Option<Scratch>,
    observer: Observer,
    options: PgConnectOptions,
    cache: PathBuf,
    /// Nobody else has the server while this is held.
    _alone: File,
}

/// Whoever was here before left its databases and roles.
const LEFT: &str = "
select format('drop database %I with (force)', datname) from pg_database
where not datistemplate and datname not in ('postgres', current_database())
union all
select format('drop role %I', rolname) from pg_roles where rolname <> 'postgres' and rolname !~ '^pg_'";

impl Server {
    /// Starts it.
    pub(crate) fn open() -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|e| e.to_string())?;
        let usual = Places::from_env();
        let cache = usual.cache_folder().map_err(|e| e.to_string())?;
        let newest = || candidates(&usual).into_iter().max_by_key(|c| c.major).map(|c| c.bin);
        let bin = usual.bin.clone().or_else(newest);
        let places = Places { bin: bin.clone(), cache: Some(cache.join("seeds")), ..usual.clone() };
        let alone = File::create(cache.join("seeds.lock")).map_err(|e| e.to_string())?;
        alone.lock().map_err(|e| e.to_string())?;
        let wanted = Wanted { places, choice: Choice::Native { bin }, ..Wanted::default() };
        let scratch = runtime.block_on(open(&wanted)).map_err(|e| e.to_string())?;
        let observer = Observer::for_server(&usual, (scratch.version() / 10_000) as u16);
        let first = runtime.block_on(scratch.database()).map_err(|e| e.to_string())?;
        let options = first.options();
        let server = Self { runtime, scratch: Some(scratch), observer, options, cache, _alone: alone };
        server.ask_passwords(None)?;
        server.rows("postgres", LEFT)?.into_iter().try_for_each(|sql| server.run("postgres", &sql))?;
        Ok(server)
    }

    pub(crate) fn describe(&self) -> String {
        let scratch = self.scratch.as_ref().map(Scratch::describe).unwrap_or_default();
        format!("{scratch}, seen by {}", self.observer)
    }

    /// The folder of its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.options.get_socket().cloned().unwrap_or_default()
    }

    /// Where scratch servers and fetched binaries lie.
    pub(crate) fn cache(&self) -> &PathBuf {
        &self.cache
    }

    /// Makes an empty database.
    pub(crate) fn create(&self, name: &str) -> Result<(), String> {
        self.run("postgres", &format!("create database {name} template template0"))
    }

    /// Runs a script.
    pub(crate) fn run(&self, database: &str, script: &str) -> Result<(), String> {
        let (options, script) = (self.options.clone().database(database), script.to_owned());
        self.wait(async move {
            let mut session = options.connect().await?;
            sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut session).await?;
            session.close().await
        })
        .map_err(|e| e.to_string())
    }

    /// The rows of a query, their columns joined by `|`.
    pub(crate) fn rows(&self, database: &str, query: &str) -> Result<Vec<String>, String> {
        let (options, query) = (self.options.clone().database(database), query.to_owned());
        let text = |row: &PgRow| {
            let columns = (0..row.len()).map(|i| row.try_get_unchecked::<Option<String>, _>(i));
            let columns: Result<Vec<_>, _> = columns.map(|c| c.map(Option::unwrap_or_default)).collect();
            columns.map(|c| c.join("|"))
        };
        let rows = self.wait(async move {
            let mut session = options.connect().await?;
            let rows = sqlx::raw_sql(AssertSqlSafe(query)).fetch_all(&mut session).await?;
            session.close().await?;
            Ok::<_, sqlx::Error>(rows)
        });
        rows.and_then(|rows| rows.iter().map(text).collect()).map_err(|e| e.to_string())
    }

    /// What the observer sees in a database.
    pub(crate) fn objects(&self, database: &str) -> Result<Objects, String> {
        let socket = self.socket();
        let url =
            format!("postgres://postgres@localhost/{database}?host={}&sslmode=disable", socket.display());
        self.observer.look(&url, &socket, database)
    }

    /// From now on this role, and no other, needs its password.
    pub(crate) fn ask_passwords(&self, of: Option<&str>) -> Result<(), String> {
        let file = self.rows("postgres", "show hba_file")?.concat();
        let asked = of.map(|role| format!("('local all {role} scram-sha-256'), ")).unwrap_or_default();
        self.run("postgres", &format!("copy (values {asked}('local all all trust')) to '{file}'"))?;
        self.run("postgres", "select pg_reload_conf()")
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take()
            && let Err(why) = self.runtime.block_on(scratch.close())
        {
            eprintln!("warning: {why}");
        }
    }
}
