//! `limbeck history`.

use std::collections::BTreeMap;

use limbeck_migrate::graph::Point;
use limbeck_migrate::{Applied, Entry, Error, Graph, Revision, RevisionId, Unresolved, version};
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::output::{self, DIM, ID, printable, styled};
use crate::{completing, connect, migrations};

/// List revisions, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// From A to B, both with: `base:head`, `3f2c:`, `:v1.4`, `-3:current`
    ///
    /// Either side may be left out. `-N` on the left counts from the right side, `+N` on the right from the
    /// left side. `current` alone needs a database.
    #[arg(short, long, value_name = "A:B", allow_hyphen_values = true, add = completing::revisions())]
    rev_range: Option<String>,
    /// Mark what the database is at, and say of each revision when and by whom it was applied
    #[arg(short, long)]
    indicate_current: bool,
    /// List instead what was done in the database: upgrades, downgrades and stamps, newest first
    #[arg(long, conflicts_with_all = ["rev_range", "indicate_current"])]
    log: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    if args.log {
        return log(ctx).await;
    }
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let range = args.rev_range.as_deref();
    let applied = if args.indicate_current
        || range.is_some_and(|range| range.split(':').any(|word| graph.is_current(word)))
    {
        migrations::applied(ctx, &graph, &mut connect::open(ctx).await?).await?
    } else {
        Vec::new()
    };
    let current = version::heads(&graph, &applied);
    let shown = select(&graph, range, &current)?;
    let rows = if args.indicate_current { &applied[..] } else { &[] };
    let rows: BTreeMap<&RevisionId, &Applied> = rows.iter().map(|row| (&row.revision, row)).collect();
    match format {
        Format::Human => {
            let marked = if args.indicate_current { &current[..] } else { &[] };
            human(ctx, &graph, &shown, marked, &rows);
        }
        Format::Json => {
            let values: Vec<_> =
                shown.iter().rev().map(|r| revision_value(&graph, r, &rows, &args)).collect();
            let mut value = json!({ "revisions": values });
            if args.indicate_current {
                value["current"] = json!(listing::ids(&current));
                let missing = rows.values().filter(|row| graph.get(&row.revision).is_none());
                value["without_file"] = missing.map(|row| listing::applied_value(row)).collect();
            }
            output::json(value);
        }
    }
    Ok(Answer::Yes)
}

fn human(
    ctx: &Ctx,
    graph: &Graph,
    shown: &[&Revision],
    current: &[RevisionId],
    rows: &BTreeMap<&RevisionId, &Applied>,
) {
    for row in rows.values().filter(|row| graph.get(&row.revision).is_none()) {
        let mark = if current.contains(&row.revision) { listing::CURRENT } else { "" };
        output::data(format!("{} (no file){mark}, {}", styled(ID, &row.revision), printable(&row.message)));
        output::data(listing::applied_details(row));
    }
    for revision in shown.iter().rev() {
        let row = rows.get(revision.id());
        let marks = row.map(|row| listing::applied_marks(graph, row)).unwrap_or_default();
        output::data(listing::line_with(graph, revision, current, &marks));
        if let Some(row) = row {
            output::data(listing::applied_details(row));
        }
        if ctx.globals.verbose > 0 {
            output::data(listing::details(revision));
        }
    }
}

fn revision_value(
    graph: &Graph,
    revision: &Revision,
    rows: &BTreeMap<&RevisionId, &Applied>,
    args: &Args,
) -> serde_json::Value {
    let mut value = listing::value(graph, revision);
    if args.indicate_current {
        let row = rows.get(revision.id());
        value["applied"] = row.map_or(serde_json::Value::Null, |row| listing::applied_value(row));
        value["edited"] = row.is_some_and(|row| listing::is_edited(graph, row)).into();
    }
    value
}

async fn log(ctx: &Ctx) -> Result<Answer> {
    let format = ctx.format()?;
    let mut conn = connect::open(ctx).await?;
    let entries = migrations::settings(ctx)?.table.history(&mut conn).await?;
    match format {
        Format::Human if entries.is_empty() => output::say("nothing was done here"),
        Format::Human => entries.iter().for_each(|entry| output::data(log_line(entry))),
        Format::Json => {
            output::json(json!({ "log": entries.iter().map(listing::entry_value).collect::<Vec<_>>() }));
        }
    }
    Ok(Answer::Yes)
}

/// `2026-11-20 09:31:07 UTC  upgrade    3f2c9a1b7d40  add members email  (by app from 10.0.0.7, …)`.
fn log_line(entry: &Entry) -> String {
    let from = match &entry.client {
        Some(client) if entry.application.is_empty() => format!(" from {client}"),
        Some(client) => format!(" from {client} ({})", entry.application),
        None if entry.application.is_empty() => String::new(),
        None => format!(" ({})", entry.application),
    };
    let took = entry.duration_ms.map(|ms| format!(", took {ms} ms")).unwrap_or_default();
    let rest = format!("by {}{from} with {}{took}", entry.done_by, entry.tool_version);
    let word = entry.action.word();
    let (id, message) = (styled(ID, &entry.revision), printable(&entry.message));
    format!("{}  {word:<9}  {id}  {message}  {}", entry.done_at, styled(DIM, printable(&rest)))
}

/// The revisions of a range, in order: B and what is before it, down to and with A.
fn select<'a>(graph: &'a Graph, range: Option<&str>, current: &[RevisionId]) -> Result<Vec<&'a Revision>> {
    let Some(range) = range else { return Ok(graph.revisions().iter().collect()) };
    let (from, to) = range.trim().split_once(':').ok_or_else(|| {
        Failure::usage(format!("{range:?} is no range")).help("write A:B, with either side left out at will")
    })?;
    let heads = || graph.heads().into_iter().map(|r| r.id().clone()).collect::<Vec<_>>();
    let resolve = |word: &str, at: &[RevisionId]| match word {
        "" => Ok(Point::Base { line: None }),
        word => graph.resolve(word, at),
    };
    let ids = |point: Point| match point {
        Point::At(ids) => ids,
        Point::Base { .. } => Vec::new(),
    };
    if to.starts_with('+') {
        let lower = resolve(from, current).map_err(Error::from)?;
        let top = resolve(to, &ids(lower.clone())).map_err(Error::from)?;
        return Ok(graph.between(&lower, &ids(top)));
    }
    let top = if to.is_empty() { heads() } else { ids(resolve(to, current).map_err(Error::from)?) };
    let lower = match resolve(from, if from.starts_with('-') { &top } else { current }) {
        // As many as there are, where fewer are there.
        Err(Unresolved::TooFar { .. }) if from.starts_with('-') => Point::Base { line: None },
        lower => lower.map_err(Error::from)?,
    };
    let shown = graph.between(&lower, &top);
    if shown.is_empty() && !top.is_empty() {
        return Err(Failure::usage(format!("{range:?} holds nothing: {from:?} is not before {to:?}"))
            .help("write the earlier one first"));
    }
    Ok(shown)
}
