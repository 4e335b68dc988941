//! `limbeck heads`.

use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{migrations, output};

/// List the revisions that nothing follows
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave out those that another line depends on
    #[arg(long)]
    resolve_dependencies: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let heads = if args.resolve_dependencies { graph.effective_heads() } else { graph.heads() };
    if format == Format::Json {
        let values: Vec<_> = heads.iter().map(|r| listing::value(&graph, r)).collect();
        output::json(json!({ "heads": values }));
        return Ok(Answer::Yes);
    }
    for revision in heads {
        let marks = listing::marks(&graph, revision, &[]);
        output::data(
            format!(
                "{}{marks} {}",
                output::styled(output::ID, revision.id()),
                output::printable(&revision.header.message)
            )
            .trim_end(),
        );
        if ctx.globals.verbose > 0 {
            output::data(listing::details(revision));
        }
    }
    Ok(Answer::Yes)
}
