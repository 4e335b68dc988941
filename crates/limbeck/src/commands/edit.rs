//! `limbeck edit`.

use std::io::IsTerminal;
use std::process::Command;

use limbeck_migrate::Revision;

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::{completing, migrations, words};

/// Open the files of revisions in $VISUAL or $EDITOR
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A revision, a prefix, a label, a tag, `head`, `heads`, `current`
    #[arg(value_name = "REV", default_value = "head", allow_negative_numbers = true, add = completing::revisions())]
    rev: String,
}

/// Who is asked for an editor at a terminal, where no variable names one.
const USUAL: [&str; 5] = ["sensible-editor", "editor", "nano", "vim", "vi"];

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let graph = migrations::graph(ctx)?;
    let current = migrations::current(ctx, &graph, &args.rev).await?;
    let revisions = migrations::named(&graph, &args.rev, &current)?;
    let editor = editor(ctx, &revisions)?;
    // An editor's variable may hold options and quotes: `code --wait`.
    let words =
        words::split(&editor).map_err(|why| Failure::usage(format!("the editor {editor:?}: {why}")))?;
    let Some((program, arguments)) = words.split_first() else { return Err(no_editor(&revisions)) };
    let files = revisions.iter().map(|revision| &revision.path);
    match Command::new(program).args(arguments).args(files).status() {
        Ok(status) if status.success() => Ok(Answer::Yes),
        Ok(status) => Err(Failure::usage(format!("{program} ended with {status}"))),
        Err(error) => Err(Failure::usage(format!("{program} can't be started: {error}"))),
    }
}

fn editor(ctx: &Ctx, revisions: &[&Revision]) -> Result<String> {
    if let Some(named) = ["VISUAL", "EDITOR"].into_iter().find_map(|name| ctx.variables().get(name)) {
        return Ok(named);
    }
    // Without a terminal an editor would wait for a person who isn't there.
    let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let found = USUAL.into_iter().filter(|_| interactive).find(|name| on_path(name));
    found.map(str::to_owned).ok_or_else(|| no_editor(revisions))
}

fn no_editor(revisions: &[&Revision]) -> Failure {
    let failure = Failure::usage("neither VISUAL nor EDITOR names an editor");
    revisions.iter().fold(failure, |failure, revision| failure.note(format!("the file is {}", revision.path)))
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
