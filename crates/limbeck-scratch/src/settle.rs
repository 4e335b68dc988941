//! Settling: what texts come to, once a server has read them.
//!
//! Texts are never compared by a parser of ours. Where a declared object differs from the live one
//! (or there is none), the models are built on scratch and introspected by the same code as the live
//! database. What then still differs may differ by history only: a stored text is older than what
//! the server would make of it today. So the live text, too, is built once, and compared again.

use std::collections::BTreeSet;
use std::sync::Arc;

use limbeck_catalog::facts::Side;
use limbeck_catalog::{Catalog, Change, Kind, Object, ObjectId, Pair};
use limbeck_diff::mention::add_body_needs;
use limbeck_introspect::introspect;
use limbeck_sql::literal;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::Error;
use crate::build::{Order, build};
use crate::provider::{Database, Scratch};

/// The live database on scratch.
pub struct Replica {
    /// Where it stands.
    pub database: Database,
    /// The one session in it: what a server has looked up once, it need not look up again.
    pub session: PgConnection,
    /// What it looks like, each text as a server makes it today.
    pub catalog: Catalog,
    /// What it was built of.
    pub(crate) built: Catalog,
}

impl Replica {
    /// Lets it go.
    ///
    /// # Errors
    ///
    /// If the server refuses.
    pub async fn drop(self) -> Result<(), Error> {
        self.session.close().await.ok();
        Ok(self.database.drop().await?)
    }
}

/// Whether the models say just what is there, without asking any server.
pub fn is_settled(live: &Catalog, declared: &Catalog) -> bool {
    let fates = limbeck_diff::difference(Pair { from: live, to: declared }, false);
    fates.keys().all(|id| !id.kind.is_compared())
}

/// Builds the live database on scratch.
///
/// # Errors
///
/// What the server refuses: an object needs something that isn't compared.
pub async fn replicate(scratch: &Scratch, live: &Catalog) -> Result<Replica, Error> {
    let database = scratch.database().await?;
    let session = database.connect().await?;
    replicate_in(database, session, live).await
}

/// The same, in a database that is there and empty.
pub(crate) async fn replicate_in(
    database: Database,
    mut session: PgConnection,
    live: &Catalog,
) -> Result<Replica, Error> {
    let mut built = without_rights(live);
    ask_for_versions(&mut session, &mut built).await?;
    build(&database, &mut session, &built, Order::Known).await?;
    let mut catalog = introspect(&mut session).await?.catalog;
    catalog.objects.retain(|id, _| id.kind != Kind::Rights);
    catalog.forget_what_is_beyond(live.server);
    add_body_needs(&mut catalog);
    Ok(Replica { database, session, catalog, built })
}

/// Extensions are built in the versions that are installed, where scratch has them: only from there can a
/// candidate bring them to another. Where it hasn't, its own has to do.
async fn ask_for_versions(connection: &mut PgConnection, wanted: &mut Catalog) -> Result<(), Error> {
    let extensions: Vec<_> = wanted.of_kind(Kind::Extension).map(|(id, _)| id.clone()).collect();
    if extensions.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = extensions.iter().map(|id| literal(id.name())).collect();
    let sql = format!(
        "select name::text, version from pg_catalog.pg_available_extension_versions where name in ({})",
        names.join(", ")
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let available: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for id in extensions {
        if let Some(Object::Extension(extension)) = wanted.objects.get_mut(&id)
            && let Some(installed) = &extension.installed
            && available.contains(&(id.name().to_owned(), installed.clone()))
        {
            let version = Some(installed.clone());
            Arc::make_mut(extension).version = version;
        }
    }
    Ok(())
}

/// Roles are cluster-wide, and a scratch server has none of them: owners and rights are carried, never
/// built there.
fn without_rights(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    catalog.objects.retain(|id, _| id.kind != Kind::Rights);
    catalog
}

/// Whether an object says the same in both catalogs.
pub(crate) fn is_same(id: &ObjectId, from: &Catalog, to: &Catalog) -> bool {
    let side = |catalog| Side { catalog, restoring: false };
    match (from.get(id), to.get(id)) {
        (Some(a), Some(b)) => {
            (Pair { from: a, to: b }).alter(id, Pair { from: side(from), to: side(to) }) == Change::Same
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What models say to this server, and what isn't compared and stands around it.
pub(crate) fn with_context(declared: &Catalog, live: &Catalog) -> Catalog {
    let mut catalog = declared.clone();
    catalog.forget_what_is_beyond(live.server);
    catalog.objects.extend(live.of_kind(Kind::Context).map(|(id, object)| (id.clone(), object.clone())));
    catalog
}

/// What isn't compared is wanted as it is, for everything that stays; and the places of columns are
/// those of the models.
pub(crate) fn carry(live: &Catalog, declared: &Catalog, wanted: &mut Catalog) {
    wanted.objects.retain(|id, _| id.kind.is_compared());
    for (id, object) in live.objects.iter().filter(|(id, _)| !id.kind.is_compared()) {
        if id.target().is_none_or(|target| wanted.contains(&target)) {
            wanted.objects.insert(id.clone(), object.clone());
        }
    }
    let carried: Vec<_> = wanted.objects.keys().filter(|id| !id.kind.is_compared()).cloned().collect();
    for id in carried {
        for (on, need) in live.needs_of(&id) {
            if wanted.contains(on) {
                wanted.add_need(&id, on, need);
            }
        }
    }
    wanted.server = live.server;
    wanted.positions.extend(declared.positions.iter().map(|(id, position)| (id.clone(), *position)));
    wanted.casts.extend(live.casts.iter().map(|(types, cast)| (types.clone(), *cast)));
    wanted.statistics.clone_from(&live.statistics);
    wanted.uncompared_dependants.clone_from(&live.uncompared_dependants);
}
