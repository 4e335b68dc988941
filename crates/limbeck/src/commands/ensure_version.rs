//! `limbeck ensure-version`.

use crate::context::Ctx;
use crate::exit::{Answer, Result};
use crate::{connect, migrations, output};

/// Create the version table if it isn't there
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, _args: Args) -> Result<Answer> {
    let table = migrations::settings(ctx)?.table;
    let made = table.ensure(&mut connect::open(ctx).await?).await?;
    if ctx.chatty() {
        output::say(format!("{} {}", table.qualified(), if made { "is created" } else { "is there already" }));
    }
    Ok(Answer::Yes)
}
