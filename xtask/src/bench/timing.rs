//! Times of several rounds.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How long something took, each time.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Runs it with a clock.
    pub(super) fn take<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<()> {
        let start = Instant::now();
        let done = work();
        self.0.push(start.elapsed());
        done?;
        self.0.sort();
        Ok(())
    }

    pub(super) fn min(&self) -> f64 {
        self.0.first().map_or(0.0, Duration::as_secs_f64)
    }

    pub(super) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).map_or(0.0, Duration::as_secs_f64)
    }

    pub(super) fn max(&self) -> f64 {
        self.0.last().map_or(0.0, Duration::as_secs_f64)
    }
}
