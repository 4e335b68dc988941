//! The server process of a cluster: is there one, start it, stop it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::provider::error::Error;

/// A server process, ours or one that another run started.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    data: PathBuf,
    /// Where this process is its parent, which must take note of its end.
    child: Option<Child>,
}

impl Postmaster {
    /// The one that `postmaster.pid` names, where that process lives and is a server on this folder: a pid
    /// file that a kill left behind may name a process that has nothing to do with it.
    pub(super) fn running(data: &Path) -> Option<Self> {
        let file = fs_err::read_to_string(pid_file(data)).ok()?;
        let pid = Pid::from_raw(file.lines().next()?.trim().parse().ok()?)?;
        command_line(pid)?.contains(data.to_str()?).then(|| Self { pid, data: data.to_owned(), child: None })
    }

    pub(super) fn started(child: Child, data: &Path) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(child.id()).ok()?)?;
        Some(Self { pid, data: data.to_owned(), child: Some(child) })
    }

    pub(super) fn alive(&mut self) -> bool {
        if let Some(child) = &mut self.child {
            return matches!(child.try_wait(), Ok(None));
        }
        let data = self.data.to_str().unwrap_or_default();
        command_line(self.pid).is_some_and(|line| line.contains(data))
    }

    /// Tells it to end: sessions are thrown out, and the cluster's files are left in order.
    pub(super) fn tell_to_stop(&self) {
        let _ = kill_process(self.pid, Signal::INT);
    }

    /// Ends it, in the end by force.
    pub(super) async fn stop(mut self) -> Result<(), Error> {
        for (signal, patience) in [(Signal::INT, 1_000), (Signal::QUIT, 500), (Signal::KILL, 500)] {
            let _ = kill_process(self.pid, signal);
            // Twenty seconds, ten and ten, in steps that don't hold up the usual case of 10 ms.
            for step in 0..patience {
                if !self.alive() {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(if step < 20 { 2 } else { 20 })).await;
            }
        }
        Err(Error::Cluster { folder: self.data, what: "did not stop".to_owned() })
    }
}

pub(super) fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// The command line of a living process; none for one that ended, waited for or not.
fn command_line(pid: Pid) -> Option<String> {
    let number = pid.as_raw_nonzero();
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = fs_err::read(format!("/proc/{number}/cmdline")).ok()?;
        return (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned());
    }
    let said = Command::new("ps").args(["-p", &number.to_string(), "-o", "command="]).output().ok()?;
    said.status.success().then(|| String::from_utf8_lossy(&said.stdout).into_owned())
}
