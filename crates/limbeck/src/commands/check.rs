//! `limbeck check`.

use serde_json::json;

use crate::comparing::{self, Compared};
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::{connect, output};

/// Say whether the database is as the models say
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, _args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let declared = comparing::models(ctx)?;
    comparing::refuse_no_models(ctx, &declared)?;
    let mut connection = connect::open(ctx).await?;
    let live = comparing::live(&mut connection).await?;
    let compared = comparing::compared(ctx, &live, &declared).await?;
    let answer = if compared.comparison.is_same() { Answer::Yes } else { Answer::No };
    match format {
        Format::Human => human(ctx, &live.catalog, &compared),
        Format::Json => output::json(json!({
            "same": answer == Answer::Yes,
            "differences": comparing::differences(&compared.comparison),
        })),
    }
    compared.close().await;
    Ok(answer)
}

fn human(ctx: &Ctx, live: &limbeck_catalog::Catalog, compared: &Compared) {
    if compared.comparison.is_same() {
        output::data("the database is as the models say");
    } else {
        for line in comparing::difference_lines(&compared.comparison) {
            output::data(line);
        }
        output::say("a new revision is needed: `limbeck revision --autogenerate -m MESSAGE`");
    }
    if ctx.chatty() {
        comparing::say_uncompared(live);
    }
}
