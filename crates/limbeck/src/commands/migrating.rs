//! What `upgrade` and `downgrade` share: a run with its events, its script, its preview.

use std::sync::atomic::Ordering;

use limbeck_migrate::{Direction, Event, Graph, Planned, Runner, Settings, Work};
use serde_json::json;
use sqlx::{Connection, PgConnection, Row};

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::output::{self, DIM, GOOD, ID, styled};
use crate::{connect, migrations, notices};

/// How a run is asked for.
pub(crate) struct Request {
    /// Which way.
    pub(crate) direction: Direction,
    /// Where to.
    pub(crate) target: String,
    /// What to undo that no file has, in place of a target.
    pub(crate) stranded: Vec<String>,
    /// Print the script instead.
    pub(crate) sql: bool,
    /// Print what would run instead.
    pub(crate) dry_run: bool,
    /// A word for the session.
    pub(crate) tag: Option<String>,
}

/// Does what was asked for.
pub(crate) async fn run(ctx: &Ctx, request: Request) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let settings = migrations::tagged_settings(ctx, request.tag.clone())?;
    if request.sql {
        return script(&graph, &settings, &request);
    }
    if request.target.contains(':') {
        return Err(Failure::usage("FROM:TO is for `--sql`").help("name the target alone"));
    }
    let mut conn = connect::open(ctx).await?;
    let planned = if request.dry_run {
        preview(ctx, &mut conn, &graph, &settings, &request).await?
    } else {
        perform(ctx, &mut conn, &graph, &settings, &request).await?
    };
    drop(conn.close().await);
    if format == Format::Json {
        let list: Vec<_> = planned
            .iter()
            .map(|p| json!({ "revision": p.revision.as_str(), "direction": p.direction.word() }))
            .collect();
        output::json(json!({ "dry_run": request.dry_run, "revisions": list }));
    } else if planned.is_empty() && ctx.chatty() {
        output::say(format!("nothing to {}: the database is there already", request.direction.word()));
    }
    Ok(Answer::Yes)
}

fn script(graph: &Graph, settings: &Settings, request: &Request) -> Result<Answer> {
    let (from, to) = match (request.target.split_once(':'), request.direction) {
        (Some((from, to)), _) => (from, to),
        (None, Direction::Upgrade) => ("base", request.target.as_str()),
        (None, Direction::Downgrade) => {
            return Err(Failure::usage("a script has no database to look at")
                .help("write FROM:TO, `downgrade head:base --sql` for instance"));
        }
    };
    // As in `history`: a side that isn't named is the end of the chain.
    let (low, high) = ("base", "head");
    let (first, last) = if request.direction == Direction::Upgrade { (low, high) } else { (high, low) };
    let (from, to) = (if from.is_empty() { first } else { from }, if to.is_empty() { last } else { to });
    if [from, to].iter().any(|word| word.contains("current")) {
        return Err(Failure::usage("`current` needs a database, and a script is made without one")
            .help("name the revision"));
    }
    let text = limbeck_migrate::script::script(graph, settings, request.direction, from, to)?;
    output::data(text.trim_end());
    Ok(Answer::Yes)
}

async fn preview(
    ctx: &Ctx,
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    request: &Request,
) -> Result<Vec<Planned>> {
    let mut silent = |_: Event<'_>| {};
    let planned =
        Runner::new(conn, graph, settings, &mut silent).pending(request.direction, &request.target).await?;
    if ctx.format()? == Format::Human {
        for plan in &planned {
            let Some(revision) = graph.get(&plan.revision) else { continue };
            output::data(styled(
                DIM,
                format!(
                    "-- would {} {} {}",
                    plan.direction.word(),
                    plan.revision,
                    output::printable(&revision.header.message)
                ),
            ));
            for part in revision.parts(plan.direction).iter().skip(plan.done) {
                output::data(output::printable(part.text.sql.trim_matches('\n')));
            }
        }
    }
    Ok(planned)
}

async fn perform(
    ctx: &Ctx,
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    request: &Request,
) -> Result<Vec<Planned>> {
    let process = process(conn).await?;
    let mut events = events(ctx);
    notices::show(ctx.chatty());
    let mut runner = Runner::new(conn, graph, settings, &mut events);
    let stop = runner.stopper();
    let mut run = std::pin::pin!(async {
        match request.direction {
            _ if !request.stranded.is_empty() => runner.downgrade_stranded(&request.stranded).await,
            Direction::Upgrade => runner.upgrade(&request.target).await,
            Direction::Downgrade => runner.downgrade(&request.target).await,
        }
    });
    let result = tokio::select! {
        result = &mut run => result,
        _ = tokio::signal::ctrl_c() => {
            output::say("interrupted: cancelling what runs; once more, and it is left to the server");
            stop.store(true, Ordering::Relaxed);
            // The server goes on with a statement whose client is gone: it has to be told.
            cancel(ctx, process).await?;
            tokio::select! {
                result = run => result,
                _ = tokio::signal::ctrl_c() => Err(limbeck_migrate::Error::Stopped),
            }
        }
    };
    notices::show(false);
    Ok(result?)
}

async fn process(conn: &mut PgConnection) -> Result<i32> {
    let row = sqlx::raw_sql("select pg_catalog.pg_backend_pid()").fetch_one(conn).await;
    Ok(row.and_then(|row| row.try_get(0)).map_err(limbeck_migrate::Error::from)?)
}

async fn cancel(ctx: &Ctx, process: i32) -> Result<()> {
    let mut second = connect::open(ctx).await?;
    let sql = format!("select pg_catalog.pg_cancel_backend({process})");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&mut second)
        .await
        .map_err(limbeck_migrate::Error::from)?;
    Ok(())
}

/// Shows what happens.
pub(super) fn events(ctx: &Ctx) -> impl FnMut(Event<'_>) + Send + use<> {
    let (human, chatty) = (ctx.globals.format == "human", ctx.chatty());
    move |event| match event {
        Event::Waiting { holder } if chatty => {
            let holder = holder.map(|h| format!(" ({})", output::printable(&h))).unwrap_or_default();
            output::say(format!("waiting: another run has the lock{holder}"));
        }
        Event::Waiting { .. } => {}
        Event::Edited { revision, directions } => {
            let words: Vec<&str> = directions.iter().map(|d| d.word()).collect();
            output::warn(format!(
                "{} was edited after it was applied (its {}); the database has what it said then. \
                 `limbeck stamp` takes the edited text as applied",
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
        Event::Started(work) if work.done > 0 => {
            output::say(format!(
                "resuming {} after part {}, where an earlier run stopped",
                work.revision.id(),
                work.done
            ));
        }
        Event::Started(_) => {}
        Event::LockTimeout { work, attempt, of, rest } => output::warn(format!(
            "{} gave up waiting for a lock and was undone; again in {} s (attempt {attempt} of {of})",
            work.revision.id(),
            rest.as_secs_f32()
        )),
        Event::Finished { work, took } if human => finished(work, took),
        Event::Finished { .. } => {}
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
    let message = output::printable(&header.message);
    let took = styled(DIM, format!("({} ms)", took.as_millis()));
    output::data(format!("{} {path}  {message} {took}", styled(GOOD, word)));
}
