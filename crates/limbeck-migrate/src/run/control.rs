//! A handle on a run, for whoever has to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// A handle on a run that goes on.
#[derive(Clone, Debug, Default)]
pub struct Control(Arc<Progress>);

#[derive(Debug, Default)]
struct Progress {
    stop: AtomicBool,
    process: AtomicI32,
}

impl Control {
    /// Stops the run while it waits, or before the next part of a revision. A statement that is running has
    /// to be cancelled on the server, from another connection.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }

    /// The process of the server that works for the run, from when it has the lock until it gives it back.
    pub fn process(&self) -> Option<i32> {
        Some(self.0.process.load(Ordering::Relaxed)).filter(|process| *process != 0)
    }

    pub(super) fn set_process(&self, process: i32) {
        self.0.process.store(process, Ordering::Relaxed);
    }

    /// An error, once the run was asked to stop.
    pub(super) fn check(&self) -> Result<()> {
        if self.0.stop.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
    }

    /// Rests, unless the run is asked to stop.
    pub(super) async fn rest(&self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(left.min(Duration::from_millis(100))).await;
        }
    }
}
