//! A run as the command line has it: what happens is shown, and a signal cancels on the server what runs.

use std::time::Duration;

use limbeck_migrate::run::span;
use limbeck_migrate::{
    Control, Direction, Error, Event, Finding, Graph, Holder, Planned, Runner, Settings, Side, Work,
};
use sqlx::PgConnection;

use crate::commands::listing::after;
use crate::commands::migrating::Request;
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::output::{self, DIM, GOOD, ID, styled};
use crate::{connect, migrations, notices};

/// Runs what was asked for.
pub(crate) async fn perform(
    ctx: &Ctx,
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    request: &Request,
) -> Result<Vec<Planned>> {
    let mut events = events(ctx);
    notices::show(ctx.chatty());
    let mut runner = Runner::new(conn, graph, settings, &mut events).beside(side(ctx)?);
    let control = runner.control();
    let mut run = std::pin::pin!(async {
        match request.direction {
            _ if !request.stranded.is_empty() => runner.downgrade_stranded(&request.stranded).await,
            Direction::Upgrade => runner.upgrade(&request.target).await,
            Direction::Downgrade => runner.downgrade(&request.target).await,
        }
    });
    let result = tokio::select! {
        result = &mut run => result.map_err(Failure::from),
        signal = signal() => {
            output::say(format!("{}: cancelling what runs; once more, and it is left to the server", signal.word()));
            control.stop();
            let result = tokio::select! {
                result = &mut run => result,
                // The server goes on with a statement whose client is gone: it has to be told.
                () = cancel(ctx, &control) => Err(Error::Stopped),
                _ = self::signal() => Err(Error::Stopped),
            };
            result.map_err(|error| interrupted(signal, error, &control))
        }
    };
    notices::show(false);
    result
}

/// A way to a second connection.
fn side(ctx: &Ctx) -> Result<Side> {
    let server = connect::server(ctx)?.at_most(Duration::from_secs(10));
    Ok(Side::new(move || {
        let server = server.clone();
        async move { server.open().await.ok() }
    }))
}

/// What ends a run from outside.
#[derive(Clone, Copy)]
enum Signal {
    Interrupt,
    Terminate,
    Hangup,
}

impl Signal {
    fn word(self) -> &'static str {
        match self {
            Signal::Interrupt => "interrupted",
            Signal::Terminate => "told to end (SIGTERM)",
            Signal::Hangup => "the terminal is gone (SIGHUP)",
        }
    }
}

#[cfg(unix)]
async fn signal() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return Signal::Interrupt;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Signal::Interrupt,
        _ = terminate.recv() => Signal::Terminate,
        () = hangup() => Signal::Hangup,
    }
}

/// Ends when the terminal goes away, unless that is to be ignored (`nohup`): who listens to a signal no longer
/// ignores it. Only Linux tells without unsafe code; elsewhere the signal does what it does to anybody.
#[cfg(unix)]
async fn hangup() {
    use tokio::signal::unix::{SignalKind, signal};
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let heeded =
        ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|m| m & 1 == 0);
    let listener = heeded.then(|| signal(SignalKind::hangup()).ok()).flatten();
    match listener {
        Some(mut hangup) => drop(hangup.recv().await),
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn signal() -> Signal {
    drop(tokio::signal::ctrl_c().await);
    Signal::Interrupt
}

/// Cancels what the server does for the run, again and again: a cancel that comes between two statements is
/// lost. Returns only where the server can't be told.
async fn cancel(ctx: &Ctx, control: &Control) {
    let Ok(mut second) = connect::open(ctx).await else { return };
    loop {
        if let Some(process) = control.process() {
            let sql = format!("select pg_catalog.pg_cancel_backend({process})");
            if sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut second).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn interrupted(signal: Signal, error: Error, control: &Control) -> Failure {
    let code = match signal {
        Signal::Interrupt => Code::Interrupted,
        Signal::Terminate => Code::Terminated,
        Signal::Hangup => Code::HungUp,
    };
    let failure = match (error, control.process()) {
        (Error::Stopped, Some(process)) => Failure::new(code, "stopped, and the server was not told")
            .note(format!("process {process} of the server may still be at work for this run"))
            .help(format!(
                "`select pg_cancel_backend({process})` ends it; `limbeck current` says what is applied"
            )),
        (error, _) => Failure::from(error),
    };
    Failure { code, ..failure }
}

/// Shows what happens.
pub(crate) fn events(ctx: &Ctx) -> impl FnMut(Event<'_>) + Send + use<> {
    let (human, chatty) = (ctx.globals.format == "human", ctx.chatty());
    move |event| match event {
        Event::Waiting { holder, waited } if chatty => {
            let holder = holder.map(|h| format!(" ({})", named(&h))).unwrap_or_default();
            output::say(format!(
                "waiting for another run on this database to end, for {}{holder}",
                span(waited)
            ));
        }
        Event::Waiting { .. } | Event::Started(Work { done: 0, .. }) => {}
        Event::Blocked { work, holders, waited } => {
            let (id, waited) = (work.revision.id(), span(waited));
            holders.iter().for_each(|holder| {
                output::say(format!("{id} waits for a lock, for {waited}: of {}", named(holder)));
            });
        }
        Event::Edited { revision, directions } => {
            let words: Vec<&str> = directions.iter().map(|d| d.word()).collect();
            output::warn(format!(
                "{} was edited after it was applied (its {}); the database has what it said then. \
                 `limbeck check` says how to go on",
                revision.path,
                words.join(" and ")
            ));
        }
        Event::Adopted { table, heads } => {
            let place = if heads.is_empty() { "base".to_owned() } else { heads.join(", ") };
            output::say(format!(
                "Alembic brought this database to {place}: that is recorded as applied; {table} stays as it is"
            ));
        }
        Event::Squashed(inside) => output::say(migrations::squashed(inside)),
        Event::Started(work) => output::say(format!(
            "resuming {} after part {}, where an earlier run stopped",
            work.revision.id(),
            work.done
        )),
        Event::Doubted { work, part, finding } => {
            output::say(format!("part {part} of {}: {}", work.revision.id(), found(&finding)));
        }
        Event::LockTimeout { work, attempt, of, rest, holders } => {
            let holders: String = holders.iter().map(|h| format!("; it is held by {}", named(h))).collect();
            output::warn(format!(
                "{} did not get a lock and was undone; again in {} (attempt {attempt} of {of}){holders}",
                work.revision.id(),
                span(rest)
            ));
        }
        Event::Finished { work, took } => {
            if human {
                finished(work, took);
            }
            if undid_nothing(work) {
                output::warn(format!(
                    "{} has no `-- limbeck:downgrade`: it counts as undone, and what its upgrade did is still there",
                    work.revision.path
                ));
            }
        }
    }
}

fn named(holder: &Holder) -> String {
    output::printable(&holder.to_string())
}

/// What became of a part that an earlier run was cut off in.
fn found(finding: &Finding) -> String {
    let begun = "an earlier run was cut off in it";
    match finding {
        Finding::Happened(shown) => format!("{begun}; it happened ({})", output::printable(shown)),
        Finding::Missing(shown) => {
            format!("{begun}; it did not happen ({}), and runs again", output::printable(shown))
        }
        Finding::Repeatable => format!("{begun}; it runs again, which changes nothing where it happened"),
        Finding::Invalid(index) => {
            format!("an earlier attempt left {} invalid: dropped, and made again", output::printable(index))
        }
        Finding::Repeated => format!("{begun}; it runs again, as asked for"),
        Finding::Skipped => format!("{begun}; it is taken as done, as asked for"),
    }
}

fn finished(work: Work<'_>, took: std::time::Duration) {
    let header = &work.revision.header;
    let from = header.parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let from = if from.is_empty() { "base".to_owned() } else { from };
    let (word, path) = match work.direction {
        Direction::Upgrade => ("upgraded  ", format!("{from} -> {}", styled(ID, &header.id))),
        Direction::Downgrade => ("downgraded", format!("{} -> {from}", styled(ID, &header.id))),
    };
    let message = after("  ", &header.message);
    let took = styled(DIM, format!("({} ms)", took.as_millis()));
    output::data(format!("{} {path}{message} {took}", styled(GOOD, word)));
}

/// Whether a downgrade was forgotten. One that is there and empty is meant so.
fn undid_nothing(work: Work<'_>) -> bool {
    let is_sql = |sql: &str| !limbeck_migrate::file::statements(sql).is_empty();
    work.direction == Direction::Downgrade
        && work.revision.downgrade.is_empty()
        && work.revision.upgrade.iter().any(|part| is_sql(&part.text.sql))
}
