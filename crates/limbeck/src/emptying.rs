//! Pulls that would take most of the models away: a database that was just made, or another than the one that is meant.

use camino::Utf8Path;
use limbeck_catalog::{Catalog, Kind, ObjectId};

use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::migrations::tidy;

/// Refuses to empty the models of a folder, and to take more than half of their tables away.
///
/// # Errors
/// If that would happen, and nobody allowed it.
pub(crate) fn refuse(
    ctx: &Ctx,
    directory: &Utf8Path,
    declared: &Catalog,
    source: &Catalog,
    holder: &str,
) -> Result<()> {
    let tables: Vec<_> = declared.of_kind(Kind::Table).map(|(id, _)| id).collect();
    let gone: Vec<&ObjectId> = tables.iter().copied().filter(|id| !source.contains(id)).collect();
    let most = tables.len() >= 5 && gone.len() * 2 > tables.len();
    let emptied = !is_empty(declared) && is_empty(source);
    if !most && !emptied || ctx.config()?.safety.allow_mass_drop {
        return Ok(());
    }
    let failure = if emptied {
        let all = format!("the models in {directory} would become empty: {holder} holds nothing");
        Failure::new(Code::Safety, all)
    } else {
        let list = gone.iter().take(5).map(|id| id.qualified()).collect::<Vec<_>>().join(", ");
        let more = if gone.len() > 5 { format!(" and {} more", gone.len() - 5) } else { String::new() };
        let lost =
            format!("the models in {directory} would lose {} of their {} tables", gone.len(), tables.len());
        Failure::new(Code::Safety, lost).note(format!("{holder} does not have {list}{more}"))
    };
    let config = tidy(ctx.config()?.path.clone());
    Err(failure
        .note("no model was changed")
        .help("is it the right database, and is it at its heads? `limbeck current` says that")
        .help("`--models DIR` writes what is there into another folder")
        .help(format!(
            "if it is meant, set `allow_mass_drop = true` under [safety] in {config} for this one run"
        )))
}

/// Whether there is nothing but schemas and extensions, and what is said of them.
fn is_empty(catalog: &Catalog) -> bool {
    catalog.objects.keys().all(|id| id.path.len() < 2 || id.kind == Kind::Context)
}
