//! Processes that run to their end, and what they said; watched, where their memory is asked for.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// A command, and the code that it must end with.
pub(super) struct Run {
    pub(super) command: Command,
    pub(super) code: i32,
}

/// A command that ended.
pub(super) struct Ran {
    /// All that it said.
    pub(super) words: String,
    /// The most memory that it had at once, in bytes; 0 where the system doesn't tell.
    pub(super) memory: u64,
}

impl Run {
    /// A command that must succeed.
    pub(super) fn of(command: Command) -> Self {
        Self { command, code: 0 }
    }

    /// Runs it, and returns what it said. Nothing else goes on meanwhile, so that it can be timed.
    pub(super) fn done(mut self) -> Result<String> {
        let child = self.start()?;
        self.end(child)
    }

    /// Runs it, and looks at its memory all the time.
    pub(super) fn watched(mut self) -> Result<Ran> {
        let child = self.start()?;
        let watch = watch(&child);
        let words = self.end(child)?;
        Ok(Ran { words, memory: watch.join().unwrap_or_default() })
    }

    fn start(&mut self) -> Result<Child> {
        let Self { command, .. } = self;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().with_context(|| format!("{command:?} can't be run"))
    }

    fn end(&self, child: Child) -> Result<String> {
        let said = child.wait_with_output()?;
        let (command, status) = (&self.command, said.status);
        let words =
            String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
        ensure!(status.code() == Some(self.code), "{command:?} ended with {status}:\n{words}");
        Ok(words)
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
