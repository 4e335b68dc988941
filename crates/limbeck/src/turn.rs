//! Runs that write revision files go one after the other: each begins with what the one before it left. Two at once
//! would both follow the same head, and make two of one.

use std::fs::{File, TryLockError};
use std::time::Duration;

use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::{migrations, output};

/// How long until the next look.
const PAUSE: Duration = Duration::from_millis(50);

/// How often is looked: a candidate of a large database may take minutes.
const LOOKS: u32 = 6_000;

/// The right to write revision files; until it is given up, or its process ends, however that comes.
#[derive(Debug)]
pub(crate) struct Turn(Option<File>);

impl Turn {
    /// Waits for it. The lock is on the folder of revisions itself, so that nothing is left to be cleaned up; a system
    /// that has no such locks goes without.
    ///
    /// # Errors
    /// If there is no project, or another run does not come to its end.
    pub(crate) async fn take(ctx: &Ctx) -> Result<Self> {
        let Some(directory) = migrations::directories(ctx)?.into_iter().next() else { return Ok(Turn(None)) };
        let Ok(folder) = File::open(&directory) else { return Ok(Turn(None)) };
        for look in 0..LOOKS {
            match folder.try_lock() {
                Ok(()) => return Ok(Turn(Some(folder))),
                Err(TryLockError::Error(error)) => {
                    tracing::debug!("{directory} can't be locked: {error}");
                    return Ok(Turn(None));
                }
                Err(TryLockError::WouldBlock) if look > 0 => {}
                Err(TryLockError::WouldBlock) => {
                    output::say("another run writes revisions here: this one waits for it");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        let longest = (PAUSE * LOOKS).as_secs();
        Err(Failure::new(
            Code::Safety,
            format!("another run has {directory} locked, for {longest} seconds now"),
        )
        .note("nothing was written")
        .help("end it, or try again when it is done"))
    }

    /// Lets the next one have it.
    pub(crate) fn give_up(&mut self) {
        self.0 = None;
    }
}
