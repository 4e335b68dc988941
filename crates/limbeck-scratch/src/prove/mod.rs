//! Proving: both directions of a candidate, run on a replica of the live database.

mod verdict;

use limbeck_catalog::{Catalog, ObjectId, Pair};
use limbeck_diff::Part;
use limbeck_diff::mention::add_body_needs;
use limbeck_introspect::introspect;
use sqlx::{Connection, PgConnection};

pub use verdict::{Proof, Stage};

use crate::Error;
use crate::build::{run, run_with_roles};
use crate::provider::Scratch;
use crate::compare::Comparison;
use crate::settle::{Replica, is_same};

/// Both directions of a revision.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The parts of the upgrade.
    pub upgrade: &'a [Part],
    /// The parts of the downgrade.
    pub downgrade: &'a [Part],
}

/// Runs a candidate there and back.
///
/// # Errors
///
/// Only where scratch itself fails: that a candidate does not hold is a [`Proof`], not an error.
pub async fn prove(
    scratch: &Scratch,
    replica: Replica,
    settled: &Comparison,
    candidate: Candidate<'_>,
) -> Result<Proof, Error> {
    let mut proof = Proof { provider: scratch.describe(), ..Proof::default() };
    let mut connection = replica.database.connect().await?;
    let done = there_and_back(&mut connection, &replica.catalog, settled, candidate, &mut proof).await;
    connection.close().await.ok();
    replica.database.drop().await?;
    done.map(|()| proof)
}

async fn there_and_back(
    connection: &mut PgConnection,
    start: &Catalog,
    settled: &Comparison,
    candidate: Candidate<'_>,
    proof: &mut Proof,
) -> Result<(), Error> {
    proof.upgrade = run_parts(connection, candidate.upgrade).await?;
    if proof.upgrade != Stage::Ran {
        return Ok(());
    }
    let reached = fresh(connection).await?;
    let misses = differing(&reached, &settled.fresh, |id| is_same(id, &reached, &settled.wanted));
    if !misses.is_empty() {
        proof.upgrade = Stage::Misses(misses);
    }
    proof.downgrade = run_parts(connection, candidate.downgrade).await?;
    if proof.downgrade != Stage::Ran {
        return Ok(());
    }
    let back = fresh(connection).await?;
    let misses = differing(&back, start, |_| false);
    if !misses.is_empty() {
        proof.downgrade = Stage::Misses(misses);
    }
    Ok(())
}

async fn fresh(connection: &mut PgConnection) -> Result<Catalog, Error> {
    let mut catalog = introspect(connection).await?.catalog;
    add_body_needs(&mut catalog);
    Ok(catalog)
}

/// What differs from what was to be reached. What isn't compared (rights) is not looked at.
fn differing(from: &Catalog, to: &Catalog, or_else: impl Fn(&ObjectId) -> bool) -> Vec<ObjectId> {
    let fates = limbeck_diff::difference(Pair { from, to }, false);
    fates.into_keys().filter(|id| id.kind.section() != limbeck_catalog::Section::None && !or_else(id)).collect()
}

/// Runs parts as the runner does: those of the transaction together, the others one by one.
async fn run_parts(connection: &mut PgConnection, parts: &[Part]) -> Result<Stage, Error> {
    for part in parts {
        let sql = if part.transactional { format!("begin;\n{}\ncommit", part.sql) } else { part.sql.clone() };
        match run_with_roles(connection, &sql).await {
            Ok(()) => {}
            Err(sqlx::Error::Database(error)) => {
                run(connection, "rollback".to_owned()).await?;
                return Ok(Stage::Fails(error.message().to_owned()));
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(Stage::Ran)
}
