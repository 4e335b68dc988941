//! Tables that would go by mistake: those of a database, and those of models that are pulled from one that was just made,
//! or from another than the one that is meant.

use camino::Utf8Path;
use limbeck_catalog::{Catalog, Kind, ObjectId};

use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::migrations::tidy;

/// The tables of one side that the other does not have.
pub(crate) struct Gone<'a> {
    pub(crate) tables: Vec<&'a ObjectId>,
    /// How many there are in all.
    pub(crate) of: usize,
}

impl<'a> Gone<'a> {
    /// With fewer tables than this, any may go: so small a thing is made and thrown away.
    pub(crate) const FEW: usize = 5;

    pub(crate) fn between(from: &'a Catalog, to: &Catalog) -> Self {
        let all: Vec<_> = from.of_kind(Kind::Table).map(|(id, _)| id).collect();
        let tables = all.iter().copied().filter(|id| !to.contains(id)).collect();
        Self { tables, of: all.len() }
    }

    pub(crate) fn are_most(&self) -> bool {
        self.tables.len() * 2 > self.of
    }

    /// The first of them by their names, and how many more there are.
    pub(crate) fn list(&self) -> String {
        const SHOWN: usize = 5;
        let list = self.tables.iter().take(SHOWN).map(|id| id.qualified()).collect::<Vec<_>>().join(", ");
        match self.tables.len().saturating_sub(SHOWN) {
            0 => list,
            more => format!("{list} and {more} more"),
        }
    }
}

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
    let gone = Gone::between(declared, source);
    let most = gone.of >= Gone::FEW && gone.are_most();
    let emptied = !is_empty(declared) && is_empty(source);
    if !most && !emptied || ctx.config()?.safety.allow_mass_drop {
        return Ok(());
    }
    let failure = if emptied {
        let all = format!("the models in {directory} would become empty: {holder} holds nothing");
        Failure::new(Code::Safety, all)
    } else {
        let lost =
            format!("the models in {directory} would lose {} of their {} tables", gone.tables.len(), gone.of);
        Failure::new(Code::Safety, lost).note(format!("{holder} does not have {}", gone.list()))
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
