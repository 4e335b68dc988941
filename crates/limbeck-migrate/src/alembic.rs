//! A database that Alembic brought to where it is. Its version table is read once, when there is none of
//! ours yet: what it says counts as applied, and is recorded. The table itself is never written.

use std::fmt;

use limbeck_sql::{ident, literal};
use sqlx::{PgConnection, Row};

use crate::error::{Error, Result};
use crate::file::Revision;
use crate::graph::{Graph, Set};
use crate::run::{Event, NEXT, Settings, sums, wire};
use crate::script::assumed;
use crate::squashed;
use crate::version::{Applied, Found};

/// Alembic's version table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTable {
    /// Its schema.
    pub schema: String,
    /// Its name, `alembic_version` unless an `env.py` says otherwise.
    pub name: String,
}

impl VersionTable {
    /// `schema.name`, or a name in `public`.
    pub fn parse(text: &str) -> Self {
        let (schema, name) = text.split_once('.').unwrap_or(("public", text));
        VersionTable { schema: schema.to_owned(), name: name.to_owned() }
    }
}

impl fmt::Display for VersionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// Where Alembic left a database in which nothing of ours is recorded yet.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What its table says.
    pub heads: Vec<String>,
    /// What is applied by that.
    pub applied: Vec<Applied>,
}

/// Where Alembic left a database; none where it is not said to have been there, or our own version table
/// says what is applied.
///
/// # Errors
/// If the database can't be asked, or Alembic's table names revisions that no file has.
pub async fn standing(
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
) -> Result<Option<Standing>> {
    let Some(table) = &settings.alembic else { return Ok(None) };
    let exists = |schema: &str, name: &str| {
        format!(
            "exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where n.nspname = {} and c.relname = {} and c.relkind in ('r', 'p'))",
            literal(schema),
            literal(name)
        )
    };
    let ours = exists(&settings.table.schema, &settings.table.name);
    let theirs = exists(&table.schema, &table.name);
    let found = wire::rows(conn, format!("select {theirs} and not {ours}")).await?;
    if !found.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(false) {
        return Ok(None);
    }
    let (schema, name) = (ident(&table.schema), ident(&table.name));
    let rows = wire::rows(conn, format!("select version_num::text from {schema}.{name} order by 1")).await?;
    let heads = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    let applied = up_to(graph, settings, table, &heads)?;
    Ok(Some(Standing { heads, applied }))
}

/// What is applied: as recorded; where nothing is, as Alembic left it.
///
/// # Errors
/// As [`standing`], or if the version table can't be read.
pub async fn applied(conn: &mut PgConnection, graph: &Graph, settings: &Settings) -> Result<Vec<Applied>> {
    let applied = settings.table.read(conn).await?;
    if !applied.is_empty() {
        return Ok(squashed::translate(graph, applied)?.applied);
    }
    Ok(standing(conn, graph, settings).await?.map_or(applied, |standing| standing.applied))
}

/// What Alembic left, where nothing is recorded: recorded, in the transaction that is open.
pub(crate) async fn adopted(
    conn: &mut PgConnection,
    graph: &Graph,
    settings: &Settings,
    events: &mut (dyn FnMut(Event<'_>) + Send),
    found: Found,
) -> Result<Vec<Applied>> {
    let Some(table) = &settings.alembic else { return Ok(Vec::new()) };
    let Some(standing) = standing(conn, graph, settings).await? else { return Ok(Vec::new()) };
    let revisions = standing.applied.iter().filter_map(|row| graph.get(&row.revision));
    let record =
        |revision: &Revision| settings.table.stamp_sql(revision, &sums(revision), &settings.tool_version);
    let rows: String = revisions.map(|revision| format!("{};\n", record(revision))).collect();
    // One transaction: a table without these rows would say that nothing is applied.
    let create = settings.table.missing_sql(found);
    wire::run(conn, format!("{create}{rows}{NEXT}")).await?;
    events(Event::Adopted { table, heads: standing.heads });
    settings.table.applied(conn, Found { schema: true, table: true, history: true }).await
}

/// The revisions up to these heads, as rows of our table.
fn up_to(graph: &Graph, settings: &Settings, table: &VersionTable, heads: &[String]) -> Result<Vec<Applied>> {
    let place = |id: &String| graph.index(id);
    let (known, unknown): (Vec<_>, Vec<_>) = heads.iter().partition(|id| place(id).is_some());
    if !unknown.is_empty() {
        let revisions = unknown.into_iter().cloned().collect();
        return Err(Error::AlembicElsewhere { table: table.to_string(), revisions });
    }
    let heads: Set = known.into_iter().filter_map(place).collect();
    let below = graph.ancestors(heads);
    Ok(below.into_iter().map(|place| assumed(graph.at(place), settings)).collect())
}
