//! Rows for a scratch database, so that a proof shows what becomes of rows: on empty tables
//! `set not null` and a bad `using` pass.
//!
//! Three rows a table, parents before children, with real foreign keys: never in replica mode, which
//! would make rows that an innocent drop and add of a key then refuses. What a column may hold is asked
//! of the server ([`pools`], [`solve`]); a row that it refuses is changed and tried again ([`retry`]).

mod attempt;
mod candidate;
mod layout;
mod order;
mod pattern;
mod pools;
mod retry;
mod rounds;
mod row;
mod scalar;
mod solve;
mod types;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use limbeck_catalog::{Catalog, ObjectId};
use sqlx::PgConnection;

use crate::Error;
use crate::observe::Refused;
use rounds::Rounds;
use row::{Maker, Wanted};

/// What was filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// How many rows went in.
    pub rows: usize,
    /// The tables that have fewer than two, each with the server's last reason.
    pub unseeded: BTreeMap<ObjectId, String>,
}

/// Puts three rows or more into each table of the catalog, on a scratch database that has its tables,
/// constraints and indexes, and neither triggers, rules nor policies. The same tables get the same rows,
/// but for what their own defaults make.
///
/// # Errors
///
/// Where the connection breaks. That a table can't be filled, or not in time, is no error.
pub async fn seed(
    connection: &mut PgConnection,
    catalog: &Catalog,
    budget: Duration,
) -> Result<Seeded, Error> {
    let deadline = Instant::now() + budget;
    let maker = maker(connection, catalog, Wanted::Values, budget).await?;
    let groups = order::groups(&maker.layout.tables);
    let mut rounds = Rounds::new(&maker, groups);
    rounds.run(connection, deadline).await?;
    attempt::finish(connection).await?;
    let unseeded =
        rounds.failed(2).into_iter().map(|(table, refusal)| (maker.table(table).id.clone(), refusal.message));
    Ok(Seeded { rows: rounds.rows(), unseeded: unseeded.collect() })
}

/// Tries an insert into each table that leaves out every column that fills itself, and takes it back,
/// sequences included.
pub(crate) async fn try_defaults(
    connection: &mut PgConnection,
    catalog: &Catalog,
    budget: Duration,
) -> Result<BTreeMap<ObjectId, Result<(), Refused>>, Error> {
    let deadline = Instant::now() + budget;
    let maker = maker(connection, catalog, Wanted::Defaults, budget).await?;
    let groups = (0..maker.layout.tables.len()).map(|table| vec![table]).collect();
    let mut rounds = Rounds::new(&maker, groups);
    rounds.run(connection, deadline).await?;
    attempt::finish(connection).await?;
    let mut failed = rounds.failed(1);
    let tables = maker.layout.tables.iter().enumerate();
    Ok(tables
        .map(|(at, table)| {
            (table.id.clone(), failed.remove(&at).map_or(Ok(()), |refusal| Err(refusal.into())))
        })
        .collect())
}

async fn maker(
    connection: &mut PgConnection,
    catalog: &Catalog,
    wanted: Wanted,
    budget: Duration,
) -> Result<Maker, Error> {
    // A check that does not end leaves time for the tables that have none.
    let deadline = Instant::now() + budget / 3;
    let layout = layout::read(connection, catalog).await?;
    let mut maker = Maker { layout, pools: BTreeMap::new(), wanted };
    attempt::prepare(connection).await?;
    pools::fill(&mut maker, connection, deadline).await?;
    Ok(maker)
}
