//! The limbeck command: the only crate that prints, reads the environment and exits.

mod agreed;
mod at_hand;
mod beyond;
mod chain;
mod chain_proof;
mod cli;
mod commands;
mod committed;
mod comparing;
mod completing;
mod config;
mod config_place;
mod connect;
mod context;
mod drafts;
mod drift;
mod emptying;
mod exit;
mod hooks;
mod migrations;
mod naming;
mod notices;
mod output;
mod progress;
mod proving;
mod reading;
mod rehearsing;
mod reporting;
mod running;
mod scope;
mod server_wide;
mod sources;
mod squashing;
mod stranded;
mod template;
mod tunnel;
mod turn;
mod variables;
mod whole_proof;
mod words;
mod wrapping;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

fn main() -> ExitCode {
    // Where a shell asks what comes next, this answers and ends.
    clap_complete::CompleteEnv::with_factory(cli::Cli::command).complete();
    let cli = cli::Cli::parse();
    output::choose_color(cli.globals.color);
    notices::listen(cli.globals.verbose > 0);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return exit::Failure::new(exit::Code::Usage, format!("the runtime can't start: {error}"))
                .report();
        }
    };
    let context = context::Ctx::new(cli.globals);
    let result = runtime.block_on(async { connect::let_go(&context, cli.command.run(&context).await).await });
    if let (Ok(_), Some(error)) = (&result, output::lost()) {
        return exit::Failure::usage(format!("can't write to stdout: {error}")).report();
    }
    match result {
        Ok(exit::Answer::Yes) => ExitCode::SUCCESS,
        Ok(exit::Answer::No) => ExitCode::from(1),
        Err(failure) => context.placed(failure).report(),
    }
}
