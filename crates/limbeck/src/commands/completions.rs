//! `limbeck completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::context::Ctx;
use crate::exit::{Answer, Result};

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

/// Runs it.
pub(crate) async fn run(_ctx: &Ctx, args: Args) -> Result<Answer> {
    clap_complete::generate(args.shell, &mut Cli::command(), "limbeck", &mut std::io::stdout());
    Ok(Answer::Yes)
}
