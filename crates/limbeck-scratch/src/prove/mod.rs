//! Proving: both directions of a candidate, run on a replica of the live database with rows in it.
//!
//! The rows are made up, so a candidate may stop on them and still be right: a new check or a new
//! unique index refuses what happens to be there. Where the candidate itself says that rows may stop it,
//! it is tried once more on empty tables, and both is said.

mod rows;
mod verdict;

use std::collections::BTreeSet;

use limbeck_catalog::note::{Code, Hazard};
use limbeck_catalog::{Catalog, Note, ObjectId, Pair};
use limbeck_diff::Part;
use limbeck_diff::mention::add_body_needs;
use limbeck_introspect::introspect;
use sqlx::PgConnection;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

pub use rows::fill;
pub use verdict::{Proof, Stage};

use crate::Error;
use crate::build::{run, run_with_roles};
use crate::compare::Comparison;
use crate::provider::{Database, Scratch};
use crate::settle::{Replica, is_same, replicate};

/// Both directions of a revision, and what they say of themselves.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The parts of the upgrade.
    pub upgrade: &'a [Part],
    /// The parts of the downgrade.
    pub downgrade: &'a [Part],
    /// What is said over the statements of both.
    pub said: &'a [Note],
    /// The `search_path` of the session that will run them, by which bodies of functions find what they name.
    pub search_path: &'a str,
}

impl Candidate<'_> {
    /// The tables over which a hazard is said.
    fn tables(&self, hazards: &[Hazard]) -> BTreeSet<ObjectId> {
        let meant = |note: &&Note| hazards.iter().any(|hazard| note.code == Code::Hazard(*hazard));
        self.said.iter().filter(meant).filter_map(|note| note.table.clone()).collect()
    }

    /// Whether it says that rows may stop it.
    fn may_stop_on_rows(&self) -> bool {
        const HAZARDS: [Hazard; 3] = [Hazard::FailsOnRows, Hazard::ValueChange, Hazard::NeedsDecision];
        self.said.iter().any(|note| HAZARDS.iter().any(|hazard| note.code == Code::Hazard(*hazard)))
    }
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
    // Only by rows can a second try end otherwise.
    let again = candidate.may_stop_on_rows().then(|| replica.built.clone());
    let proof = attempt(scratch, replica, settled, candidate, true).await?;
    let why = proof.stops().filter(|_| proof.seeded > 0).map(str::to_owned);
    let (Some(built), Some(why)) = (again, why) else { return Ok(proof) };
    let replica = replicate(scratch, &built).await?;
    let proof = attempt(scratch, replica, settled, candidate, false).await?;
    Ok(Proof { stops_on_rows: Some(why), ..proof })
}

async fn attempt(
    scratch: &Scratch,
    mut replica: Replica,
    settled: &Comparison,
    candidate: Candidate<'_>,
    with_rows: bool,
) -> Result<Proof, Error> {
    let mut proof =
        Proof { provider: scratch.describe(), unproven: settled.unproven.clone(), ..Proof::default() };
    let Replica { database, session, catalog, built: _ } = &mut replica;
    let done = there_and_back(database, session, catalog, settled, candidate, with_rows, &mut proof).await;
    replica.drop().await?;
    done.map(|()| proof)
}

async fn there_and_back(
    database: &Database,
    connection: &mut PgConnection,
    start: &Catalog,
    settled: &Comparison,
    candidate: Candidate<'_>,
    with_rows: bool,
    proof: &mut Proof,
) -> Result<(), Error> {
    let path = limbeck_sql::literal(candidate.search_path);
    run(connection, format!("select set_config('search_path', {path}, false)")).await?;
    if with_rows {
        let seeded = rows::fill(connection, start).await?;
        (proof.seeded, proof.unseeded) = (seeded.rows, seeded.unseeded);
    }
    let mut witness = rows::Witness::new(connection, start, settled).await?;
    proof.upgrade = run_parts(database, connection, candidate.upgrade).await?;
    if proof.upgrade != Stage::Ran {
        return Ok(());
    }
    let reached = fresh(connection, settled.from.server).await?;
    let misses = differing(&reached, &settled.fresh, |id| is_same(id, &reached, &settled.wanted));
    if !misses.is_empty() {
        proof.upgrade = Stage::Misses(misses);
    }
    witness.after_upgrade(connection, &reached, candidate, proof).await?;
    proof.downgrade = run_parts(database, connection, candidate.downgrade).await?;
    if proof.downgrade != Stage::Ran {
        return Ok(());
    }
    let back = fresh(connection, settled.from.server).await?;
    let misses = differing(&back, start, |_| false);
    if !misses.is_empty() {
        proof.downgrade = Stage::Misses(misses);
    }
    witness.after_downgrade(connection, &back, candidate, proof).await
}

/// What is there, as the server would have it that the candidate is for.
async fn fresh(connection: &mut PgConnection, server: u32) -> Result<Catalog, Error> {
    let mut catalog = introspect(connection).await?.catalog;
    catalog.forget_what_is_beyond(server);
    add_body_needs(&mut catalog);
    Ok(catalog)
}

/// What differs from what was to be reached. What isn't compared (rights) is not looked at.
fn differing(from: &Catalog, to: &Catalog, or_else: impl Fn(&ObjectId) -> bool) -> Vec<ObjectId> {
    let fates = limbeck_diff::difference(Pair { from, to }, false);
    fates.into_keys().filter(|id| id.kind.is_compared() && !or_else(id)).collect()
}

/// Runs parts as the runner does: those of the transaction together, the others one by one.
async fn run_parts(
    database: &Database,
    connection: &mut PgConnection,
    parts: &[Part],
) -> Result<Stage, Error> {
    for part in parts {
        let unchecked = if part.unchecked_bodies { "set local check_function_bodies = off;\n" } else { "" };
        let sql = match part.transactional {
            true => format!("begin;\n{unchecked}{}\ncommit", part.sql),
            false => part.sql.clone(),
        };
        match run_with_roles(database, connection, &sql).await {
            Ok(()) => {}
            Err(Error::Server(sqlx::Error::Database(error))) => {
                run(connection, "rollback".to_owned()).await?;
                return Ok(Stage::Fails(refusal(error.as_ref(), &sql)));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(Stage::Ran)
}

/// The server's message, with the line that it points at, where it points at one.
fn refusal(error: &dyn sqlx::error::DatabaseError, sql: &str) -> String {
    let position = error.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::position);
    let line = match position {
        Some(PgErrorPosition::Original(at)) => {
            sql.char_indices().nth(at.saturating_sub(1)).map(|(byte, _)| {
                let start = sql[..byte].rfind('\n').map_or(0, |newline| newline + 1);
                sql[start..].lines().next().unwrap_or_default().trim()
            })
        }
        Some(PgErrorPosition::Internal { .. }) | None => None,
    };
    match line {
        Some(line) => format!("{} (at: {line})", error.message()),
        None => error.message().to_owned(),
    }
}
