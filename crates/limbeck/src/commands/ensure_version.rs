//! `limbeck ensure-version`.

use limbeck_migrate::Runner;
use serde_json::json;

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{connect, migrations, output, running};

/// Create the version table if it isn't there
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the script for psql, and touch nothing
    #[arg(long)]
    sql: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let (format, settings) = (ctx.format()?, migrations::settings(ctx)?);
    if args.sql {
        output::script(&limbeck_migrate::script::ensure_version(&settings));
        return Ok(Answer::Yes);
    }
    let graph = migrations::graph(ctx)?;
    let table = settings.table.clone();
    let mut events = running::events(ctx);
    let mut conn = connect::open(ctx).await?;
    let made = Runner::new(&mut conn, &graph, &settings, &mut events).ensure().await?;
    if format == Format::Json {
        output::json(json!({ "table": table.qualified(), "created": made }));
    } else if ctx.chatty() {
        output::say(format!(
            "{} {}",
            table.qualified(),
            if made { "is created" } else { "is there already" }
        ));
    }
    Ok(Answer::Yes)
}
