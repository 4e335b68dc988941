//! What `upgrade` and `downgrade` share: a run with its events, its script, its preview.

use limbeck_migrate::{Direction, Graph, HalfDone, Settings};
use serde_json::json;
use sqlx::Connection;

use crate::connect::Wanted;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::rehearsing::{self, Place};
use crate::{connect, migrations, output, running};

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
    /// Try what would run instead, and where.
    pub(crate) dry_run: Option<Place>,
    /// A word for the session.
    pub(crate) tag: Option<String>,
    /// What to do with what an earlier run left half-way.
    pub(crate) half_done: Option<Choice>,
}

/// What to do with what an earlier run left half-way.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Choice {
    /// Run again the part of which nobody knows whether it happened
    Retry,
    /// Take that part as done
    Skip,
    /// Turn round a revision that is half-way in the other direction: run what it says for this one
    Undo,
}

/// Does what was asked for.
pub(crate) async fn run(ctx: &Ctx, request: Request) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let mut settings = migrations::tagged_settings(ctx, request.tag.clone())?;
    settings.half_done = request.half_done.map(|choice| match choice {
        Choice::Retry => HalfDone::Retry,
        Choice::Skip => HalfDone::Skip,
        Choice::Undo => HalfDone::Undo,
    });
    if request.sql {
        return script(&graph, &settings, &request);
    }
    if request.target.contains(':') {
        return Err(Failure::usage("FROM:TO is for `--sql`").help("name the target alone"));
    }
    if request.dry_run.is_some() && matches!(connect::wanted(ctx)?, Wanted::Ephemeral) {
        return rehearsing::from_nothing(ctx, &graph, &request).await;
    }
    let mut conn = connect::open(ctx).await?;
    if let Some(place) = request.dry_run {
        return rehearsing::run(ctx, &mut conn, &graph, &settings, &request, place).await;
    }
    let planned = running::perform(ctx, &mut conn, &graph, &settings, &request).await?;
    drop(conn.close().await);
    if format == Format::Json {
        let list: Vec<_> = planned
            .iter()
            .map(|p| json!({ "revision": p.revision.as_str(), "direction": p.direction.word() }))
            .collect();
        output::json(json!({ "dry_run": false, "revisions": list }));
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
    if [from, to].iter().any(|word| graph.is_current(word)) {
        return Err(Failure::usage("`current` needs a database, and a script is made without one")
            .help("name the revision"));
    }
    let text = limbeck_migrate::script::script(graph, settings, request.direction, from, to)?;
    output::script(&text);
    Ok(Answer::Yes)
}
