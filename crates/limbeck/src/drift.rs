//! Drift: a database that stands at its heads, and is not what its revisions make of nothing. Somebody
//! changed it by hand.

use limbeck_catalog::Kind;
use limbeck_introspect::Snapshot;
use limbeck_migrate::Graph;
use limbeck_model::Declared;

use crate::context::Ctx;
use crate::exit::Result;
use crate::{chain, comparing, output};

/// The objects in which a database differs from what its revisions make; none where that can't be told.
///
/// # Errors
/// Only where scratch fails.
pub(crate) async fn of(ctx: &Ctx, graph: &Graph, live: &Snapshot) -> Result<Option<Vec<String>>> {
    if graph.revisions().is_empty() {
        return Ok(None);
    }
    let made = match chain::whole(ctx, graph, Some(&live.server)).await {
        Ok(made) => made,
        Err(failure) => {
            // Of a chain that stands on what was there before it, nobody knows what was there.
            let why = failure.message();
            output::warn(format!(
                "not looked for drift: the revisions don't run on an empty database ({why})"
            ));
            return Ok(None);
        }
    };
    let mut declared = Declared::default();
    declared.catalog = made.catalog;
    let compared = comparing::compared(ctx, live, &declared).await?;
    let fates = limbeck_diff::difference(compared.comparison.sides(), false);
    let differing = fates.into_keys().filter(|id| id.kind != Kind::Rights && id.kind.is_compared());
    let drift = differing.map(|id| id.to_string()).collect();
    compared.close().await;
    Ok(Some(drift))
}

/// Says it, and how to go on.
pub(crate) fn show(drift: &[String], models_agree: bool) {
    if drift.is_empty() {
        return;
    }
    output::data("drift: the database is not what its own revisions make");
    drift.iter().take(10).for_each(|id| output::data(format!("  {}", limbeck_report::printable_line(id))));
    if drift.len() > 10 {
        output::data(format!("  and {} more", drift.len() - 10));
    }
    output::say("  somebody changed it by hand; `limbeck diff --from migrations --to db` shows it");
    if models_agree {
        output::say(
            "  to keep it: `limbeck -d ephemeral revision --autogenerate`, then `limbeck stamp head`",
        );
    } else {
        output::say("  to undo it: `limbeck revision --autogenerate`, which leads to the models");
        output::say("  to keep it: take it into the models first (`limbeck pull`)");
    }
}
