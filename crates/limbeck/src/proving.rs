//! A revision, tried on scratch: what it follows is run first, the tables get rows, then it goes there and
//! back.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::note::Hazard;
use limbeck_catalog::{Kind, ObjectId, Pair};
use limbeck_diff::mention::add_body_needs;
use limbeck_introspect::{Server, Snapshot};
use limbeck_migrate::{Graph, Revision};
use limbeck_report::report::{Changed, Proof, Rows, VERSION};
use limbeck_scratch::observe::{Names, Observation, changed_values, lost_rows, observe, rewritten};
use limbeck_scratch::seed::Seeded;
use serde::{Deserialize, Serialize};

use crate::chain::{Chain, Ground};
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::progress;

/// What was tried, and what came of it.
pub(crate) struct Tried {
    pub(crate) proof: Proof,
    /// Why a direction stops, with its place in the file.
    pub(crate) stops: Option<Failure>,
}

/// What there is at one moment.
pub(crate) struct State {
    pub(crate) snapshot: Snapshot,
    pub(crate) rows: Observation,
}

/// Tries a revision, with rows in the tables. Where it stops, it is tried on empty ones as well: made-up
/// rows may be refused where real ones are not (by a new check, by a new unique index). That is a proof
/// where the revision itself says that rows may stop it; else it says what the matter is.
pub(crate) async fn try_out(
    ctx: &Ctx,
    graph: &Graph,
    revision: &Revision,
    like: Option<&Server>,
) -> Result<Tried> {
    let with_rows = on_a_chain(ctx, graph, revision, like, true).await?;
    if !stops_on_rows(&with_rows) {
        return Ok(with_rows);
    }
    let empty = on_a_chain(ctx, graph, revision, like, false).await?;
    Ok(on_empty_tables(revision, with_rows, empty))
}

/// Whether it stops, and there were rows that may be why.
pub(crate) fn stops_on_rows(tried: &Tried) -> bool {
    tried.stops.is_some() && tried.proof.rows.seeded > 0
}

/// What to say of a revision that was tried with rows, and stopped, and without.
pub(crate) fn on_empty_tables(revision: &Revision, with_rows: Tried, mut empty: Tried) -> Tried {
    if empty.stops.is_none() {
        let refused = with_rows.stops.as_ref().map(Failure::message);
        empty.proof.rows = Rows { refused, ..with_rows.proof.rows };
        empty.proof.holds &= may_stop_on_rows(revision);
    }
    empty
}

async fn on_a_chain(
    ctx: &Ctx,
    graph: &Graph,
    revision: &Revision,
    like: Option<&Server>,
    rows: bool,
) -> Result<Tried> {
    let ground = Ground::open(ctx, graph, like).await?;
    let step = progress::step(ctx, "proving on scratch");
    let tried = from_nothing(&ground, graph, revision, rows).await;
    drop(step);
    ground.close().await;
    tried
}

async fn from_nothing(ground: &Ground, graph: &Graph, revision: &Revision, rows: bool) -> Result<Tried> {
    let mut chain = ground.chain().await?;
    before(graph, &[revision], &mut chain).await?;
    let filled = if rows { Filled::of(&mut chain).await? } else { Filled::default() };
    there_and_back(ground, graph, revision, &mut chain, filled).await
}

/// Tries a revision on a database that stands right before it, and has these rows.
pub(crate) async fn there_and_back(
    ground: &Ground,
    graph: &Graph,
    revision: &Revision,
    chain: &mut Chain,
    filled: Filled,
) -> Result<Tried> {
    let mut tried = Tried { proof: proof(revision, ground.provider()), stops: None };
    let proof = &mut tried.proof;
    proof.rows.seeded = filled.rows;
    proof.unproven = filled.unfilled;
    let (id, start) = (revision.id().as_str(), state(chain).await?);
    if let Err(failure) = chain.upgrade(graph, id).await {
        proof.upgrade_stops = Some(failure.message());
        tried.stops = Some(stopped(failure)?);
        return Ok(tried);
    }
    let reached = state(chain).await?;
    // Of its line, which it ends, the revision goes alone.
    if let Err(failure) = chain.downgrade(graph, &format!("{id}@-1")).await {
        proof.downgrade_stops = Some(failure.message());
        tried.stops = Some(stopped(failure)?);
        return Ok(tried);
    }
    let back = state(chain).await?;
    proof.not_restored = differing(&back, &start);
    survival(&mut proof.rows, &start.rows, &reached.rows, &back.rows);
    if let Err(failure) = chain.upgrade(graph, id).await {
        proof.repeat_stops = Some(failure.message());
        tried.stops = Some(stopped(failure)?);
        return Ok(tried);
    }
    proof.not_repeated = differing(&state(chain).await?, &reached);
    proof.holds =
        proof.not_restored.is_empty() && proof.not_repeated.is_empty() && proof.rows.lost.is_empty();
    Ok(tried)
}

/// Whether a revision says of itself that rows may stop it.
pub(crate) fn may_stop_on_rows(revision: &Revision) -> bool {
    const HAZARDS: [Hazard; 3] = [Hazard::FailsOnRows, Hazard::ValueChange, Hazard::NeedsDecision];
    let says = |line: &str| {
        let code = line.trim().strip_prefix("-- limbeck:hazard ").and_then(|rest| rest.split(' ').next());
        code.is_some_and(|code| HAZARDS.iter().any(|hazard| hazard.code() == code))
    };
    let parts = revision.upgrade.iter().chain(&revision.downgrade);
    parts.flat_map(|part| part.text.sql.lines()).any(says)
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
        repeat_stops: None,
        not_repeated: Vec::new(),
        rows: Rows::default(),
        unproven: Vec::new(),
    }
}

/// Runs what some revisions follow and depend on, besides themselves.
pub(crate) async fn before(graph: &Graph, revisions: &[&Revision], chain: &mut Chain) -> Result<()> {
    for revision in revisions {
        let header = &revision.header;
        let parents = header.parents.iter().map(ToString::to_string);
        for target in parents.chain(header.depends_on.iter().cloned()) {
            let own = graph.resolve_one(&target, &[]).map_err(limbeck_migrate::Error::from)?;
            if revisions.iter().all(|revision| *revision.id() != own) {
                chain.upgrade(graph, &target).await.map_err(|failure| {
                    failure.note(format!("on a scratch database, before {} was tried", revision.id()))
                })?;
            }
        }
    }
    Ok(())
}

/// The rows that were made up.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filled {
    /// How many.
    pub(crate) rows: usize,
    /// For which tables there could be none, and why.
    unfilled: Vec<String>,
}

impl Filled {
    /// Puts rows into the tables.
    pub(crate) async fn of(chain: &mut Chain) -> Result<Self> {
        let Seeded { rows, unseeded } = chain.fill().await?;
        let why = |(table, why): (ObjectId, String)| format!("no rows could be made up for {table}: {why}");
        Ok(Filled { rows, unfilled: unseeded.into_iter().map(why).collect() })
    }
}

/// Looks at what there is.
pub(crate) async fn state(chain: &mut Chain) -> Result<State> {
    let mut snapshot = chain.snapshot().await?;
    add_body_needs(&mut snapshot.catalog);
    let rows = observe(chain.session().await?, &snapshot.catalog).await.map_err(scratch_failed)?;
    Ok(State { snapshot, rows })
}

pub(crate) fn scratch_failed(error: limbeck_scratch::Error) -> Failure {
    Failure::of(Code::Database, &error)
}

/// A revision that stops is an answer; a server that is gone is not.
pub(crate) fn stopped(failure: Failure) -> Result<Failure> {
    if failure.code == Code::Content { Ok(failure) } else { Err(failure) }
}

/// What is not as it was. Rights are cluster-wide in part, and a scratch server has other roles.
pub(crate) fn differing(back: &State, start: &State) -> Vec<Changed> {
    let sides = Pair { from: &start.snapshot.catalog, to: &back.snapshot.catalog };
    let fates = limbeck_diff::difference(sides, false);
    let ids: Vec<_> = fates.into_keys().filter(|id| id.kind != Kind::Rights).collect();
    limbeck_report::gather::differing(sides, &ids)
}

/// What became of the rows. A revision that a person wrote does not say what it renames: what has
/// another name afterwards is not followed.
fn survival(rows: &mut Rows, start: &Observation, reached: &Observation, back: &Observation) {
    let names = Names::new();
    let words = |ids: BTreeSet<ObjectId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    // The values of a table that has fewer rows differ anyway.
    let other_values = |pair: Pair<&Observation>, fewer: &BTreeMap<ObjectId, u64>| {
        let mut changed = changed_values(pair, &names);
        changed.retain(|id| !id.parent().is_some_and(|(table, _)| fewer.contains_key(&table)));
        changed
    };
    let (up, round) = (Pair { from: start, to: reached }, Pair { from: start, to: back });
    let (lost, gone) = (lost_rows(up, &names), lost_rows(round, &names));
    rows.changed = words(other_values(up, &lost));
    rows.rewritten = words(rewritten(up, &names));
    rows.lost = lost.into_iter().map(|(table, count)| format!("{table} ({count} of its rows)")).collect();
    rows.not_brought_back = words(other_values(round, &gone).into_iter().chain(gone.into_keys()).collect());
}
