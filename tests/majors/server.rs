//! The servers: a scratch server of each major that this machine has, started when it is first asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use limbeck_scratch::provider::{Choice, Database, Places, Scratch, Wanted, candidates, open};
use tokio::runtime::Runtime;

/// Server binaries by major, and the servers that run.
pub(crate) struct Servers {
    runtime: Runtime,
    bins: BTreeMap<u16, PathBuf>,
    running: Mutex<BTreeMap<u16, Arc<Scratch>>>,
}

impl Servers {
    /// What this machine has.
    pub(crate) fn found() -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let mut bins = BTreeMap::new();
        for candidate in candidates(&Places::from_env()) {
            bins.entry(candidate.major).or_insert(candidate.bin);
        }
        Ok(Self { runtime: runtime.map_err(|e| e.to_string())?, bins, running: Mutex::default() })
    }

    /// Their majors, in order.
    pub(crate) fn majors(&self) -> Vec<u16> {
        self.bins.keys().copied().collect()
    }

    /// The folder of a major's binaries.
    pub(crate) fn bin(&self, major: u16) -> String {
        self.bins.get(&major).map(|bin| bin.display().to_string()).unwrap_or_default()
    }

    /// A new database in which scripts were run.
    pub(crate) fn database(&self, major: u16, scripts: &[String]) -> Result<Database, String> {
        let scratch = self.scratch(major)?;
        let database = self.runtime.block_on(scratch.database()).map_err(|e| e.to_string())?;
        scripts.iter().try_for_each(|script| self.run(&database, script))?;
        Ok(database)
    }

    /// Runs a script.
    pub(crate) fn run(&self, database: &Database, script: &str) -> Result<(), String> {
        self.runtime.block_on(database.run(script)).map_err(|e| format!("the state's own script: {e}"))
    }

    /// Lets a database go; the end of the run drops what can't be dropped here.
    pub(crate) fn drop(&self, database: Database) {
        let _ = self.runtime.block_on(database.drop());
    }

    fn scratch(&self, major: u16) -> Result<Arc<Scratch>, String> {
        let mut running = self.running.lock().map_err(|e| e.to_string())?;
        if let Some(scratch) = running.get(&major) {
            return Ok(Arc::clone(scratch));
        }
        let choice = Choice::Native { bin: self.bins.get(&major).cloned() };
        let wanted = Wanted { places: Places::from_env(), choice, ..Wanted::default() };
        let scratch = self.runtime.block_on(open(&wanted)).map_err(|e| e.to_string())?;
        Ok(Arc::clone(running.entry(major).or_insert(Arc::new(scratch))))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let running = self.running.get_mut().map(std::mem::take).unwrap_or_default();
        for scratch in running.into_values().filter_map(Arc::into_inner) {
            if let Err(why) = self.runtime.block_on(scratch.close()) {
                eprintln!("warning: {why}");
            }
        }
    }
}

/// The address of a database, as the command line takes it.
pub(crate) fn url(database: &Database) -> String {
    let socket = database.options().get_socket().cloned().unwrap_or_default();
    format!("postgres://postgres@localhost/{}?host={}&sslmode=disable", database.name(), socket.display())
}
