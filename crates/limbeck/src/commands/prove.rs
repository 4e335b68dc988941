//! `limbeck prove`.

use limbeck_migrate::Revision;
use limbeck_report::report::Proof;

use crate::chain;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::output::{self, BAD, DIM, GOOD, ID, styled};
use crate::proving::{self, Tried};
use crate::{migrations, reporting};

/// Prove a revision on a scratch database: it runs, and its downgrade restores what was there
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which: `head`, a revision, a unique prefix of one, a label or a tag
    #[arg(value_name = "REV", default_value = "head")]
    rev: String,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let id = graph.resolve_one(&args.rev, &[]).map_err(limbeck_migrate::Error::from)?;
    let Some(revision) = graph.get(&id) else {
        return Err(Failure::usage(format!("there is no revision {id}")));
    };
    let like = chain::like(ctx).await;
    let tried = proving::try_out(ctx, &graph, revision, like.as_ref()).await?;
    match format {
        Format::Human => show(revision, &tried),
        Format::Json => reporting::json(&tried.proof),
    }
    Ok(if tried.proof.holds { Answer::Yes } else { Answer::No })
}

fn show(revision: &Revision, tried: &Tried) {
    let proof = &tried.proof;
    let message = output::printable(&revision.header.message);
    output::data(format!(
        "{} {message} {}",
        styled(ID, revision.id()),
        styled(DIM, format!("({})", proof.provider))
    ));
    let upgrade = proof.upgrade_stops.is_none();
    line("upgrade", upgrade, if upgrade { "runs" } else { "stops" });
    match (upgrade, &proof.downgrade_stops) {
        (false, _) => said("downgrade", "not tried"),
        (true, Some(_)) => line("downgrade", false, "stops"),
        (true, None) if proof.not_restored.is_empty() => line("downgrade", true, "restores what was there"),
        (true, None) => line("downgrade", false, "does not restore what was there:"),
    }
    if !proof.not_restored.is_empty() {
        output::data(limbeck_report::human::objects(&proof.not_restored, reporting::width()).trim_end());
    }
    if tried.stops.is_none() {
        rows(proof);
    }
    for why in &proof.unproven {
        said("not tried", why);
    }
    if let Some(failure) = &tried.stops {
        failure.reports.iter().for_each(output::error);
    }
}

/// What became of the rows that were made up.
fn rows(proof: &Proof) {
    let rows = &proof.rows;
    match (&rows.refused, rows.lost.is_empty(), rows.seeded) {
        (Some(why), ..) => {
            line("rows", false, "those that were made up stop it, empty tables don't:");
            said("", why);
            said("", "if rows that are there can't do that, it holds");
        }
        (None, false, _) => line("rows", false, &format!("lost by the upgrade: {}", rows.lost.join(", "))),
        (None, true, 0) => said("rows", "there were none"),
        (None, true, seeded) => {
            line("rows", true, &format!("kept by the upgrade, all {seeded} that were made up"))
        }
    }
    for (word, list) in [
        ("values", format!("changed by the upgrade: {}", rows.changed.join(", "))),
        ("rewritten", rows.rewritten.join(", ")),
        ("lost", format!("not brought back by the downgrade: {}", rows.not_brought_back.join(", "))),
    ]
    .into_iter()
    .zip([&rows.changed, &rows.rewritten, &rows.not_brought_back])
    .filter_map(|(line, list)| (!list.is_empty()).then_some(line))
    {
        said(word, &list);
    }
}

fn line(word: &str, holds: bool, words: &str) {
    let verdict = if holds { styled(GOOD, "holds") } else { styled(BAD, "fails") };
    output::data(format!("  {word:9}  {verdict}  {}", limbeck_report::printable_line(words)));
}

fn said(word: &str, words: &str) {
    output::data(format!("  {word:9}         {}", limbeck_report::printable_line(words)));
}
