//! What becomes of rows: filled in before, looked at after each direction.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use limbeck_catalog::note::Hazard;
use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_diff::rename::renamed;
use limbeck_diff::{Direction, plan};
use sqlx::PgConnection;

use super::{Candidate, Proof};
use crate::Error;
use crate::build::run;
use crate::compare::Comparison;
use crate::observe::{
    Names, Observation, Refused, changed_values, insert_through_defaults, lost_rows, observe, rewritten,
};
use crate::seed::{Seeded, seed};

/// How long rows are made up for one proof.
const BUDGET: Duration = Duration::from_secs(10);

/// Puts rows into the tables of a scratch database that stands as the catalog says, while nothing reacts to
/// them: triggers, rules and policies stand aside.
///
/// # Errors
///
/// Only where scratch itself fails: a table that gets no rows is named with the reason.
pub async fn fill(connection: &mut PgConnection, catalog: &Catalog) -> Result<Seeded, Error> {
    let mut quiet = catalog.clone();
    quiet.objects.retain(|id, _| !id.of.unwrap_or(id.kind).reacts_to_rows());
    apply(connection, Pair { from: catalog, to: &quiet }).await?;
    let seeded = seed(connection, catalog, BUDGET).await?;
    apply(connection, Pair { from: &quiet, to: catalog }).await?;
    Ok(seeded)
}

async fn apply(connection: &mut PgConnection, catalogs: Pair<&Catalog>) -> Result<(), Error> {
    let plan = plan(catalogs, Direction::Upgrade)?;
    let actions = plan.steps.iter().flat_map(|step| &step.actions).filter(|action| !action.commented);
    let sql: String = actions.map(|action| format!("{};\n", action.text())).collect();
    Ok(run(connection, sql).await?)
}

/// The composite types that get other attributes, and the tables whose rows, as a type, get other columns.
fn reshaped(settled: &Comparison) -> impl Iterator<Item = String> {
    let sides = Pair { from: &*settled.from, to: &*settled.wanted };
    let changed = limbeck_diff::difference(sides, false).into_keys();
    changed.filter(|id| matches!(id.kind, Kind::Composite | Kind::Column)).map(|id| id.qualified())
}

/// What was there, to be compared with what is there later.
pub(super) struct Witness {
    /// From every table's and column's name to the one that it gets.
    names: Names,
    /// Enums whose labels get other names, composite types and tables that get other columns: values of these
    /// types read differently, and are the same.
    read_otherwise: BTreeSet<String>,
    start: Observation,
    reached: Observation,
    /// Whether an insert through every default worked.
    defaults: BTreeMap<ObjectId, Result<(), Refused>>,
}

impl Witness {
    pub(super) async fn new(
        connection: &mut PgConnection,
        catalog: &Catalog,
        settled: &Comparison,
    ) -> Result<Self, Error> {
        let renames = &settled.renames;
        let named = |id: &&ObjectId| matches!(id.kind, Kind::Table | Kind::Column);
        let within = renames.iter().filter(|rename| rename.from == rename.to);
        let names = catalog.objects.keys().filter(named).map(|id| (id.clone(), renamed(id, renames)));
        Ok(Self {
            names: names.filter(|(from, to)| from != to).collect(),
            read_otherwise: within.map(|rename| rename.to.qualified()).chain(reshaped(settled)).collect(),
            start: observe(connection, catalog).await?,
            reached: Observation::default(),
            defaults: insert_through_defaults(connection, catalog).await?,
        })
    }

    pub(super) async fn after_upgrade(
        &mut self,
        connection: &mut PgConnection,
        catalog: &Catalog,
        candidate: Candidate<'_>,
        proof: &mut Proof,
    ) -> Result<(), Error> {
        self.reached = observe(connection, catalog).await?;
        let pair = Pair { from: &self.start, to: &self.reached };
        proof.rewritten = rewritten(pair, &self.names);
        self.note_losses(pair, &self.names, candidate, proof);
        let now = insert_through_defaults(connection, catalog).await?;
        for (table, before) in &self.defaults {
            let table = self.names.get(table).unwrap_or(table);
            // What a constraint asks for is what the models say: it stands on a fresh build of them, too.
            if let (Ok(()), Some(Err(refused))) = (before, now.get(table))
                && !refused.by_constraint
            {
                proof.lost.push(format!(
                    "an insert into {} through its defaults fails now: {}",
                    table.qualified(),
                    refused.why
                ));
            }
        }
        Ok(())
    }

    pub(super) async fn after_downgrade(
        &self,
        connection: &mut PgConnection,
        catalog: &Catalog,
        candidate: Candidate<'_>,
        proof: &mut Proof,
    ) -> Result<(), Error> {
        let back = observe(connection, catalog).await?;
        let turned: Names = self.names.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
        self.note_losses(Pair { from: &self.reached, to: &back }, &turned, candidate, proof);
        Ok(())
    }

    /// Rows that are gone, and values that are others where the candidate does not say that they may be.
    fn note_losses(
        &self,
        pair: Pair<&Observation>,
        names: &Names,
        candidate: Candidate<'_>,
        proof: &mut Proof,
    ) {
        for (table, rows) in lost_rows(pair, names) {
            proof.lost.push(format!("{rows} rows of {} are gone", table.qualified()));
        }
        let may_change = candidate.tables(&[Hazard::ValueChange]);
        for column in changed_values(pair, names) {
            let table = column.relation(Kind::Table);
            let values = pair.to.tables.get(&table).and_then(|observed| observed.columns.get(&column));
            let reads_otherwise =
                values.is_some_and(|v| self.read_otherwise.contains(v.type_name.trim_end_matches("[]")));
            if !reads_otherwise && !may_change.contains(&table) {
                proof.lost.push(format!("values of {}.{} are others", column.qualified(), column.quoted()));
            }
        }
    }
}
