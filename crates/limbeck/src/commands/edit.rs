//! `limbeck edit`.

use std::process::Command;

use limbeck_migrate::{Error, version};

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::{connect, migrations};

/// Open a revision's file in $VISUAL or $EDITOR
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A revision, a prefix, a label, a tag, `head`, `current`
    #[arg(value_name = "REV", default_value = "head", allow_negative_numbers = true)]
    rev: String,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let graph = migrations::graph(ctx)?;
    let current = if args.rev.contains("current") {
        version::heads(&migrations::applied(ctx, &graph, &mut connect::open(ctx).await?).await?)
    } else {
        Vec::new()
    };
    let id = graph.resolve_one(&args.rev, &current).map_err(Error::from)?;
    let Some(revision) = graph.get(&id) else { return Ok(Answer::Yes) };
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| ctx.variables().get(name)).ok_or_else(|| {
        Failure::usage("neither VISUAL nor EDITOR is set").help(format!("the file is {}", revision.path))
    })?;
    // An editor's variable may hold options: `code --wait`.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let status = Command::new(program).args(words).arg(&revision.path).status();
    match status {
        Ok(status) if status.success() => Ok(Answer::Yes),
        Ok(status) => Err(Failure::usage(format!("{program} ended with {status}"))),
        Err(error) => Err(Failure::usage(format!("{program} can't be started: {error}"))),
    }
}
