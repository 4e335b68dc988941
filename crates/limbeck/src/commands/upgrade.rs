//! `limbeck upgrade`.

use limbeck_migrate::Direction;

use super::migrating::{self, Choice, Request};
use crate::completing;
use crate::context::Ctx;
use crate::exit::{Answer, Result};
use crate::rehearsing::Place;

/// Apply revisions, up to REV
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `head`, `heads`, a revision or a unique prefix of one, `+N`, `REV+N`, `LABEL@head`, a tag; with --sql, FROM:TO
    #[arg(value_name = "REV", allow_negative_numbers = true, add = completing::revisions())]
    rev: String,
    /// Print the script for psql, and touch nothing
    #[arg(long)]
    sql: bool,
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
    let Args { rev, sql, dry_run, tag, half_done } = args;
    migrating::run(
        ctx,
        Request {
            direction: Direction::Upgrade,
            target: rev,
            stranded: Vec::new(),
            sql,
            dry_run,
            tag,
            half_done,
        },
    )
    .await
}
