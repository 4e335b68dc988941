//! A port-forward of the user's (`kubectl port-forward`, `ssh -L`), which lives as long as the command.
//!
//! It runs in a process group of its own, so that a Ctrl-C is first for us, who may still have a statement
//! to cancel through it. Beside it in that group waits a watchdog on a pipe whose other end we hold: however
//! we end, `kill -9` included, the pipe is closed, and the watchdog ends the group. So no signal has to be
//! caught for it.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, PipeReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::exit::{Code, Failure, Result};
use crate::output;

/// Stands for the port in a tunnel's command.
pub(crate) const PORT: &str = "{port}";

/// The watchdog, and then the command. Descriptor 3 is the pipe; the watchdog ignores what it sends.
const SCRIPT: &str = "exec 3<&0 </dev/null
{ trap '' HUP INT TERM; read -r _; kill -TERM 0; sleep 2; kill -KILL 0; } <&3 3<&- >/dev/null 2>&1 &
exec 3<&- /bin/sh -c \"$1\"";

/// How many of its lines are kept.
const LINES: usize = 10;

/// How often it is looked at.
const PACE: Duration = Duration::from_millis(25);

/// How long it may take to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// A tunnel, not started at first.
#[derive(Debug)]
pub(crate) struct Tunnel {
    command: String,
    host: String,
    port: u16,
    patience: Duration,
    variables: BTreeMap<String, String>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    said: Arc<Mutex<VecDeque<String>>>,
    /// Reads what it says, until nobody is left who could say something.
    ear: JoinHandle<()>,
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Tunnel {
    /// A tunnel that will listen on a host and port here. Its command is the shell's, with [`PORT`] filled
    /// in and with the variables of `.env` that the environment doesn't have.
    pub(crate) fn new(
        command: &str,
        host: String,
        port: u16,
        patience: Duration,
        variables: BTreeMap<String, String>,
    ) -> Self {
        let command = command.replace(PORT, &port.to_string());
        Tunnel { command, host, port, patience, variables, running: Mutex::default() }
    }

    /// Starts it, unless it runs, and waits until it takes connections.
    ///
    /// # Errors
    /// If its port is taken already, if it ends at once, or takes too long.
    pub(crate) async fn open(&self) -> Result<()> {
        if self.lock().is_some() {
            return Ok(());
        }
        if self.answers().await || self.is_bound() {
            let place = self.place();
            return Err(Failure::new(
                Code::Database,
                format!("{place} is taken, and was to be the tunnel's end"),
            )
            .note("what listens there may lead to another database: nothing was sent to it")
            .help(
                "end it (an earlier port-forward?), or leave out `port`, and write {port} into the command",
            ));
        }
        let running = self.spawn()?;
        *self.lock() = Some(running);
        match self.wait().await {
            Ok(()) => Ok(()),
            Err(failure) => {
                let failure = self.last_words(failure).await;
                self.close().await;
                Err(failure)
            }
        }
    }

    fn spawn(&self) -> Result<Running> {
        let failed = |error: std::io::Error| Failure::usage(format!("the tunnel can't be started: {error}"));
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "tunnel", &self.command]).process_group(0);
        for (name, value) in &self.variables {
            if std::env::var_os(name).is_none() {
                shell.env(name, value);
            }
        }
        shell.stdin(Stdio::piped()).stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        let child = shell.spawn().map_err(failed)?;
        let said = Arc::<Mutex<VecDeque<String>>>::default();
        let keep = Arc::clone(&said);
        // A thread, as it must go on reading whatever the command is busy with.
        let ear = std::thread::spawn(move || listen(reader, &keep));
        Ok(Running { child, said, ear })
    }

    async fn wait(&self) -> Result<()> {
        let end = Instant::now() + self.patience;
        loop {
            if let Some(status) = self.ended() {
                return Err(Failure::new(
                    Code::Database,
                    format!("the tunnel ended before it took connections ({status})"),
                )
                .note(format!("its command: {}", self.command))
                .help("it has to stay in the foreground as long as it is needed"));
            }
            if self.answers().await {
                return Ok(());
            }
            if Instant::now() > end {
                let (place, seconds) = (self.place(), self.patience.as_secs());
                return Err(Failure::new(
                    Code::Database,
                    format!("the tunnel took no connections on {place} within {seconds} s"),
                )
                .note(format!("its command: {}", self.command))
                .help("`tunnel_timeout` sets the seconds; `host` and `port` say where it listens here"));
            }
            tokio::time::sleep(PACE).await;
        }
    }

    /// Ends it, and all that it started.
    pub(crate) async fn close(&self) {
        let Some(mut running) = self.lock().take() else { return };
        let group = i32::try_from(running.child.id()).ok().and_then(Pid::from_raw);
        let signal = |signal| group.is_some_and(|group| kill_process_group(group, signal).is_ok());
        signal(Signal::TERM);
        let end = Instant::now() + FAREWELL;
        while Instant::now() < end && matches!(running.child.try_wait(), Ok(None)) {
            tokio::time::sleep(PACE).await;
        }
        // The watchdog, and whatever doesn't listen.
        signal(Signal::KILL);
        drop(running.child.wait());
    }

    /// Ends it after a failure, and says so where it had ended by itself, which is then why.
    pub(crate) async fn blamed(&self, failure: Failure) -> Failure {
        if self.lock().is_none() {
            return failure;
        }
        let mut failure = failure;
        // It may be noticed first that the connection broke. One that takes no more connections is about to end.
        let begun = Instant::now();
        while failure.code == Code::Database
            && self.ended().is_none()
            && begun.elapsed() < FAREWELL
            && (begun.elapsed() < Duration::from_millis(500) || !self.answers().await)
        {
            tokio::time::sleep(PACE).await;
        }
        if let Some(status) = self.ended() {
            failure =
                failure.note(format!("the tunnel ended while it was used ({status}): {}", self.command));
            failure = self.last_words(failure).await;
        }
        self.close().await;
        failure
    }

    /// Adds what it said last.
    async fn last_words(&self, failure: Failure) -> Failure {
        // One that ended may not have been heard to its end yet.
        let end = Instant::now() + Duration::from_millis(500);
        while self.ended().is_some() && !self.is_heard() && Instant::now() < end {
            tokio::time::sleep(PACE).await;
        }
        let lock = self.lock();
        let Some(running) = &*lock else { return failure };
        let said = running.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.iter().fold(failure, |f, line| f.note(format!("it said: {}", output::printable(line))))
    }

    fn is_heard(&self) -> bool {
        self.lock().as_ref().is_none_or(|running| running.ear.is_finished())
    }

    /// Its end, if it ended.
    fn ended(&self) -> Option<ExitStatus> {
        self.lock().as_mut().and_then(|running| running.child.try_wait().ok().flatten())
    }

    async fn answers(&self) -> bool {
        let connecting = tokio::net::TcpStream::connect((self.host.as_str(), self.port));
        matches!(tokio::time::timeout(Duration::from_secs(1), connecting).await, Ok(Ok(_)))
    }

    /// Whether somebody holds the port who doesn't answer; can be told of addresses of our own alone.
    fn is_bound(&self) -> bool {
        let taken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
        TcpListener::bind((self.host.as_str(), self.port)).err().as_ref().is_some_and(taken)
    }

    fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the last lines.
fn listen(reader: PipeReader, said: &Mutex<VecDeque<String>>) {
    for line in BufReader::new(reader).split(b'\n').map_while(std::io::Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() == LINES {
            said.pop_front();
        }
        said.push_back(line);
    }
}
