//! `limbeck tag`.

use limbeck_migrate::file::edit::Edits;
use limbeck_migrate::file::with_header;
use limbeck_migrate::{Error, Graph, Revision, RevisionId};
use serde_json::json;

use super::listing::after;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::{self, ID, printable, styled};
use crate::turn::Turn;
use crate::{completing, migrations};

/// Give a revision the name of a release; list the names, where none is given
#[derive(Debug, clap::Args)]
#[command(
    after_help = "`limbeck upgrade NAME` goes to it. The name stands in the revision's file: commit it."
)]
pub(crate) struct Args {
    /// The name: `v1.4`
    #[arg(value_name = "NAME", add = completing::tags())]
    name: Option<String>,
    /// What it names
    #[arg(value_name = "REV", default_value = "head", allow_negative_numbers = true, add = completing::revisions())]
    rev: String,
    /// Take the name from the revision that has it
    #[arg(long = "move", requires = "name", conflicts_with = "delete")]
    move_it: bool,
    /// Remove the name
    #[arg(long, requires = "name")]
    delete: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let _turn = if args.name.is_some() { Some(Turn::take(ctx).await?) } else { None };
    let graph = migrations::graph(ctx)?;
    let Some(name) = args.name else {
        list(&graph, format);
        return Ok(Answer::Yes);
    };
    let holder = graph.revisions().iter().find(|revision| revision.header.tags.contains(&name));
    if args.delete {
        return delete(format, &name, holder);
    }
    check(&graph, &name)?;
    let id = target(ctx, &graph, &args.rev).await?;
    let Some(revision) = graph.get(&id) else { return Ok(Answer::Yes) };
    match holder {
        Some(holder) if holder.id() == revision.id() => {
            output::say(format!("{name} names {id} already"));
            return Ok(Answer::Yes);
        }
        Some(holder) if !args.move_it => return Err(taken(&name, holder)),
        Some(_) | None => {}
    }
    let mut edits = Edits::default();
    if let Some(holder) = holder {
        edits.write(&holder.path, retagged(holder, |tags| tags.retain(|tag| *tag != name))?);
    }
    edits.write(&revision.path, retagged(revision, |tags| tags.push(name.clone()))?);
    edits.apply()?;
    let before = holder.map(|holder| holder.id().as_str());
    match format {
        Format::Human => output::data(format!(
            "{name} names {}{}{}",
            styled(ID, &id),
            after(" ", &revision.header.message),
            before.map(|before| format!(", and no longer {before}")).unwrap_or_default()
        )),
        Format::Json => output::json(
            json!({ "tag": name, "revision": id.as_str(), "before": before, "file": revision.path }),
        ),
    }
    Ok(Answer::Yes)
}

async fn target(ctx: &Ctx, graph: &Graph, word: &str) -> Result<RevisionId> {
    let current = migrations::current(ctx, graph, word).await?;
    Ok(graph.resolve_one(word, &current).map_err(Error::from)?)
}

fn list(graph: &Graph, format: Format) {
    let named = || graph.revisions().iter().flat_map(|r| r.header.tags.iter().map(move |tag| (tag, r)));
    match format {
        Format::Human => {
            if named().next().is_none() {
                output::say("no revision has a tag: `limbeck tag NAME` gives one to the head");
            }
            for (tag, revision) in named() {
                let message = after(" ", &revision.header.message);
                output::data(format!("{}  {}{message}", printable(tag), styled(ID, revision.id())));
            }
        }
        Format::Json => {
            let tag = |(tag, r): (&String, &Revision)| json!({ "tag": tag, "revision": r.id().as_str(), "message": r.header.message, "file": r.path });
            output::json(json!({ "tags": named().map(tag).collect::<Vec<_>>() }));
        }
    }
}

fn delete(format: Format, name: &str, holder: Option<&Revision>) -> Result<Answer> {
    let Some(holder) = holder else {
        return Err(Failure::usage(format!("no revision has the tag {name:?}"))
            .help("`limbeck tag` lists those that there are"));
    };
    let mut edits = Edits::default();
    edits.write(&holder.path, retagged(holder, |tags| tags.retain(|tag| tag != name))?);
    edits.apply()?;
    match format {
        Format::Human => output::data(format!("{name} no longer names {}", styled(ID, holder.id()))),
        Format::Json => output::json(
            json!({ "tag": name, "revision": null, "before": holder.id().as_str(), "file": holder.path }),
        ),
    }
    Ok(Answer::Yes)
}

/// A revision's file with other tags; what runs stays byte for byte.
fn retagged(revision: &Revision, change: impl FnOnce(&mut Vec<String>)) -> Result<String> {
    let mut header = revision.header.clone();
    change(&mut header.tags);
    Ok(with_header(&fs_err::read_to_string(&revision.path)?, &header))
}

fn taken(name: &str, holder: &Revision) -> Failure {
    Failure::new(Code::Usage, format!("{name} names {} already", holder.id()))
        .note(format!("{} has it: {}", holder.path, holder.header.message))
        .help("a released name should keep its meaning; `--move` takes it from there")
}

/// A tag is found by its name alone, so it must not look like anything else that is found so.
fn check(graph: &Graph, name: &str) -> Result<()> {
    const WORDS: [&str; 5] = ["head", "heads", "base", "bases", "current"];
    let refused = |why: String| Err(Failure::usage(format!("{name:?} can't be a tag")).note(why));
    if name.is_empty() || name.contains(|c: char| "@:+,".contains(c) || c.is_whitespace() || c.is_control()) {
        return refused("it is empty, or holds blanks, a comma, @, : or +, which mean something".into());
    }
    if name.starts_with('-') || WORDS.contains(&name) {
        return refused("the word has a meaning of its own".into());
    }
    if let Some(revision) = graph.revisions().iter().find(|r| r.id().as_str().starts_with(name)) {
        return refused(format!("it would hide the revision {} ({})", revision.id(), revision.path));
    }
    if let Some(revision) = graph.revisions().iter().find(|r| r.header.labels.iter().any(|l| l == name)) {
        return refused(format!("it is a label, of {}", revision.path));
    }
    Ok(())
}
