//! `limbeck init --from-alembic`: an Alembic environment, read as text, becomes a project of limbeck.

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_alembic::{Environment, Error, Import};
use serde_json::json;

use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::printable;
use crate::{config, migrations, output};

/// What `init` is asked to take over, and into which folder.
#[derive(Debug)]
pub(super) struct Request {
    /// `alembic.ini` or `pyproject.toml`, or the folder that has one.
    pub(super) alembic: Utf8PathBuf,
    /// Outputs of `alembic upgrade … --sql` and `alembic downgrade … --sql`.
    pub(super) sql: Vec<Utf8PathBuf>,
    /// The project's folder.
    pub(super) folder: Utf8PathBuf,
}

/// Writes the project. Nothing is written unless all of it can be read.
///
/// # Errors
/// If the environment can't be read, or files of limbeck are there already.
pub(super) fn run(ctx: &Ctx, request: &Request) -> Result<Answer> {
    let (format, file) = (ctx.format()?, request.folder.join(config::NAME));
    if file.exists() {
        return Err(super::is_there(&file));
    }
    let environment = Environment::read(&request.alembic).map_err(refused)?;
    let import =
        limbeck_alembic::import(&environment, free(&request.folder), &request.sql).map_err(refused)?;
    let models = super::models(&request.folder)?;
    for directory in &import.directories {
        fs_err::create_dir_all(request.folder.join(directory))?;
    }
    for revision in &import.revisions {
        let path = request.folder.join(&revision.path);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        migrations::create(&path, &revision.text)?;
    }
    migrations::create(&file, &import.config)?;
    say(ctx, format, request, &import, models);
    Ok(Answer::Yes)
}

/// A folder for revisions: Alembic's own may have the usual name, and hold `.sql` files that are none.
fn free(folder: &Utf8Path) -> &'static str {
    let is_free = |name: &&str| match folder.join(name).read_dir_utf8() {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !folder.join(name).exists(),
    };
    ["migrations", "revisions"].into_iter().find(is_free).unwrap_or("limbeck_revisions")
}

fn say(ctx: &Ctx, format: Format, request: &Request, import: &Import, models: Vec<String>) {
    let left: usize = import.revisions.iter().map(|revision| revision.left.len()).sum();
    for revision in &import.revisions {
        for place in &revision.left {
            let path = request.folder.join(&revision.path);
            output::warn(format!("{path}:{}: left to you: {}", place.line, printable(&place.words)));
        }
    }
    import.remarks.iter().for_each(|remark| output::warn(printable(remark)));
    let folders: Vec<String> =
        import.directories.iter().map(|dir| format!("{}/", request.folder.join(dir))).collect();
    let made = [vec![request.folder.join(config::NAME).to_string()], models, folders].concat();
    if format == Format::Json {
        let left = import.revisions.iter().flat_map(|revision| {
            let path = request.folder.join(&revision.path);
            revision
                .left
                .iter()
                .map(move |place| json!({ "file": path, "line": place.line, "what": place.words }))
        });
        let (revisions, left) = (import.revisions.len(), left.collect::<Vec<_>>());
        output::json(json!({ "written": made, "revisions": revisions, "left": left }));
        return;
    }
    if !ctx.chatty() {
        return;
    }
    let offline = import.revisions.iter().filter(|revision| revision.offline).count();
    output::say(format!("wrote {}", made.join(", ")));
    let places = match left {
        0 => "nothing is left to you".to_owned(),
        1 => "one place is left to you".to_owned(),
        n => format!("{n} places are left to you"),
    };
    let (all, translated) = (import.revisions.len(), import.revisions.len() - offline);
    output::say(format!(
        "revisions: {all}, {offline} with Alembic's own SQL, {translated} translated; {places}"
    ));
    if left > 0 {
        output::say("next: fill in what is left to you, as SQL, and remove the `limbeck:todo` lines");
    }
    output::say("next: `limbeck current` says where a database stands; `limbeck pull` writes models from it");
}

fn refused(error: Error) -> Failure {
    let failure = Failure::of(Code::Usage, &error);
    match error {
        Error::NoConfig { .. } => failure.help("name it: `limbeck init --from-alembic path/to/alembic.ini`"),
        Error::NoSteps { .. } => failure
            .help("make it with `alembic upgrade base:head --sql` (`heads`, where there are several), of this checkout"),
        Error::Script { .. } => Failure { code: Code::Content, ..failure }
            .help("write it as a literal in the script for the time of the import"),
        Error::Chain { mistakes } => {
            let failure = Failure { code: Code::Content, ..failure };
            mistakes.iter().fold(failure, |failure, mistake| failure.note(printable(mistake)))
        }
        Error::NoLocation { .. } | Error::NoFolder { .. } | Error::Io { .. } | Error::Config { .. } => failure,
    }
}
