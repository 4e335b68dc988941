//! `limbeck downgrade`.

use limbeck_migrate::Direction;

use super::migrating::{self, Choice, Request};
use crate::completing;
use crate::context::Ctx;
use crate::exit::{Answer, Result};
use crate::rehearsing::Place;

/// Undo revisions, down to REV
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `base`, a revision or a unique prefix of one, `-N`, `REV-N`, `LABEL@base`, a tag; with --sql, FROM:TO
    #[arg(value_name = "REV", allow_negative_numbers = true, required_unless_present = "stranded", add = completing::revisions())]
    rev: Option<String>,
    /// Print the script for psql, and touch nothing
    #[arg(long)]
    sql: bool,
    /// Undo instead what is applied and in no file here, by the downgrades that the database kept
    ///
    /// `limbeck show REV` shows such a downgrade. Each revision has to be named; they run in the order that
    /// their parents ask for, and only as they were applied.
    #[arg(long, value_name = "REV,…", value_delimiter = ',', conflicts_with_all = ["rev", "sql", "dry_run"])]
    stranded: Vec<String>,
    /// Try what would run, and keep nothing: on a scratch database that stands as this one does, or with
    /// `--dry-run=database` here, in one transaction that is rolled back; -v prints the SQL
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "scratch")]
    #[arg(conflicts_with = "sql")]
    dry_run: Option<Place>,
    /// A word for the session: `current_setting('limbeck.tag', true)`
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// What to do with a revision that an earlier run left half-way, where it can't tell
    #[arg(long, value_name = "CHOICE", conflicts_with = "sql")]
    half_done: Option<Choice>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let Args { rev, sql, stranded, dry_run, tag, half_done } = args;
    let target = rev.unwrap_or_default();
    migrating::run(
        ctx,
        Request { direction: Direction::Downgrade, target, stranded, sql, dry_run, tag, half_done },
    )
    .await
}
