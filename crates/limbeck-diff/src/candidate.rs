//! A candidate: the plan there, and the plan back.
//!
//! The way back is the diff the other way, from the same two catalogs, never an inversion of
//! statements. Only renames are computed once, forward, and turned round.

use limbeck_catalog::{Catalog, Pair};

use crate::plan::{Direction, Error, Plan, Planned, plan};
use crate::remarks;
use crate::rename::Rename;
use crate::step::Verb;

/// Both directions.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// From what is there to what is wanted.
    pub upgrade: Plan,
    /// And back.
    pub downgrade: Plan,
}

/// The candidate between two catalogs; `from` already has the new names.
///
/// # Errors
///
/// A cycle that nothing dissolves.
pub fn candidate(catalogs: Pair<&Catalog>, renames: &[Rename]) -> Result<Candidate, Error> {
    let mut upgrade = plan(catalogs, Direction::Upgrade)?;
    let mut downgrade = plan(Pair { from: catalogs.to, to: catalogs.from }, Direction::Downgrade)?;
    remarks::add(catalogs, Direction::Upgrade, &mut upgrade);
    remarks::add(Pair { from: catalogs.to, to: catalogs.from }, Direction::Downgrade, &mut downgrade);
    let there =
        |rename: &Rename| Planned { verb: Verb::Alter, id: rename.to.clone(), actions: rename.there.clone() };
    let back = |rename: &Rename| Planned {
        verb: Verb::Alter,
        id: rename.from.clone(),
        actions: rename.back.clone(),
    };
    upgrade.steps.splice(0..0, renames.iter().map(there));
    downgrade.steps.extend(renames.iter().rev().map(back));
    Ok(Candidate { upgrade, downgrade })
}
