//! A test's database, its project, and short ways to both.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, raw_sql};
use tokio::runtime::Runtime;

use crate::cluster::Cluster;

/// The sessions of this database in which `pg_sleep` runs.
pub(crate) const SLEEPING: &str =
    "select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";

pub(crate) struct World {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) url: String,
    folder: PathBuf,
    runtime: Runtime,
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new(cluster: Arc<Cluster>, name: &str) -> World {
        let folder = std::env::temp_dir().join(format!("limbeck-fire-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("migrations")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = World { url: cluster.url(name), cluster, folder, runtime };
        world.configure("");
        world.run_at("postgres", &format!("create database {name}"));
        world
    }

    /// Writes the configuration: what stands under `[migrations]`.
    pub(crate) fn configure(&self, migrations: &str) {
        std::fs::write(self.folder.join("limbeck.toml"), format!("[migrations]\n{migrations}\n")).unwrap();
    }

    /// Writes a revision: its id, its parents, and everything after the header.
    pub(crate) fn write(&self, id: &str, parents: &str, parts: &str) {
        let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
        let text = format!("-- limbeck:revision {id}\n{parents}-- message: about {id}\n\n{parts}");
        std::fs::write(self.folder.join(format!("migrations/{id}.sql")), text).unwrap();
    }

    /// Writes a model.
    pub(crate) fn model(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.folder.join("models")).unwrap();
        std::fs::write(self.folder.join(format!("models/{name}.yaml")), text).unwrap();
    }

    /// Every file of the project with what is in it; what a run keeps for itself is left out.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let (mut found, mut open) = (BTreeMap::new(), vec![self.folder.clone()]);
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if entry.file_type().unwrap().is_file() {
                    let name = path.strip_prefix(&self.folder).unwrap().display().to_string();
                    found.insert(name, std::fs::read(&path).unwrap());
                } else if entry.file_name() != ".limbeck" {
                    open.push(path);
                }
            }
        }
        found
    }

    pub(crate) fn forget_revisions(&self) {
        std::fs::remove_dir_all(self.folder.join("migrations")).unwrap();
        std::fs::create_dir(self.folder.join("migrations")).unwrap();
    }

    pub(crate) fn limbeck(&self, args: &[&str]) -> Ran {
        ended(self.spawn(args).wait_with_output())
    }

    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        self.spawn_at(&self.url, args)
    }

    pub(crate) fn spawn_at(&self, url: &str, args: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command.args(args).current_dir(&self.folder).env("DATABASE_URL", url).env("CI", "true");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn url_through(&self, port: u16) -> String {
        self.url.replace(&format!(":{}/", self.cluster.port), &format!(":{port}/"))
    }

    pub(crate) fn session(&self) -> PgConnection {
        self.runtime.block_on(PgConnection::connect(&self.url)).unwrap()
    }

    pub(crate) fn run_in(&self, session: &mut PgConnection, sql: &str) {
        self.runtime.block_on(raw_sql(AssertSqlSafe(sql.to_owned())).execute(session)).unwrap();
    }

    pub(crate) fn run(&self, sql: &str) {
        self.run_in(&mut self.session(), sql);
    }

    fn run_at(&self, database: &str, sql: &str) {
        let url = self.cluster.url(database);
        let mut session = self.runtime.block_on(PgConnection::connect(&url)).unwrap();
        self.run_in(&mut session, sql);
    }

    /// One value, as text.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let sql = format!("select ({sql})::text");
        let mut session = self.session();
        let row = self.runtime.block_on(raw_sql(AssertSqlSafe(sql)).fetch_one(&mut session)).unwrap();
        row.try_get::<Option<String>, _>(0).unwrap().unwrap_or_default()
    }

    pub(crate) fn has(&self, table: &str) -> bool {
        self.ask(&format!("to_regclass('{table}') is not null")) == "true"
    }

    /// Waits until a question has this answer. One that never does fails the test, and hangs no run of all.
    pub(crate) fn until(&self, sql: &str, answer: &str) {
        let patience = Instant::now() + Duration::from_secs(120);
        while self.ask(sql) != answer {
            assert!(Instant::now() < patience, "never {answer:?}: {sql}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a revision's `pg_sleep` runs, or none does. By what the session waits for: the view shows
    /// the first kilobyte of a message alone, and a part stands further back in it.
    pub(crate) fn until_asleep(&self, asleep: bool) {
        let sleeping = format!("select count(*) > 0 from ({SLEEPING}) s");
        self.until(&sleeping, &asleep.to_string());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub(crate) fn ended(output: std::io::Result<Output>) -> Ran {
    let output = output.unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}
