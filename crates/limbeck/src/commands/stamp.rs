//! `limbeck stamp`.

use limbeck_migrate::{Event, RevisionId, Runner, version};
use serde_json::json;

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{connect, migrations, output};

/// Record that the database is at REV, without running anything
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// As for `upgrade` and `downgrade`
    #[arg(value_name = "REV", allow_negative_numbers = true)]
    rev: String,
    /// Forget first what is recorded, even revisions that no file has
    #[arg(long)]
    purge: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let settings = migrations::settings(ctx)?;
    let mut conn = connect::open(ctx).await?;
    let mut silent = |_: Event<'_>| {};
    Runner::new(&mut conn, &graph, &settings, &mut silent).stamp(&args.rev, args.purge).await?;
    let heads = version::heads(&settings.table.read(&mut conn).await?);
    let names: Vec<&str> = heads.iter().map(RevisionId::as_str).collect();
    match format {
        Format::Json => output::json(json!({ "current": names })),
        Format::Human if names.is_empty() => output::data("stamped base: nothing is recorded as applied"),
        Format::Human => output::data(format!("stamped {}", names.join(", "))),
    }
    Ok(Answer::Yes)
}
