//! Processes that are watched while they run: what they said, and how much memory they had.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// A command that ended.
pub(super) struct Ran {
    /// All that it said.
    pub(super) words: String,
    /// The most memory that it had at once, in bytes; 0 where the system doesn't tell.
    pub(super) memory: u64,
}

impl Ran {
    /// Runs a command that must succeed.
    pub(super) fn of(command: &mut Command) -> Result<Self> {
        let (status, ran) = Self::ended(command)?;
        ensure!(status.success(), "{command:?} ended with {status}:\n{}", ran.words);
        Ok(ran)
    }

    /// Runs a command, however it ends.
    pub(super) fn ended(command: &mut Command) -> Result<(ExitStatus, Self)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().with_context(|| format!("{command:?} can't be run"))?;
        let watch = watch(&child);
        let said = child.wait_with_output()?;
        let memory = watch.join().unwrap_or_default();
        let words =
            String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
        Ok((said.status, Self { words, memory }))
    }
}

/// Looks at the mark that Linux keeps of a process's memory, as long as there is one.
fn watch(child: &Child) -> thread::JoinHandle<u64> {
    let path = format!("/proc/{}/status", child.id());
    thread::spawn(move || {
        let mut most = 0;
        while let Some(now) = fs_err::read_to_string(&path).ok().and_then(|status| high_water(&status)) {
            most = most.max(now);
            thread::sleep(Duration::from_millis(2));
        }
        most
    })
}

/// `VmHWM:  151168 kB`; a process that has ended has none.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
