//! The thread that works: it owns the one backend of a cluster, from client to client.
//!
//! Starting a backend takes half a second, so the next client gets the one that is there, made as new by
//! `discard all`, if it says the very same in its first packet; what that set is what `discard all` goes back to.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use oliphaunt_wasix::session::{PostgresConfig, PreparedRuntime, ProtocolSession, StartupConfig};

use super::extensions;
use super::watch::Watch;
use super::wire::{self, Startup};

/// How long a message may be worked on. Scratch holds a schema and some made-up rows.
const LONGEST: Duration = Duration::from_secs(120);

/// Settings of the backends. Their files hold nothing that must survive.
const SETTINGS: &[(&str, &str)] = &[
    // Not `synchronous_commit`, too: what a commit has not written, the end of a backend does not write either.
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("autovacuum", "off"),
    // Thousands of tables in one transaction.
    ("max_locks_per_transaction", "1024"),
    // It has no compiler.
    ("jit", "off"),
    // PostgreSQL's own default, which the package replaces.
    ("search_path", "\"$user\", public"),
];

/// What the thread is asked for. It answers by dropping the sender.
#[derive(Debug)]
pub(super) enum Job {
    /// To serve a client until it leaves.
    Serve(UnixStream, Startup, Sender<()>),
    /// To end the backend, which writes what it holds. The next client gets a new one.
    Rest(Sender<()>),
    /// To end the backend and the thread.
    End(Sender<()>),
}

/// A backend that is up.
struct Backend {
    session: ProtocolSession,
    /// The packet that started it, and what it said.
    packet: Vec<u8>,
    greeting: Vec<u8>,
}

/// Works until it is told to end.
pub(super) fn work(runtime: &PreparedRuntime, jobs: &Receiver<Job>) {
    let mut idle = None;
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Rest(_done) => rest(idle.take()),
            Job::End(_done) => break,
            Job::Serve(mut stream, startup, _done) => {
                let fresh = idle.take().and_then(|backend| renewed(backend, &startup));
                idle = match fresh.map_or_else(|| Backend::start(runtime, &startup), Ok) {
                    Ok(backend) => serve(&mut stream, backend),
                    Err(answer) => {
                        let _ = stream.write_all(&answer);
                        None
                    }
                };
            }
        }
    }
    rest(idle);
    // The sender in `End` is dropped with the last job, before the backend has ended: so who waits joins, too.
}

/// Ends a backend. Nobody else writes a checkpoint, and without one the next has to recover as from a crash.
fn rest(backend: Option<Backend>) {
    if let Some(mut backend) = backend {
        let _ = backend.session.send_buffered(&wire::query("checkpoint"));
        let _ = backend.session.shutdown();
    }
}

/// The backend as a new one would be, if it is the same client that comes.
fn renewed(mut backend: Backend, startup: &Startup) -> Option<Backend> {
    let mut run =
        |sql| backend.session.send_buffered(&wire::query(sql)).is_ok_and(|said| !wire::failed(&said));
    if backend.packet == startup.packet && run("rollback") && run("discard all") {
        return Some(backend);
    }
    rest(Some(backend));
    None
}

impl Backend {
    /// A new one; or what is to be said to the client.
    fn start(runtime: &PreparedRuntime, startup: &Startup) -> Result<Self, Vec<u8>> {
        let mut config = PostgresConfig::default();
        for (name, value) in SETTINGS {
            config.insert(*name, *value);
        }
        let who = StartupConfig { username: startup.user.clone(), database: startup.database.clone() };
        let session = runtime.open_with_extensions(config, who, &extensions());
        let mut session = session.map_err(|e| trouble(&format!("{e:#}")))?;
        match session.startup_with_packet(&startup.packet) {
            Ok(said) if said.accepted => {
                Ok(Self { session, packet: startup.packet.clone(), greeting: said.output })
            }
            Ok(said) => {
                let _ = session.shutdown();
                Err(said.output)
            }
            Err(e) => Err(trouble(&format!("{e:#}"))),
        }
    }
}

/// Hands messages and answers on until the client leaves. The backend comes back if it is still sound.
fn serve(stream: &mut UnixStream, mut backend: Backend) -> Option<Backend> {
    let watch = Watch::over(stream, LONGEST).ok()?;
    stream.write_all(&backend.greeting).ok()?;
    while let Ok(Some(batch)) = wire::batch(stream) {
        match watch.during(|| backend.session.send_buffered(&batch)) {
            Ok(answer) => {
                // A client that is gone is noticed by the next read.
                let _ = stream.write_all(&answer);
            }
            Err(e) => {
                let _ = stream.write_all(&trouble(&format!("{e:#}")));
                return None;
            }
        }
    }
    Some(backend)
}

fn trouble(why: &str) -> Vec<u8> {
    wire::fatal("XX000", &format!("the embedded server: {why}"))
}
