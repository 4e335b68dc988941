//! Reading the version table: whether it is there, where, in which form, and what it says.

use limbeck_sql::literal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::sql::{FORMAT, HISTORY_FORMAT};
use super::{Applied, State, Table};
use crate::error::{Error, Result};
use crate::file::RevisionId;
use crate::run::wire;

/// What there is of the tool's own in a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The schema of the tables.
    pub(crate) schema: bool,
    /// The version table.
    pub(crate) table: bool,
    /// The history.
    pub(crate) history: bool,
}

impl Found {
    /// Whether nothing has to be made.
    pub(crate) fn all(self) -> bool {
        self.schema && self.table && self.history
    }
}

impl Table {
    /// What is applied, oldest first; nothing where there is no table.
    ///
    /// # Errors
    /// If a table of this name stands in other schemas only, was written by a newer version, or can't be
    /// read.
    pub async fn read(&self, conn: &mut PgConnection) -> Result<Vec<Applied>> {
        let found = self.find(conn).await?;
        self.applied(conn, found).await
    }

    /// Makes the tables that aren't there, and says whether there were any.
    ///
    /// # Errors
    /// As [`Table::read`], or if the server refuses.
    pub async fn ensure(&self, conn: &mut PgConnection) -> Result<bool> {
        let found = self.find(conn).await?;
        self.make(conn, found).await
    }

    /// [`Table::ensure`] after a look.
    pub(crate) async fn make(&self, conn: &mut PgConnection, found: Found) -> Result<bool> {
        if !found.all() {
            wire::run(conn, format!("begin;\n{}commit;", self.missing_sql(found))).await?;
        }
        Ok(!found.all())
    }

    /// [`Table::read`] after a look.
    pub(crate) async fn applied(&self, conn: &mut PgConnection, found: Found) -> Result<Vec<Applied>> {
        if !found.table {
            return Ok(Vec::new());
        }
        let rows = wire::rows(conn, self.applied_sql()).await.map_err(|error| match error {
            Error::Database(sqlx::Error::Database(e)) if e.code().as_deref() == Some("42703") => {
                Error::TableForeign { table: self.qualified(), message: e.message().to_owned() }
            }
            other => other,
        })?;
        rows.iter().map(|row| self.read_row(row)).collect()
    }

    /// Looks which tables there are.
    pub(crate) async fn find(&self, conn: &mut PgConnection) -> Result<Found> {
        let rows = wire::rows(conn, self.find_sql()).await?;
        self.found(&rows)
    }

    /// The statement whose rows [`Table::found`] reads: it can share a message with others.
    pub(crate) fn find_sql(&self) -> String {
        format!(
            "select n.nspname::text as schema, c.relname::text as name, \
             pg_catalog.obj_description(c.oid, 'pg_class') as comment \
             from pg_catalog.pg_namespace n left join pg_catalog.pg_class c \
             on c.relnamespace = n.oid and c.relname in ({name}, {}) and c.relkind in ('r', 'p') \
             where (c.relname = {name} or n.nspname = {}) and n.nspname !~ '^pg_temp' order by 1, 2",
            literal(&self.history_name()),
            literal(&self.schema),
            name = literal(&self.name),
        )
    }

    /// What the rows of [`Table::find_sql`] say.
    pub(crate) fn found(&self, rows: &[PgRow]) -> Result<Found> {
        let mut found = Found::default();
        let mut elsewhere = Vec::new();
        for row in rows {
            let (schema, name): (String, Option<String>) = (row.try_get("schema")?, row.try_get("name")?);
            if schema != self.schema {
                elsewhere.push(schema);
                continue;
            }
            found.schema = true;
            let comment: Option<String> = row.try_get("comment")?;
            if name.as_deref() == Some(&self.name) {
                readable(self.qualified(), comment.as_deref(), FORMAT)?;
                found.table = true;
            } else if name.is_some() {
                readable(self.qualified_history(), comment.as_deref(), HISTORY_FORMAT)?;
                found.history = true;
            }
        }
        if !found.table && !elsewhere.is_empty() {
            let (expected, table) = (self.schema.clone(), self.name.clone());
            return Err(Error::TableElsewhere { found: elsewhere, expected, table });
        }
        Ok(found)
    }

    fn applied_sql(&self) -> String {
        let table = self.qualified();
        format!(
            "select revision, pg_catalog.array_to_string(parents, ',') as parents, message, upgrade_sha256, \
             downgrade_sha256, pg_catalog.to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' \
             as applied_at, duration_ms, applied_by, tool_version, state, parts_done \
             from {table} order by {table}.applied_at, revision"
        )
    }

    fn read_row(&self, row: &PgRow) -> Result<Applied> {
        let revision = RevisionId::stored(&row.try_get::<String, _>("revision")?);
        let done = usize::try_from(row.try_get::<i32, _>("parts_done")?).unwrap_or_default();
        let word: String = row.try_get("state")?;
        let Some(state) = State::stored(&word, done) else {
            return Err(Error::UnknownState { table: self.qualified(), revision, state: word });
        };
        Ok(Applied {
            revision,
            parents: ids(&row.try_get::<String, _>("parents")?),
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
}

/// Ids as the server joins them.
pub(super) fn ids(joined: &str) -> Vec<RevisionId> {
    joined.split(',').filter(|id| !id.is_empty()).map(RevisionId::stored).collect()
}

/// Refuses a table in a form that is newer than this version. A table without a comment is of this form:
/// people lose comments.
fn readable(table: String, comment: Option<&str>, known: u32) -> Result<()> {
    match comment.and_then(format_of) {
        Some(format) if format > known => Err(Error::NewerFormat { table, format, known }),
        Some(_) | None => Ok(()),
    }
}

/// The number in `… (format 1)`.
fn format_of(comment: &str) -> Option<u32> {
    let (_, rest) = comment.rsplit_once("(format ")?;
    rest.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_form_is_refused_and_a_lost_comment_is_not() {
        let read = |comment: Option<&str>| readable("t".into(), comment, 1);
        assert!(read(Some("limbeck: things (format 1)")).is_ok());
        assert!(read(None).is_ok() && read(Some("ours")).is_ok());
        let error = read(Some("limbeck: things (format 12)")).unwrap_err();
        assert!(matches!(error, Error::NewerFormat { format: 12, known: 1, .. }), "{error}");
    }
}
