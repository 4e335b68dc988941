//! `limbeck completions`.

use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::output;

/// Print what makes a shell complete commands, options, revisions, labels and tags
///
/// The shell asks limbeck itself while one types: `source <(limbeck completions bash)` in ~/.bashrc, the
/// same with zsh in ~/.zshrc, or `limbeck completions fish > ~/.config/fish/completions/limbeck.fish`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

/// Runs it.
pub(crate) async fn run(_ctx: &Ctx, args: Args) -> Result<Answer> {
    let shells = Shells::builtins();
    let name = args.shell.to_string();
    let Some(shell) = shells.completer(&name) else {
        return Err(Failure::usage(format!("no completions for {name}")));
    };
    let mut script = Vec::new();
    shell.write_registration("COMPLETE", "limbeck", "limbeck", "limbeck", &mut script)?;
    output::bytes(&script);
    Ok(Answer::Yes)
}
