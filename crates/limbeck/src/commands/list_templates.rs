//! `limbeck list-templates`.

use crate::context::Ctx;
use crate::exit::{Answer, Result};
use crate::output;

/// List what `init --template` knows
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(_ctx: &Ctx, _args: Args) -> Result<Answer> {
    super::init::TEMPLATES.iter().for_each(|(name, about)| output::data(format!("{name} - {about}")));
    Ok(Answer::Yes)
}
