//! The whole comparison of a live database with models, as far as it needs a server: settled, with
//! renames found and made.

use std::collections::BTreeSet;

use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_diff::mention::add_body_needs;
use limbeck_diff::rename::{self, Declared, Renames, renamed};
use limbeck_introspect::{introspect, introspect_after};

use crate::Error;
use crate::build::{Order, build};
use crate::provider::Scratch;
use crate::settle::{Replica, carry, is_same, replicate};

/// Both sides, ready to be planned.
pub struct Comparison {
    /// What is there, under its new names.
    pub from: Catalog,
    /// What is wanted, with the live text wherever that means the same.
    pub wanted: Catalog,
    /// What is wanted, each text as a server makes it today.
    pub fresh: Catalog,
    /// The renames that lead to `from`'s names, in order.
    pub renames: Renames,
    /// The live database on scratch; `None` if it could not be built there.
    pub replica: Option<Replica>,
    /// What could not be done, and why.
    pub unproven: Vec<String>,
}

impl Comparison {
    /// Both sides of a comparison that needs no server, because the models say just what is there.
    pub fn settled(live: Catalog) -> Self {
        let (wanted, fresh) = (live.clone(), live.clone());
        Self { from: live, wanted, fresh, renames: Renames::new(), replica: None, unproven: Vec::new() }
    }

    /// Whether there is nothing to do.
    pub fn is_same(&self) -> bool {
        self.renames.is_empty() && limbeck_diff::difference(self.sides(), false).is_empty()
    }

    /// The two sides.
    pub fn sides(&self) -> Pair<&Catalog> {
        Pair { from: &self.from, to: &self.wanted }
    }
}

/// Settles the models, replicates the live database, and finds renames.
///
/// # Errors
///
/// [`Error::Build`] names the declared objects that the server refuses.
pub async fn compare(
    scratch: &Scratch,
    live: &Catalog,
    declared: &Catalog,
    renamed_from: &Declared,
) -> Result<Comparison, Error> {
    let mut fresh = build_declared(scratch, declared).await?;
    let mut live = live.clone();
    add_body_needs(&mut live);
    let (replica, unproven) = match replicate(scratch, &live).await {
        Ok(replica) => (Some(replica), Vec::new()),
        Err(Error::Build(refused)) => {
            let why = refused.iter().map(|r| format!("{} can't be built on scratch ({})", r.id, r.message));
            (None, why.collect())
        }
        Err(other) => return Err(other),
    };
    let mut comparison = Comparison {
        from: live.clone(),
        wanted: Catalog::default(),
        fresh: Catalog::default(),
        renames: Renames::new(),
        replica,
        unproven,
    };
    let rebuilt = comparison.find_renames(&live, &fresh, renamed_from).await?;
    carry(&comparison.from, declared, &mut fresh);
    comparison.wanted = wanted(&comparison, &live, declared, &fresh, rebuilt.as_ref());
    comparison.fresh = fresh;
    Ok(comparison)
}

/// What the models say, built and read back.
async fn build_declared(scratch: &Scratch, declared: &Catalog) -> Result<Catalog, Error> {
    let database = scratch.database().await?;
    let mut connection = database.connect().await?;
    build(&mut connection, declared, Order::Declared).await?;
    let mut fresh = introspect(&mut connection).await?.catalog;
    sqlx::Connection::close(connection).await?;
    database.drop().await?;
    // What only a model can say of an extension (that its version matters) is kept.
    let extensions = declared.of_kind(Kind::Extension).map(|(id, object)| (id.clone(), object.clone()));
    fresh.objects.extend(extensions.collect::<Vec<_>>());
    add_body_needs(&mut fresh);
    Ok(fresh)
}

/// What is wanted: the settled text, or the live one where that means the same, because the model says
/// it word for word, or because the server makes the same of both today.
fn wanted(
    comparison: &Comparison,
    live: &Catalog,
    declared: &Catalog,
    fresh: &Catalog,
    rebuilt: Option<&Catalog>,
) -> Catalog {
    let mut wanted = fresh.clone();
    for (id, object) in &comparison.from.objects {
        let word_for_word = || is_same(id, live, declared) && live.contains(id) && live.get(id) == Some(object);
        let today = || rebuilt.is_some_and(|rebuilt| rebuilt.contains(id) && is_same(id, rebuilt, fresh));
        if wanted.contains(id) && (word_for_word() || today()) {
            wanted.objects.insert(id.clone(), object.clone());
        }
    }
    wanted
}

impl Comparison {
    /// Finds renames in rounds on the replica. Returns the replica as it is after them; `from` becomes
    /// the live database under its new names.
    async fn find_renames(
        &mut self,
        live: &Catalog,
        fresh: &Catalog,
        declared: &Declared,
    ) -> Result<Option<Catalog>, Error> {
        let Some(replica) = &self.replica else { return Ok(None) };
        let mut rebuilt = replica.catalog.clone();
        let mut done = BTreeSet::new();
        let mut connection = replica.database.connect().await?;
        loop {
            let round = rename::round(Pair { from: &rebuilt, to: fresh }, declared, &done);
            done.extend(round.iter().map(|rename| rename.to.clone()));
            let mut found = false;
            for rename in round {
                self.renames.push(rename);
                match introspect_after(&mut connection, &statements(&self.renames)).await {
                    Ok(snapshot) => (rebuilt, found) = (snapshot.catalog, true),
                    // The new name may be taken by something that goes: then it is a drop and a create.
                    Err(limbeck_introspect::Error::Server(sqlx::Error::Database(_))) => drop(self.renames.pop()),
                    Err(other) => return Err(other.into()),
                }
            }
            if !found {
                break;
            }
            add_body_needs(&mut rebuilt);
        }
        sqlx::Connection::close(connection).await?;
        if !self.renames.is_empty() {
            self.from = under_new_names(live, &replica.catalog, &rebuilt, &self.renames);
        }
        Ok(Some(rebuilt))
    }
}

fn statements(renames: &Renames) -> String {
    let actions = renames.iter().flat_map(|rename| &rename.there).filter(|action| !action.commented);
    actions.map(|action| format!("{};\n", action.text())).collect()
}

/// The live database as it is after renames: its own text wherever they change nothing.
fn under_new_names(live: &Catalog, before: &Catalog, after: &Catalog, renames: &Renames) -> Catalog {
    let mut catalog = after.clone();
    for (id, object) in &live.objects {
        let new = renamed(id, renames);
        let untouched = || before.get(id).is_some() && before.get(id) == after.get(&new);
        let carried = id.kind == Kind::Rights;
        if carried || untouched() {
            catalog.objects.insert(new, object.clone());
        }
    }
    let map = |id: &ObjectId| renamed(id, renames);
    catalog.statistics = live.statistics.iter().map(|(id, s)| (map(id), *s)).collect();
    catalog.uncompared_dependants = live.uncompared_dependants.iter().map(|(id, d)| (map(id), d.clone())).collect();
    catalog.uncompared_needs = live.uncompared_needs.iter().map(|(id, d)| (map(id), d.clone())).collect();
    catalog.uncompared.clone_from(&live.uncompared);
    catalog.casts.clone_from(&live.casts);
    catalog.server = live.server;
    catalog.positions = live.positions.iter().map(|(id, position)| (map(id), *position)).collect();
    let rights: Vec<_> = catalog.of_kind(Kind::Rights).filter_map(|(id, _)| Some((id.clone(), id.target()?))).collect();
    for (id, target) in rights {
        catalog.add_need(&id, &target, limbeck_catalog::Need::Auto);
    }
    catalog
}
