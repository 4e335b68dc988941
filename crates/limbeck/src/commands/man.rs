//! `limbeck man`.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::context::Ctx;
use crate::exit::{Answer, Result};

/// Print the manual page, of all or of one command
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The command; all of it where none is named
    command: Option<String>,
}

/// Runs it.
pub(crate) async fn run(_ctx: &Ctx, args: Args) -> Result<Answer> {
    let mut cli = Cli::command();
    cli.build();
    let command = match &args.command {
        None => cli,
        Some(name) => cli.find_subcommand(name).cloned().ok_or_else(|| {
            crate::exit::Failure::usage(format!("no command {name:?}")).help("`limbeck --help` lists them")
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    std::io::stdout().write_all(&page)?;
    Ok(Answer::Yes)
}
