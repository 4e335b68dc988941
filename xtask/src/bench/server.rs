//! The server with the large databases: a throwaway one, whose socket the clients use directly.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use limbeck_scratch::provider::{Choice, Database, Places, Scratch, Wanted, open};
use tokio::runtime::Runtime;

use super::memory::Run;
use crate::{fetch, say};

/// A running server and its `pg_dump`.
pub(super) struct Server {
    runtime: Runtime,
    scratch: Scratch,
    bin: PathBuf,
    pg_dump: PathBuf,
    folder: PathBuf,
}

impl Server {
    /// Gets a server.
    pub(super) fn open() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let found = fetch::any()?;
        let pg_dump =
            fetch::pg_dump(found.major).context("nothing to compare with: no pg_dump is to be had")?;
        say::line(format!("PostgreSQL {} in {}", found.version, found.bin.display()));
        let choice = Choice::Native { bin: Some(found.bin.clone()) };
        let wanted = Wanted { choice, places: Places::from_env(), ..Wanted::default() };
        let scratch = say::step("starting it", || runtime.block_on(open(&wanted)))?;
        let database = runtime.block_on(scratch.database())?;
        let folder = database.options().get_socket().cloned().context("it listens on no socket")?;
        runtime.block_on(database.drop())?;
        Ok(Self { runtime, scratch, bin: found.bin, pg_dump, folder })
    }

    /// A new database in which statements were run.
    pub(super) fn fill(&self, messages: &[String]) -> Result<Database> {
        self.runtime.block_on(async {
            let database = self.scratch.database().await?;
            for message in messages {
                database.run(message).await?;
            }
            database.run("vacuum analyze").await?;
            Ok(database)
        })
    }

    /// Throws a database away.
    pub(super) fn drop(&self, database: Database) -> Result<()> {
        Ok(self.runtime.block_on(database.drop())?)
    }

    /// Lets the server go.
    pub(super) fn close(self) -> Result<()> {
        Ok(self.runtime.block_on(self.scratch.close())?)
    }

    /// `native 15.18`.
    pub(super) fn describe(&self) -> String {
        self.scratch.describe()
    }

    pub(super) fn bin(&self) -> PathBuf {
        self.bin.clone()
    }

    /// The socket itself.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// A database's address.
    pub(super) fn url(&self, database: &Database) -> String {
        let (name, folder) = (database.name(), self.folder.display());
        format!("postgres://postgres@localhost/{name}?host={folder}&sslmode=disable")
    }

    /// Its address through a proxy.
    pub(super) fn url_through(&self, database: &Database, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode=disable", database.name())
    }

    /// `pg_dump -s`, to nowhere.
    pub(super) fn dump(&self, url: &str) -> Run {
        let arguments = ["--schema-only", "--dbname", url, "--file", "/dev/null"];
        let mut command = Command::new(&self.pg_dump);
        command.args(arguments);
        Run::of(command)
    }
}
