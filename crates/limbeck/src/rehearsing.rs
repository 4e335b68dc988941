//! `--dry-run`: what a run would do, done and not kept. On a scratch database that stands as this one does,
//! with made-up rows; or on the database itself, in a transaction that is rolled back.

use std::time::Duration;

use limbeck_migrate::{Direction, Event, Graph, Planned, Runner, Settings};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::chain::{Chain, Ground};
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

/// A scratch database, as what is said of it calls it.
const ALIKE: &str = "a scratch database with this one's schema";
const MADE: &str = "a scratch database that the revisions made";

/// What came of it.
#[derive(Default)]
struct Tried {
    ran: Vec<(Planned, Duration)>,
    /// On what.
    on: &'static str,
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
        _ if planned.is_empty() => Tried::default(),
        Place::Scratch => on_scratch(ctx, conn, graph, request, &planned).await?,
        Place::Database => here(conn, graph, settings, request).await?,
    };
    answer(ctx, graph, &tried, request.direction, place)
}

/// Tries it with `-d ephemeral`, where no database is: on one that the revisions make. An upgrade begins with
/// nothing, a downgrade at the heads.
pub(crate) async fn from_nothing(ctx: &Ctx, graph: &Graph, request: &Request) -> Result<Answer> {
    let ground = Ground::open(ctx, graph, None).await?;
    let step = progress::step(ctx, "trying it on scratch");
    let tried = on_a_chain(&ground, graph, request).await;
    drop(step);
    ground.close().await;
    let tried = tried.map_err(|failure| failure.note(format!("it was a dry run, on {MADE}")))?;
    answer(ctx, graph, &tried, request.direction, Place::Scratch)
}

async fn on_a_chain(ground: &Ground, graph: &Graph, request: &Request) -> Result<Tried> {
    let mut chain = ground.chain().await?;
    if request.direction == Direction::Downgrade {
        chain.upgrade(graph, "heads").await?;
    }
    let planned = chain.pending(graph, request.direction, &request.target).await?;
    if planned.is_empty() {
        return Ok(Tried { on: MADE, ..Tried::default() });
    }
    let mut rehearsal = Rehearsal { ground, graph, request, planned: &planned, rows: 0 };
    let tried = rehearsal.on(chain).await?;
    Ok(Tried { on: MADE, ..tried })
}

fn answer(ctx: &Ctx, graph: &Graph, tried: &Tried, direction: Direction, place: Place) -> Result<Answer> {
    match ctx.format()? {
        Format::Json => output::json(json(graph, tried, place)),
        Format::Human => show(ctx, graph, tried, direction),
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
    Ok(Tried { ran: rehearsal.ran, held, ..Tried::default() })
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
    let ground = Ground::open(ctx, graph, Some(&live.server)).await?;
    let step = progress::step(ctx, "trying it on scratch");
    let tried = async {
        let mut rehearsal = Rehearsal { ground: &ground, graph, request, planned, rows: 0 };
        let mut chain = ground.replica(&live).await?;
        chain.record(graph, &applied).await?;
        rehearsal.on(chain).await
    }
    .await;
    drop(step);
    ground.close().await;
    tried.map_err(|failure: Failure| {
        failure
            .note(format!("it was a dry run, on {ALIKE}: nothing was touched here"))
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
    /// With rows; where that stops, on empty tables.
    async fn on(&mut self, mut chain: Chain) -> Result<Tried> {
        let mut empty = self.ground.copy(&mut chain).await?;
        match self.with_rows(&mut chain).await {
            Err(failure) if failure.code == Code::Content && self.rows > 0 => {
                let tried = self.ran(&mut empty).await?;
                Ok(Tried { stops_on_rows: Some(failure.message()), ..tried })
            }
            done => done,
        }
    }

    async fn with_rows(&mut self, chain: &mut Chain) -> Result<Tried> {
        self.rows = chain.fill().await?.rows;
        self.ran(chain).await
    }

    async fn ran(&self, chain: &mut Chain) -> Result<Tried> {
        let took = chain.run(self.graph, self.request.direction, &self.request.target).await?;
        let time = |plan: &Planned| took.iter().find(|(id, _)| *id == plan.revision).map(|(_, took)| *took);
        let ran = self.planned.iter().map(|plan| (plan.clone(), time(plan).unwrap_or_default())).collect();
        let provider = Some(self.ground.provider());
        Ok(Tried { ran, provider, on: ALIKE, rows: self.rows, ..Tried::default() })
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
        let why = if tried.on == MADE { "no revision leads there" } else { "the database is there already" };
        output::say(format!("nothing to {}: {why}", direction.word()));
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
            "{runs} on {} and {} made-up rows ({provider}); nothing was touched here",
            tried.on, tried.rows
        )),
        (Some(provider), Some(why)) => {
            output::warn(format!("it stops on made-up rows, and runs on empty tables: {why}"));
            output::say(format!("tried on {} ({provider}); nothing was touched here", tried.on));
            if tried.on == ALIKE {
                output::say("`--dry-run=database` tells whether the rows that are here stop it");
            }
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
