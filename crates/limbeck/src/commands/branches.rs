//! `limbeck branches`.

use limbeck_migrate::Revision;
use serde_json::json;

use super::listing;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{migrations, output};

/// List the revisions that several others follow
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, _args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let points = graph.branch_points();
    if format == Format::Json {
        let value = |(point, children): &(&Revision, Vec<&Revision>)| {
            json!({
                "branch_point": listing::value(&graph, point),
                "children": children.iter().map(|c| listing::value(&graph, c)).collect::<Vec<_>>(),
            })
        };
        output::json(json!({ "branches": points.iter().map(value).collect::<Vec<_>>() }));
        return Ok(Answer::Yes);
    }
    for (point, children) in points {
        output::data(listing::line(&graph, point, &[]));
        for child in children {
            let marks = listing::marks(&graph, child, &[]);
            output::data(format!(
                "    -> {}{marks}{}",
                output::styled(output::ID, child.id()),
                super::listing::after(", ", &child.header.message)
            ));
            if ctx.globals.verbose > 0 {
                output::data(listing::details(child));
            }
        }
    }
    Ok(Answer::Yes)
}
