//! `prove --whole`: a revision on a scratch database that holds all that a database holds, and not only the
//! part that a candidate was proven on. What stands right before the revision, rows and all, is kept, so that
//! the next proof begins with a copy of it.

use limbeck_introspect::{Server, Snapshot};
use limbeck_migrate::graph::Point;
use limbeck_migrate::{Graph, Revision, RevisionId};
use limbeck_scratch::cache::content;

use crate::chain::{Chain, Ground};
use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::Result;
use crate::proving::{self, Filled, Tried, before, on_empty_tables, stops_on_rows};
use crate::sources::Source;
use crate::{chain, comparing, migrations, output, progress};

/// Where the proof begins.
struct Base {
    /// What is there; nothing, where the revisions begin with nothing.
    there: Option<Snapshot>,
    /// The revisions that are applied there.
    applied: Vec<RevisionId>,
    /// What scratch shall be like.
    like: Option<Server>,
    /// In words.
    name: String,
}

/// Tries a revision on all of a source.
///
/// # Errors
/// If the source can't be read, or can't be built on scratch.
pub(crate) async fn try_out(ctx: &Ctx, graph: &Graph, revision: &Revision, from: &Source) -> Result<Tried> {
    let base = base(ctx, graph, revision, from).await?;
    let ground =
        Ground::open(ctx, graph, base.there.as_ref().map(|there| &there.server).or(base.like.as_ref()))
            .await?;
    let step = progress::step(ctx, "proving on scratch");
    let tried = on(ctx, &ground, graph, revision, &base).await;
    drop(step);
    ground.close().await;
    tried
}

async fn on(ctx: &Ctx, ground: &Ground, graph: &Graph, revision: &Revision, base: &Base) -> Result<Tried> {
    let with_rows = there_and_back(ctx, ground, graph, revision, base, true).await?;
    if !stops_on_rows(&with_rows) {
        return Ok(with_rows);
    }
    let empty = there_and_back(ctx, ground, graph, revision, base, false).await?;
    Ok(on_empty_tables(revision, with_rows, empty))
}

/// What is there before the revision: all of a database, which may lack revisions before it; else what the
/// revisions make. Of what can't say which revisions it has, it is taken that it has all before this one.
async fn base(ctx: &Ctx, graph: &Graph, revision: &Revision, from: &Source) -> Result<Base> {
    let nothing = Base { there: None, applied: Vec::new(), like: None, name: chain::NAME.to_owned() };
    if *from == Source::Database && !matches!(connect::wanted(ctx)?, Wanted::Server(_))
        || *from == Source::Migrations
    {
        return Ok(nothing);
    }
    let (side, name) = from.read_with_history(ctx).await?;
    let applied = side.applied();
    let there = side.settled(ctx, None).await?.snapshot;
    let applied: Vec<RevisionId> = match applied {
        Some(ids) => graph
            .revisions()
            .iter()
            .map(Revision::id)
            .filter(|id| ids.iter().any(|i| *i == id.as_str()))
            .cloned()
            .collect(),
        None => ancestors(graph, revision),
    };
    if applied.contains(revision.id()) {
        output::say(format!(
            "{name} has {} already: what the revisions before it make stands in",
            revision.id()
        ));
        return Ok(Base { like: Some(there.server), ..nothing });
    }
    Ok(Base { there: Some(there), applied, like: None, name })
}

fn ancestors(graph: &Graph, revision: &Revision) -> Vec<RevisionId> {
    let all = graph.between(&Point::Base { line: None }, std::slice::from_ref(revision.id()));
    all.into_iter().map(Revision::id).filter(|id| *id != revision.id()).cloned().collect()
}

async fn there_and_back(
    ctx: &Ctx,
    ground: &Ground,
    graph: &Graph,
    revision: &Revision,
    base: &Base,
    rows: bool,
) -> Result<Tried> {
    let key = key(ctx, ground, graph, revision, base, rows)?;
    let remembers = !comparing::cache(ctx)?.is_off();
    let kept = if remembers { ground.kept(&key).await } else { None };
    let again = kept.as_ref().map_or("", |_| ", as it was kept by an earlier run");
    let known = kept.and_then(|(chain, note)| Some((chain, serde_json::from_str(&note).ok()?)));
    let (mut chain, filled) = match known {
        Some(known) => known,
        None => {
            let (mut chain, filled) = built(ground, graph, revision, base, rows).await?;
            let note = serde_json::to_string(&filled).unwrap_or_default();
            if remembers {
                ground.keep(&mut chain, &key, &note).await;
            }
            (chain, filled)
        }
    };
    if ctx.chatty() {
        output::say(format!("on all of {}, with {} made-up rows{again}", base.name, filled.rows));
    }
    let tried = proving::there_and_back(ground, graph, revision, &mut chain, filled).await;
    chain.close().await;
    tried
}

/// A database as it is right before the revision.
async fn built(
    ground: &Ground,
    graph: &Graph,
    revision: &Revision,
    base: &Base,
    rows: bool,
) -> Result<(Chain, Filled)> {
    let mut chain = match &base.there {
        Some(there) => ground.replica(there).await?,
        None => ground.chain().await?,
    };
    let applied: Vec<&Revision> = base.applied.iter().filter_map(|id| graph.get(id)).collect();
    chain.record_files(&applied).await?;
    before(graph, &[revision], &mut chain).await?;
    let filled = if rows { Filled::of(&mut chain).await? } else { Filled::default() };
    Ok((chain, filled))
}

/// Names what stands before a revision: all that went into it. The revision itself is no part of it, so that
/// it may be edited and tried again.
fn key(
    ctx: &Ctx,
    ground: &Ground,
    graph: &Graph,
    revision: &Revision,
    base: &Base,
    rows: bool,
) -> Result<String> {
    let settings = migrations::settings(ctx)?;
    let mut key = format!(
        "limbeck {} {} rows {rows} {:?} {:?}\n",
        env!("CARGO_PKG_VERSION"),
        ground.provider(),
        settings.session,
        base.applied
    );
    if let Some(there) = &base.there {
        let Server { collate, ctype, icu, .. } = &there.server;
        key.push_str(&format!("{collate} {ctype} {icu:?}\n"));
        key.push_str(&content(&there.catalog));
    }
    for other in graph.revisions().iter().filter(|other| other.id() != revision.id()) {
        let parts = other.upgrade.iter().map(|part| &part.text).collect::<Vec<_>>();
        key.push_str(&format!("{} {parts:?}\n", other.id()));
    }
    Ok(key)
}
