//! `limbeck stamp`.

use limbeck_migrate::{Event, RevisionId, Runner, script, version};
use serde_json::json;

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::{completing, connect, migrations, output};

/// Record that the database is at REV, without running anything
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// As for `upgrade` and `downgrade`; several, or `heads`, where lines stand side by side
    #[arg(value_name = "REV", required = true, allow_negative_numbers = true, add = completing::revisions())]
    revs: Vec<String>,
    /// Print the script for psql, and touch nothing; a REV may then be FROM:TO
    #[arg(long)]
    sql: bool,
    /// Forget first what is recorded, even revisions that no file has
    #[arg(long)]
    purge: bool,
    /// A word for the session: `current_setting('limbeck.tag', true)`
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let settings = migrations::tagged_settings(ctx, args.tag)?;
    let targets: Vec<&str> = args.revs.iter().map(String::as_str).collect();
    if args.sql {
        let (from, targets) = ranges(&targets)?;
        output::script(&script::stamp(&graph, &settings, from, &targets, args.purge)?);
        return Ok(Answer::Yes);
    }
    let mut conn = connect::open(ctx).await?;
    let mut silent = |_: Event<'_>| {};
    Runner::new(&mut conn, &graph, &settings, &mut silent).stamp(&targets, args.purge).await?;
    let heads = version::heads(&graph, &settings.table.read(&mut conn).await?);
    let names: Vec<&str> = heads.iter().map(RevisionId::as_str).collect();
    match format {
        Format::Json => output::json(json!({ "current": names })),
        Format::Human if names.is_empty() => output::data("stamped base: nothing is recorded as applied"),
        Format::Human => output::data(format!("stamped {}", names.join(", "))),
    }
    Ok(Answer::Yes)
}

/// `FROM:TO` taken apart. A script begins at one place, and at `base` where nothing is said.
fn ranges<'a>(words: &[&'a str]) -> Result<(&'a str, Vec<&'a str>)> {
    let mut from: Vec<&str> = words.iter().filter_map(|word| Some(word.split_once(':')?.0)).collect();
    from.dedup();
    if from.len() > 1 {
        return Err(Failure::usage("a script begins at one place").help("give every FROM:TO the same FROM"));
    }
    let from = from.first().copied().filter(|from| !from.is_empty()).unwrap_or("base");
    Ok((from, words.iter().map(|word| word.split_once(':').map_or(*word, |(_, to)| to)).collect()))
}
