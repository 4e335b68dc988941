//! `limbeck init`.

mod from_alembic;
mod templates;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use crate::context::{Ctx, Format, here};
use crate::exit::{Answer, Failure, Result};
use crate::{config, migrations, output};

pub(crate) use templates::TEMPLATES;

/// Write limbeck.toml, models/ and migrations/; needs no database
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The project's folder
    #[arg(default_value = ".")]
    dir: Utf8PathBuf,
    /// What the files look like; `list-templates` has the names
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    template: String,
    /// Take over an Alembic environment: its alembic.ini, or the folder that has it (DIR if not given)
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    from_alembic: Option<Option<Utf8PathBuf>>,
    /// Alembic's own SQL for it, of `alembic upgrade base:head --sql` or `alembic downgrade head:base --sql`
    #[arg(long, value_name = "FILE", requires = "from_alembic")]
    alembic_sql: Vec<Utf8PathBuf>,
}

/// What tells editors what may stand in a model; `pull` points to it in each file's first line.
pub(crate) const SCHEMA: &str = "model.schema.json";

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let (format, template) = (ctx.format()?, templates::find(&args.template)?);
    let folder = migrations::tidy(if args.dir.is_absolute() { args.dir } else { here()?.join(args.dir) });
    if let Some(path) = args.from_alembic {
        let alembic = path.unwrap_or_else(|| folder.clone());
        return from_alembic::run(ctx, &from_alembic::Request { alembic, sql: args.alembic_sql, folder });
    }
    let file = folder.join(config::NAME);
    if file.exists() {
        return Err(is_there(&file));
    }
    let mut made = vec![file.to_string()];
    made.extend(directory(&folder, "migrations")?);
    made.extend(models(&folder)?);
    for (name, text) in template.files {
        let path = folder.join(name);
        migrations::create(&path, text)?;
        made.push(path.to_string());
    }
    migrations::create(&file, &template.config())?;
    if format == Format::Json {
        output::json(json!({ "written": made }));
    } else if ctx.chatty() {
        let inside = format!("{folder}/");
        let names: Vec<&str> = made.iter().map(|name| name.strip_prefix(&inside).unwrap_or(name)).collect();
        let place = if folder.as_str().is_empty() { String::new() } else { format!(" in {folder}") };
        output::say(format!("wrote {}{place}", names.join(", ")));
        output::say("next: `limbeck pull` writes models from a database; or write some into models/");
    }
    Ok(Answer::Yes)
}

/// That there is a project already.
fn is_there(file: &Utf8Path) -> Failure {
    Failure::usage(format!("{file} is there already"))
        .help("nothing was changed; edit it, or init another folder")
}

/// A folder, made if it isn't there; its name if it was made.
fn directory(folder: &Utf8Path, name: &str) -> Result<Option<String>> {
    let path = folder.join(name);
    if path.exists() && !path.is_dir() {
        return Err(Failure::usage(format!("{path} is there and is no folder")));
    }
    let made = !path.exists();
    fs_err::create_dir_all(&path)?;
    Ok(made.then(|| format!("{path}/")))
}

/// The folder of models, with what tells editors what may stand in one; the names of what was made.
fn models(folder: &Utf8Path) -> Result<Vec<String>> {
    let mut made = Vec::from_iter(directory(folder, "models")?);
    let schema = folder.join("models").join(SCHEMA);
    if !schema.exists() {
        migrations::create(&schema, &format!("{:#}\n", limbeck_model::json_schema()))?;
        made.push(schema.to_string());
    }
    Ok(made)
}
