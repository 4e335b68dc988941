//! What `pull`, `check`, `diff` and `revision --autogenerate` share: the live database, the models, a
//! scratch server, and the comparison.

use std::borrow::Cow;

use camino::Utf8PathBuf;
use limbeck_catalog::{Catalog, Kind};
use limbeck_diff::slice::WHOLE_BELOW;
use limbeck_introspect::{Recording, Server, Snapshot, introspect, introspect_beside, record_beside};
use limbeck_model::{Declared, Diagnostic, SourceFile};
use limbeck_scratch::build::Refused;
use limbeck_scratch::cache::Cache;
use limbeck_scratch::compare::{Comparison, compare, compare_offline};
use limbeck_scratch::provider::{self, Choice, Locale, Places, Scratch, Wanted};
use sqlx::PgConnection;

use crate::connect::{Second, Section};
use crate::context::Ctx;
use crate::emptying::Gone;
use crate::exit::{Code, Failure, Report, Result, Snippet};
use crate::migrations::tidy;
use crate::server_wide::{self, ServerWide};
use crate::{beyond, connect, output, progress, scope};

/// Introspects the database.
pub(crate) async fn live(connection: &mut PgConnection) -> Result<Snapshot> {
    introspect(connection).await.map_err(|error| unreadable(&error))
}

/// The same over two connections, if the second is to be had.
pub(crate) async fn live_beside(connection: &mut PgConnection, second: Second) -> Result<Snapshot> {
    let read = introspect_beside(connection, second.opening()).await;
    read.map_err(|error| unreadable(&error))
}

/// Introspects the database, and keeps what the server said.
pub(crate) async fn recorded(connection: &mut PgConnection, second: Second) -> Result<(Snapshot, Recording)> {
    let read = record_beside(connection, second.opening()).await;
    read.map_err(|error| unreadable(&error))
}

/// Why a database could not be read.
pub(crate) fn unreadable(error: &limbeck_introspect::Error) -> Failure {
    let failure = Failure::of(Code::Database, error);
    match error {
        limbeck_introspect::Error::Row { .. } => {
            failure.help("this is a gap in limbeck: please report it, with the server's version")
        }
        limbeck_introspect::Error::Server(_)
        | limbeck_introspect::Error::Changing
        | limbeck_introspect::Error::Outdated => failure,
    }
}

/// The folder of the models.
pub(crate) fn models_directory(ctx: &Ctx) -> Result<Utf8PathBuf> {
    let config = ctx.config()?;
    Ok(tidy(config.root.join(&config.models.directory)))
}

/// Reads the models; every mistake is reported.
pub(crate) fn models(ctx: &Ctx) -> Result<Declared> {
    read_files(model_files(ctx)?)
}

/// The files of the models.
pub(crate) fn model_files(ctx: &Ctx) -> Result<Vec<SourceFile>> {
    let directory = models_directory(ctx)?;
    if !directory.is_dir() {
        return Err(Failure::usage(format!("the models folder {directory} is not there"))
            .about(["models", "directory"])
            .note(format!("{} names it under [models]", ctx.config()?.path))
            .help("`limbeck pull` writes models from a database"));
    }
    limbeck_model::find(&directory).map_err(|error| unread(&error))
}

/// Reads the models of a folder.
pub(crate) fn read_models(directory: &Utf8PathBuf) -> Result<Declared> {
    read_files(limbeck_model::find(directory).map_err(|error| unread(&error))?)
}

/// Reads models, wherever their files are from.
pub(crate) fn read_files(files: Vec<SourceFile>) -> Result<Declared> {
    declared(limbeck_model::read_files(files))
}

/// What models declare, if they have no mistakes.
pub(crate) fn declared((declared, diagnostics): (Declared, Vec<Diagnostic>)) -> Result<Declared> {
    refuse_mistakes(&declared, &diagnostics.iter().collect::<Vec<_>>())?;
    Ok(declared)
}

/// Why models can't be read at all.
pub(crate) fn unread(error: &limbeck_model::Error) -> Failure {
    let failure = Failure::of(Code::Content, error);
    match error {
        limbeck_model::Error::NotUtf8 { place } => {
            failure.at(Snippet::at(place)).help("save the file as UTF-8")
        }
        limbeck_model::Error::TooLarge { .. } => failure.help("make several files of it"),
        limbeck_model::Error::Read { .. } => failure.help("mend it, or take it out of the models folder"),
    }
}

/// What foreign keys point at and no model declares has to be something that isn't compared.
fn refuse_undeclared(live: &Snapshot, declared: &Declared) -> Result<()> {
    let is_there = |id: &limbeck_catalog::ObjectId| {
        let context = limbeck_catalog::ObjectId { kind: limbeck_catalog::Kind::Context, ..id.clone() };
        live.catalog.contains(&context)
    };
    let missing = declared.undeclared.iter().filter(|(id, _)| !is_there(id));
    refuse_mistakes(declared, &missing.map(|(_, diagnostic)| diagnostic).collect::<Vec<_>>())
}

/// A former name that is still in use is no former name: nothing is renamed, and that is said.
pub(crate) fn kept_names(live: &Catalog, declared: &Declared) -> Vec<String> {
    let mut kept = Vec::new();
    for (id, names) in &declared.renamed_from {
        for name in names {
            let parents = id.path.iter().take(id.path.len() - 1);
            let former = limbeck_catalog::ObjectId::new(id.kind, parents.chain([name.as_str()]));
            let whose = match (live.contains(id), declared.catalog.contains(&former)) {
                (true, _) => "the database has both",
                (false, true) => "the models have both",
                (false, false) => continue,
            };
            if live.contains(&former) {
                kept.push(format!("{id} says `renamed_from: {name}`, but {whose}: nothing is renamed"));
            }
        }
    }
    kept
}

/// Prints mistakes; any of them is a failure.
fn refuse_mistakes(declared: &Declared, diagnostics: &[&Diagnostic]) -> Result<()> {
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        output::tell(format_args!("{}\n\n", diagnostic.render(&declared.files, colour)));
    }
    let words = match diagnostics.len() {
        0 => return Ok(()),
        1 => "a mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    let failure = Failure::new(Code::Content, format!("the models have {words}, nothing was compared"));
    Err(if diagnostics.len() > MOST_SHOWN {
        failure.note(format!("the first {MOST_SHOWN} of them are shown"))
    } else {
        failure
    })
}

/// Mistakes that are shown: a file that is something else altogether has one at every word.
const MOST_SHOWN: usize = 50;

/// A folder without a single model file is nearly always a forgotten path; files that hold nothing but
/// comments are none.
pub(crate) fn refuse_no_models(ctx: &Ctx, files: &[SourceFile]) -> Result<()> {
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if files.iter().any(|file| !file.text.lines().all(says_nothing)) {
        return Ok(());
    }
    let directory = models_directory(ctx)?;
    Err(Failure::new(Code::Safety, format!("there is no model file in {directory}"))
        .note("taken literally, everything in the database would have to go")
        .help("`limbeck pull` writes models from the database")
        .help("if nothing is what is wanted, say so in a file there: `tables: {}`"))
}

/// Models that would drop more than half of a database are nearly always a forgotten path or file.
pub(crate) fn refuse_mass_drop(
    ctx: &Ctx,
    live: &Catalog,
    declared: &Declared,
    comparison: &Comparison,
) -> Result<()> {
    let tables = |catalog: &Catalog| catalog.of_kind(Kind::Table).count();
    let gone = Gone::between(&comparison.from, &comparison.wanted);
    let allowed = ctx.config()?.safety.allow_mass_drop;
    if allowed || tables(live) < Gone::FEW || !gone.are_most() {
        return Ok(());
    }
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let config = tidy(ctx.config()?.path.clone());
    Err(Failure::new(
        Code::Safety,
        format!("the models would drop {} of the {} tables that are there", gone.tables.len(), gone.of),
    )
    .note(format!(
        "{} was read, as {config} says under [models]: {}, {}",
        models_directory(ctx)?,
        counted(declared.files.len(), "file"),
        counted(tables(&declared.catalog), "table"),
    ))
    .note(format!("these would go: {}", gone.list()))
    .help("did files move, or is one missing? `directory` under [models] names the folder")
    .help("is it the right database? `limbeck pull` would write models of all that it has")
    .help("if it is meant, set `allow_mass_drop = true` under [safety] for this one run"))
}

/// Opens scratch as it is configured, like the live server.
pub(crate) async fn scratch(ctx: &Ctx, live: Option<&Server>) -> Result<Scratch> {
    scratch_for(ctx, live, None).await
}

/// The same for revisions, of which this is the first that reaches beyond its database.
pub(crate) async fn scratch_for(
    ctx: &Ctx,
    live: Option<&Server>,
    beyond: Option<&ServerWide>,
) -> Result<Scratch> {
    let wanted = Wanted { roles: beyond.is_some(), ..scratch_wanted(ctx, live).await? };
    let _step = progress::step(ctx, "starting scratch");
    provider::open(&wanted).await.map_err(|error| match (&error, beyond) {
        (provider::Error::Roles, Some(beyond)) => beyond.refused(&error),
        _ => Failure::of(Code::Database, &error).help_if(error.advice()),
    })
}

async fn scratch_wanted(ctx: &Ctx, live: Option<&Server>) -> Result<Wanted> {
    let (config, root) = (&ctx.config()?.scratch, &ctx.config()?.root);
    let native = || Choice::Native { bin: config.bin.as_ref().map(|bin| root.join(bin).into()) };
    let choice = match config.provider.as_deref() {
        None if config.url.is_some() => Choice::Url(scratch_url(ctx)?),
        None if config.bin.is_some() => native(),
        None | Some("auto") => Choice::Auto,
        Some("url") => Choice::Url(scratch_url(ctx)?),
        Some("native") => native(),
        Some("embedded") => Choice::Embedded,
        Some("server")
            if matches!(connect::wanted(ctx)?, connect::Wanted::Ephemeral | connect::Wanted::Nothing) =>
        {
            return Err(Failure::usage("`provider = \"server\"` under [scratch] needs a database")
                .note("scratch databases would be made on its server")
                .help("name one with `-d`; or leave the provider to limbeck"));
        }
        Some("server") => Choice::Server(Box::new(connect::options(ctx).await?)),
        Some("none") => Choice::None,
        Some(other) => {
            let failure = Failure::usage(format!("[scratch] provider {other:?} is not known"));
            return Err(failure
                .about(["scratch", "provider"])
                .help("it is one of auto, native, embedded, url, server, none"));
        }
    };
    let locale = live.map(|live| Locale {
        collate: live.collate.clone(),
        ctype: live.ctype.clone(),
        icu: live.icu.clone(),
    });
    Ok(Wanted { major: live.map(Server::major), locale, choice, places: Places::from_env(), roles: false })
}

fn scratch_url(ctx: &Ctx) -> Result<String> {
    connect::filled(ctx, ctx.config()?.scratch.url.as_deref().unwrap_or_default(), &Section::scratch())
}

/// The comparison, and the scratch server if one was needed.
pub(crate) struct Compared {
    pub(crate) comparison: Comparison,
    pub(crate) scratch: Option<Scratch>,
}

impl Compared {
    /// Lets scratch go.
    pub(crate) async fn close(self) {
        if let Some(replica) = self.comparison.replica {
            replica.drop().await.ok();
        }
        if let Some(scratch) = self.scratch {
            scratch.close().await.ok();
        }
    }
}

/// Where settled models are kept: beside the configuration, unless the environment says not to.
pub(crate) fn cache(ctx: &Ctx) -> Result<Cache> {
    if ctx.variables().get("LIMBECK_NO_CACHE").is_some_and(|v| !v.is_empty() && v != "0") {
        return Ok(Cache::none());
    }
    Ok(Cache::new(ctx.config()?.root.join(".limbeck")))
}

/// A comparison, as far as it comes without scratch.
struct Begun<'a> {
    wanted: Cow<'a, Catalog>,
    cache: Cache,
    /// The whole of it, if it needs none.
    offline: Option<Comparison>,
}

fn begun<'a>(ctx: &Ctx, live: &Snapshot, declared: &'a Declared) -> Result<Begun<'a>> {
    refuse_undeclared(live, declared)?;
    kept_names(&live.catalog, declared).iter().for_each(output::warn);
    let (cache, wanted) = (cache(ctx)?, scope::within(ctx, &live.catalog, &declared.catalog)?);
    beyond::refuse(declared, &wanted, live.catalog.server)?;
    let offline = compare_offline(&live.catalog, &wanted, &cache);
    Ok(Begun { wanted, cache, offline })
}

/// Compares the live database with the models.
pub(crate) async fn compared(ctx: &Ctx, live: &Snapshot, declared: &Declared) -> Result<Compared> {
    let Begun { wanted, cache, offline } = begun(ctx, live, declared)?;
    if let Some(comparison) = offline {
        return Ok(Compared { comparison, scratch: None });
    }
    let scratch = scratch(ctx, Some(&live.server)).await?;
    if let Some(failure) = beyond::on_scratch(&scratch, &live.catalog, &wanted) {
        scratch.close().await.ok();
        return Err(failure);
    }
    on_scratch(ctx, live, declared, &wanted, scratch, &cache).await
}

async fn on_scratch(
    ctx: &Ctx,
    live: &Snapshot,
    declared: &Declared,
    wanted: &Catalog,
    scratch: Scratch,
    cache: &Cache,
) -> Result<Compared> {
    let _step = progress::step(ctx, "building the models on scratch");
    match compare(&scratch, &live.catalog, wanted, &declared.renamed_from, cache, WHOLE_BELOW).await {
        Ok(comparison) => Ok(Compared { comparison, scratch: Some(scratch) }),
        Err(error) => {
            scratch.close().await.ok();
            Err(refused(declared, error))
        }
    }
}

/// Compares for a candidate: where no scratch server can be had, the models are taken word for word, and the
/// candidate says that it is not proven.
pub(crate) async fn compared_or_unsettled(
    ctx: &Ctx,
    live: &Snapshot,
    declared: &Declared,
) -> Result<Compared> {
    let Begun { wanted, cache, offline } = begun(ctx, live, declared)?;
    if let Some(comparison) = offline {
        return Ok(Compared { comparison, scratch: None });
    }
    match provider::open(&scratch_wanted(ctx, Some(&live.server)).await?).await {
        Ok(scratch) => match beyond::on_scratch(&scratch, &live.catalog, &wanted) {
            None => on_scratch(ctx, live, declared, &wanted, scratch, &cache).await,
            Some(failure) => {
                scratch.close().await.ok();
                Ok(unsettled(live, &wanted, failure.message()))
            }
        },
        Err(error) => {
            let advice = error.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
            Ok(unsettled(live, &wanted, format!("there is no scratch server ({error}){advice}")))
        }
    }
}

fn unsettled(live: &Snapshot, wanted: &Catalog, why: String) -> Compared {
    Compared { comparison: Comparison::unsettled(&live.catalog, wanted, why), scratch: None }
}

/// What scratch refuses of the models is a mistake in them, and has a place.
pub(crate) fn refused(declared: &Declared, error: limbeck_scratch::Error) -> Failure {
    match error {
        limbeck_scratch::Error::Build(refusals) if refusals.iter().any(lacking) => {
            let lines = refusals.iter().filter(|r| lacking(r)).map(|r| format!("{}: {}", r.id, r.message));
            lines
                .fold(
                    Failure::new(Code::Database, "the scratch server lacks what the models stand on"),
                    Failure::note,
                )
                .help("install it there (for an extension, its package for the scratch server's version)")
                .help("or take another: server binaries in LIMBECK_PG_BIN, a server in `url` under [scratch]")
                .help(ON_THE_SERVER)
        }
        limbeck_scratch::Error::Build(refusals) => {
            let reports = refusals.iter().map(|refused| refusal(declared, refused)).collect();
            Failure { code: Code::Content, reports }
        }
        other => Failure::of(Code::Database, &other),
    }
}

/// What to do where scratch can't be like the server.
pub(crate) const ON_THE_SERVER: &str =
    "or let a temporary database on the compared server do it: `provider = \"server\"` under [scratch]";

/// Whether it is scratch that lacks something, and not the models that are wrong.
fn lacking(refused: &Refused) -> bool {
    refused.id.kind == limbeck_catalog::Kind::Context
        || (refused.id.kind == limbeck_catalog::Kind::Extension
            && refused.message.contains("is not available"))
        // A server that was built without: ICU's collations, functions of xml.
        || refused.message == "unsupported XML feature"
        || refused.message.ends_with("not supported in this build")
}

fn refusal(declared: &Declared, refused: &Refused) -> Report {
    let place = declared.place_in(&refused.id, &refused.sql, refused.at);
    Report {
        message: format!("Postgres refuses {}: {}", refused.id, refused.message),
        snippet: place.map(|place| snippet(declared, &place)),
        key: None,
        notes: vec![format!("it was asked to run: {}", output::excerpt(&refused.sql, refused.at))],
        help: refused.hint.iter().cloned().chain(advice(refused)).collect(),
    }
}

/// What to do about a refusal of which the server says no more.
fn advice(refused: &Refused) -> Option<String> {
    let words = match refused.code.as_deref() {
        Some("42704") if refused.message.starts_with("role ") => server_wide::ROLES_ON_SCRATCH,
        Some("42704") if refused.message.starts_with("type ") => {
            "declare it under `enums`, `domains` or `types`, or write the schema that it is in"
        }
        Some("42704" | "42P01" | "42883" | "42703" | "3F000") => {
            "the models have to declare it too: nothing is taken from the database"
        }
        Some("42601") => "this is not what the grammar of Postgres has there",
        _ => return None,
    };
    refused.hint.is_none().then(|| words.to_owned())
}

/// A place in the models, with its line.
pub(crate) fn snippet(declared: &Declared, place: &limbeck_model::Place) -> Snippet {
    let file = declared.files.iter().find(|file| file.path == place.path);
    let line = file.and_then(|file| file.text.lines().nth(place.line - 1));
    Snippet { lines: line.map(str::to_owned).into_iter().collect(), ..Snippet::at(place) }
}
