//! A squash, proven on scratch: from the state before the chain, with rows in the tables, the chain and the
//! one revision come to the same, there and back; and a database that stands anywhere inside of the chain
//! comes to the same as well.

use std::collections::BTreeSet;

use limbeck_catalog::{Kind, ObjectId, Pair};
use limbeck_introspect::Server;
use limbeck_migrate::Graph;
use limbeck_migrate::graph::Squash;
use limbeck_scratch::observe::Observation;

use crate::chain::{Chain, Ground};
use crate::context::Ctx;
use crate::exit::Result;
use crate::progress;
use crate::proving::{State, before, state, stopped};

/// What came of it.
pub(crate) struct Verdict {
    /// Where it was tried: `native 15.18`.
    pub(crate) provider: String,
    /// How many rows were made up.
    pub(crate) seeded: usize,
    /// Why the chain stops on made-up rows, where it does: then it was tried on empty tables.
    pub(crate) on_empty_tables: Option<String>,
    /// Why neither can be undone.
    pub(crate) irreversible: Option<String>,
    /// What differs, in words; nothing where both are the same.
    pub(crate) differences: Vec<String>,
}

impl Verdict {
    /// For the header of the revision.
    pub(crate) fn line(&self, revisions: usize) -> String {
        let rows = match (&self.on_empty_tables, self.seeded) {
            (Some(_), _) | (None, 0) => "on empty tables".to_owned(),
            (None, _) => "rows too".to_owned(),
        };
        let down = if self.irreversible.is_some() { "up (neither goes down)" } else { "up and down" };
        format!(
            "squash: comes to what its {revisions} revisions come to, {down}, {rows}, from each place inside ({})",
            self.provider
        )
    }
}

/// Both ways side by side, on a scratch server.
struct Bench<'a> {
    ground: &'a Ground,
    chain: &'a Graph,
    squashed: &'a Graph,
    squash: &'a Squash<'a>,
}

/// Tries both, with rows in the tables; where the chain itself stops on those, on empty ones.
pub(crate) async fn prove(
    ctx: &Ctx,
    graph: &Graph,
    squash: &Squash<'_>,
    like: Option<&Server>,
) -> Result<Verdict> {
    let gone: Vec<_> = squash.header.replaces.clone();
    let kept = graph.revisions().iter().filter(|r| !gone.contains(r.id()) && r.id() != &squash.header.id);
    let squashed = Graph::new(kept.cloned().chain([squash.revision()]).collect())?;
    let ground = Ground::for_several(ctx, graph, like).await?;
    let _step = progress::step(ctx, "proving on scratch");
    let bench = Bench { ground: &ground, chain: graph, squashed: &squashed, squash };
    let verdict = bench.with_and_without_rows().await;
    ground.close().await;
    verdict
}

impl Bench<'_> {
    async fn with_and_without_rows(&self) -> Result<Verdict> {
        match self.side_by_side(true).await? {
            Ok(verdict) => Ok(verdict),
            Err(refused) => match self.side_by_side(false).await? {
                Ok(verdict) => Ok(Verdict { on_empty_tables: Some(refused.message()), ..verdict }),
                Err(failure) => Err(failure.note("the chain itself stops, on a scratch database")),
            },
        }
    }

    /// Runs both; why the chain itself stops, where it does.
    async fn side_by_side(&self, rows: bool) -> Result<Result<Verdict>> {
        let mut start = self.ground.chain().await?;
        before(self.chain, &self.squash.members, &mut start).await?;
        let mut verdict = Verdict {
            provider: self.ground.provider(),
            seeded: if rows { start.fill().await?.rows } else { 0 },
            on_empty_tables: None,
            irreversible: None,
            differences: Vec::new(),
        };
        let mut old = self.ground.copy(&mut start).await?;
        let inside = match self.walk(&mut old, true).await {
            Ok(inside) => inside,
            Err(failure) => return Ok(Err(stopped(failure)?)),
        };
        let mut new = self.ground.copy(&mut start).await?;
        let direct = self.one(&mut new).await;
        let ends = state(&mut old).await?;
        let noise = self.noise(&mut start, &ends).await?;
        let all = inside.into_iter().chain([("the state before it".to_owned(), direct)]);
        for (from, reached) in all {
            let found = match reached {
                Ok(reached) => differences(&ends, &reached, &noise),
                Err(failure) => vec![format!("it stops ({})", stopped(failure)?.message())],
            };
            verdict.differences.extend(found.into_iter().map(|what| format!("from {from}: {what}")));
        }
        if verdict.differences.is_empty() {
            self.back(&mut old, &mut new, &noise, &mut verdict).await?;
        }
        Ok(Ok(verdict))
    }

    /// The chain, revision by revision; and from each place inside of it, what the squash makes of that.
    async fn walk(&self, old: &mut Chain, look: bool) -> Result<Vec<(String, Result<State>)>> {
        let mut inside = Vec::new();
        for revision in &self.squash.members {
            old.upgrade(self.chain, revision.id().as_str()).await?;
            if look && *revision.id() != self.squash.header.id {
                let mut copy = self.ground.copy(old).await?;
                inside.push((revision.id().to_string(), self.one(&mut copy).await));
                copy.close().await;
            }
        }
        Ok(inside)
    }

    /// The squash, or the rest of it.
    async fn one(&self, chain: &mut Chain) -> Result<State> {
        chain.upgrade(self.squashed, self.squash.header.id.as_str()).await?;
        state(chain).await
    }

    /// Columns whose values are others each time the chain runs: clocks and dice.
    async fn noise(&self, start: &mut Chain, ends: &State) -> Result<BTreeSet<ObjectId>> {
        let mut again = self.ground.copy(start).await?;
        self.walk(&mut again, false).await?;
        let noise = other_values(&ends.rows, &state(&mut again).await?.rows);
        again.close().await;
        Ok(noise)
    }

    async fn back(
        &self,
        old: &mut Chain,
        new: &mut Chain,
        noise: &BTreeSet<ObjectId>,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let mut chain = Ok(());
        for revision in self.squash.members.iter().rev() {
            if chain.is_ok() {
                chain = old.downgrade(self.chain, &format!("{}@-1", revision.id())).await;
            }
        }
        let one = new.downgrade(self.squashed, &format!("{}@-1", self.squash.header.id)).await;
        match (chain, one) {
            (Ok(()), Ok(())) => {
                let found = differences(&state(old).await?, &state(new).await?, noise);
                verdict.differences.extend(found.into_iter().map(|what| format!("on the way back: {what}")));
            }
            (Err(chain), Err(one)) if chain.message() == one.message() => {
                verdict.irreversible = Some(stopped(chain)?.message());
            }
            (Err(failure), _) => verdict.differences.push(format!(
                "on the way back: the chain stops ({}), and it does not, or elsewhere",
                stopped(failure)?.message()
            )),
            (Ok(()), Err(failure)) => {
                verdict
                    .differences
                    .push(format!("on the way back: it stops ({})", stopped(failure)?.message()));
            }
        }
        Ok(())
    }
}

/// What differs between what there should be and what there is.
fn differences(should: &State, is: &State, noise: &BTreeSet<ObjectId>) -> Vec<String> {
    let sides = Pair { from: &should.snapshot.catalog, to: &is.snapshot.catalog };
    let fates = limbeck_diff::difference(sides, false);
    let objects = fates.into_keys().filter(|id| id.kind != Kind::Rights).map(|id| format!("{id} is another"));
    let values = other_values(&should.rows, &is.rows).into_iter().filter(|id| !noise.contains(id));
    objects.chain(values.map(|id| format!("the rows of {id} are others"))).collect()
}

/// Tables with another number of rows, and columns with other values.
fn other_values(from: &Observation, to: &Observation) -> BTreeSet<ObjectId> {
    let mut others = BTreeSet::new();
    for (id, table) in &from.tables {
        let Some(other) = to.tables.get(id) else { continue };
        if table.rows != other.rows {
            others.insert(id.clone());
        }
        let columns = table.columns.iter().filter(|(id, values)| other.columns.get(*id) != Some(*values));
        others.extend(columns.map(|(column, _)| column.clone()));
    }
    others
}
