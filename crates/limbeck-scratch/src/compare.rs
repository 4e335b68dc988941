//! The whole comparison of a live database with models, as far as it needs a server: settled, with
//! renames found and made.

use std::collections::BTreeSet;
use std::sync::Arc;

use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_diff::mention::{add_body_needs, add_declared_needs};
use limbeck_diff::rename::{self, Declared, Renames, renamed};
use limbeck_diff::slice::{WHOLE_BELOW, restrict, slice};
use limbeck_introspect::{introspect_after, record_and_undo};
use sqlx::PgConnection;

use crate::Error;
use crate::build::{Order, build_uncommitted};
use crate::cache::Cache;
use crate::provider::{Database, Scratch};
use crate::settle::{Replica, carry, is_same, is_settled, replicate_in, with_context};

/// Both sides, ready to be planned.
pub struct Comparison {
    /// What is there, under its new names.
    pub from: Arc<Catalog>,
    /// What is wanted, with the live text wherever that means the same.
    pub wanted: Arc<Catalog>,
    /// What is wanted, each text as a server makes it today.
    pub fresh: Arc<Catalog>,
    /// The renames that lead to `from`'s names, in order.
    pub renames: Renames,
    /// The live database on scratch; `None` if it could not be built there.
    pub replica: Option<Replica>,
    /// What could not be done, and why.
    pub unproven: Vec<String>,
    /// How much of both sides was built.
    pub extent: Extent,
}

/// How much of a comparison was settled on scratch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The objects that were built, of one side or of both.
    pub settled: usize,
    /// All that there are.
    pub of: usize,
}

impl Comparison {
    /// A comparison that needs no server, because the models say just what is there: what that is, nobody
    /// has to look at, so neither side holds it.
    pub fn settled(live: &Catalog) -> Self {
        let from = Arc::new(live.without_objects());
        let (wanted, fresh) = (Arc::clone(&from), Arc::clone(&from));
        let (renames, extent) = (Renames::new(), Extent::default());
        Self { from, wanted, fresh, renames, replica: None, unproven: Vec::new(), extent }
    }

    /// Both sides as far as they can be told without any server: what models say is taken word for word,
    /// so that another spelling looks like a change; renames are not looked for.
    pub fn unsettled(live: &Catalog, declared: &Catalog, why: String) -> Self {
        let mut from = live.clone();
        add_body_needs(&mut from);
        let mut wanted = with_context(declared, &from);
        add_declared_needs(&mut wanted);
        carry(&from, declared, &mut wanted);
        for (id, object) in from.objects.iter().filter(|(id, _)| is_same(id, &from, declared)) {
            wanted.objects.insert(id.clone(), object.clone());
            let needs: Vec<_> = from
                .needs_of(id)
                .filter(|(on, _)| wanted.contains(on))
                .map(|(on, need)| (on.clone(), need))
                .collect();
            for (on, need) in needs {
                wanted.add_need(id, &on, need);
            }
        }
        let extent = Extent { settled: 0, of: size(&from, &wanted) };
        let (from, wanted) = (Arc::new(from), Arc::new(wanted));
        let fresh = Arc::clone(&wanted);
        Self { from, wanted, fresh, renames: Renames::new(), replica: None, unproven: vec![why], extent }
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

/// The comparison, if it needs no server: the models say just what is there, or what they come to is
/// known from an earlier run and is what is there.
pub fn compare_offline(live: &Catalog, declared: &Catalog, cache: &Cache) -> Option<Comparison> {
    if is_settled(live, declared) {
        return Some(Comparison::settled(live));
    }
    if cache.is_off() {
        return None;
    }
    // The very slice that `compare` takes, or nothing would be found under its name.
    let mut known = live.clone();
    add_body_needs(&mut known);
    let declared = &with_context(declared, &known);
    let keys = keys(&known, declared, WHOLE_BELOW);
    let (part, declared) = (restricted(&known, keys.as_ref()), restricted(declared, keys.as_ref()));
    let mut fresh = cache.load(&declared, live.server)?;
    keep_extensions(&declared, &mut fresh);
    carry(&part, &declared, &mut fresh);
    let settled = wanted(&part, &part, &declared, &fresh, None);
    is_settled(&part, &settled).then(|| Comparison::settled(live))
}

/// What has to be built; `None` for everything.
fn keys(live: &Catalog, declared: &Catalog, whole_below: usize) -> Option<BTreeSet<ObjectId>> {
    (live.objects.len().max(declared.objects.len()) >= whole_below).then(|| slice(live, declared))
}

fn restricted(catalog: &Catalog, keys: Option<&BTreeSet<ObjectId>>) -> Catalog {
    keys.map_or_else(|| catalog.clone(), |keys| restrict(catalog, keys))
}

/// Settles the models, replicates the live database, and finds renames. With fewer objects than
/// `whole_below` ([`WHOLE_BELOW`]) all are built, else the slice that the change touches.
///
/// # Errors
///
/// [`Error::Build`] names the declared objects that the server refuses.
pub async fn compare(
    scratch: &Scratch,
    live: &Catalog,
    declared: &Catalog,
    renamed_from: &Declared,
    cache: &Cache,
    whole_below: usize,
) -> Result<Comparison, Error> {
    let mut live = live.clone();
    add_body_needs(&mut live);
    let declared = &with_context(declared, &live);
    if let Some(keys) = keys(&live, declared, whole_below) {
        let (part, part_declared) = (restrict(&live, &keys), restrict(declared, &keys));
        match compare_all(scratch, &part, &part_declared, renamed_from, cache).await {
            Ok(done) if done.replica.is_some() => {
                let extent = Extent { of: size(&live, declared), ..done.extent };
                return Ok(Comparison { extent, ..done });
            }
            // What a slice lacks fails loudly: then everything is built.
            Ok(_) | Err(Error::Build(_)) => {
                tracing::debug!("a slice of {} objects can't be built, so all are", keys.len())
            }
            Err(other) => return Err(other),
        }
    }
    compare_all(scratch, &live, declared, renamed_from, cache).await
}

/// How many objects there are on either side.
fn size(live: &Catalog, declared: &Catalog) -> usize {
    live.objects.len() + declared.objects.keys().filter(|id| !live.contains(id)).count()
}

async fn compare_all(
    scratch: &Scratch,
    live: &Catalog,
    declared: &Catalog,
    renamed_from: &Declared,
    cache: &Cache,
) -> Result<Comparison, Error> {
    // What a server of another major makes of models is not what this one would.
    let cache = if scratch.version() / 10_000 == live.server / 10_000 { cache } else { &Cache::none() };
    let database = scratch.database().await?;
    let mut session = database.connect().await?;
    let mut fresh = match cache.load(declared, live.server) {
        Some(fresh) => fresh,
        None => build_declared(&database, &mut session, declared, live.server, cache).await?,
    };
    fresh.forget_what_is_beyond(live.server);
    keep_extensions(declared, &mut fresh);
    add_body_needs(&mut fresh);
    let (replica, unproven) = match replicate_in(database, session, live).await {
        Ok(replica) => (Some(replica), Vec::new()),
        Err(Error::Build(refused)) => {
            let why = refused.iter().map(|r| format!("{} can't be built on scratch ({})", r.id, r.message));
            (None, why.collect())
        }
        Err(other) => return Err(other),
    };
    let mut comparison = Comparison {
        from: Arc::new(live.clone()),
        wanted: Arc::default(),
        fresh: Arc::default(),
        renames: Renames::new(),
        replica,
        unproven,
        extent: Extent { settled: size(live, declared), of: size(live, declared) },
    };
    let rebuilt = comparison.find_renames(live, &fresh, renamed_from).await?;
    carry(&comparison.from, declared, &mut fresh);
    comparison.wanted = Arc::new(wanted(&comparison.from, live, declared, &fresh, rebuilt.as_ref()));
    comparison.fresh = Arc::new(fresh);
    Ok(comparison)
}

/// What the models say, built, read back, and undone.
async fn build_declared(
    database: &Database,
    session: &mut PgConnection,
    declared: &Catalog,
    server: u32,
    cache: &Cache,
) -> Result<Catalog, Error> {
    build_uncommitted(database, session, declared, Order::Declared).await?;
    let (snapshot, recording) = record_and_undo(session).await?;
    cache.store(declared, server, &recording);
    Ok(snapshot.catalog)
}

/// What only a model can say of an extension (that its version matters) is kept.
fn keep_extensions(declared: &Catalog, fresh: &mut Catalog) {
    let extensions = declared.of_kind(Kind::Extension).map(|(id, object)| (id.clone(), object.clone()));
    fresh.objects.extend(extensions);
}

/// What is wanted: the settled text, or the live one where that means the same: the server makes the same
/// of both today.
fn wanted(
    from: &Catalog,
    live: &Catalog,
    declared: &Catalog,
    fresh: &Catalog,
    rebuilt: Option<&Catalog>,
) -> Catalog {
    let mut wanted = fresh.clone();
    for (id, object) in &from.objects {
        // The same words can mean another thing where a column beneath them gets another type, so they
        // decide only if the server can't be asked.
        let means_the_same = match rebuilt {
            Some(rebuilt) => rebuilt.contains(id) && is_same(id, rebuilt, fresh),
            None => live.contains(id) && live.get(id) == Some(object) && is_same(id, live, declared),
        };
        if means_the_same && wanted.contains(id) {
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
        let Some(replica) = &mut self.replica else { return Ok(None) };
        let mut rebuilt = replica.catalog.clone();
        let mut done = BTreeSet::new();
        loop {
            let round = rename::round(Pair { from: &rebuilt, to: fresh }, declared, &done);
            // What has a new name may still rename something within it, once its columns have theirs.
            let within = round.iter().filter(|rename| rename.from == rename.to);
            done.extend(within.map(|rename| rename.to.clone()));
            let Some(after) = add_renames(&mut replica.session, &mut self.renames, round).await? else {
                break;
            };
            rebuilt = after;
            rebuilt.forget_what_is_beyond(live.server);
            add_body_needs(&mut rebuilt);
        }
        if !self.renames.is_empty() {
            self.from = Arc::new(under_new_names(live, &replica.catalog, &rebuilt, &self.renames));
        }
        Ok(Some(rebuilt))
    }
}

/// Adds a round of renames to those of earlier rounds: all at once or, where the server refuses that, one
/// by one, without those that it refuses. Returns the replica as it is after them, if any was added.
async fn add_renames(
    connection: &mut PgConnection,
    renames: &mut Renames,
    round: Renames,
) -> Result<Option<Catalog>, Error> {
    if round.is_empty() {
        return Ok(None);
    }
    let earlier = renames.len();
    renames.extend(round.iter().cloned());
    if let Some(after) = after_renames(connection, renames).await? {
        return Ok(Some(after));
    }
    renames.truncate(earlier);
    let mut last = None;
    for rename in round {
        renames.push(rename);
        match after_renames(connection, renames).await? {
            Some(after) => last = Some(after),
            // The new name may be taken by something that goes: then it is a drop and a create.
            None => drop(renames.pop()),
        }
    }
    Ok(last)
}

/// The replica as it would be after renames; `None` if the server refuses them.
async fn after_renames(connection: &mut PgConnection, renames: &Renames) -> Result<Option<Catalog>, Error> {
    let actions = renames.iter().flat_map(|rename| &rename.there).filter(|action| !action.commented);
    let statements: String = actions.map(|action| format!("{};\n", action.text())).collect();
    match introspect_after(connection, &statements).await {
        Ok(snapshot) => Ok(Some(snapshot.catalog)),
        Err(limbeck_introspect::Error::Server(sqlx::Error::Database(_))) => Ok(None),
        Err(other) => Err(other.into()),
    }
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
    catalog.uncompared_dependants =
        live.uncompared_dependants.iter().map(|(id, d)| (map(id), d.clone())).collect();
    catalog.uncompared_needs = live.uncompared_needs.iter().map(|(id, d)| (map(id), d.clone())).collect();
    catalog.uncompared.clone_from(&live.uncompared);
    catalog.casts.clone_from(&live.casts);
    catalog.server = live.server;
    catalog.positions = live.positions.iter().map(|(id, position)| (map(id), *position)).collect();
    let rights: Vec<_> =
        catalog.of_kind(Kind::Rights).filter_map(|(id, _)| Some((id.clone(), id.target()?))).collect();
    for (id, target) in rights {
        catalog.add_need(&id, &target, limbeck_catalog::Need::Auto);
    }
    catalog
}
