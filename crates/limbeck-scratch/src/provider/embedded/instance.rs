//! One database: a cluster's files, and threads that serve them on a socket.
//!
//! One thread takes clients, one owns the backend and works for one of them at a time, and each client has one
//! that waits for its turn.

use std::io::Write as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use oliphaunt_wasix::session::PreparedDatabase;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::sync::oneshot;

use super::backend::{self, Job};
use super::slot::Slot;
use super::{NAME, cluster, wire};
use crate::provider::error::Error;
use crate::provider::owned::io;

/// How long a second session waits for the first to end, which takes no time. Both may be ours, in one task: then
/// it would wait for ever; and a run does without its second session.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the end of a session is waited for when its database is dropped.
const GRACE: Duration = Duration::from_secs(5);
/// How long after a client that could not be taken the next one is.
const BREATH: Duration = Duration::from_millis(50);

/// A running embedded server, with one database.
#[derive(Debug)]
pub(in crate::provider) struct Instance {
    folder: PathBuf,
    slot: Arc<Slot>,
    ask: Sender<Job>,
    stop: Arc<Stop>,
}

/// How a server is ended, by whoever holds this.
#[derive(Debug)]
pub(super) struct Stop {
    asked: AtomicBool,
    socket: PathBuf,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Stop {
    /// Ends the server, and waits until its files are free.
    pub(super) async fn and_wait(&self) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(ended) = ended else { return };
        self.asked.store(true, Ordering::SeqCst);
        // It sits in `accept`, and looks round when somebody comes.
        drop(UnixStream::connect(&self.socket));
        // A backend that is stuck in a statement is left behind; the process takes it along.
        let _ = tokio::time::timeout(2 * GRACE, ended).await;
    }
}

impl Instance {
    /// Serves the cluster that stands in a folder.
    pub(super) async fn start(folder: PathBuf) -> Result<Self, Error> {
        let sockets = folder.join("s");
        fs_err::create_dir(&sockets).map_err(|source| io("making", &sockets, source))?;
        let socket = sockets.join(".s.PGSQL.5432");
        let listener = UnixListener::bind(&socket).map_err(|source| io("listening on", &socket, source))?;
        let (say_ended, ended) = oneshot::channel();
        let stop = Arc::new(Stop { asked: AtomicBool::new(false), socket, ended: Mutex::new(Some(ended)) });
        let (ask, asked) = mpsc::channel();
        let instance = Self { slot: Arc::default(), ask: ask.clone(), stop: Arc::clone(&stop), folder };
        let desk = Desk { ask, slot: Arc::clone(&instance.slot), stop };
        let cluster = cluster_of(&instance.folder);
        let (say_ready, ready) = oneshot::channel();
        thread::spawn(move || {
            match cluster::open(&cluster) {
                Ok(prepared) => {
                    let _ = say_ready.send(Ok(()));
                    desk.serve(&listener, prepared, asked);
                }
                Err(why) => drop(say_ready.send(Err(why))),
            }
            let _ = say_ended.send(());
        });
        match ready.await {
            Ok(done) => done.map(|()| instance),
            Err(_) => Err(Error::Embedded { why: "its thread ended".to_owned() }),
        }
    }

    pub(super) fn stop(&self) -> Arc<Stop> {
        Arc::clone(&self.stop)
    }

    pub(in crate::provider) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("localhost")
            .socket(self.folder.join("s"))
            .port(5432)
            .username(NAME)
            .password("")
            .database(NAME)
            .application_name("limbeck")
            .ssl_mode(PgSslMode::Disable)
    }

    /// Ends it and removes its files.
    pub(in crate::provider) async fn drop(self) -> Result<(), Error> {
        self.stop.and_wait().await;
        fs_err::remove_dir_all(&self.folder).map_err(|source| io("removing", &self.folder, source))
    }

    /// Copies the cluster to another folder, once the last session has left and the backend has written all.
    pub(super) async fn copy_to(&self, folder: &Path) -> Result<(), Error> {
        let (from, to) = (cluster_of(&self.folder), cluster_of(folder));
        let (slot, ask) = (Arc::clone(&self.slot), self.ask.clone());
        let copied = tokio::task::spawn_blocking(move || {
            let busy =
                || Error::Embedded { why: "somebody is connected to the database that is copied".to_owned() };
            let _turn = slot.take(PATIENCE).ok_or_else(busy)?;
            let (done, rested) = mpsc::channel();
            if ask.send(Job::Rest(done)).is_ok() {
                let _ = rested.recv();
            }
            cluster::copy(&from, &to)
        });
        copied.await.unwrap_or_else(|e| Err(Error::Embedded { why: e.to_string() }))
    }
}

/// Where in a database's folder its cluster stands.
pub(super) fn cluster_of(folder: &Path) -> PathBuf {
    folder.join("c")
}

/// Where clients come.
struct Desk {
    ask: Sender<Job>,
    slot: Arc<Slot>,
    stop: Arc<Stop>,
}

impl Desk {
    /// Takes clients until it is asked to stop, and then waits for the one that is served.
    fn serve(self, listener: &UnixListener, mut prepared: PreparedDatabase, asked: Receiver<Job>) {
        let Ok(runtime) = prepared.runtime() else { return };
        let worker = thread::spawn(move || backend::work(&runtime, &asked));
        for stream in listener.incoming() {
            if self.stop.asked.load(Ordering::SeqCst) {
                break;
            }
            let Ok(stream) = stream else {
                // Out of file descriptors, most likely: the next try would fail at once, too.
                thread::sleep(BREATH);
                continue;
            };
            let (ask, slot) = (self.ask.clone(), Arc::clone(&self.slot));
            thread::spawn(move || session(stream, &ask, &slot));
        }
        let (done, ended) = mpsc::channel();
        // A worker that is stuck in a statement is left behind, and what it works on stays locked.
        let is_idle = self.ask.send(Job::End(done)).is_ok()
            && ended.recv_timeout(GRACE) == Err(RecvTimeoutError::Disconnected);
        if is_idle && worker.join().is_ok() {
            let _ = prepared.release();
        }
    }
}

/// One client, from its first packet to its end.
fn session(mut stream: UnixStream, ask: &Sender<Job>, slot: &Slot) {
    let Ok(Some(startup)) = wire::startup(&mut stream) else { return };
    let Some(_turn) = slot.take(PATIENCE) else {
        let why = "the embedded server serves one session at a time, and another one did not end";
        let _ = stream.write_all(&wire::fatal("53300", why));
        return;
    };
    let (done, ended) = mpsc::channel();
    if ask.send(Job::Serve(stream, startup, done)).is_ok() {
        let _ = ended.recv();
    }
}
