//! A message on its way: watched while it runs, and sent again where it only gave up waiting for a lock.

use std::time::{Duration, Instant};

use super::holder::Holder;
use super::message::Message;
use super::session::UNDO;
use super::{Event, Runner, Work, wire};
use crate::error::{Error, Result};

/// How a message ended, and who stood in its way when somebody last looked.
pub(super) struct Sent {
    pub(super) result: Result<(), (usize, sqlx::Error)>,
    pub(super) holders: Vec<Holder>,
}

impl Runner<'_> {
    /// Sends a transaction, again where it gave up waiting for a lock and nothing of it stayed.
    pub(super) async fn send(
        &mut self,
        work: Work<'_>,
        message: &Message,
        done: usize,
        whole: bool,
    ) -> Result<()> {
        let of = if whole { self.settings.lock_retries } else { 0 };
        let mut attempt = 0;
        loop {
            let sent = self.watched(work, message.text()).await;
            let Err((complete, error)) = sent.result else { return Ok(()) };
            let failure = self.judge(work, message, complete, error, done, sent.holders);
            if !is_lock_failure(&failure) || attempt >= of {
                return Err(failure);
            }
            wire::run(self.conn, UNDO.into()).await?;
            attempt += 1;
            self.rest_before(work, attempt, of, &failure).await?;
        }
    }

    /// Rests before another attempt, longer each time.
    pub(super) async fn rest_before(
        &mut self,
        work: Work<'_>,
        attempt: u32,
        of: u32,
        failure: &Error,
    ) -> Result<()> {
        let holders: &[Holder] = match failure {
            Error::Sql(failure) => &failure.holders,
            _ => &[],
        };
        let rest = backoff(attempt);
        (self.events)(Event::LockTimeout { work, attempt, of, rest, holders });
        self.control.rest(rest).await
    }

    /// Sends a message; while it runs, looks over the second connection what it waits for.
    pub(super) async fn watched(&mut self, work: Work<'_>, text: String) -> Sent {
        let (process, every) = (self.control.process(), self.settings.report_every);
        let Runner { conn, side, events, .. } = self;
        let run = wire::run_counting(conn, text);
        let (Some(side), Some(process)) = (side, process) else {
            return Sent { result: run.await, holders: Vec::new() };
        };
        let mut run = std::pin::pin!(run);
        let mut holders = Vec::new();
        let (start, mut said) = (Instant::now(), None::<Instant>);
        // A connection that is open answers before the shortest `lock_timeout` that makes sense is over.
        let mut pause = Duration::from_millis(if side.is_open() { 50 } else { 200 });
        loop {
            let look = async {
                tokio::time::sleep(pause).await;
                side.blockers(process).await
            };
            tokio::select! {
                biased;
                result = &mut run => return Sent { result, holders },
                found = look => {
                    let due = if said.is_none() { every.min(Duration::from_secs(1)) } else { every };
                    if !found.is_empty() && said.unwrap_or(start).elapsed() >= due {
                        events(Event::Blocked { work, holders: &found, waited: start.elapsed() });
                        said = Some(Instant::now());
                    }
                    if !found.is_empty() {
                        holders = found;
                    }
                }
            }
            pause = (pause * 2).min(Duration::from_secs(2)).min(every);
        }
    }
}

/// Half a second, then twice as long each time, half a minute at most.
fn backoff(attempt: u32) -> Duration {
    Duration::from_millis(500)
        .saturating_mul(1 << attempt.saturating_sub(1).min(6))
        .min(Duration::from_secs(30))
}

/// A failure that is only somebody else's lock: a timeout, or a deadlock that this session lost.
pub(super) fn is_lock_failure(failure: &Error) -> bool {
    matches!(failure, Error::Sql(sql) if ["55P03", "40P01"].contains(&sql.server.code.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_up_to_half_a_minute() {
        let seconds: Vec<f32> =
            [1, 2, 3, 4, 7, 8, 40].into_iter().map(|n| backoff(n).as_secs_f32()).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 30.0, 30.0, 30.0]);
    }
}
