//! `--dry-run`: what a run would do, done and not kept. On a scratch database that stands as this one does,
//! with made-up rows; or on the database itself, in a transaction that is rolled back.

use std::time::Duration;

use limbeck_migrate::{Direction, Event, Graph, Planned, Runner, Settings};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::chain::Ground;
use crate::commands::migrating::Request;
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::{self, DIM, GOOD, ID, printable, styled};
use crate::{comparing, migrations, progress};

/// Where a run is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Place {
    /// On a scratch database with the same schema
    Scratch,
    /// Here, in one transaction that is rolled back
    Database,
}

/// What came of it.
struct Tried {
    ran: Vec<(Planned, Duration)>,
    /// `native 15.18`, where it ran on scratch.
    provider: Option<String>,
    /// How many rows were made up.
    rows: usize,
    /// Why it stops on made-up rows, where it runs on empty tables.
    stops_on_rows: Option<String>,
    /// Locks that were held, `AccessExclusiveLock` on what.
    held: Vec<(String, String)>,
}

/// Tries it, and says what happened.
pub(crate) async fn run(
    ctx: &Ctx,
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    request: &Request,
    place: Place,
) -> Result<Answer> {
    let mut silent = |_: Event<'_>| {};
    let (direction, target) = (request.direction, request.target.as_str());
    let planned = Runner::new(conn, graph, settings, &mut silent).pending(direction, target).await?;
    let tried = match place {
        _ if planned.is_empty() => {
            Tried { ran: Vec::new(), provider: None, rows: 0, stops_on_rows: None, held: Vec::new() }
        }
        Place::Scratch => on_scratch(ctx, conn, graph, request, &planned).await?,
        Place::Database => here(conn, graph, settings, request).await?,
    };
    match ctx.format()? {
        Format::Json => output::json(json(graph, &tried, place)),
        Format::Human => show(ctx, graph, &tried, direction),
    }
    Ok(Answer::Yes)
}

async fn here(
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    request: &Request,
) -> Result<Tried> {
    let mut silent = |_: Event<'_>| {};
    let mut runner = Runner::new(conn, graph, settings, &mut silent);
    let rehearsal = runner
        .rehearse(request.direction, &request.target)
        .await
        .map_err(|error| Failure::from(error).note("it was a dry run: all of it is rolled back"))?;
    let held = rehearsal.held.into_iter().map(|held| (held.mode, held.relation)).collect();
    Ok(Tried { ran: rehearsal.ran, provider: None, rows: 0, stops_on_rows: None, held })
}

async fn on_scratch(
    ctx: &Ctx,
    conn: &mut PgConnection,
    graph: &Graph,
    request: &Request,
    planned: &[Planned],
) -> Result<Tried> {
    let applied = migrations::applied(ctx, graph, conn).await?;
    let live = comparing::live(conn).await?;
    let ground = Ground::open(ctx, Some(&live)).await?;
    let step = progress::step(ctx, "trying it on scratch");
    let tried = async {
        let mut rehearsal = Rehearsal { ground: &ground, graph, request, planned, rows: 0 };
        let mut chain = ground.replica(&live).await?;
        chain.record(graph, &applied).await?;
        let mut empty = ground.copy(&mut chain).await?;
        match rehearsal.with_rows(&mut chain).await {
            Err(failure) if failure.code == Code::Content && rehearsal.rows > 0 => {
                let tried = rehearsal.ran(&mut empty).await?;
                Ok(Tried { stops_on_rows: Some(failure.message()), ..tried })
            }
            done => done,
        }
    }
    .await;
    drop(step);
    ground.close().await;
    tried.map_err(|failure: Failure| {
        failure
            .note("it was a dry run, on a scratch database with this one's schema: nothing was touched here")
            .help("`--dry-run=database` tries it here, in a transaction that is rolled back")
    })
}

/// A run on scratch.
struct Rehearsal<'a> {
    ground: &'a Ground,
    graph: &'a Graph,
    request: &'a Request,
    planned: &'a [Planned],
    rows: usize,
}

impl Rehearsal<'_> {
    async fn with_rows(&mut self, chain: &mut crate::chain::Chain) -> Result<Tried> {
        self.rows = chain.fill().await?.rows;
        self.ran(chain).await
    }

    async fn ran(&self, chain: &mut crate::chain::Chain) -> Result<Tried> {
        let took = chain.run(self.graph, self.request.direction, &self.request.target).await?;
        let time = |plan: &Planned| took.iter().find(|(id, _)| *id == plan.revision).map(|(_, took)| *took);
        let ran = self.planned.iter().map(|plan| (plan.clone(), time(plan).unwrap_or_default())).collect();
        let provider = Some(self.ground.provider());
        Ok(Tried { ran, provider, rows: self.rows, stops_on_rows: None, held: Vec::new() })
    }
}

/// The hazards and blind spots that a revision says of its own statements.
fn notes(graph: &Graph, plan: &Planned) -> Vec<String> {
    let Some(revision) = graph.get(&plan.revision) else { return Vec::new() };
    let lines = revision.parts(plan.direction).iter().skip(plan.done).flat_map(|part| part.text.sql.lines());
    let said = |line: &str| {
        let words = line.trim().strip_prefix("-- limbeck:")?;
        ["hazard ", "blind-spot "].iter().find_map(|sort| words.strip_prefix(sort)).map(str::to_owned)
    };
    lines.filter_map(said).collect()
}

fn show(ctx: &Ctx, graph: &Graph, tried: &Tried, direction: Direction) {
    if tried.ran.is_empty() {
        output::say(format!("nothing to {}: the database is there already", direction.word()));
        return;
    }
    for (plan, took) in &tried.ran {
        let Some(revision) = graph.get(&plan.revision) else { continue };
        output::data(format!(
            "would {} {}  {} {}",
            plan.direction.word(),
            styled(ID, &plan.revision),
            printable(&revision.header.message),
            styled(DIM, format!("({} ms)", took.as_millis()))
        ));
        notes(graph, plan).iter().for_each(|note| output::data(format!("  {}", printable(note))));
        if ctx.globals.verbose > 0 {
            for part in revision.parts(plan.direction).iter().skip(plan.done) {
                output::data(printable(part.text.sql.trim_matches('\n')));
            }
        }
    }
    for (mode, relation) in &tried.held {
        output::data(format!("would hold {mode} on {}", printable(relation)));
    }
    verdict(tried);
}

fn verdict(tried: &Tried) {
    let runs = styled(GOOD, "it runs");
    match (&tried.provider, &tried.stops_on_rows) {
        (None, _) => output::say(format!("{runs} here, in one transaction, which was rolled back")),
        (Some(provider), None) => output::say(format!(
            "{runs} on a scratch database with this one's schema and {} made-up rows ({provider}); nothing was touched here",
            tried.rows
        )),
        (Some(provider), Some(why)) => {
            output::warn(format!("it stops on made-up rows, and runs on empty tables: {why}"));
            output::say(format!(
                "tried on a scratch database with this one's schema ({provider}); nothing was touched here"
            ));
            output::say("`--dry-run=database` tells whether the rows that are here stop it");
        }
    }
}

fn json(graph: &Graph, tried: &Tried, place: Place) -> Value {
    let revision = |(plan, took): &(Planned, Duration)| {
        json!({
            "revision": plan.revision.as_str(),
            "direction": plan.direction.word(),
            "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "notes": notes(graph, plan),
        })
    };
    json!({
        "dry_run": true,
        "where": if place == Place::Scratch { "scratch" } else { "database" },
        "provider": tried.provider,
        "rows": tried.rows,
        "stops_on_rows": tried.stops_on_rows,
        "locks": tried.held.iter().map(|(mode, on)| json!({ "mode": mode, "relation": on })).collect::<Vec<_>>(),
        "revisions": tried.ran.iter().map(revision).collect::<Vec<_>>(),
    })
}
