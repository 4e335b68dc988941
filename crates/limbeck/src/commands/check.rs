//! `limbeck check`.

use limbeck_introspect::Snapshot;
use limbeck_migrate::{Applied, Graph, RevisionId, State};
use limbeck_model::Declared;
use limbeck_report::github::{annotation, github};
use limbeck_report::{Detail, History, Report, human};

use crate::agreed::Known;
use crate::comparing::Compared;
use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::reading::Models;
use crate::sources::Source;
use crate::{chain, comparing, drift, migrations, output, progress, reporting, stranded};

/// Say whether the database is as the models say, or a new revision is needed
#[derive(Debug, clap::Args)]
#[command(after_help = "Formats: human, json, and github (annotations of a pull request).")]
pub(crate) struct Args {
    /// Look for drift even where the models are as the database is: whether the database is what its own
    /// revisions make
    #[arg(long)]
    drift: bool,
    /// What is judged by the models: `db`, `migrations`, a URL, a snapshot file, `git:REV`
    #[arg(long, value_name = "SOURCE", default_value = "db")]
    from: String,
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
    /// What was read; without objects, where nothing has changed since it was as the models say.
    snapshot: Snapshot,
    /// Whether that is so.
    agreed: bool,
    /// In words.
    name: String,
    /// Whether it is the database itself.
    live: bool,
    /// Whether there may have been something before the first revision.
    begun: bool,
    /// How database and revisions stand to each other.
    history: History,
}

const DATABASE: &str = "the database";

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = format(ctx)?;
    let source = Source::parse(&args.from)?;
    let graph = Graph::load(&migrations::directories(ctx)?)?;
    let mut models = match Models::find(ctx) {
        Ok(models) => models,
        // Without models there is still a history to judge.
        Err(failure) => {
            say_troubles(&asked(ctx, &graph).await);
            return Err(failure);
        }
    };
    let mut known = known(ctx, &args, &source, &models)?;
    if !known.as_ref().is_some_and(Known::has_agreed) {
        models.begin();
    }
    let there = there(ctx, &graph, &source, &mut models, known.as_mut()).await;
    let declared = match (&there, models) {
        (Ok(Some(Judged { agreed: true, .. })), _) => Declared::default(),
        // Mistakes in the models come first, whatever is wrong with the database.
        (_, models) => match models.declared() {
            Ok(declared) => declared,
            Err(failure) => {
                // A database that did not answer is not asked again.
                let history = there.ok().flatten().map(|judged| judged.history);
                say_troubles(&history.unwrap_or_else(|| unasked(&graph)));
                return Err(failure);
            }
        },
    };
    let judged = match (there?, source) {
        (Some(there), _) => at_heads(ctx, &graph, there).await?,
        (None, Source::Database) => stand_in(ctx, &graph).await?,
        (None, source) => elsewhere(ctx, &graph, &source).await?,
    };
    let judged = Judging { judged, declared, graph, known };
    judged.answer(ctx, &args, format).await
}

/// All that the answer is made of.
struct Judging {
    judged: Judged,
    declared: Declared,
    graph: Graph,
    known: Option<Known>,
}

impl Judging {
    async fn answer(self, ctx: &Ctx, args: &Args, format: Format) -> Result<Answer> {
        let Self { judged, declared, graph, known } = self;
        let compared = comparing::compared(ctx, &judged.snapshot, &declared).await?;
        let mut report = reporting::report(&compared.comparison, &judged.name, "the models");
        let mass_drop =
            comparing::refuse_mass_drop(ctx, &judged.snapshot.catalog, &declared, &compared.comparison);
        if let Some(known) = known.filter(|_| report.same && worth_keeping(&judged, &declared, &compared)) {
            known.keep(&judged.snapshot);
        }
        compared.close().await;
        let mut history = judged.history;
        // What the database is said to be is worth a doubt only where it was read, and stands at its heads.
        if judged.live && history.pending.is_empty() && (args.drift || !report.same) {
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
        // The process ends now: to take all objects apart one by one takes as long as to compare them.
        std::mem::forget((declared, uncompared));
        Ok(if well { Answer::Yes } else { Answer::No })
    }
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

/// What is known of the database, if there is one. Drift is looked for in what was read, so then it is read.
fn known(ctx: &Ctx, args: &Args, source: &Source, models: &Models) -> Result<Option<Known>> {
    match (source, connect::wanted(ctx)?) {
        (Source::Database, Wanted::Server(server)) if !args.drift => {
            Known::look(ctx, &server, models.files()).map(Some)
        }
        _ => Ok(None),
    }
}

/// Whether the next run would say the same, if nothing changes: what scratch said depends on more, and a
/// warning would be lost.
fn worth_keeping(judged: &Judged, declared: &Declared, compared: &Compared) -> bool {
    let warns = || !comparing::kept_names(&judged.snapshot.catalog, declared).is_empty();
    judged.live && !judged.agreed && compared.scratch.is_none() && !warns()
}

/// The database, if there is one and it is what is judged. The models are read meanwhile, unless nothing has
/// changed.
async fn there(
    ctx: &Ctx,
    graph: &Graph,
    source: &Source,
    models: &mut Models,
    known: Option<&mut Known>,
) -> Result<Option<Judged>> {
    let (Source::Database, Wanted::Server(server)) = (source, connect::wanted(ctx)?) else { return Ok(None) };
    let _step = progress::step(ctx, "reading the database");
    let mut connection = server.open().await?;
    // It won't be read, if all is as it was.
    let probably_read = !known.as_ref().is_some_and(|known| known.has_agreed());
    let second = probably_read.then(|| server.second());
    let applied = migrations::applied(ctx, graph, &mut connection).await?;
    stranded::warn(&migrations::settings(ctx)?.table.stranded(&mut connection, graph, &applied).await?);
    let history = History { heads: heads(graph), ..history(graph, &applied) };
    let agreed = match known {
        Some(known) if history.pending.is_empty() => known.still(&mut connection).await?,
        Some(_) | None => None,
    };
    let (snapshot, agreed) = match agreed {
        Some(snapshot) => (snapshot, true),
        None => {
            models.begin();
            let second = second.unwrap_or_else(|| server.second());
            (comparing::live_beside(&mut connection, second).await?, false)
        }
    };
    let begun = !applied.is_empty() || !snapshot.catalog.objects.is_empty();
    Ok(Some(Judged { snapshot, agreed, name: DATABASE.to_owned(), live: true, begun, history }))
}

/// What the revisions make, where there is no database.
async fn stand_in(ctx: &Ctx, graph: &Graph) -> Result<Judged> {
    if matches!(connect::wanted(ctx)?, Wanted::Nothing) {
        output::say("no database is configured: what the revisions make on scratch stands in for one");
    }
    let history = History { heads: heads(graph), ..History::default() };
    // A folder of revisions that isn't there is a mistake here, as nothing else is looked at.
    let snapshot = chain::whole(ctx, &migrations::graph(ctx)?, None).await?;
    Ok(Judged { snapshot, agreed: false, name: chain::NAME.to_owned(), live: false, begun: false, history })
}

fn heads(graph: &Graph) -> Vec<String> {
    graph.heads().iter().map(|revision| revision.id().to_string()).collect()
}

/// What another source holds, and what it knows of its own history.
async fn elsewhere(ctx: &Ctx, graph: &Graph, source: &Source) -> Result<Judged> {
    let (side, name) = source.read_with_history(ctx).await?;
    let applied = side.applied();
    let snapshot = side.settled(ctx, None).await?.snapshot;
    let all = graph.revisions().iter().map(|revision| revision.id().to_string());
    let pending = applied.map(|applied| all.filter(|id| !applied.contains(id)).collect()).unwrap_or_default();
    let history = History { heads: heads(graph), pending, ..History::default() };
    at_heads(ctx, graph, Judged { snapshot, agreed: false, name, live: false, begun: true, history }).await
}

/// As it is, if it stands at its heads; else, where that can be built, what the revisions make: what they
/// will do is no difference.
async fn at_heads(ctx: &Ctx, graph: &Graph, there: Judged) -> Result<Judged> {
    let pending = &there.history.pending;
    let behind = graph.revisions().iter().filter(|revision| pending.contains(&revision.id().to_string()));
    let behind: Vec<String> = behind.map(|r| format!("{} {}", r.id(), r.header.message)).collect();
    if behind.is_empty() {
        return Ok(there);
    }
    output::say(format!("{} is behind by {}:", there.name, behind.len()));
    behind.iter().for_each(|revision| output::say(format!("  {}", limbeck_report::printable_line(revision))));
    match chain::whole(ctx, graph, Some(&there.snapshot.server)).await {
        Ok(snapshot) => {
            output::say("so the models are judged against what the revisions make on scratch");
            Ok(Judged { snapshot, name: chain::NAME.to_owned(), live: false, ..there })
        }
        // The first revision may stand on what was there before it.
        Err(failure) if there.begun => {
            let why = failure.message();
            output::warn(format!("the revisions don't run on an empty database ({why})"));
            output::say(format!("so the models are judged against {} as it is", there.name));
            Ok(there)
        }
        Err(failure) => Err(failure),
    }
}

/// The history alone, where no models are there to be judged; as far as it is known here, if nobody answers.
async fn asked(ctx: &Ctx, graph: &Graph) -> History {
    if let Ok(Wanted::Server(server)) = connect::wanted(ctx)
        && let Ok(mut connection) = server.open().await
        && let Ok(applied) = migrations::applied(ctx, graph, &mut connection).await
    {
        return History { heads: heads(graph), ..history(graph, &applied) };
    }
    unasked(graph)
}

/// What files alone say of it.
fn unasked(graph: &Graph) -> History {
    History { heads: heads(graph), ..History::default() }
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
    say_troubles(history);
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

fn say_troubles(history: &History) {
    for trouble in troubles(history) {
        output::data(trouble.what);
        trouble.ways.iter().for_each(|way| output::say(format!("  {way}")));
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
