//! What the configured database says of revisions, for commands that change files and need it only to
//! refuse: with none, they go on and say that nobody looked.

use limbeck_migrate::{Applied, Graph};

use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::Result;
use crate::{migrations, output};

/// What is applied in the database at hand; none where nobody looked, which is said.
///
/// # Errors
/// If one is configured and can't be asked.
pub(crate) async fn applied(ctx: &Ctx, graph: &Graph, offline: bool) -> Result<Option<Vec<Applied>>> {
    if offline || !matches!(connect::wanted(ctx)?, Wanted::Server(..)) {
        let why = if offline { "as asked for" } else { "no database is configured" };
        output::warn(format!("nobody looked whether these revisions are applied somewhere ({why})"));
        return Ok(None);
    }
    let mut connection = connect::open(ctx)
        .await
        .map_err(|failure| failure.help("`--offline` goes on without looking at what is applied there"))?;
    Ok(Some(migrations::applied(ctx, graph, &mut connection).await?))
}
