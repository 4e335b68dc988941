//! A test's database, its folder of revisions, and short ways to both.

use std::path::PathBuf;
use std::sync::Arc;

use camino::Utf8PathBuf;
use limbeck_migrate::{Applied, Error, Event, Graph, Planned, Runner, Settings, Side};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, raw_sql};

use crate::cluster::Cluster;

pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) psql: Option<PathBuf>,
    pub(crate) folder: Utf8PathBuf,
    pub(crate) settings: Settings,
}

impl World {
    pub(crate) async fn new(cluster: &Arc<Cluster>, name: &str) -> World {
        let mut admin = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
        raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
        let folder = std::env::temp_dir().join(format!("limbeck-revisions-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        World {
            url: cluster.url(name),
            port: cluster.port,
            psql: cluster.psql(),
            folder: Utf8PathBuf::from_path_buf(folder).unwrap(),
            settings: Settings::default(),
        }
    }

    /// Writes a revision: its id, its parent or nothing, and everything after the header.
    pub(crate) fn write(&self, id: &str, parent: &str, parts: &str) {
        let parents = if parent.is_empty() { String::new() } else { format!("-- parents: {parent}\n") };
        let text = format!("-- limbeck:revision {id}\n{parents}-- message: about {id}\n\n{parts}");
        std::fs::write(self.folder.join(format!("{id}.sql")), text).unwrap();
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::load(std::slice::from_ref(&self.folder)).unwrap()
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// A connection through something else that listens on a port.
    pub(crate) async fn connect_through(&self, port: u16) -> PgConnection {
        PgConnection::connect(&self.url_through(port)).await.unwrap()
    }

    pub(crate) fn url_through(&self, port: u16) -> String {
        self.url.replace(&format!(":{}/", self.port), &format!(":{port}/"))
    }

    /// The way to a second connection.
    pub(crate) fn side(&self) -> Side {
        let url = self.url.clone();
        Side::new(move || {
            let url = url.clone();
            async move { PgConnection::connect(&url).await.ok() }
        })
    }

    pub(crate) async fn upgrade(&self, target: &str) -> Result<String, Error> {
        self.upgrade_with(&self.graph(), target, &mut |_| {}).await
    }

    pub(crate) async fn upgrade_with(
        &self,
        graph: &Graph,
        target: &str,
        events: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<String, Error> {
        let mut conn = self.connect().await;
        let planned = Runner::new(&mut conn, graph, &self.settings, events).upgrade(target).await?;
        Ok(names(&planned))
    }

    pub(crate) async fn downgrade(&self, target: &str) -> Result<String, Error> {
        let (mut conn, graph) = (self.connect().await, self.graph());
        let planned = Runner::new(&mut conn, &graph, &self.settings, &mut |_| {}).downgrade(target).await?;
        Ok(names(&planned))
    }

    pub(crate) async fn applied(&self) -> Vec<Applied> {
        self.settings.table.read(&mut self.connect().await).await.unwrap()
    }

    pub(crate) async fn run(&self, sql: &str) {
        raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connect().await).await.unwrap();
    }

    /// One value, as text.
    pub(crate) async fn ask(&self, sql: &str) -> String {
        let sql = format!("select ({sql})::text");
        let row = raw_sql(AssertSqlSafe(sql)).fetch_one(&mut self.connect().await).await.unwrap();
        row.try_get::<Option<String>, _>(0).unwrap().unwrap_or_default()
    }

    pub(crate) async fn has(&self, table: &str) -> bool {
        self.ask(&format!("to_regclass('{table}') is not null")).await == "true"
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub(crate) fn names(planned: &[Planned]) -> String {
    planned.iter().map(|p| p.revision.as_str()).collect::<Vec<_>>().join(" ")
}
