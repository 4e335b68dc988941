//! Who is served: one session at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A place for one.
#[derive(Debug, Default)]
pub(super) struct Slot {
    taken: Mutex<bool>,
    freed: Condvar,
}

/// The place, until this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a Slot);

impl Slot {
    /// Waits for the place, but not for ever: whoever holds it may be waiting for us.
    pub(super) fn take(&self, patience: Duration) -> Option<Turn<'_>> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_timeout_while(taken, patience, |taken| *taken);
        let (mut taken, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        *taken = true;
        Some(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_waits_for_the_first() {
        let slot = Slot::default();
        let first = slot.take(Duration::ZERO).expect("free");
        assert!(slot.take(Duration::ZERO).is_none());
        drop(first);
        assert!(slot.take(Duration::ZERO).is_some());
    }
}
