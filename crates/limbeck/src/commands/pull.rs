//! `limbeck pull`.

use std::borrow::Cow;

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::{Catalog, Kind, ObjectId};
use limbeck_introspect::Snapshot;
use limbeck_model::{FileChange, WriteOptions};
use serde_json::json;

use super::init::SCHEMA;
use crate::context::{Ctx, Format};
use crate::drafts::Drafts;
use crate::exit::{Answer, Failure, Result};
use crate::migrations::tidy;
use crate::sources::Source;
use crate::{chain, comparing, emptying, output, reporting, scope};

/// Write models from the database; what did not change stays as it is written
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to write into, instead of the configured one
    #[arg(long, value_name = "DIR")]
    models: Option<Utf8PathBuf>,
    /// Only these schemas; what models have of others stays as it is
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
    let source = Source::parse(&args.from)?;
    refuse_models(ctx, &source, &directory)?;
    let (side, name) = source.read(ctx).await?;
    let mut snapshot = side.settled(ctx, None).await?.snapshot;
    scope::restrict(ctx, &mut snapshot.catalog)?;
    fs_err::create_dir_all(&directory)?;
    let holder = holder(&args.from, &name);
    let pulled = Pulled { snapshot: &snapshot, schemas: &args.schema, holder };
    let changes = pulled.changes(ctx, &directory).await?;
    apply(&directory, &changes)?;
    if format == Format::Json {
        let (gone, written): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.after.is_none());
        let paths =
            |changes: Vec<&FileChange>| changes.iter().map(|c| c.path.to_string()).collect::<Vec<_>>();
        output::json(json!({ "models": directory, "written": paths(written), "removed": paths(gone) }));
    }
    if ctx.chatty() {
        let files = |count: usize| if count == 1 { "a file".to_owned() } else { format!("{count} files") };
        output::say(match changes.len() {
            0 => format!("the models in {directory} say what {holder} holds: nothing was written"),
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

/// Models are what is written, and no source of it.
fn refuse_models(ctx: &Ctx, source: &Source, directory: &Utf8Path) -> Result<()> {
    let read = match source {
        Source::Models => comparing::models_directory(ctx)?,
        Source::Directory(folder) => folder.clone(),
        Source::Database | Source::Url(_) | Source::Commit(_) | Source::Migrations | Source::Snapshot(_) => {
            return Ok(());
        }
    };
    if read != directory {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the models in {directory} are what `pull` writes, and can't be what it reads"
    ))
    .help("`--from` takes db, migrations, a URL, or a snapshot file"))
}

/// What was read, and which part of it is asked for.
struct Pulled<'a> {
    snapshot: &'a Snapshot,
    /// Only these; all where there is none.
    schemas: &'a [String],
    /// What holds it, in words.
    holder: &'a str,
}

impl Pulled<'_> {
    /// What has to be written: everything into an empty folder; else what the source says otherwise than
    /// the models do. What only the spelling of a person tells apart is asked of scratch, where there is one.
    async fn changes(&self, ctx: &Ctx, directory: &Utf8PathBuf) -> Result<Vec<FileChange>> {
        let existing = comparing::read_models(directory)?;
        let schema_file = directory.join(SCHEMA).exists().then(|| SCHEMA.into());
        let options = WriteOptions { schema_file };
        if existing.files.is_empty() {
            let files = limbeck_model::write(&self.beside(&Catalog::default()), &options).into_iter();
            let new =
                |(path, text)| FileChange { path: directory.join(path), before: None, after: Some(text) };
            return Ok(files.map(new).collect());
        }
        let live = &self.snapshot.catalog;
        let mut settled = existing.catalog.clone();
        if let Ok(compared) = comparing::compared(ctx, self.snapshot, &existing).await {
            // Where both say the same, the comparison holds nothing: models come to what is there.
            let came_to = if compared.comparison.is_same() { live } else { &*compared.comparison.wanted };
            settled.objects.extend(came_to.objects.clone());
            compared.close().await;
        }
        scope::forget_unasked(ctx, &existing.catalog, &mut settled)?;
        let wanted = self.beside(&settled);
        emptying::refuse(ctx, directory, &existing.catalog, &wanted, self.holder)?;
        Ok(limbeck_model::update(directory, &existing, &settled, &wanted, &options))
    }

    /// The part that is asked for, and beside it what models have of other schemas: that stays as it is.
    fn beside(&self, settled: &Catalog) -> Cow<'_, Catalog> {
        let live = &self.snapshot.catalog;
        if self.schemas.is_empty() {
            return Cow::Borrowed(live);
        }
        let is_asked = |id: &ObjectId| {
            // Models that don't have the schema `public` say that it shall go.
            let is_everywhere = id.kind == Kind::Extension || *id == ObjectId::new(Kind::Schema, ["public"]);
            is_everywhere || self.schemas.iter().any(|schema| schema == id.schema())
        };
        let mut part = live.clone();
        part.objects.retain(|id, _| is_asked(id));
        let others = settled.objects.iter().filter(|(id, _)| !is_asked(id));
        part.objects.extend(others.map(|(id, object)| (id.clone(), object.clone())));
        Cow::Owned(part)
    }
}

/// Files move to their places once all are written: a disk that fills up meanwhile leaves the models as they were.
fn apply(directory: &Utf8Path, changes: &[FileChange]) -> Result<()> {
    let mut drafts = Drafts::below(directory);
    let mut written = changes.iter().filter_map(|change| Some((&change.path, change.after.as_ref()?)));
    let drafted = written.try_for_each(|(path, text)| drafts.write(path, text));
    drafted.map_err(|failure| failure.note("no model was changed"))?;
    drafts.place()?;
    for change in changes.iter().filter(|change| change.after.is_none()) {
        match fs_err::remove_file(&change.path) {
            // Another run was first.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}
