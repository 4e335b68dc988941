//! `limbeck squash`.

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_migrate::file::edit::Edits;
use limbeck_migrate::file::render;
use limbeck_migrate::graph::{Point, Squash};
use limbeck_migrate::{Error, Graph, RevisionId, State};
use serde_json::json;

use crate::committed::{self, Unknown};
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::{self, ID, printable, styled};
use crate::squashing::{self, Verdict};
use crate::turn::Turn;
use crate::{at_hand, chain, completing, hooks, migrations, naming};

/// Put one revision in place of a chain, proven equal
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A and B are both bundled, and all between them; the one has B's id, so a database at B \
is there already. Its parts stay apart, revision by revision: a database that stands inside runs the rest."
)]
pub(crate) struct Args {
    /// From A to B, both inside: `3f2c:head`, `v1.3+1:v1.4`, `base:head`
    #[arg(value_name = "A:B", add = completing::revisions())]
    range: String,
    /// What the one is about; otherwise all their messages
    #[arg(short, long, value_name = "MSG")]
    message: Option<String>,
    /// Print the file instead of writing it; nothing is proven
    #[arg(long)]
    sql: bool,
    /// Don't ask the database what is applied there
    #[arg(long)]
    offline: bool,
    /// Go on where files have changes that are not committed
    #[arg(long)]
    allow_dirty: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let turn = if args.sql { None } else { Some(Turn::take(ctx).await?) };
    let graph = migrations::graph(ctx)?;
    let (first, last) = ends(&graph, &args.range)?;
    let mut squash = graph.squash(&first, &last).map_err(Error::from)?;
    if let Some(message) = &args.message {
        squash.header.message = message.trim().to_owned();
    }
    let ids: Vec<&str> = squash.members.iter().map(|r| r.id().as_str()).collect();
    squash.header.made = Some(format!("limbeck {}, squash of {}", env!("CARGO_PKG_VERSION"), ids.join(", ")));
    if args.sql {
        output::script(&render(&squash.header, &squash.upgrade, &squash.downgrade));
        return Ok(Answer::Yes);
    }
    let files: Vec<&Utf8Path> = squash.members.iter().map(|r| r.path.as_path()).collect();
    if !args.allow_dirty {
        committed::refuse_changes(&files, Unknown::Refused)?;
    }
    refuse_unclear(ctx, &graph, &squash, args.offline).await?;
    let like = chain::like(ctx).await;
    let verdict = squashing::prove(ctx, &graph, &squash, like.as_ref()).await?;
    if !verdict.differences.is_empty() {
        return Err(differs(&verdict));
    }
    squash.header.proof = vec![verdict.line(ids.len())];
    let path = write(ctx, &squash)?;
    drop(turn);
    say(format, &squash, &verdict, &path);
    hooks::run(ctx, &path)?;
    Ok(Answer::Yes)
}

/// The first and the last revision of a range.
fn ends(graph: &Graph, range: &str) -> Result<(RevisionId, RevisionId)> {
    let Some((from, to)) = range.split_once(':') else {
        return Err(Failure::usage(format!("{range:?} is no range")).help("write A:B; both are bundled"));
    };
    let to = if to.is_empty() { "head" } else { to };
    let last = graph.resolve_one(to, &[]).map_err(Error::from)?;
    let from = if from.is_empty() { "base" } else { from };
    let first = match graph.resolve(from, &[]).map_err(Error::from)? {
        Point::At(_) => graph.resolve_one(from, &[]).map_err(Error::from)?,
        // A chain from nothing begins with the first revision that leads to its end.
        Point::Base { .. } => {
            let shown = graph.between(&Point::Base { line: None }, std::slice::from_ref(&last));
            let bases: Vec<_> = shown.iter().filter(|r| r.header.parents.is_empty()).collect();
            match bases[..] {
                [base] => base.id().clone(),
                _ => {
                    return Err(Failure::usage(format!("several lines lead to {last}"))
                        .help("name the revision with which the chain begins"));
                }
            }
        }
    };
    Ok((first, last))
}

/// A database that is half-way, or that ran another text, is brought to order first: then it is told.
async fn refuse_unclear(ctx: &Ctx, graph: &Graph, squash: &Squash<'_>, offline: bool) -> Result<()> {
    let Some(applied) = at_hand::applied(ctx, graph, offline).await? else { return Ok(()) };
    for revision in &squash.members {
        let Some(row) = applied.iter().find(|row| row.revision == *revision.id()) else { continue };
        if row.state != State::Applied {
            return Err(Failure::new(
                Code::Safety,
                format!("{} is half-way in this database", revision.id()),
            )
            .help("bring that to an end first: `limbeck current` says how far it is")
            .help("`--offline` goes on without looking at what is applied there"));
        }
        if !row.edited(revision).is_empty() {
            return Err(Failure::new(
                Code::Safety,
                format!("{} was edited after it was applied", revision.id()),
            )
            .note(format!(
                "{} is not what ran in this database, so the squash would not fit it",
                revision.path
            ))
            .help("put the file back, or take the edited text as applied: `limbeck stamp`")
            .help("`--offline` goes on without looking at what is applied there"));
        }
    }
    Ok(())
}

fn differs(verdict: &Verdict) -> Failure {
    let failure = Failure::new(Code::Safety, "the squash does not come to the same, and nothing was written");
    let shown = verdict.differences.iter().take(8);
    let failure = shown.fold(failure, Failure::note);
    failure
        .note(format!("tried on {}", verdict.provider))
        .help("`limbeck squash A:B --sql` shows what was tried")
}

/// Writes the one and removes the others: all of it, or nothing.
fn write(ctx: &Ctx, squash: &Squash<'_>) -> Result<Utf8PathBuf> {
    let names = migrations::file_names(ctx)?;
    let Some(last) = squash.members.last() else { return Ok(Utf8PathBuf::new()) };
    let date = last.header.created.as_deref().and_then(|text| names.read_created(text));
    let path = match date {
        Some(date) => naming::renamed(&names, &migrations::directories(ctx)?, last, &squash.header, date)?,
        None => last.path.clone(),
    };
    let mut edits = Edits::default();
    edits.replace(&last.path, &path, render(&squash.header, &squash.upgrade, &squash.downgrade));
    let inner = squash.members.iter().filter(|r| r.id() != last.id());
    inner.for_each(|revision| edits.remove(&revision.path));
    edits.apply()?;
    Ok(path)
}

fn say(format: Format, squash: &Squash<'_>, verdict: &Verdict, path: &Utf8Path) {
    let id = &squash.header.id;
    if format == Format::Json {
        output::json(json!({
            "revision": id.as_str(),
            "replaces": squash.header.replaces.iter().map(RevisionId::as_str).collect::<Vec<_>>(),
            "file": path,
            "removed": squash.members.iter().map(|r| &r.path).filter(|p| *p != path).collect::<Vec<_>>(),
            "proof": squash.header.proof,
            "rows": verdict.seeded,
            "irreversible": verdict.irreversible,
        }));
        return;
    }
    output::data(format!("wrote {path}"));
    for revision in squash.members.iter().filter(|r| r.id() != id) {
        output::data(format!("removed {}  {}", revision.path, printable(&revision.header.message)));
    }
    output::say(format!("proven: {}", squash.header.proof.join("; ")));
    if let Some(why) = &verdict.on_empty_tables {
        output::say(format!(
            "  on empty tables: with made-up rows the chain itself stops ({})",
            printable(why)
        ));
    }
    if let Some(why) = &verdict.irreversible {
        output::warn(format!("neither the chain nor the squash can be undone: {why}"));
    }
    output::say(format!(
        "databases at {} are there already; one that stands inside goes on with the rest at its next `limbeck upgrade`",
        styled(ID, id)
    ));
}
