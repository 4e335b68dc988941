//! `limbeck rebase`.

use camino::{Utf8Path, Utf8PathBuf};
use jiff::{SignedDuration, Timestamp};
use limbeck_migrate::file::edit::Edits;
use limbeck_migrate::file::{FileNames, with_header};
use limbeck_migrate::{Error, Graph, Header, Revision};
use serde_json::json;

use crate::at_hand;
use crate::committed::{self, Unknown};
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::{self, ID, styled};
use crate::turn::Turn;
use crate::{completing, migrations, naming};

/// Let a line of revisions follow another head
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The line is REV with all that follows it, and what is before it and not before ONTO. \
Headers change, and file names where they tell of a time before ONTO's; what runs stays byte for byte."
)]
pub(crate) struct Args {
    /// A revision of the line: an id, a unique prefix of one, a label or a tag
    #[arg(value_name = "REV", add = completing::revisions())]
    rev: String,
    /// The head that the line shall follow
    #[arg(long, value_name = "REV", add = completing::revisions())]
    onto: String,
    /// Don't ask the database whether the line is applied there
    #[arg(long)]
    offline: bool,
    /// Go on where files have changes that are not committed
    #[arg(long)]
    allow_dirty: bool,
}

/// A revision of the line, and what becomes of it.
struct Moved<'a> {
    revision: &'a Revision,
    header: Header,
    path: Utf8PathBuf,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let _turn = Turn::take(ctx).await?;
    let graph = migrations::graph(ctx)?;
    let find = |word: &str| graph.resolve_one(word, &[]).map_err(Error::from);
    let (revision, onto) = (find(&args.rev)?, find(&args.onto)?);
    let line = graph.line_onto(&revision, &onto).map_err(Error::from)?;
    let Some(onto) = graph.get(&onto) else { return Ok(Answer::Yes) };
    let moved = moved(ctx, &line, onto)?;
    // A dependency that would close a circle is found here, before anything is written.
    let after = |m: &Moved<'_>| Revision { header: m.header.clone(), ..m.revision.clone() };
    graph.with(&moved.iter().map(after).collect::<Vec<_>>())?;
    refuse_applied(ctx, &graph, &line, args.offline).await?;
    let edits = edits(&moved)?;
    if !args.allow_dirty {
        committed::refuse_changes(&edits.touched().collect::<Vec<_>>(), Unknown::Fine)?;
    }
    edits.apply()?;
    match format {
        Format::Human => moved.iter().for_each(show),
        Format::Json => output::json(json!({ "rebased": moved.iter().map(value).collect::<Vec<_>>() })),
    }
    Ok(Answer::Yes)
}

/// What the line becomes: the first gets its new parent, and all of them get new dates where the first
/// would sort before that.
fn moved<'a>(ctx: &Ctx, line: &[&'a Revision], onto: &Revision) -> Result<Vec<Moved<'a>>> {
    let names = migrations::file_names(ctx)?;
    let folders = migrations::directories(ctx)?;
    let first = line.first().map(|revision| revision.id());
    let dates = dates(&names, line, onto);
    let mut moved = Vec::new();
    for (revision, date) in line.iter().zip(dates) {
        let mut header = revision.header.clone();
        if Some(revision.id()) == first {
            header.parents = vec![onto.id().clone()];
        }
        let path = match date {
            Some(date) => {
                header.created = Some(names.created(date));
                naming::renamed(&names, &folders, revision, &header, date)?
            }
            None => revision.path.clone(),
        };
        moved.push(Moved { revision, header, path });
    }
    Ok(moved)
}

/// New dates, a minute apart and up to now, where the old ones are not after the new parent's; file names
/// tell minutes.
fn dates(names: &FileNames, line: &[&Revision], onto: &Revision) -> Vec<Option<Timestamp>> {
    let created = |revision: &Revision| names.read_created(revision.header.created.as_deref()?);
    let keep = vec![None; line.len()];
    let (Some(first), Some(parent)) = (line.first().and_then(|first| created(first)), created(onto)) else {
        return keep;
    };
    if first > parent {
        return keep;
    }
    let minutes = |count: usize| SignedDuration::from_mins(i64::try_from(count).unwrap_or(i64::MAX));
    let latest = Timestamp::now() - minutes(line.len() - 1);
    let start = latest.max(parent + minutes(1));
    (0..line.len()).map(|place| Some(start + minutes(place))).collect()
}

fn edits(moved: &[Moved<'_>]) -> Result<Edits> {
    let mut edits = Edits::default();
    for Moved { revision, header, path } in moved {
        if *header == revision.header && *path == revision.path {
            continue;
        }
        let text = fs_err::read_to_string(&revision.path)?;
        edits.replace(&revision.path, path, with_header(&text, header));
    }
    Ok(edits)
}

/// What a database has is part of its history: it is not moved.
async fn refuse_applied(ctx: &Ctx, graph: &Graph, line: &[&Revision], offline: bool) -> Result<()> {
    let Some(applied) = at_hand::applied(ctx, graph, offline).await? else { return Ok(()) };
    let applied: Vec<_> = line.iter().filter(|r| applied.iter().any(|row| row.revision == *r.id())).collect();
    let Some(last) = applied.last() else { return Ok(()) };
    let failure = Failure::new(Code::Safety, "the line is applied to this database, and nothing was changed");
    let failure = applied.iter().fold(failure, |failure, revision| {
        failure.note(format!("{} {}", revision.id(), revision.header.message))
    });
    Err(failure
        .help(format!(
            "`limbeck downgrade {}@-{}` undoes it here; then rebase, and upgrade again",
            last.id(),
            applied.len()
        ))
        .help("or join the heads: `limbeck merge -m MESSAGE` changes nothing that was applied"))
}

fn show(moved: &Moved<'_>) {
    let Moved { revision, header, path } = moved;
    let parents: Vec<&str> = header.parents.iter().map(limbeck_migrate::RevisionId::as_str).collect();
    let name = |path: &Utf8Path| path.file_name().unwrap_or_default().to_owned();
    let file = if *path == revision.path { String::new() } else { format!(", now {}", name(path)) };
    output::data(format!("{} -> {}{file}", parents.join(", "), styled(ID, revision.id())));
}

fn value(moved: &Moved<'_>) -> serde_json::Value {
    let Moved { revision, header, path } = moved;
    json!({
        "revision": revision.id().as_str(),
        "parents": header.parents.iter().map(limbeck_migrate::RevisionId::as_str).collect::<Vec<_>>(),
        "created": header.created,
        "file": path,
        "file_before": revision.path,
    })
}
