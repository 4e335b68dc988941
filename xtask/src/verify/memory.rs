//! Scratch clusters in memory, where the machine has room for them: creating and dropping thousands of
//! databases is creating and deleting millions of files, and takes a disk three times as long.

use std::path::{Path, PathBuf};
use std::process::Command;

use limbeck_scratch::provider::Places;

const SHARED_MEMORY: &str = "/dev/shm";
/// Five clusters, and what stands in them at one time; containers often have 64 MB in all.
const ROOM_IN_KB: u64 = 3_000_000;

/// A cache folder for this run, removed at its end.
pub(super) struct Memory(Option<PathBuf>);

impl Memory {
    /// Makes it; without room the usual cache serves.
    pub(super) fn new() -> Self {
        remove_leftovers();
        Self((free() > ROOM_IN_KB).then(|| make().ok()).flatten())
    }

    /// The folder, if there is one.
    pub(super) fn cache(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = fs_err::remove_dir_all(folder);
        }
    }
}

fn make() -> anyhow::Result<PathBuf> {
    let fetched = Places::from_env().fetched()?;
    let folder = Path::new(SHARED_MEMORY).join(format!("limbeck-test-{}", std::process::id()));
    fs_err::create_dir(&folder)?;
    #[cfg(unix)]
    fs_err::os::unix::fs::symlink(fetched, folder.join("postgres"))?;
    Ok(folder)
}

/// In kilobytes; none where there is no shared memory to write in.
fn free() -> u64 {
    let said = Command::new("df").args(["-Pk", SHARED_MEMORY]).output();
    let text = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
    let words = text.lines().nth(1).map(|line| line.split_whitespace().nth(3));
    words.flatten().and_then(|free| free.parse().ok()).unwrap_or_default()
}

/// What runs left that were killed.
fn remove_leftovers() {
    let Ok(entries) = fs_err::read_dir(SHARED_MEMORY) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let pid = name.strip_prefix("limbeck-test-").and_then(|pid| pid.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs_err::remove_dir_all(path);
        }
    }
}
