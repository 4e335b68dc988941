//! `limbeck pull`.

use camino::Utf8PathBuf;
use limbeck_introspect::Snapshot;
use limbeck_model::{FileChange, WriteOptions};
use serde_json::json;

use super::init::SCHEMA;
use crate::context::{Ctx, Format};
use crate::drafts::beside;
use crate::exit::{Answer, Failure, Result};
use crate::migrations::tidy;
use crate::sources::Source;
use crate::{chain, comparing, output, reporting, scope};

/// Write models from the database; what did not change stays as it is written
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to write into, instead of the configured one
    #[arg(long, value_name = "DIR")]
    models: Option<Utf8PathBuf>,
    /// Only these schemas
    #[arg(long, value_name = "SCHEMA")]
    schema: Vec<String>,
    /// What is read: `db`, `migrations`, a URL, a snapshot file
    #[arg(long, value_name = "SOURCE", default_value = "db")]
    from: String,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let directory = match &args.models {
        Some(directory) => tidy(directory.clone()),
        None => comparing::models_directory(ctx)?,
    };
    let format = ctx.format()?;
    let (side, name) = Source::parse(&args.from)?.read(ctx).await?;
    let mut snapshot = side.settled(ctx, None).await?.snapshot;
    scope::restrict(ctx, &mut snapshot.catalog)?;
    if !args.schema.is_empty() {
        let kept = |id: &limbeck_catalog::ObjectId| args.schema.iter().any(|schema| schema == id.schema());
        snapshot.catalog.objects.retain(|id, _| kept(id) || id.kind == limbeck_catalog::Kind::Extension);
    }
    fs_err::create_dir_all(&directory)?;
    let changes = changes(ctx, &directory, &snapshot).await?;
    apply(&changes)?;
    if format == Format::Json {
        let (gone, written): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.after.is_none());
        let paths =
            |changes: Vec<&FileChange>| changes.iter().map(|c| c.path.to_string()).collect::<Vec<_>>();
        output::json(json!({ "models": directory, "written": paths(written), "removed": paths(gone) }));
    }
    if ctx.chatty() {
        let files = |count: usize| if count == 1 { "a file".to_owned() } else { format!("{count} files") };
        output::say(match changes.len() {
            0 => format!(
                "the models in {directory} say what {} holds: nothing was written",
                holder(&args.from, &name)
            ),
            count => format!("wrote {} in {directory}", files(count)),
        });
        reporting::say_uncompared(&snapshot.catalog);
    }
    Ok(Answer::Yes)
}

/// What was read, as the message of a pull has it.
fn holder<'a>(from: &str, name: &'a str) -> &'a str {
    if from == "db" && name != chain::NAME { "the database" } else { name }
}

/// What has to be written: everything into an empty folder; else what the database says otherwise than
/// the models do. What only the spelling of a person tells apart is asked of scratch, where there is one.
async fn changes(ctx: &Ctx, directory: &Utf8PathBuf, live: &Snapshot) -> Result<Vec<FileChange>> {
    let existing = comparing::read_models(directory)?;
    let schema_file = directory.join(SCHEMA).exists().then(|| SCHEMA.into());
    let options = WriteOptions { schema_file };
    if existing.files.is_empty() {
        let files = limbeck_model::write(&live.catalog, &options).into_iter();
        let new = |(path, text)| FileChange { path: directory.join(path), before: None, after: Some(text) };
        return Ok(files.map(new).collect());
    }
    let mut settled = existing.catalog.clone();
    if let Ok(compared) = comparing::compared(ctx, live, &existing).await {
        // Where both say the same, the comparison holds nothing: models come to what is there.
        let came_to =
            if compared.comparison.is_same() { &live.catalog } else { &*compared.comparison.wanted };
        settled.objects.extend(came_to.objects.clone());
        compared.close().await;
    }
    scope::forget_unasked(ctx, &existing.catalog, &mut settled)?;
    Ok(limbeck_model::update(directory, &existing, &settled, &live.catalog, &options))
}

/// Writes every file beside its place first, and moves them there once all are written: a disk that fills up meanwhile
/// leaves the models as they were.
fn apply(changes: &[FileChange]) -> Result<()> {
    let written = || changes.iter().filter_map(|change| Some((&change.path, change.after.as_ref()?)));
    let drafts = written().try_for_each(|(path, text)| {
        path.parent().map_or(Ok(()), fs_err::create_dir_all).and_then(|()| fs_err::write(beside(path), text))
    });
    if let Err(error) = drafts {
        written().for_each(|(path, _)| drop(fs_err::remove_file(beside(path))));
        return Err(Failure::from(error).note("no model was changed"));
    }
    written().try_for_each(|(path, _)| fs_err::rename(beside(path), path))?;
    for change in changes.iter().filter(|change| change.after.is_none()) {
        match fs_err::remove_file(&change.path) {
            // Another run was first.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}
