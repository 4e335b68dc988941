//! `limbeck diff`.

use limbeck_report::{Detail, Report, human};

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::output::{self, DIM, styled};
use crate::sources::Source;
use crate::{comparing, reporting};

/// Show what differs, for a reader: between the database and the models, or any two sources
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What is there: `db`, `models`, `migrations`, a URL, a snapshot file, `git:REV`, or a folder of models
    #[arg(long, value_name = "SOURCE", default_value = "db")]
    from: String,
    /// What is wanted: the same words
    #[arg(long, value_name = "SOURCE", default_value = "models")]
    to: String,
    /// Exit with 1 if anything differs
    #[arg(long)]
    exit_code: bool,
    /// A line an object, no more
    #[arg(long)]
    short: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let (from, to) = (Source::parse(&args.from)?, Source::parse(&args.to)?);
    // Models first: their mistakes cost nothing to find.
    let (to, to_name) = to.read(ctx).await?;
    let (from, from_name) = from.read(ctx).await?;
    let from = from.settled(ctx, Some(&to)).await?.snapshot;
    let compared = comparing::compared(ctx, &from, &to.wanted()).await?;
    let report = reporting::report(&compared.comparison, &from_name, &to_name);
    compared.close().await;
    match format {
        Format::Human => show(ctx, &report, if args.short { Detail::Short } else { Detail::Full }),
        Format::Json => reporting::json(&report),
    }
    if ctx.chatty() && format == Format::Human {
        reporting::say_uncompared(&from.catalog);
    }
    Ok(if args.exit_code && !report.same { Answer::No } else { Answer::Yes })
}

fn show(ctx: &Ctx, report: &Report, detail: Detail) {
    let names = limbeck_report::printable_line(&format!("from {} to {}", report.from, report.to));
    if report.same {
        output::data(format!("nothing differs {names}"));
        return;
    }
    if ctx.chatty() {
        output::data(styled(DIM, names));
        output::data("");
    }
    output::data(human(report, detail, reporting::width()).trim_end());
    for why in &report.unproven {
        output::warn(format!("not proven: {why}"));
    }
}
