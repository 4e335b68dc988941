//! What rows look like before and after a candidate: whether they are still there, whether their
//! values are the same, whether their table was written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_sql::ident;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{Error, seed};

/// All tables at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Each table by its id.
    pub tables: BTreeMap<ObjectId, Observed>,
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// `pg_relation_filenode`: another one where the table was written anew.
    pub filenode: u32,
    /// How many rows it has.
    pub rows: u64,
    /// Each column by its id, but for generated ones: what they hold follows from the others.
    pub columns: BTreeMap<ObjectId, Values>,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// The column's type, as `format_type` has it.
    pub type_name: String,
    /// A digest of all values, whichever row they stand in. Texts are compared, so the label of
    /// an enum or the name behind a `regclass` counts.
    pub digest: String,
}

/// Looks at all tables of a catalog that the database has: in two messages, one for the tables, one
/// for their rows.
///
/// # Errors
///
/// What the server refuses.
pub async fn observe(connection: &mut PgConnection, catalog: &Catalog) -> Result<Observation, Error> {
    let mut found = tables(connection, catalog).await?;
    let texts: Vec<String> =
        found.iter().enumerate().map(|(at, (id, table))| rows_query(at, id, table)).collect();
    if texts.is_empty() {
        return Ok(Observation::default());
    }
    // One statement each: a union of a thousand tables takes more than the server's stack.
    let sql = format!("begin read only;\n{SETTINGS};\n{};\ncommit", texts.join(";\n"));
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut *connection).await;
    if rows.is_err() {
        crate::build::run(connection, "rollback".to_owned()).await?;
    }
    for row in rows? {
        let at: i32 = row.try_get("at")?;
        let Some((_, table)) = usize::try_from(at).ok().and_then(|at| found.get_mut(at)) else { continue };
        table.rows = u64::try_from(row.try_get::<i64, _>("rows")?).unwrap_or_default();
        let digests: Vec<String> = row.try_get("digests")?;
        table.columns.values_mut().zip(digests).for_each(|(column, digest)| column.digest = digest);
    }
    Ok(Observation { tables: found.into_iter().collect() })
}

/// What shows in texts of values.
const SETTINGS: &str = "set local search_path = ''; set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; \
     set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex'";

async fn tables(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<Vec<(ObjectId, Observed)>, Error> {
    let sql = limbeck_catalog::row::complete_query(
        "begin read only;\nset local search_path = '';\n\
         select c.nspname::text as schema, c.relname::text as name, pg_catalog.pg_relation_filenode(c.oid)::int8 as filenode,
           array(select a.attname::text from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
           array(select pg_catalog.format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as types
         from :relations c where c.relkind = 'r' order by 1, 2;\ncommit",
    );
    let mut found = Vec::new();
    for row in sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await? {
        let path: [String; 2] = [row.try_get("schema")?, row.try_get("name")?];
        let id = ObjectId::new(Kind::Table, path);
        let filenode = u32::try_from(row.try_get::<Option<i64>, _>("filenode")?.unwrap_or_default());
        let (names, types): (Vec<String>, Vec<String>) = (row.try_get("columns")?, row.try_get("types")?);
        let column = |(name, type_name): (String, String)| {
            (id.member(Kind::Column, &name), Values { type_name, digest: String::new() })
        };
        let columns = names.into_iter().zip(types).map(column).collect();
        if catalog.contains(&id) {
            found.push((id, Observed { filenode: filenode.unwrap_or_default(), rows: 0, columns }));
        }
    }
    Ok(found)
}

/// Digests that do not depend on the order of rows, which a rewrite may change.
fn rows_query(at: usize, id: &ObjectId, table: &Observed) -> String {
    let digest = |column: &ObjectId| {
        let value = format!("coalesce('=' || t.{}::pg_catalog.text, 'null')", ident(column.name()));
        format!(
            "pg_catalog.md5(coalesce(pg_catalog.string_agg(pg_catalog.md5({value}), '' order by pg_catalog.md5({value})), ''))"
        )
    };
    let digests: Vec<_> = table.columns.keys().map(digest).collect();
    format!(
        "select {at}::int4 as at, count(*) as rows, array[{}]::text[] as digests from only {} t",
        digests.join(", "),
        id.qualified()
    )
}

/// The ids of tables and columns that have another one afterwards, by the old one. A column of a
/// renamed table needs no entry of its own, unless its own name changes too.
pub type Names = BTreeMap<ObjectId, ObjectId>;

/// The tables that were written anew, by the name that they have afterwards.
pub fn rewritten(observed: Pair<&Observation>, names: &Names) -> BTreeSet<ObjectId> {
    let pairs = pairs(observed, names).filter(|(_, pair)| pair.from.filenode != pair.to.filenode);
    pairs.map(|(id, _)| id.clone()).collect()
}

/// The tables that have fewer rows, by the name that they have afterwards, and how many are gone.
pub fn lost_rows(observed: Pair<&Observation>, names: &Names) -> BTreeMap<ObjectId, u64> {
    let pairs = pairs(observed, names).filter(|(_, pair)| pair.from.rows > pair.to.rows);
    pairs.map(|(id, pair)| (id.clone(), pair.from.rows - pair.to.rows)).collect()
}

/// The columns that have the same type and other values, by the name that they have afterwards.
pub fn changed_values(observed: Pair<&Observation>, names: &Names) -> BTreeSet<ObjectId> {
    let mut changed = BTreeSet::new();
    for (id, pair) in pairs(observed, names) {
        for (column, before) in &pair.from.columns {
            let own = id.member(Kind::Column, column.name());
            let now = names.get(column).unwrap_or(&own);
            let after = pair.to.columns.get(now);
            if after.is_some_and(|after| after.type_name == before.type_name && after.digest != before.digest)
            {
                changed.insert(now.clone());
            }
        }
    }
    changed
}

/// The tables that are there before and after.
fn pairs<'a>(
    observed: Pair<&'a Observation>,
    names: &'a Names,
) -> impl Iterator<Item = (&'a ObjectId, Pair<&'a Observed>)> {
    observed.from.tables.iter().filter_map(move |(id, from)| {
        let now = names.get(id).unwrap_or(id);
        observed.to.tables.get_key_value(now).map(|(now, to)| (now, Pair { from, to }))
    })
}

/// The time for all inserts through defaults together; what it does not reach counts as failed.
const BUDGET: Duration = Duration::from_secs(20);

/// Why an insert through defaults was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The server's words.
    pub why: String,
    /// Whether a constraint asks for another value: not null, a check, a foreign key, an exclusion.
    pub by_constraint: bool,
}

/// For each table, whether an insert works that leaves out every column with a default or an identity;
/// with triggers, and with `public` and the table's schema as `search_path`. Nothing of it stays, not even
/// in sequences: where one lost its position, the insert meets a row that is there.
///
/// # Errors
///
/// Where the connection breaks.
pub async fn insert_through_defaults(
    connection: &mut PgConnection,
    catalog: &Catalog,
) -> Result<BTreeMap<ObjectId, Result<(), Refused>>, Error> {
    seed::try_defaults(connection, catalog, BUDGET).await
}
