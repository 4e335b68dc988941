//! `limbeck list-templates`.

use serde_json::json;

use super::init::TEMPLATES;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::output;

/// List what `init --template` knows
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, _args: Args) -> Result<Answer> {
    match ctx.format()? {
        Format::Human => TEMPLATES.iter().for_each(|t| output::data(format!("{} - {}", t.name, t.about))),
        Format::Json => {
            let templates = TEMPLATES.iter().map(|t| json!({ "name": t.name, "about": t.about }));
            output::json(json!({ "templates": templates.collect::<Vec<_>>() }));
        }
    }
    Ok(Answer::Yes)
}
