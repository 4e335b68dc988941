//! One cluster in the cache folder: made once, started when somebody comes, stopped when the last one goes.
//!
//! Beside the folder `KEY` lie two lock files. `KEY.lock` is held for the moment in which somebody comes or
//! goes. `KEY.users` is held, shared, by everybody who uses the server; who gets it alone is the last.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};

use super::account::Account;
use super::find::Candidate;
use super::postmaster::{Postmaster, pid_file};
use crate::provider::Places;
use crate::provider::error::Error;

/// Settings of the server. It holds nothing that must survive the machine.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "max_connections=100",
    // Thousands of tables in one transaction.
    "max_locks_per_transaction=1024",
    // Startup failures are said, statements that fail on purpose are not.
    "log_min_messages=fatal",
    "logging_collector=off",
];

/// How long files that are removed may be written to by somebody else.
const PATIENCE: Duration = Duration::from_secs(10);

/// A cluster whose server runs, for as long as this lives.
#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    sockets: PathBuf,
    bin: PathBuf,
    account: Account,
    /// What the cluster was made by: version and start of the machine.
    mark: String,
    gate: File,
    users: File,
    postmaster: Option<Postmaster>,
}

impl Cluster {
    /// Makes the cluster if need be, starts its server if need be, and joins its users.
    /// There may be several, for runs of different kinds.
    pub(super) async fn open(
        candidate: &Candidate,
        account: Account,
        folder: &Path,
        kind: &str,
    ) -> Result<Self, Error> {
        let hash = fingerprint(&format!("{}\n{}", candidate.bin.display(), account.name()));
        let key = format!("{}-{hash:08x}{kind}", candidate.major);
        let folder = folder.join(&key);
        let mut cluster = Self {
            sockets: Places::socket_folder(&folder, &key),
            bin: candidate.bin.clone(),
            account,
            mark: format!("{}\n{}", candidate.version, boot()),
            gate: lock_file(&folder.with_extension("lock"))?,
            users: lock_file(&folder.with_extension("users"))?,
            folder,
            postmaster: None,
        };
        cluster.shut_gate().await?;
        let joined = cluster.join().await;
        cluster.open_gate();
        joined.map(|()| cluster)
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("localhost")
            .socket(&self.sockets)
            .port(5432)
            .username("postgres")
            .password("")
            .database("postgres")
            .ssl_mode(PgSslMode::Disable)
    }

    /// Leaves; stops the server if nobody else uses it.
    pub(super) async fn close(mut self) -> Result<(), Error> {
        self.shut_gate().await?;
        let stopped = match self.leave() {
            Some(postmaster) => postmaster.stop().await,
            None => Ok(()),
        };
        self.open_gate();
        stopped
    }

    async fn join(&mut self) -> Result<(), Error> {
        self.prepare().await?;
        match self.start().await {
            Ok(()) => {}
            // What a full disk or a crash of the machine left: nothing of value, made anew once.
            Err(_) => {
                self.remove().await?;
                self.prepare().await?;
                self.start().await?;
            }
        }
        self.users.lock_shared().map_err(|source| self.io("locking", source))
    }

    /// The server, if we were its last user.
    fn leave(&mut self) -> Option<Postmaster> {
        let _ = self.users.unlock();
        self.users.try_lock().ok()?;
        let _ = self.users.unlock();
        self.postmaster.take().or_else(|| Postmaster::running(&self.data()))
    }

    /// The cluster's files: `initdb` in a folder beside, so that a killed one leaves nothing half made.
    async fn prepare(&mut self) -> Result<(), Error> {
        if self.usable() {
            return Ok(());
        }
        self.remove().await?;
        for folder in [&self.folder, &self.sockets] {
            private_folder(folder).map_err(|source| self.io("making", source))?;
            self.account.own(folder)?;
        }
        let new = self.folder.join("new");
        let said = match self.initdb(&new, "C.UTF-8").await? {
            Ok(()) => Ok(()),
            // A system without that locale; a first try leaves no folder behind.
            Err(_) => self.initdb(&new, "C").await?,
        };
        said.map_err(|said| Error::Program { program: self.bin.join("initdb"), said })?;
        fs_err::rename(&new, self.data()).map_err(|source| self.io("renaming", source))?;
        fs_err::write(self.folder.join("made"), &self.mark).map_err(|source| self.io("marking", source))
    }

    async fn initdb(&self, folder: &Path, locale: &str) -> Result<Result<(), String>, Error> {
        let program = self.bin.join("initdb");
        let mut command = self.account.command(&program);
        command.arg("-D").arg(folder).args(["-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"]);
        command.arg(format!("--locale={locale}")).arg("--lc-messages=C");
        let said = tokio::process::Command::from(command)
            .output()
            .await
            .map_err(|e| Error::Program { program: program.clone(), said: e.to_string() })?;
        let text = String::from_utf8_lossy(&said.stderr).trim().to_owned();
        Ok(if said.status.success() { Ok(()) } else { Err(text) })
    }

    /// Whether the files that are there can be used: whole, of this version, and, since nothing is ever
    /// synced, not left over from a machine that went down under a running server.
    fn usable(&self) -> bool {
        let made = fs_err::read_to_string(self.folder.join("made")).unwrap_or_default();
        let (version, boot) = made.split_once('\n').unwrap_or_default();
        let (our_version, our_boot) = self.mark.split_once('\n').unwrap_or_default();
        version == our_version
            && self.sockets.is_dir()
            && (boot == our_boot || !pid_file(&self.data()).exists())
    }

    /// Makes sure that a server answers. One that is stopping or starting is waited for.
    async fn start(&mut self) -> Result<(), Error> {
        // In order: so the next crash of the machine is told apart from this start.
        fs_err::write(self.folder.join("made"), &self.mark).map_err(|source| self.io("marking", source))?;
        if self.answers().await {
            return Ok(());
        }
        if let Some(mut old) = Postmaster::running(&self.data()) {
            for _ in 0..500 {
                if self.answers().await {
                    return Ok(());
                }
                if !old.alive() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            old.stop().await?;
        }
        let _ = fs_err::remove_file(pid_file(&self.data()));
        let _ = fs_err::remove_file(self.socket());
        self.spawn().await
    }

    async fn spawn(&mut self) -> Result<(), Error> {
        use std::os::unix::process::CommandExt as _;
        let program = self.bin.join("postgres");
        let log = self.folder.join("log");
        let out = File::create(&log).map_err(|source| self.io("writing", source))?;
        let err = out.try_clone().map_err(|source| self.io("writing", source))?;
        let mut command = self.account.command(&program);
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.sockets);
        command.args(SETTINGS.iter().flat_map(|s| ["-c", s]));
        // A group of its own: Ctrl-C is for us, and the last user stops the server.
        command.stdout(Stdio::from(out)).stderr(Stdio::from(err)).process_group(0);
        let failed = |said: String| Error::Program { program: program.clone(), said };
        let child = command.spawn().map_err(|e| failed(e.to_string()))?;
        let mut postmaster =
            Postmaster::started(child, &self.data()).ok_or_else(|| failed("no process id".to_owned()))?;
        for _ in 0..12_000 {
            if self.answers().await {
                self.postmaster = Some(postmaster);
                return Ok(());
            }
            if !postmaster.alive() {
                return Err(failed(last_words(&log)));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        postmaster.stop().await?;
        Err(Error::Cluster { folder: self.folder.clone(), what: "did not start within a minute".to_owned() })
    }

    async fn answers(&self) -> bool {
        if !self.socket().exists() {
            return false;
        }
        match self.options().connect().await {
            Ok(session) => session.close().await.is_ok(),
            // Starting or stopping (57P03) is no answer; that all connections are taken is one.
            Err(e) => e.as_database_error().is_some_and(|e| e.code().as_deref() != Some("57P03")),
        }
    }

    async fn remove(&self) -> Result<(), Error> {
        // A server of another start of ours may still be on these files.
        if let Some(postmaster) = Postmaster::running(&self.data()) {
            postmaster.tell_to_stop();
        }
        let begun = Instant::now();
        loop {
            match fs_err::remove_dir_all(&self.folder) {
                Err(source) if source.kind() == ErrorKind::NotFound => return Ok(()),
                // The `initdb` of a run that was killed goes on writing, until it misses what is removed.
                Err(source)
                    if source.kind() == ErrorKind::DirectoryNotEmpty && begun.elapsed() < PATIENCE =>
                {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                removed => return removed.map_err(|source| self.io("removing", source)),
            }
        }
    }

    async fn shut_gate(&self) -> Result<(), Error> {
        // Held for a second at most, where a cluster is made; two minutes are a very slow machine.
        for _ in 0..12_000 {
            match self.gate.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(TryLockError::Error(source)) => return Err(self.io("locking", source)),
            }
        }
        Err(Error::Cluster { folder: self.folder.clone(), what: "is locked by another run".to_owned() })
    }

    fn open_gate(&self) {
        let _ = self.gate.unlock();
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn socket(&self) -> PathBuf {
        self.sockets.join(".s.PGSQL.5432")
    }

    fn io(&self, doing: &'static str, source: std::io::Error) -> Error {
        Error::Io { doing, path: self.folder.clone(), source }
    }
}

impl Drop for Cluster {
    /// For runs that end by an error: tells the server to stop if nobody else uses it, and does not wait.
    fn drop(&mut self) {
        if self.gate.try_lock().is_ok() {
            if let Some(postmaster) = self.leave() {
                postmaster.tell_to_stop();
            }
            self.open_gate();
        }
    }
}

fn lock_file(path: &Path) -> Result<File, Error> {
    let opened = File::options().read(true).write(true).create(true).truncate(false).open(path);
    opened.map_err(|source| Error::Io { doing: "opening", path: path.to_owned(), source })
}

/// A folder that only its owner can enter: whoever reaches the socket is superuser.
fn private_folder(path: &Path) -> Result<(), std::io::Error> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let ours = fs_err::symlink_metadata(path)?;
            let us = super::user_id();
            if ours.is_dir() && (us == 0 || ours.uid() == us) { Ok(()) } else { Err(e) }
        }
        done => done,
    }
}

/// This start of the machine, where the system tells.
fn boot() -> String {
    let id = fs_err::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

fn last_words(log: &Path) -> String {
    let text = fs_err::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(3).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}

/// FNV-1a: the same in every build, which the standard library's hasher does not promise.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
