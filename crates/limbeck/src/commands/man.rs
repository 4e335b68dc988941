//! `limbeck man`.

use camino::Utf8PathBuf;
use clap::CommandFactory;

use crate::cli::Cli;
use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::output;

/// Write the manual pages, one a command, into a folder; or print one
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder, `~/.local/share/man/man1` for instance; it is made if it isn't there
    #[arg(value_name = "DIR")]
    dir: Option<Utf8PathBuf>,
    /// Print the page of this command instead; without DIR and COMMAND, limbeck's own is printed
    #[arg(long, value_name = "COMMAND", conflicts_with = "dir")]
    page: Option<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    // `help` has a subcommand for each command, and would get as many pages.
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    if let Some(dir) = args.dir {
        fs_err::create_dir_all(&dir)?;
        let count = cli.get_subcommands().count();
        clap_mangen::generate_to(cli, &dir)?;
        if ctx.chatty() {
            output::say(format!("wrote the pages of limbeck and its {count} commands into {dir}"));
        }
        return Ok(Answer::Yes);
    }
    let command = match &args.page {
        None => cli,
        Some(name) => cli.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::usage(format!("no command {name:?}")).help("`limbeck --help` lists them")
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    output::bytes(&page);
    Ok(Answer::Yes)
}
