//! The command line's frame: the options that every command has.

use camino::Utf8PathBuf;
use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;

/// Compares a Postgres database with models in YAML, and writes, proves and runs the migrations between.
#[derive(Debug, Parser)]
#[command(
    name = "limbeck",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    infer_long_args = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The configuration; otherwise LIMBECK_CONFIG, or the nearest `limbeck.toml` upwards
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,
    /// The database, before DATABASE_URL, `[database]` and the PG… variables: a URL, a string
    /// like `host=… dbname=…` or `service=…` (as psql takes them), or `ephemeral`
    #[arg(short, long, global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Take `[env.NAME]` of the configuration instead of `[database]`
    #[arg(short, long, global = true, value_name = "NAME", short_alias = 'n', alias = "name", add = crate::completing::environments())]
    pub(crate) env: Option<String>,
    /// A value for revision templates (`${x.KEY}`) and for SQL (`current_setting('limbeck.x.KEY', true)`)
    #[arg(short, global = true, value_name = "KEY=VALUE", value_parser = variable)]
    pub(crate) x: Vec<(String, String)>,
    /// `human` or `json`; data goes to stdout, everything else to stderr
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: String,
    /// When to use colour; NO_COLOR is heeded
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say only what was asked for, and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// No progress, even on a terminal
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `KEY=VALUE`; the key is a name, as it becomes part of a setting's name.
fn variable(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    let mut chars = key.chars();
    let begins = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if begins && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok((key.to_owned(), value.to_owned()));
    }
    Err(format!("{key:?} is no name: letters, digits and _, and no digit first"))
}
