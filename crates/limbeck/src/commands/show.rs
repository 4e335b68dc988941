//! `limbeck show`.

use limbeck_migrate::{Error, Unresolved, version};
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{connect, migrations, output, stranded};

/// Show a revision: what it says of itself, and its file; or the downgrade that the database kept of it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A revision, a prefix, a label, a tag, `head`, `current`
    #[arg(value_name = "REV", default_value = "head", allow_negative_numbers = true)]
    rev: String,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let relative = args.rev.contains("current") || args.rev.starts_with(['+', '-']) || args.rev.contains("@+") || args.rev.contains("@-");
    let current = if relative {
        version::heads(&migrations::applied(ctx, &graph, &mut connect::open(ctx).await?).await?)
    } else {
        Vec::new()
    };
    let id = match graph.resolve_one(&args.rev, &current) {
        Err(unknown @ Unresolved::Unknown { .. }) => return stranded::show(ctx, &args.rev, unknown).await,
        found => found.map_err(Error::from)?,
    };
    let Some(revision) = graph.get(&id) else { return Ok(Answer::Yes) };
    let text = fs_err::read_to_string(&revision.path)?;
    match format {
        Format::Human => {
            output::data(listing::line(&graph, revision, &current));
            output::data(listing::details(revision));
            output::data(output::printable(text.trim_end()));
        }
        Format::Json => {
            let mut value = listing::value(&graph, revision);
            value["text"] = json!(text);
            output::json(json!({ "revision": value }));
        }
    }
    Ok(Answer::Yes)
}
