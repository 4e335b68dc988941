//! Runs that add a revision go one after the other: each begins with the heads that the one before it left. Two at
//! once would both follow the same head, and make two of one.

use std::fs::{File, TryLockError};
use std::time::Duration;

use crate::context::Ctx;
use crate::exit::Result;
use crate::output;

/// How long until the next look.
const PAUSE: Duration = Duration::from_millis(50);

/// The right to add a revision; until it is given up, or its process ends, however that comes.
#[derive(Debug)]
pub(crate) struct Turn(Option<File>);

impl Turn {
    /// Waits for it. The lock is on the project's folder itself, so that nothing is left to be cleaned up; a system
    /// that has no such locks goes without.
    ///
    /// # Errors
    /// If there is no project.
    pub(crate) async fn take(ctx: &Ctx) -> Result<Self> {
        let root = ctx.config()?.root.as_path();
        let Ok(folder) = File::open(if root.as_str().is_empty() { ".".into() } else { root }) else {
            return Ok(Turn(None));
        };
        let mut told = false;
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(Turn(Some(folder))),
                Err(TryLockError::Error(error)) => {
                    tracing::debug!("the project's folder can't be locked: {error}");
                    return Ok(Turn(None));
                }
                Err(TryLockError::WouldBlock) if told => {}
                Err(TryLockError::WouldBlock) => {
                    output::say("another run is making a revision here: this one waits for it");
                    told = true;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets the next one have it.
    pub(crate) fn give_up(&mut self) {
        self.0 = None;
    }
}
