//! Reading the history: what was done in a database, and the downgrades that it keeps.

use limbeck_sql::literal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::look::ids;
use super::{Applied, State, Table};
use crate::error::{Error, Result};
use crate::file::{Direction, Revision, RevisionId, checksum, parse, text_checksum};
use crate::run::wire;

/// What was done with a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its upgrade ran to its end.
    Upgrade,
    /// Its downgrade ran to its end.
    Downgrade,
    /// It was recorded as applied, and nothing ran.
    Stamp,
    /// It was recorded as not applied, and nothing ran.
    Unstamp,
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 4] = [Action::Upgrade, Action::Downgrade, Action::Stamp, Action::Unstamp];

    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Action::Upgrade => "upgrade",
            Action::Downgrade => "downgrade",
            Action::Stamp => "stamp",
            Action::Unstamp => "unstamp",
        }
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// To which revision.
    pub revision: RevisionId,
    /// What.
    pub action: Action,
    /// The revision's parents then.
    pub parents: Vec<RevisionId>,
    /// Its message then.
    pub message: String,
    /// When, as the server writes it.
    pub done_at: String,
    /// How long it took; none where nothing ran.
    pub duration_ms: Option<i64>,
    /// The server's role.
    pub done_by: String,
    /// The `application_name` of the connection.
    pub application: String,
    /// The address of the client; none over a Unix socket.
    pub client: Option<String>,
    /// The tool and its version.
    pub tool_version: String,
}

/// A downgrade that the database keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The revision.
    pub revision: RevisionId,
    /// The text: a revision file without an upgrade.
    pub text: String,
    /// The checksum that its SQL had when it was stored.
    pub sha256: String,
    /// The checksum that the whole text had: how parts are run is not SQL, and counts here.
    pub text_sha256: String,
    /// When the revision was applied.
    pub done_at: String,
    /// By which role.
    pub done_by: String,
    /// With which tool and version.
    pub tool_version: String,
}

impl Kept {
    /// The revision that the text describes, if it is what was applied: as the history's own checksums have
    /// it, and as the version table's has it.
    pub fn revision(&self, table: &Table, row: &Applied) -> Option<Revision> {
        let place = format!("{} {}", table.qualified_history(), self.revision);
        let revision = parse(place.as_str().into(), &self.text).ok()?;
        if text_checksum(&self.text) != self.text_sha256 {
            return None;
        }
        let whole = revision.checksum(Direction::Downgrade);
        let recorded = match row.state {
            State::Applied | State::Upgrading(_) => whole == row.downgrade_sha256,
            State::Downgrading(done) => {
                revision.downgrade.get(..done).is_some_and(|parts| checksum(parts) == row.downgrade_sha256)
            }
        };
        (*revision.id() == row.revision && whole == self.sha256 && recorded).then_some(revision)
    }
}

impl Table {
    /// What was done in a database, newest first; nothing where there is no history.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn history(&self, conn: &mut PgConnection) -> Result<Vec<Entry>> {
        if !self.find(conn).await?.history {
            return Ok(Vec::new());
        }
        let sql = format!(
            "select revision, action, pg_catalog.array_to_string(parents, ',') as parents, message, \
             pg_catalog.to_char(done_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' as done_at, \
             duration_ms, done_by, application, client, tool_version from {} order by id desc",
            self.qualified_history()
        );
        wire::rows(conn, sql).await?.iter().map(|row| self.read_entry(row)).collect()
    }

    /// The downgrades that are kept of revisions whose ids begin so: each as it was applied last.
    ///
    /// # Errors
    /// If the history can't be read.
    pub async fn kept(&self, conn: &mut PgConnection, prefix: &str) -> Result<Vec<Kept>> {
        let length = prefix.chars().count();
        self.kept_where(conn, format!("pg_catalog.left(revision, {length}) = {}", literal(prefix))).await
    }

    /// The downgrades that are kept of some revisions.
    pub(crate) async fn kept_of(&self, conn: &mut PgConnection, ids: &[&RevisionId]) -> Result<Vec<Kept>> {
        let ids: Vec<String> = ids.iter().map(|id| literal(id.as_str())).collect();
        self.kept_where(conn, format!("revision in ({})", ids.join(", "))).await
    }

    async fn kept_where(&self, conn: &mut PgConnection, condition: String) -> Result<Vec<Kept>> {
        if !self.find(conn).await?.history {
            return Ok(Vec::new());
        }
        let applied = [Action::Upgrade, Action::Stamp].map(|action| literal(action.word())).join(", ");
        let sql = format!(
            "select distinct on (revision) revision, downgrade, kept_sha256, downgrade_sha256, \
             pg_catalog.to_char(done_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' as done_at, \
             done_by, tool_version from {} where {condition} and action in ({applied}) \
             order by revision, id desc",
            self.qualified_history(),
        );
        let rows = wire::rows(conn, sql).await?;
        Ok(rows
            .iter()
            .map(read_kept)
            .collect::<Result<Vec<_>, sqlx::Error>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    fn read_entry(&self, row: &PgRow) -> Result<Entry> {
        let revision = RevisionId::stored(&row.try_get::<String, _>("revision")?);
        let word: String = row.try_get("action")?;
        let Some(action) = Action::ALL.into_iter().find(|action| action.word() == word) else {
            return Err(Error::UnknownState { table: self.qualified_history(), revision, state: word });
        };
        Ok(Entry {
            revision,
            action,
            parents: ids(&row.try_get::<String, _>("parents")?),
            message: row.try_get("message")?,
            done_at: row.try_get("done_at")?,
            duration_ms: row.try_get("duration_ms")?,
            done_by: row.try_get("done_by")?,
            application: row.try_get("application")?,
            client: row.try_get("client")?,
            tool_version: row.try_get("tool_version")?,
        })
    }
}

fn read_kept(row: &PgRow) -> Result<Option<Kept>, sqlx::Error> {
    let Some(text) = row.try_get::<Option<String>, _>("downgrade")? else { return Ok(None) };
    Ok(Some(Kept {
        revision: RevisionId::stored(&row.try_get::<String, _>("revision")?),
        text,
        sha256: row.try_get("downgrade_sha256")?,
        text_sha256: row.try_get::<Option<String>, _>("kept_sha256")?.unwrap_or_default(),
        done_at: row.try_get("done_at")?,
        done_by: row.try_get("done_by")?,
        tool_version: row.try_get("tool_version")?,
    }))
}
