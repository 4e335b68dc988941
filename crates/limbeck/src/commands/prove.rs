//! `limbeck prove`.

use limbeck_catalog::{Kind, Pair};
use limbeck_diff::mention::add_body_needs;
use limbeck_introspect::Snapshot;
use limbeck_migrate::{Graph, Revision};
use limbeck_report::report::{Changed, Proof, VERSION};

use crate::chain::{self, Chain};
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::{self, BAD, GOOD, ID, styled};
use crate::{migrations, progress, reporting};

/// Prove a revision on a scratch database: it runs, and its downgrade restores what was there
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which: `head`, a revision, a unique prefix of one, a label or a tag
    #[arg(value_name = "REV", default_value = "head")]
    rev: String,
}

/// What was tried, and what came of it.
struct Tried {
    proof: Proof,
    /// Why a direction stops, with its place in the file.
    stops: Option<Failure>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let graph = migrations::graph(ctx)?;
    let id = graph.resolve_one(&args.rev, &[]).map_err(limbeck_migrate::Error::from)?;
    let Some(revision) = graph.get(&id) else {
        return Err(Failure::usage(format!("there is no revision {id}")));
    };
    let mut chain = Chain::open(ctx, chain::like(ctx).await.as_ref()).await?;
    let step = progress::step(ctx, "proving on scratch");
    let tried = prove(&graph, revision, &mut chain).await;
    drop(step);
    chain.close().await;
    let tried = tried?;
    match format {
        Format::Human => show(revision, &tried),
        Format::Json => reporting::json(&tried.proof),
    }
    Ok(if tried.proof.holds { Answer::Yes } else { Answer::No })
}

async fn prove(graph: &Graph, revision: &Revision, chain: &mut Chain) -> Result<Tried> {
    let mut tried = Tried { proof: proof(revision, chain.provider()), stops: None };
    before(graph, revision, chain).await?;
    let start = state(chain).await?;
    if let Err(error) = chain.upgrade(graph, revision.id().as_str()).await {
        let failure = stopped(error)?;
        tried.proof.upgrade_stops = message(&failure);
        tried.stops = Some(failure);
        return Ok(tried);
    }
    // Only what the revision needs is applied besides it, so it is the one that goes.
    if let Err(error) = chain.downgrade(graph, "-1").await {
        let failure = stopped(error)?;
        tried.proof.downgrade_stops = message(&failure);
        tried.stops = Some(failure);
        return Ok(tried);
    }
    let back = state(chain).await?;
    tried.proof.not_restored = differing(&back, &start);
    tried.proof.holds = tried.proof.not_restored.is_empty();
    Ok(tried)
}

fn proof(revision: &Revision, provider: String) -> Proof {
    Proof {
        version: VERSION,
        revision: revision.id().to_string(),
        provider,
        holds: false,
        upgrade_stops: None,
        downgrade_stops: None,
        not_restored: Vec::new(),
        unproven: vec!["whether rows are kept: the tables of the proof are empty".to_owned()],
    }
}

/// Runs what the revision follows and depends on.
async fn before(graph: &Graph, revision: &Revision, chain: &mut Chain) -> Result<()> {
    let header = &revision.header;
    let parents = header.parents.iter().map(ToString::to_string);
    for target in parents.chain(header.depends_on.iter().cloned()) {
        chain.upgrade(graph, &target).await.map_err(|error| {
            Failure::from(error).note(format!("on a scratch database, before {} was tried", revision.id()))
        })?;
    }
    Ok(())
}

async fn state(chain: &mut Chain) -> Result<Snapshot> {
    let mut snapshot = chain.snapshot().await?;
    add_body_needs(&mut snapshot.catalog);
    Ok(snapshot)
}

/// A revision that stops is an answer; a server that is gone is not.
fn stopped(error: limbeck_migrate::Error) -> Result<Failure> {
    let failure = Failure::from(error);
    if failure.code == Code::Content { Ok(failure) } else { Err(failure) }
}

fn message(failure: &Failure) -> Option<String> {
    failure.reports.first().map(|report| report.message.clone())
}

/// What is not as it was. Rights are cluster-wide in part, and a scratch server has other roles.
fn differing(back: &Snapshot, start: &Snapshot) -> Vec<Changed> {
    let sides = Pair { from: &start.catalog, to: &back.catalog };
    let fates = limbeck_diff::difference(sides, false);
    let ids: Vec<_> = fates.into_keys().filter(|id| id.kind != Kind::Rights).collect();
    limbeck_report::gather::differing(sides, &ids)
}

fn show(revision: &Revision, tried: &Tried) {
    let proof = &tried.proof;
    let message = output::printable(&revision.header.message);
    output::data(format!("{} {message}", styled(ID, revision.id())));
    let (good, bad) = (styled(GOOD, "holds"), styled(BAD, "fails"));
    let upgrade = proof.upgrade_stops.is_none();
    output::data(format!("  upgrade    {}", if upgrade { format!("{good}  it runs") } else { format!("{bad}  it stops") }));
    output::data(format!("  downgrade  {}", match (upgrade, &proof.downgrade_stops) {
        (false, _) => "not tried".to_owned(),
        (true, Some(_)) => format!("{bad}  it stops"),
        (true, None) if proof.not_restored.is_empty() => format!("{good}  it restores what was there"),
        (true, None) => format!("{bad}  it does not restore what was there:"),
    }));
    if !proof.not_restored.is_empty() {
        output::data(limbeck_report::human::objects(&proof.not_restored, reporting::width()).trim_end());
    }
    output::data(format!("  on         {}", output::printable(&proof.provider)));
    for why in &proof.unproven {
        output::data(format!("  not tried  {}", output::printable(why)));
    }
    if let Some(failure) = &tried.stops {
        failure.reports.iter().for_each(output::error);
    }
}
