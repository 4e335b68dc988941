//! `limbeck prove`.

use limbeck_migrate::{Graph, Revision};
use limbeck_report::report::{Proof, WayProof};

use crate::chain_proof::{self, TriedChain};
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Failure, Result};
use crate::output::{self, BAD, DIM, GOOD, ID, styled};
use crate::proving::{self, Tried};
use crate::sources::Source;
use crate::{chain, committed, completing, migrations, reporting, whole_proof};

/// Prove a revision on a scratch database: it runs, and its downgrade restores what was there
#[derive(Debug, clap::Args)]
#[command(after_help = "Of a range, each revision runs up, down and up again with rows in the tables; then \
all of it runs back to where it began, and up again. It is the files that are proven, as they are now.")]
pub(crate) struct Args {
    /// Which: `head`, a revision, a unique prefix of one, a label or a tag; a range: `base:head`, `3f2c:`
    #[arg(value_name = "REV", add = completing::revisions())]
    rev: Option<String>,
    /// The whole chain up to REV, or up to all heads
    #[arg(long)]
    chain: bool,
    /// On a scratch database that holds all that the database holds, and not only what the revisions make; it
    /// is kept, and the next proof begins with a copy of it
    #[arg(long, conflicts_with = "chain")]
    whole: bool,
    /// With --whole, of what: `db`, `models`, a URL, a snapshot file, `git:REV`, or a folder
    /// of models
    #[arg(long, value_name = "SOURCE", default_value = "db", requires = "whole")]
    from: String,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let files: Vec<_> = graph.revisions().iter().map(|revision| revision.path.as_path()).collect();
    committed::refuse_merging(&files)?;
    let rev = match (args.rev.as_deref(), args.chain) {
        (Some(range), _) if range.contains(':') && args.whole => {
            return Err(Failure::usage("--whole proves one revision at a time")
                .note("a range begins with what the revisions before it make")
                .help("name the revision; or leave `--whole` out"));
        }
        (Some(range), _) if range.contains(':') => return chain(ctx, &graph, range, format).await,
        (rev, true) => return chain(ctx, &graph, &format!("base:{}", rev.unwrap_or("heads")), format).await,
        (rev, false) => rev.unwrap_or("head"),
    };
    let id = graph.resolve_one(rev, &[]).map_err(limbeck_migrate::Error::from)?;
    let Some(revision) = graph.get(&id) else {
        return Err(Failure::usage(format!("there is no revision {id}")));
    };
    let tried = if args.whole {
        whole_proof::try_out(ctx, &graph, revision, &Source::parse(&args.from)?).await?
    } else {
        let like = chain::like(ctx).await;
        proving::try_out(ctx, &graph, revision, like.as_ref()).await?
    };
    match format {
        Format::Human => show(revision, &tried),
        Format::Json => reporting::json(&tried.proof),
    }
    Ok(if tried.proof.holds { Answer::Yes } else { Answer::No })
}

/// Proves a range.
async fn chain(ctx: &Ctx, graph: &Graph, range: &str, format: Format) -> Result<Answer> {
    let range = chain_proof::range(graph, range)?;
    let like = chain::like(ctx).await;
    let tried = chain_proof::try_out(ctx, graph, &range, like.as_ref()).await?;
    match format {
        Format::Human => show_chain(&range.revisions, &tried),
        Format::Json => reporting::json(&tried.proof),
    }
    Ok(if tried.proof.holds { Answer::Yes } else { Answer::No })
}

fn show_chain(revisions: &[&Revision], tried: &TriedChain) {
    let proof = &tried.proof;
    output::data(format!("{} {}", proof.range, styled(DIM, format!("({})", proof.provider))));
    for (revision, one) in revisions.iter().zip(&tried.revisions) {
        if one.proof.holds {
            let message = limbeck_report::printable_line(&revision.header.message);
            let rows = match (&one.proof.rows.refused, one.proof.rows.seeded) {
                (Some(_), _) => "on empty tables, as its hazards say".to_owned(),
                (None, 0) => "no rows".to_owned(),
                (None, 1) => "1 row".to_owned(),
                (None, rows) => format!("{rows} rows"),
            };
            let words = format!("up, down, up; {rows}");
            let id = styled(ID, revision.id());
            output::data(format!("  {}  {id} {message} {}", styled(GOOD, "holds"), styled(DIM, words)));
        } else {
            output::data(format!("  {}  {}", styled(BAD, "fails"), revision.path));
            show(revision, one);
        }
    }
    if let Some(way) = &proof.way {
        show_way(way, &tried.stops);
    } else {
        output::say("the whole way was not tried: a revision stops");
    }
}

fn show_way(way: &WayProof, stops: &Option<Failure>) {
    let rows = match (&way.refused, way.seeded) {
        (Some(why), _) => format!(", on empty tables (with made-up rows it stops: {why})"),
        (None, 0) => String::new(),
        (None, rows) => format!(", with {rows} rows"),
    };
    match stops {
        Some(failure) => {
            line("whole way", false, "stops, back to where it began or up again");
            failure.reports.iter().for_each(output::error);
        }
        None if way.not_restored.is_empty() && way.not_repeated.is_empty() => {
            line("whole way", true, &format!("back to where it began, and up again{rows}"));
        }
        None => {
            for (objects, words) in [
                (&way.not_restored, "does not lead back to what was there:"),
                (&way.not_repeated, "up again makes something else:"),
            ] {
                if !objects.is_empty() {
                    line("whole way", false, words);
                    output::data(limbeck_report::human::objects(objects, reporting::width()).trim_end());
                }
            }
        }
    }
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
    match (&proof.repeat_stops, &proof.downgrade_stops) {
        (Some(_), _) => line("again", false, "the upgrade stops after the downgrade"),
        (None, None) if upgrade && !proof.not_repeated.is_empty() => {
            line("again", false, "the upgrade makes something else after the downgrade:");
            let objects = limbeck_report::human::objects(&proof.not_repeated, reporting::width());
            output::data(objects.trim_end());
        }
        (None, _) => {}
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
        let failure = failure.clone().note("on a scratch database, where the revisions run from nothing");
        failure.reports.iter().for_each(output::error);
    }
}

/// What became of the rows that were made up.
fn rows(proof: &Proof) {
    let rows = &proof.rows;
    match (&rows.refused, rows.lost.is_empty(), rows.seeded) {
        (Some(why), ..) if proof.holds => {
            line("rows", true, "those that were made up stop it, as its hazards say; empty tables don't:");
            said("", why);
        }
        (Some(why), ..) => {
            line("rows", false, "those that were made up stop it, empty tables don't:");
            said("", why);
            said("", "if rows that are there can't do that, it holds: say so over the statement, with");
            said("", "`-- limbeck:hazard FAILS_ON_ROWS` and why");
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
