//! `limbeck check`.

use limbeck_introspect::Snapshot;
use limbeck_migrate::{Applied, Graph, RevisionId, State};
use limbeck_model::Declared;
use limbeck_report::github::{annotation, github};
use limbeck_report::{Detail, History, Report, human};

use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::{chain, comparing, drift, migrations, output, progress, reporting, stranded};

/// Say whether the database is as the models say, or a new revision is needed
#[derive(Debug, clap::Args)]
#[command(after_help = "Formats: human, json, and github (annotations of a pull request).")]
pub(crate) struct Args {
    /// Look for drift even where the models are as the database is: whether the database is what its own
    /// revisions make
    #[arg(long)]
    drift: bool,
}

/// How the answer is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Human,
    Json,
    Github,
}

/// What the models are judged against.
struct Judged {
    /// What was read.
    snapshot: Snapshot,
    /// In words.
    name: &'static str,
    /// How database and revisions stand to each other.
    history: History,
}

const DATABASE: &str = "the database";
const CHAIN: &str = "what the revisions make on scratch";

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = format(ctx)?;
    let declared = comparing::models(ctx)?;
    comparing::refuse_no_models(ctx, &declared)?;
    let graph = Graph::load(&migrations::directories(ctx)?)?;
    let judged = judged(ctx, &graph).await?;
    let compared = comparing::compared(ctx, &judged.snapshot, &declared).await?;
    let mut report = reporting::report(&compared.comparison, judged.name, "the models");
    let mass_drop =
        comparing::refuse_mass_drop(ctx, &judged.snapshot.catalog, &declared, &compared.comparison);
    compared.close().await;
    let mut history = judged.history;
    // What the database is said to be is worth a doubt only where it was read, and stands at its heads.
    if judged.name == DATABASE && history.pending.is_empty() && (args.drift || !report.same) {
        history.drift = drift::of(ctx, &graph, &judged.snapshot).await?;
    }
    let uncompared = judged.snapshot.catalog;
    let drifted = args.drift && history.drift.as_ref().is_some_and(|drift| !drift.is_empty());
    let well = report.same && history.heads.len() < 2 && history.edited.is_empty() && !drifted;
    match format {
        Format::Human => {
            show(ctx, &report, &history, &uncompared);
            if let Err(failure) = mass_drop {
                failure.reports.iter().for_each(output::error);
            }
        }
        Format::Github => annotate(&report, &history, &graph, &declared),
        Format::Json => {
            report.history = Some(history);
            reporting::json(&report);
        }
    }
    Ok(if well { Answer::Yes } else { Answer::No })
}

fn format(ctx: &Ctx) -> Result<Format> {
    match ctx.globals.format.as_str() {
        "human" => Ok(Format::Human),
        "json" => Ok(Format::Json),
        "github" => Ok(Format::Github),
        other => Err(Failure::usage(format!("this command has no format {other:?}"))
            .help("it has human, json and github")),
    }
}

/// The database; or what the revisions make, where there is no database or it is behind them.
async fn judged(ctx: &Ctx, graph: &Graph) -> Result<Judged> {
    let heads: Vec<String> = graph.heads().iter().map(|revision| revision.id().to_string()).collect();
    let server = match connect::wanted(ctx)? {
        Wanted::Server(server) => server,
        wanted @ (Wanted::Ephemeral | Wanted::Nothing) => {
            if matches!(wanted, Wanted::Nothing) {
                output::say(
                    "no database is configured: what the revisions make on scratch stands in for one",
                );
            }
            // A folder of revisions that isn't there is a mistake here, as nothing else is looked at.
            let graph = migrations::graph(ctx)?;
            let snapshot = chain::whole(ctx, &graph, None).await?;
            return Ok(Judged { snapshot, name: CHAIN, history: History { heads, ..History::default() } });
        }
    };
    let step = progress::step(ctx, "reading the database");
    let mut connection = server.open().await?;
    let applied = migrations::applied(ctx, graph, &mut connection).await?;
    stranded::warn(&migrations::settings(ctx)?.table.stranded(&mut connection, graph, &applied).await?);
    let live = comparing::live(&mut connection).await?;
    drop(step);
    let history = History { heads, ..history(graph, &applied) };
    let behind =
        graph.revisions().iter().filter(|revision| history.pending.contains(&revision.id().to_string()));
    let behind: Vec<String> = behind.map(|r| format!("{} {}", r.id(), r.header.message)).collect();
    if behind.is_empty() {
        return Ok(Judged { snapshot: live, name: DATABASE, history });
    }
    output::say(format!("the database is behind by {}:", behind.len()));
    behind.iter().for_each(|revision| output::say(format!("  {}", limbeck_report::printable_line(revision))));
    match chain::whole(ctx, graph, Some(&live)).await {
        Ok(snapshot) => {
            output::say("so the models are judged against what the revisions make on scratch");
            Ok(Judged { snapshot, name: CHAIN, history })
        }
        // The first revision may stand on what was there before it.
        Err(failure) if !applied.is_empty() || !live.catalog.objects.is_empty() => {
            let why = failure.message();
            output::warn(format!("the revisions don't run on an empty database ({why})"));
            output::say("so the models are judged against the database as it is");
            Ok(Judged { snapshot: live, name: DATABASE, history })
        }
        Err(failure) => Err(failure),
    }
}

fn history(graph: &Graph, applied: &[Applied]) -> History {
    let ids = |rows: Vec<&Applied>| rows.into_iter().map(|row| row.revision.to_string()).collect();
    let is_edited = |row: &&Applied| graph.get(&row.revision).is_some_and(|r| !row.edited(r).is_empty());
    let is_applied =
        |id: &RevisionId| applied.iter().any(|row| row.revision == *id && row.state == State::Applied);
    let revisions = graph.revisions().iter().map(|revision| revision.id());
    History {
        heads: Vec::new(),
        pending: revisions.filter(|id| !is_applied(id)).map(ToString::to_string).collect(),
        edited: ids(applied.iter().filter(is_edited).collect()),
        missing: ids(applied.iter().filter(|row| graph.get(&row.revision).is_none()).collect()),
        half_done: ids(applied.iter().filter(|row| row.state != State::Applied).collect()),
        drift: None,
    }
}

fn show(ctx: &Ctx, report: &Report, history: &History, judged: &limbeck_catalog::Catalog) {
    if report.same {
        output::data(format!("{} is as the models say", report.from));
    } else {
        output::data(human(report, Detail::Short, reporting::width()).trim_end());
        output::say("a new revision is needed: `limbeck revision --autogenerate -m MESSAGE`");
        output::say("`limbeck diff` shows more");
    }
    history.drift.iter().for_each(|drift| drift::show(drift, report.same));
    for trouble in troubles(history) {
        output::data(trouble.what);
        trouble.ways.iter().for_each(|way| output::say(format!("  {way}")));
    }
    for id in &history.half_done {
        output::warn(format!("{id} is half-way; `limbeck current` says more"));
    }
    for why in &report.unproven {
        output::warn(format!("not settled: {why}"));
    }
    if ctx.chatty() {
        reporting::say_uncompared(judged);
    }
}

/// What makes the answer "no", besides differences, and the ways on.
struct Trouble {
    what: String,
    ways: Vec<String>,
}

fn troubles(history: &History) -> Vec<Trouble> {
    let several = (history.heads.len() > 1).then(|| Trouble {
        what: format!("there are several heads: {}", history.heads.join(", ")),
        ways: vec![
            "`limbeck merge -m MESSAGE` joins them".to_owned(),
            format!(
                "`limbeck rebase {} --onto {}` puts one line behind the other",
                history.heads.last().map_or("", String::as_str),
                history.heads[0]
            ),
        ],
    });
    let edited = history.edited.iter().map(|id| Trouble {
        what: format!("{id} was edited after it was applied"),
        ways: vec![
            format!("to run the new text: `limbeck downgrade {id}-1`, then `limbeck upgrade head`"),
            "to leave it as it ran: put the file back, and write a new revision".to_owned(),
            "if the database has the new text already: `limbeck stamp current`".to_owned(),
        ],
    });
    several.into_iter().chain(edited).collect()
}

fn annotate(report: &Report, history: &History, graph: &Graph, declared: &Declared) {
    for line in github(report, |id| reporting::place(declared, id)).lines() {
        output::data(line);
    }
    for (index, trouble) in troubles(history).iter().enumerate() {
        let words = format!("{}; {}", trouble.what, trouble.ways.join("; "));
        let edited =
            index.checked_sub(usize::from(history.heads.len() > 1)).and_then(|at| history.edited.get(at));
        let path = edited.and_then(|id| graph.revisions().iter().find(|r| r.id().as_str() == *id));
        let place = path.map(|revision| (revision.path.to_string(), 1));
        output::data(annotation("error", "the revisions", &words, place).trim_end());
    }
}
