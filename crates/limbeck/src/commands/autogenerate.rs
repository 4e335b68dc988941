//! The candidate of `revision --autogenerate`: from the database to the models.

use limbeck_migrate::Graph;

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::migrations::Draft;

/// Writes a candidate, or with `sql` prints it.
pub(crate) async fn run(_ctx: &Ctx, _graph: &Graph, _draft: Draft, _sql: bool) -> Result<Answer> {
    Err(Failure::usage("`--autogenerate` is not there yet")
        .help("without it, `limbeck revision` writes an empty file"))
}
