//! `limbeck history`.

use limbeck_migrate::graph::Point;
use limbeck_migrate::{Error, Graph, Revision, RevisionId, version};
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::{connect, migrations, output};

/// List revisions, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// From A to B: `base:head`, `3f2c:`, `-3:current`
    #[arg(short, long, value_name = "A:B", allow_hyphen_values = true)]
    rev_range: Option<String>,
    /// Mark what the database is at
    #[arg(short, long)]
    indicate_current: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let range = args.rev_range.as_deref();
    let relative = range.is_some_and(|r| r.contains("current") || r.ends_with(|c: char| c.is_ascii_digit()) && r.contains(":+"));
    let current = if args.indicate_current || relative {
        let applied = migrations::applied(ctx, &graph, &mut connect::open(ctx).await?).await?;
        version::heads(&applied)
    } else {
        Vec::new()
    };
    let shown = select(&graph, range, &current)?;
    let marked = if args.indicate_current { &current[..] } else { &[] };
    match format {
        Format::Human => {
            for revision in shown.iter().rev() {
                output::data(listing::line(&graph, revision, marked));
                if ctx.globals.verbose > 0 {
                    output::data(listing::details(revision));
                }
            }
        }
        Format::Json => {
            let values: Vec<_> = shown.iter().rev().map(|r| listing::value(&graph, r)).collect();
            let mut value = json!({ "revisions": values });
            if args.indicate_current {
                value["current"] = json!(current.iter().map(RevisionId::as_str).collect::<Vec<_>>());
            }
            output::json(value);
        }
    }
    Ok(Answer::Yes)
}

/// The revisions of a range, in order: B and what is before it, down to and with A.
fn select<'a>(graph: &'a Graph, range: Option<&str>, current: &[RevisionId]) -> Result<Vec<&'a Revision>> {
    let Some(range) = range else { return Ok(graph.revisions().iter().collect()) };
    let (from, to) = range.split_once(':').ok_or_else(|| Failure::usage(format!("{range:?} is no range")).help("write A:B, with either side left out at will"))?;
    let resolve = |word: &str, at: &[RevisionId]| graph.resolve(word, at).map_err(Error::from);
    let upper = if to.is_empty() || (to.starts_with('+') && !from.is_empty()) {
        None
    } else {
        Some(resolve(to, current)?)
    };
    let top: Vec<RevisionId> = match &upper {
        Some(Point::At(ids)) => ids.clone(),
        Some(Point::Base { .. }) => Vec::new(),
        None => graph.heads().into_iter().map(|r| r.id().clone()).collect(),
    };
    let lower = if from.is_empty() { Point::Base { line: None } } else { resolve(from, if from.starts_with('-') { &top } else { current })? };
    let top = match (&lower, to.starts_with('+') && !from.is_empty()) {
        (Point::At(ids), true) => match resolve(to, ids)? {
            Point::At(ids) => ids,
            Point::Base { .. } => Vec::new(),
        },
        _ => top,
    };
    Ok(graph.between(&lower, &top))
}
