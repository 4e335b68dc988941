//! A committed database, read over one session, or over two that share the queries.
//!
//! A server works for one session on one processor, and on what a large database is read with that takes most of the
//! time; two sessions halve it. They need no snapshot in common, which a standby can't export and a pooler can't hand
//! on: that both saw the same is checked afterwards ([`Answer::agrees`]), as it is checked for one session that nothing
//! changed while it read.
//!
//! Nobody depends on the second session. The first sends its own transaction at once and ends it, so a pooler that
//! has one server for both can give it to the second then; and if the second fails, saw another moment or another
//! server, or stops answering, the first asks the rest itself.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use limbeck_catalog::row::Row;
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, timeout};

use crate::answer::{self, Answer, ResultSet};
use crate::message::{Answers, Frame, Message, Part};
use crate::{Error, Recording, Snapshot, complete, fingerprint, message_to, send};

/// A second session on its way; none, where it can't be had.
pub type Opening<'a> = BoxFuture<'a, Option<PgConnection>>;

/// What is kept of the server's words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    Words,
}

/// How long nothing may come from a second session at least, once the first is done.
const GRACE: Duration = Duration::from_secs(1);

/// Reads a database; once more, over the first session alone, if the schema changed meanwhile.
pub(crate) async fn committed(
    first: &mut PgConnection,
    second: Option<Opening<'_>>,
    keep: Keep,
) -> Result<(Snapshot, Recording), Error> {
    match once(first, second, keep).await {
        Err(Error::Changing) => once(first, None, keep).await,
        done => done,
    }
}

async fn once(
    first: &mut PgConnection,
    second: Option<Opening<'_>>,
    keep: Keep,
) -> Result<(Snapshot, Recording), Error> {
    let part = if second.is_some() { Part::First } else { Part::Whole };
    let mut share = Share::new(first, part, keep);
    let asked = match second {
        Some(second) => shared(first, second, &mut share).await,
        None => share.ask(first).await,
    };
    let begun = share.answer.fingerprint.clone();
    let done = match asked {
        Ok(()) => whole(first, share).await,
        Err(error) => Err(error),
    };
    judged(first, begun, done).await
}

/// Asks the queries over two sessions.
async fn shared(first: &mut PgConnection, second: Opening<'_>, share: &mut Share) -> Result<(), Error> {
    let rest = Share::new(first, Part::Beside, share.keep());
    let rest = match together(share.ask(first), second, rest).await? {
        Some(rest) if share.answer.agrees(&rest.answer) => rest,
        Some(_) | None => {
            let mut rest = Share::new(first, Part::After, share.keep());
            let asked = rest.ask(first).await;
            // Whatever trouble there was with what another moment held: it is not wanted.
            if rest.answer.fingerprint.is_some() && !share.answer.agrees(&rest.answer) {
                return Err(Error::Changing);
            }
            asked?;
            rest
        }
    };
    share.join(rest, first);
    Ok(())
}

/// Waits for the first session, and for what a second answers meanwhile: nothing, if it is of no use.
async fn together(
    first: impl Future<Output = Result<(), Error>>,
    second: Opening<'_>,
    mut share: Share,
) -> Result<Option<Share>, Error> {
    let (start, came) = (Instant::now(), Arc::clone(&share.came));
    let theirs = async {
        let mut second = second.await?;
        share.ask(&mut second).await.ok()?;
        timeout(GRACE, second.close()).await.ok();
        Some(share)
    };
    let mut theirs = pin!(theirs);
    match select(pin!(first), theirs.as_mut()).await {
        Either::Right((theirs, ours)) => return ours.await.map(|()| theirs),
        Either::Left((ours, _)) => ours?,
    }
    let patience = start.elapsed().max(GRACE);
    loop {
        let before = came.load(Ordering::Relaxed);
        match timeout(patience, theirs.as_mut()).await {
            Ok(theirs) => return Ok(theirs),
            Err(_) if came.load(Ordering::Relaxed) == before => return Ok(None),
            Err(_) => {}
        }
    }
}

/// What one message asks, and what has come of it so far.
struct Share {
    message: Message,
    answer: Answer,
    kept: Option<Vec<ResultSet>>,
    /// How much has.
    came: Arc<AtomicUsize>,
}

impl Share {
    fn new(connection: &PgConnection, part: Part, keep: Keep) -> Self {
        let kept = (keep == Keep::Words).then(Vec::new);
        let message = message_to(connection, &Frame::part(part));
        Self { message, answer: Answer::default(), kept, came: Arc::default() }
    }

    fn keep(&self) -> Keep {
        if self.kept.is_some() { Keep::Words } else { Keep::Nothing }
    }

    /// Reads each row when it is there, while the server works on the next.
    async fn ask(&mut self, connection: &mut PgConnection) -> Result<(), Error> {
        let Self { message, answer, kept, came } = self;
        let (mut answers, mut open) = (message.answers.iter(), ResultSet::default());
        // The first statement is the frame's `begin`.
        let mut answered = None;
        let take = |part: answer::Part<'_>| {
            came.fetch_add(1, Ordering::Relaxed);
            match part {
                answer::Part::Row(columns, values) => {
                    answer.take(answered.unwrap_or(Answers::Nothing), Row { columns, values: &values })?;
                    if kept.is_some() {
                        open.take(columns, values);
                    }
                }
                answer::Part::End => {
                    let set = std::mem::take(&mut open);
                    if let (Some(kept), Some(_)) = (&mut *kept, answered) {
                        kept.push(set);
                    }
                    answered = answers.next().copied();
                }
            }
            Ok(())
        };
        send(connection, message, take).await
    }

    /// Adds the rest, as if one message had asked everything.
    fn join(&mut self, rest: Share, connection: &PgConnection) {
        self.answer.join(rest.answer);
        if let (Some(own), Some(others)) = (self.kept.take(), rest.kept) {
            let whole = message_to(connection, &Frame::snapshot());
            let mut own = self.message.answers.iter().zip(own).peekable();
            let mut others = rest.message.answers.iter().zip(others).peekable();
            let set = |answers: &Answers| {
                let other = others.next_if(|(other, _)| *other == answers);
                own.next_if(|(own, _)| *own == answers).or(other).map(|(_, set)| set).unwrap_or_default()
            };
            self.kept = Some(whole.answers.iter().map(set).collect());
        }
    }
}

async fn whole(connection: &mut PgConnection, share: Share) -> Result<(Snapshot, Recording), Error> {
    unchanged(connection, &share.answer).await?;
    complete(connection, share.answer, share.message.digest, share.kept.unwrap_or_default()).await
}

/// Whether the schema stayed as it was while it was read. What was committed meanwhile need not have touched it.
async fn unchanged(connection: &mut PgConnection, answer: &Answer) -> Result<(), Error> {
    if answer.stood_still() || Some(fingerprint(connection).await?) == answer.fingerprint {
        return Ok(());
    }
    Err(Error::Changing)
}

/// What came of reading, once it is known whether the schema is still as it was when that began: if it isn't, any
/// trouble with it is the change's.
async fn judged<T>(
    connection: &mut PgConnection,
    begun: Option<String>,
    done: Result<T, Error>,
) -> Result<T, Error> {
    if done.as_ref().is_err_and(Error::may_be_a_change)
        && let Some(begun) = begun
        && fingerprint(connection).await? != begun
    {
        return Err(Error::Changing);
    }
    done
}
