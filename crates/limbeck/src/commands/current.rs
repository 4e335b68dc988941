//! `limbeck current`.

use limbeck_migrate::{Applied, Graph, RevisionId, State, version};
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::output::{self, ID, styled};
use crate::{connect, migrations};

/// Say which revisions the database is at
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Exit with 1 unless the database is at all heads
    #[arg(long)]
    check_heads: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let applied = migrations::applied(ctx, &graph, &mut connect::open(ctx).await?).await?;
    let current = version::heads(&applied);
    let mut behind: Vec<RevisionId> = graph.revisions().iter().map(|r| r.id().clone()).collect();
    behind.retain(|id| !applied.iter().any(|row| row.revision == *id && row.state == State::Applied));
    let edited = edited(&graph, &applied);
    match format {
        Format::Human => human(ctx, &graph, &applied, &current),
        Format::Json => output::json(json!({
            "current": current.iter().map(RevisionId::as_str).collect::<Vec<_>>(),
            "heads": graph.heads().iter().map(|r| r.id().as_str()).collect::<Vec<_>>(),
            "at_heads": behind.is_empty(),
            "pending": behind.iter().map(RevisionId::as_str).collect::<Vec<_>>(),
            "edited": edited,
            "applied": applied.iter().map(listing::applied_value).collect::<Vec<_>>(),
        })),
    }
    say_troubles(&graph, &applied, &edited);
    if args.check_heads && !behind.is_empty() {
        output::say(format!("the database is behind by {}: {}", behind.len(), behind.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(", ")));
        return Ok(Answer::No);
    }
    Ok(Answer::Yes)
}

fn human(ctx: &Ctx, graph: &Graph, applied: &[Applied], current: &[RevisionId]) {
    if current.is_empty() && ctx.chatty() {
        output::say("nothing is applied (base)");
    }
    for row in applied.iter().filter(|row| current.contains(&row.revision)) {
        let (marks, message) = match graph.get(&row.revision) {
            Some(revision) => (listing::marks(graph, revision, &[]), &revision.header.message),
            None => (" (no file)".to_owned(), &row.message),
        };
        output::data(format!("{}{marks} {}", styled(ID, &row.revision), output::printable(message)).trim_end());
        if ctx.globals.verbose > 0 {
            output::data(listing::applied_details(row));
            if let Some(revision) = graph.get(&row.revision) {
                output::data(listing::details(revision).trim_end_matches('\n'));
            }
        }
    }
}

/// Applied revisions whose files say something else now.
fn edited(graph: &Graph, applied: &[Applied]) -> Vec<String> {
    let edited = |row: &&Applied| graph.get(&row.revision).is_some_and(|r| !row.edited(r).is_empty());
    applied.iter().filter(edited).map(|row| row.revision.to_string()).collect()
}

fn say_troubles(graph: &Graph, applied: &[Applied], edited: &[String]) {
    for id in edited {
        output::warn(format!("{id} was edited after it was applied"));
    }
    for row in applied {
        let half = match row.state {
            State::Applied => None,
            State::Upgrading(parts) => Some(("upgrade", parts)),
            State::Downgrading(parts) => Some(("downgrade", parts)),
        };
        if let Some((word, parts)) = half {
            output::warn(format!("{} is half-way through its {word} (parts done: {parts}); `limbeck {word}` resumes it", row.revision));
        }
        if graph.get(&row.revision).is_none() {
            output::warn(format!("{} is applied, and no file here has it: {}", row.revision, output::printable(&row.message)));
        }
    }
}
