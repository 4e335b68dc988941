//! The version table: which revisions are applied in a database, since when, by whom, and from which
//! text. One row an applied revision; the heads are the rows that no row has as a parent.

use limbeck_sql::{ident, literal};
use sqlx::{PgConnection, Row};

use crate::error::{Error, Result};
use crate::file::{Direction, Revision, RevisionId};
use crate::run::wire;

/// Where the version table stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its schema; `search_path` never decides.
    pub schema: String,
    /// Its name, which begins with `limbeck_`: so it shows up in no diff.
    pub name: String,
}

impl Default for Table {
    fn default() -> Self {
        Table { schema: "public".into(), name: "limbeck_version".into() }
    }
}

/// How far a revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Wholly applied.
    Applied,
    /// On its way up: this many parts are done.
    Upgrading(usize),
    /// On its way down: this many parts are done.
    Downgrading(usize),
}

impl State {
    fn columns(self) -> (&'static str, usize) {
        match self {
            State::Applied => ("applied", 0),
            State::Upgrading(parts) => ("upgrading", parts),
            State::Downgrading(parts) => ("downgrading", parts),
        }
    }
}

/// A row of the version table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The revision.
    pub revision: RevisionId,
    /// Its parents when it was applied.
    pub parents: Vec<RevisionId>,
    /// Its message when it was applied.
    pub message: String,
    /// The checksum of its upgrade; while half-way, of the parts that are done.
    pub upgrade_sha256: String,
    /// The checksum of its downgrade; while half-way down, of the parts that are done.
    pub downgrade_sha256: String,
    /// When, as the server writes it.
    pub applied_at: String,
    /// How long it took; none where it was only stamped.
    pub duration_ms: Option<i64>,
    /// The server's role.
    pub applied_by: String,
    /// The tool and its version.
    pub tool_version: String,
    /// How far it is.
    pub state: State,
}

impl Applied {
    /// The directions whose SQL was edited since this was applied.
    pub fn edited(&self, revision: &Revision) -> Vec<Direction> {
        if self.state != State::Applied {
            return Vec::new();
        }
        let differs = |direction, sum: &str| (revision.checksum(direction) != sum).then_some(direction);
        [
            differs(Direction::Upgrade, &self.upgrade_sha256),
            differs(Direction::Downgrade, &self.downgrade_sha256),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The applied revisions that no applied revision has as a parent. What is half-way up doesn't count.
pub fn heads(applied: &[Applied]) -> Vec<RevisionId> {
    let whole = || applied.iter().filter(|row| !matches!(row.state, State::Upgrading(_)));
    let is_parent = |id: &RevisionId| whole().any(|row| row.parents.contains(id));
    whole().filter(|row| !is_parent(&row.revision)).map(|row| row.revision.clone()).collect()
}

impl Table {
    /// Its quoted, qualified name.
    pub fn qualified(&self) -> String {
        format!("{}.{}", ident(&self.schema), ident(&self.name))
    }

    /// What makes the table. The schema is made as well, if it isn't there.
    pub fn create_sql(&self, schema_exists: bool) -> String {
        let schema =
            if schema_exists { String::new() } else { format!("create schema {};\n", ident(&self.schema)) };
        let table = self.qualified();
        format!(
            "{schema}create table {table} (
  revision text primary key,
  parents text[] not null default '{{}}',
  message text not null default '',
  upgrade_sha256 text not null,
  downgrade_sha256 text not null,
  applied_at timestamptz not null default clock_timestamp(),
  duration_ms bigint,
  applied_by text not null default session_user,
  tool_version text not null,
  state text not null default 'applied' check (state in ('applied', 'upgrading', 'downgrading')),
  parts_done integer not null default 0
);
comment on table {table} is 'limbeck: the revisions that are applied here (format 1)';
"
        )
    }

    /// The statement that records a revision. `duration` is an expression of the server, `null` for none.
    pub fn upsert_sql(
        &self,
        revision: &Revision,
        state: State,
        sums: &[String; 2],
        duration: &str,
        tool: &str,
    ) -> String {
        let (word, parts) = state.columns();
        let parents: Vec<String> = revision.header.parents.iter().map(|p| literal(p.as_str())).collect();
        format!(
            "insert into {} (revision, parents, message, upgrade_sha256, downgrade_sha256, duration_ms, tool_version, \
             state, parts_done) values ({}, array[{}]::text[], {}, {}, {}, {duration}, {}, {}, {parts}) \
             on conflict (revision) do update set parents = excluded.parents, message = excluded.message, \
             upgrade_sha256 = excluded.upgrade_sha256, downgrade_sha256 = excluded.downgrade_sha256, \
             applied_at = excluded.applied_at, duration_ms = excluded.duration_ms, applied_by = excluded.applied_by, \
             tool_version = excluded.tool_version, state = excluded.state, parts_done = excluded.parts_done",
            self.qualified(),
            literal(revision.id().as_str()),
            parents.join(", "),
            literal(&revision.header.message),
            literal(&sums[0]),
            literal(&sums[1]),
            literal(tool),
            literal(word),
        )
    }

    /// The statement that forgets a revision.
    pub fn delete_sql(&self, id: &RevisionId) -> String {
        format!("delete from {} where revision = {}", self.qualified(), literal(id.as_str()))
    }

    /// What is applied, oldest first; nothing where there is no table.
    ///
    /// # Errors
    /// If a table of this name stands in other schemas only, or can't be read.
    pub async fn read(&self, conn: &mut PgConnection) -> Result<Vec<Applied>> {
        if self.find(conn).await?.table { self.rows(conn).await } else { Ok(Vec::new()) }
    }

    /// Makes the table if it isn't there, and says whether it did.
    ///
    /// # Errors
    /// As [`Table::read`], or if the server refuses.
    pub async fn ensure(&self, conn: &mut PgConnection) -> Result<bool> {
        let found = self.find(conn).await?;
        if !found.table {
            wire::run(conn, format!("begin;\n{}commit;", self.create_sql(found.schema))).await?;
        }
        Ok(!found.table)
    }

    async fn find(&self, conn: &mut PgConnection) -> Result<Found> {
        let sql = format!(
            "select n.nspname::text as schema, c.oid is not null as has_table \
             from pg_catalog.pg_namespace n left join pg_catalog.pg_class c \
             on c.relnamespace = n.oid and c.relname = {} and c.relkind in ('r', 'p') \
             where (c.oid is not null or n.nspname = {}) and n.nspname !~ '^pg_temp' order by 1",
            literal(&self.name),
            literal(&self.schema)
        );
        let mut found = Found { schema: false, table: false };
        let mut elsewhere = Vec::new();
        for row in wire::rows(conn, sql).await? {
            let (schema, table): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
            if schema == self.schema {
                found = Found { schema: true, table };
            } else {
                elsewhere.push(schema);
            }
        }
        if !found.table && !elsewhere.is_empty() {
            let (expected, table) = (self.schema.clone(), self.name.clone());
            return Err(Error::TableElsewhere { found: elsewhere, expected, table });
        }
        Ok(found)
    }

    async fn rows(&self, conn: &mut PgConnection) -> Result<Vec<Applied>> {
        let table = self.qualified();
        let sql = format!(
            "select revision, pg_catalog.array_to_string(parents, ',') as parents, message, upgrade_sha256, \
             downgrade_sha256, pg_catalog.to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' \
             as applied_at, duration_ms, applied_by, tool_version, state, parts_done \
             from {table} order by {table}.applied_at, revision"
        );
        let rows = wire::rows(conn, sql).await.map_err(|error| match error {
            Error::Database(sqlx::Error::Database(e)) if e.code().as_deref() == Some("42703") => {
                Error::TableForeign { table, message: e.message().to_owned() }
            }
            other => other,
        })?;
        rows.iter().map(|row| read_row(row).map_err(Error::Database)).collect()
    }
}

struct Found {
    schema: bool,
    table: bool,
}

fn read_row(row: &sqlx::postgres::PgRow) -> Result<Applied, sqlx::Error> {
    let parents: String = row.try_get("parents")?;
    let done = usize::try_from(row.try_get::<i32, _>("parts_done")?).unwrap_or_default();
    let state = match row.try_get::<String, _>("state")?.as_str() {
        "upgrading" => State::Upgrading(done),
        "downgrading" => State::Downgrading(done),
        _ => State::Applied,
    };
    Ok(Applied {
        revision: RevisionId::stored(&row.try_get::<String, _>("revision")?),
        parents: parents.split(',').filter(|p| !p.is_empty()).map(RevisionId::stored).collect(),
        message: row.try_get("message")?,
        upgrade_sha256: row.try_get("upgrade_sha256")?,
        downgrade_sha256: row.try_get("downgrade_sha256")?,
        applied_at: row.try_get("applied_at")?,
        duration_ms: row.try_get("duration_ms")?,
        applied_by: row.try_get("applied_by")?,
        tool_version: row.try_get("tool_version")?,
        state,
    })
}
