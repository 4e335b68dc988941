//! `limbeck pull`.

use camino::Utf8PathBuf;
use limbeck_model::WriteOptions;

use crate::comparing;
use crate::context::Ctx;
use crate::exit::{Answer, Result};
use crate::migrations::tidy;
use crate::{connect, output, progress, reporting};

/// Write models from the database; what did not change stays as it is written
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to write into, instead of the configured one
    #[arg(long, value_name = "DIR")]
    models: Option<Utf8PathBuf>,
    /// Only these schemas
    #[arg(long, value_name = "SCHEMA")]
    schema: Vec<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let directory = match &args.models {
        Some(directory) => tidy(directory.clone()),
        None => comparing::models_directory(ctx)?,
    };
    let mut connection = connect::open(ctx).await?;
    let step = progress::step(ctx, "reading the database");
    let mut snapshot = comparing::live(&mut connection).await?;
    drop(step);
    if !args.schema.is_empty() {
        let kept = |id: &limbeck_catalog::ObjectId| args.schema.iter().any(|schema| schema == id.schema());
        snapshot.catalog.objects.retain(|id, _| kept(id) || id.kind == limbeck_catalog::Kind::Extension);
    }
    let files = limbeck_model::write(&snapshot.catalog, &WriteOptions::default());
    fs_err::create_dir_all(&directory)?;
    let mut written = 0;
    for (path, text) in &files {
        let path = directory.join(path);
        if fs_err::read_to_string(&path).is_ok_and(|old| old == *text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(&path, text)?;
        written += 1;
    }
    if ctx.chatty() {
        output::say(format!("wrote {written} of {} model files in {directory}", files.len()));
        reporting::say_uncompared(&snapshot.catalog);
    }
    Ok(Answer::Yes)
}
