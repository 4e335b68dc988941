//! A chain of revisions, tried on scratch: each by itself up, down and up again, with rows in the tables;
//! then all of it back to where it began, and up again.

use limbeck_introspect::Server;
use limbeck_migrate::graph::Point;
use limbeck_migrate::{Error, Graph, Revision};
use limbeck_report::report::{ChainProof, VERSION, WayProof};

use crate::chain::{Chain, Ground};
use crate::context::Ctx;
use crate::exit::{Failure, Result};
use crate::progress;
use crate::proving::{
    self, Filled, State, Tried, before, differing, on_empty_tables, state, stopped, stops_on_rows,
};

/// What is proven.
pub(crate) struct Range<'a> {
    /// As it was asked for.
    pub(crate) words: String,
    /// Its revisions, in order.
    pub(crate) revisions: Vec<&'a Revision>,
}

/// What was tried, and what came of it.
pub(crate) struct TriedChain {
    pub(crate) proof: ChainProof,
    /// Each revision by itself.
    pub(crate) revisions: Vec<Tried>,
    /// Why the whole way stops, with its place in a file.
    pub(crate) stops: Option<Failure>,
}

/// The revisions of `A:B`, both inside.
///
/// # Errors
/// If a word can't be resolved, or nothing lies between.
pub(crate) fn range<'a>(graph: &'a Graph, words: &str) -> Result<Range<'a>> {
    let (from, to) = words.split_once(':').unwrap_or(("base", words));
    let resolve = |word: &str| graph.resolve(word, &[]).map_err(Error::from);
    let from = resolve(if from.is_empty() { "base" } else { from })?;
    let to = match resolve(if to.is_empty() { "heads" } else { to })? {
        Point::At(ids) => ids,
        Point::Base { .. } => Vec::new(),
    };
    let revisions = graph.between(&from, &to);
    if revisions.is_empty() {
        return Err(Failure::usage(format!("there is no revision in {words}"))
            .help("`limbeck history -r A:B` shows what a range holds"));
    }
    Ok(Range { words: words.to_owned(), revisions })
}

/// Tries all of it.
pub(crate) async fn try_out(
    ctx: &Ctx,
    graph: &Graph,
    range: &Range<'_>,
    like: Option<&Server>,
) -> Result<TriedChain> {
    let ground = Ground::for_several(ctx, graph, like).await?;
    let step = progress::step(ctx, "proving on scratch");
    let tried = on(&ground, graph, range).await;
    drop(step);
    ground.close().await;
    tried
}

async fn on(ground: &Ground, graph: &Graph, range: &Range<'_>) -> Result<TriedChain> {
    let mut chain = ground.chain().await?;
    before(graph, &range.revisions, &mut chain).await?;
    let start = state(&mut chain).await?;
    let mut revisions = Vec::new();
    for revision in &range.revisions {
        let tried = one(ground, graph, revision, &mut chain).await?;
        let stops = tried.stops.is_some();
        revisions.push(tried);
        if stops {
            break;
        }
        chain.upgrade(graph, revision.id().as_str()).await?;
    }
    let (mut way, mut stops) = (None, None);
    if revisions.iter().all(|tried| tried.stops.is_none()) {
        let (proof, stop) = whole_way(ground, graph, range, &start, &mut chain).await?;
        (way, stops) = (Some(proof), stop);
    }
    let back =
        |way: &WayProof| way.stops.is_none() && way.not_restored.is_empty() && way.not_repeated.is_empty();
    let proof = ChainProof {
        version: VERSION,
        range: range.words.clone(),
        provider: ground.provider(),
        holds: revisions.iter().all(|tried| tried.proof.holds) && way.as_ref().is_some_and(back),
        revisions: revisions.iter().map(|tried| tried.proof.clone()).collect(),
        way,
    };
    Ok(TriedChain { proof, revisions, stops })
}

/// One revision, on a copy of what is before it.
async fn one(ground: &Ground, graph: &Graph, revision: &Revision, chain: &mut Chain) -> Result<Tried> {
    let mut copy = ground.copy(chain).await?;
    let filled = Filled::of(&mut copy).await?;
    let with_rows = proving::there_and_back(ground, graph, revision, &mut copy, filled).await?;
    copy.close().await;
    if !stops_on_rows(&with_rows) {
        return Ok(with_rows);
    }
    let mut copy = ground.copy(chain).await?;
    let empty = proving::there_and_back(ground, graph, revision, &mut copy, Filled::default()).await?;
    copy.close().await;
    Ok(on_empty_tables(revision, with_rows, empty))
}

/// Back to where it began and up again, with rows in the tables; where that stops, on empty ones.
async fn whole_way(
    ground: &Ground,
    graph: &Graph,
    range: &Range<'_>,
    start: &State,
    chain: &mut Chain,
) -> Result<(WayProof, Option<Failure>)> {
    let mut filled = ground.copy(chain).await?;
    let seeded = filled.fill().await?.rows;
    let with_rows = back_and_up(graph, range, start, &mut filled).await?;
    filled.close().await;
    let (Some(stopped), true) = (&with_rows.1, seeded > 0) else {
        return Ok((WayProof { seeded, ..with_rows.0 }, with_rows.1));
    };
    let refused = Some(stopped.message());
    let (way, stops) = back_and_up(graph, range, start, chain).await?;
    let refused = if stops.is_none() { refused } else { None };
    Ok((WayProof { seeded, refused, ..way }, stops))
}

async fn back_and_up(
    graph: &Graph,
    range: &Range<'_>,
    start: &State,
    chain: &mut Chain,
) -> Result<(WayProof, Option<Failure>)> {
    let end = state(chain).await?;
    let mut way = WayProof::default();
    for revision in range.revisions.iter().rev() {
        if let Err(failure) = chain.downgrade(graph, &format!("{}@-1", revision.id())).await {
            way.stops = Some(failure.message());
            return Ok((way, Some(stopped(failure)?)));
        }
    }
    way.not_restored = differing(&state(chain).await?, start);
    for revision in &range.revisions {
        if let Err(failure) = chain.upgrade(graph, revision.id().as_str()).await {
            way.stops = Some(failure.message());
            return Ok((way, Some(stopped(failure)?)));
        }
    }
    way.not_repeated = differing(&state(chain).await?, &end);
    Ok((way, None))
}
