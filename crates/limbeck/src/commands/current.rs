//! `limbeck current`.

use std::collections::BTreeSet;

use limbeck_migrate::{Applied, Graph, RevisionId, State, Stranded, version};
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::output::{self, ID, printable, styled};
use crate::{connect, migrations, stranded};

/// Say which revisions the database is at; with -v, since when, by whom and with which version
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Exit with 1 unless the database is at all heads
    #[arg(long)]
    check_heads: bool,
}

/// Where a database is.
struct Position {
    applied: Vec<Applied>,
    current: Vec<RevisionId>,
    pending: Vec<String>,
    edited: Vec<String>,
    stranded: Vec<Stranded>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let position = position(ctx, &graph).await?;
    match format {
        Format::Human => human(ctx, &graph, &position),
        Format::Json => output::json(json!({
            "current": listing::ids(&position.current),
            "heads": graph.heads().iter().map(|r| r.id().as_str()).collect::<Vec<_>>(),
            "at_heads": position.pending.is_empty(),
            "pending": position.pending,
            "edited": position.edited,
            "applied": position.applied.iter().map(listing::applied_value).collect::<Vec<_>>(),
            "stranded": position.stranded.iter().map(listing::stranded_value).collect::<Vec<_>>(),
        })),
    }
    say_troubles(&position);
    if args.check_heads && !position.pending.is_empty() {
        let pending = &position.pending;
        output::say(format!("the database is behind by {}: {}", pending.len(), pending.join(", ")));
        return Ok(Answer::No);
    }
    Ok(Answer::Yes)
}

async fn position(ctx: &Ctx, graph: &Graph) -> Result<Position> {
    let mut conn = connect::open(ctx).await?;
    let applied = migrations::applied(ctx, graph, &mut conn).await?;
    let stranded = migrations::settings(ctx)?.table.stranded(&mut conn, graph, &applied).await?;
    let whole = applied.iter().filter(|row| row.state == State::Applied).map(|row| &row.revision);
    let whole: BTreeSet<&RevisionId> = whole.collect();
    let pending = graph.revisions().iter().map(|r| r.id()).filter(|id| !whole.contains(id));
    let pending = pending.map(ToString::to_string).collect();
    let edited = applied.iter().filter(|row| listing::is_edited(graph, row));
    let edited = edited.map(|row| row.revision.to_string()).collect();
    Ok(Position { current: version::heads(graph, &applied), applied, pending, edited, stranded })
}

fn human(ctx: &Ctx, graph: &Graph, position: &Position) {
    if position.current.is_empty() && ctx.chatty() {
        output::say("nothing is applied (base)");
    }
    for row in position.applied.iter().filter(|row| position.current.contains(&row.revision)) {
        let (marks, message) = match graph.get(&row.revision) {
            Some(revision) => (listing::marks(graph, revision, &[]), &revision.header.message),
            None => (" (no file)".to_owned(), &row.message),
        };
        output::data(format!("{}{marks} {}", styled(ID, &row.revision), printable(message)).trim_end());
        if ctx.globals.verbose > 0 {
            output::data(listing::applied_details(row));
            if let Some(revision) = graph.get(&row.revision) {
                output::data(listing::details(revision).trim_end_matches('\n'));
            }
        }
    }
}

fn say_troubles(position: &Position) {
    for id in &position.edited {
        output::warn(format!("{id} was edited after it was applied; `limbeck check` says how to go on"));
    }
    for row in &position.applied {
        if let Some(half) = listing::half_way(row.state) {
            let word = if matches!(row.state, State::Downgrading(_)) { "downgrade" } else { "upgrade" };
            output::warn(format!("{} is {half}; `limbeck {word}` resumes it", row.revision));
        }
    }
    stranded::warn(&position.stranded);
}
