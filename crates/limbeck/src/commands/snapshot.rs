//! `limbeck snapshot`.

use camino::Utf8PathBuf;
use serde_json::json;

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Result};
use crate::migrations::tidy;
use crate::output;
use crate::sources::{self, Source};

/// Write the catalog of a database, or of any other source, to a file that `diff`, `check` and others read
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The file holds what the catalogs say, and no row of any table. The same catalog gives \
the same bytes, wherever it is read. A file that is there is written over if it is a snapshot."
)]
pub(crate) struct Args {
    /// The file to write; `-` prints it
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    /// Of what: `db`, `models`, `migrations`, a URL, `git:REV`, or a folder of models
    #[arg(long, value_name = "SOURCE", default_value = "db")]
    from: String,
    /// Keep how large tables are, which tells how long locks last and changes with every row
    #[arg(long)]
    sizes: bool,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let format = ctx.format()?;
    let source = Source::parse(&args.from)?;
    let (side, name) = source.read_with_history(ctx).await?;
    let applied = side.applied();
    let mut taken = side.settled(ctx, None).await?;
    taken.applied = applied;
    let (objects, major) = (taken.snapshot.catalog.objects.len(), taken.snapshot.server.major());
    let text = sources::text(taken, name.clone(), args.sizes)?;
    if args.file == "-" {
        output::put(&text);
        return Ok(Answer::Yes);
    }
    let path = tidy(args.file);
    sources::write(&path, &text)?;
    match format {
        Format::Human => output::data(format!("wrote {path}: {name}, objects: {objects}")),
        Format::Json => output::json(json!({
            "file": path, "of": name, "major": major, "objects": objects, "bytes": text.len(),
        })),
    }
    Ok(Answer::Yes)
}
