//! `limbeck show`.

use limbeck_migrate::Unresolved;
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{completing, migrations, output, stranded};

/// Show revisions: what they say of themselves, and their files; or a downgrade that the database kept
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A revision, a prefix, a label, a tag, `head`, `heads`, `current`
    #[arg(value_name = "REV", default_value = "head", allow_negative_numbers = true, add = completing::revisions())]
    rev: String,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let current = migrations::current(ctx, &graph, &args.rev).await?;
    if let Err(unknown @ Unresolved::Unknown { .. }) = graph.resolve(&args.rev, &current) {
        return stranded::show(ctx, &args.rev, unknown).await;
    }
    let mut values = Vec::new();
    for revision in migrations::named(&graph, &args.rev, &current)? {
        let text = fs_err::read_to_string(&revision.path)?;
        match format {
            Format::Human => {
                output::data(listing::line(&graph, revision, &[]));
                output::data(listing::details(revision));
                output::data(output::printable(text.trim_end()));
            }
            Format::Json => {
                let mut value = listing::value(&graph, revision);
                value["text"] = json!(text);
                values.push(value);
            }
        }
    }
    if format == Format::Json {
        output::json(json!({ "revisions": values }));
    }
    Ok(Answer::Yes)
}
