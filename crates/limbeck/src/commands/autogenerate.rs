//! The candidate of `revision --autogenerate`: from the database to the models, proven on scratch.

use limbeck_catalog::{BlindSpot, Note};
use limbeck_diff::{Part, candidate, parts};
use limbeck_introspect::Snapshot;
use limbeck_migrate::{Graph, PartText, Revision};
use limbeck_scratch::compare::Extent;
use limbeck_scratch::prove::{self, Proof, prove};

use crate::comparing::{self, Compared};
use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::{Answer, Code, Failure, Result};
use crate::migrations::{self, Draft};
use crate::sources::Source;
use crate::{output, progress};

/// Writes a candidate, or with `sql` prints it.
pub(crate) async fn run(
    ctx: &Ctx,
    graph: &Graph,
    mut draft: Draft,
    from: &Source,
    sql: bool,
) -> Result<Answer> {
    let declared = comparing::models(ctx)?;
    comparing::refuse_no_models(ctx, &declared.files)?;
    let Start { snapshot: live, name, made_from } = start(ctx, graph, from).await?;
    let compared = comparing::compared_or_unsettled(ctx, &live, &declared).await?;
    if compared.comparison.is_same() {
        output::say(format!("no changes: {name} is as the models say; nothing was written"));
        compared.close().await;
        return Ok(Answer::Yes);
    }
    if let Err(refusal) = comparing::refuse_mass_drop(ctx, &live.catalog, &declared, &compared.comparison) {
        compared.close().await;
        return Err(refusal);
    }
    if ctx.globals.verbose > 0 {
        let Extent { settled, of } = compared.comparison.extent;
        output::say(format!("settled {settled} of {of} objects"));
    }
    let candidate = candidate(compared.comparison.sides(), &compared.comparison.renames)
        .map_err(|error| Failure::of(Code::Content, &error).help("this is a bug: please report it"))?;
    let (mut upgrade, downgrade) = (texts(parts(&candidate.upgrade)), texts(parts(&candidate.downgrade)));
    let [there, back] = as_written(&draft, &upgrade, &downgrade)?;
    let step = progress::step(ctx, "proving on scratch");
    let elsewhere =
        compared.scratch.as_ref().map(limbeck_scratch::provider::Scratch::notes).unwrap_or_default();
    let said: Vec<_> = candidate.upgrade.notes().chain(candidate.downgrade.notes()).cloned().collect();
    let search_path = live.server.search_path.as_str();
    let proving = prove::Candidate { upgrade: &there, downgrade: &back, said: &said, search_path };
    let proof = proof(compared, proving).await?;
    drop(step);
    draft.header.made = Some(format!(
        "limbeck {}, {made_from} postgres {} against models",
        env!("CARGO_PKG_VERSION"),
        live.server.version_text
    ));
    draft.header.proof = lines(&proof);
    refuse_unproven(ctx, &draft, &proof)?;
    say_first(&mut upgrade, &blind_spots(&proof, elsewhere));
    if sql {
        output::script(&draft.text(&upgrade, &downgrade)?);
        say(&proof);
        return Ok(Answer::Yes);
    }
    let path = draft.write(&upgrade, &downgrade)?;
    say(&proof);
    super::revision::written(ctx, &draft.header, &path)
}

/// What a candidate starts from.
struct Start {
    snapshot: Snapshot,
    /// In words.
    name: String,
    /// In the words of a revision's header, before `postgres 15.20`.
    made_from: &'static str,
}

/// The database; or with `-d ephemeral` what the revisions make, which needs no database, and of no
/// revisions is nothing; or another source.
async fn start(ctx: &Ctx, graph: &Graph, from: &Source) -> Result<Start> {
    let ephemeral = matches!(connect::wanted(ctx), Ok(Wanted::Ephemeral));
    let made_from = match from {
        Source::Database if !ephemeral => {
            let server = connect::server(ctx)?;
            let mut connection = server.open().await?;
            let second = server.second();
            refuse_behind(ctx, graph, &mut connection).await?;
            let _step = progress::step(ctx, "reading the database");
            let snapshot = comparing::live_beside(&mut connection, second).await?;
            return Ok(Start { snapshot, name: "the database".to_owned(), made_from: "database" });
        }
        Source::Database | Source::Migrations => "revisions on",
        Source::Url(_) => "database",
        Source::Snapshot(_) => "snapshot of",
        Source::Models | Source::Directory(_) | Source::Commit(_) => "models on",
    };
    let (side, name) = from.read_with_history(ctx).await?;
    let applied = side.applied();
    refuse_pending(graph, &name, applied.as_deref())?;
    let snapshot = side.settled(ctx, None).await?.snapshot;
    Ok(Start { snapshot, name, made_from })
}

/// As [`refuse_behind`], for what knows no more of its history than what is applied.
fn refuse_pending(graph: &Graph, name: &str, applied: Option<&[String]>) -> Result<()> {
    let Some(applied) = applied else { return Ok(()) };
    let is_applied = |revision: &Revision| applied.iter().any(|id| id == revision.id().as_str());
    let behind: Vec<_> = graph.revisions().iter().filter(|revision| !is_applied(revision)).collect();
    refuse(name, &behind)
}

/// A candidate is made from what the database is; behind its heads it would repeat what they do, and
/// beside them undo what another branch did.
async fn refuse_behind(ctx: &Ctx, graph: &Graph, connection: &mut sqlx::PgConnection) -> Result<()> {
    let applied = migrations::applied(ctx, graph, connection).await?;
    let table = migrations::settings(ctx)?.table;
    let stranded = table.stranded(connection, graph, &applied).await.map_err(Failure::from)?;
    if !stranded.is_empty() {
        let message = "the database has what revisions did that no file here has".to_owned();
        return Err(crate::stranded::failure(message, &stranded)
            .note("a candidate would undo it")
            .help("or compare what the revisions build: `-d ephemeral`"));
    }
    let is_applied = |id: &limbeck_migrate::RevisionId| applied.iter().any(|row| row.revision == *id);
    let behind: Vec<_> = graph.revisions().iter().filter(|r| !is_applied(r.id())).collect();
    refuse("the database", &behind)
}

fn refuse(name: &str, behind: &[&Revision]) -> Result<()> {
    if behind.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(Code::Content, format!("{name} is behind its revisions"));
    let each = behind.iter().map(|revision| format!("{} {}", revision.id(), revision.header.message));
    Err(each
        .fold(failure, Failure::note)
        .help("`limbeck upgrade head` brings it there; then make the candidate")
        .help("or compare what the revisions build: `-d ephemeral`"))
}

/// The proof, or why there is none.
async fn proof(mut compared: Compared, candidate: prove::Candidate<'_>) -> Result<Result<Proof, String>> {
    let Some(scratch) = compared.scratch.take() else {
        return Ok(Err(compared.comparison.unproven.join("; ")));
    };
    let Some(replica) = compared.comparison.replica.take() else {
        let why = compared.comparison.unproven.join("; ");
        scratch.close().await.ok();
        return Ok(Err(why));
    };
    let proof = prove(&scratch, replica, &compared.comparison, candidate).await;
    scratch.close().await.ok();
    proof.map(Ok).map_err(|error| Failure::of(Code::Database, &error))
}

/// Whoever asks for proof gets no candidate without.
fn refuse_unproven(ctx: &Ctx, draft: &Draft, proof: &Result<Proof, String>) -> Result<()> {
    if !ctx.config()?.safety.require_proof || proof.as_ref().is_ok_and(Proof::holds) {
        return Ok(());
    }
    let refusal = Failure::new(Code::Safety, "the candidate is not proven, and nothing was written");
    let lines = draft.header.proof.iter();
    Err(lines
        .fold(refusal, Failure::note)
        .help("without `require_proof = true` under [safety] it is written, and says so"))
}

/// What can't be seen of the candidate as a whole.
fn blind_spots(proof: &Result<Proof, String>, elsewhere: Vec<String>) -> Vec<Note> {
    let unproven = match proof {
        Ok(proof) if proof.holds() => None,
        Ok(proof) => Some(format!("the proof {}", proof.verdict())),
        Err(why) => Some(format!("not proven because {why}")),
    };
    let unproven = unproven.map(|words| BlindSpot::Unproven.note(words));
    elsewhere.into_iter().map(|words| BlindSpot::SettledElsewhere.note(words)).chain(unproven).collect()
}

/// Writes notes over the first statement.
fn say_first(parts: &mut [PartText], notes: &[Note]) {
    if let Some(first) = parts.first_mut() {
        let said: String = notes.iter().map(|note| format!("-- {note}\n")).collect();
        first.sql.insert_str(0, &said);
    }
}

fn lines(proof: &Result<Proof, String>) -> Vec<String> {
    match proof {
        Ok(proof) => proof.lines(),
        Err(why) => {
            vec![format!("not proven because {}", why.split_whitespace().collect::<Vec<_>>().join(" "))]
        }
    }
}

fn say(proof: &Result<Proof, String>) {
    let lines = lines(proof);
    let (verdict, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match proof {
        Ok(proof) if proof.holds() => output::say(format!("proven: {verdict}")),
        Ok(_) => output::warn(format!("the proof {verdict}")),
        Err(_) => output::warn(verdict),
    }
    rest.iter().for_each(|line| output::say(format!("  {line}")));
}

fn texts(parts: Vec<Part>) -> Vec<PartText> {
    let settings = |part: &Part| if part.unchecked_bodies { vec![unchecked_bodies()] } else { Vec::new() };
    let text = |part: Part| PartText {
        no_transaction: !part.transactional,
        settings: settings(&part),
        of: None,
        sql: part.sql,
    };
    parts.into_iter().map(text).collect()
}

/// The parts as the runner will read them: what is proven is the file, not what it was made of.
fn as_written(draft: &Draft, upgrade: &[PartText], downgrade: &[PartText]) -> Result<[Vec<Part>; 2]> {
    let text = draft.text(upgrade, downgrade)?;
    let revision = limbeck_migrate::file::parse("the candidate".into(), &text).map_err(|mistakes| {
        Failure::from(limbeck_migrate::Error::Mistakes { mistakes }).help("this is a bug: please report it")
    })?;
    let part = |part: limbeck_migrate::Part| Part {
        transactional: !part.text.no_transaction,
        unchecked_bodies: part.text.settings.iter().any(|setting| *setting == unchecked_bodies()),
        sql: part.text.sql,
    };
    Ok([revision.upgrade, revision.downgrade].map(|parts| parts.into_iter().map(part).collect()))
}

fn unchecked_bodies() -> (String, String) {
    ("check_function_bodies".to_owned(), "off".to_owned())
}
