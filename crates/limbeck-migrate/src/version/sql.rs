//! The statements that record something. Each is one statement, which writes the version table and the
//! history together: whoever sends it, sends both or none.

use limbeck_sql::{ident, literal};

use super::history::Action;
use super::look::Found;
use super::{State, Table};
use crate::file::{Revision, RevisionId, render_downgrade, text_checksum};

/// The version of the version table's form, in its comment.
pub(super) const FORMAT: u32 = 1;
/// The version of the history's form, in its comment.
pub(super) const HISTORY_FORMAT: u32 = 1;

impl Table {
    /// What makes the schema and the tables, as far as they aren't there.
    pub fn create_sql(&self) -> String {
        self.missing_sql(Found::default())
    }

    /// What makes whatever a look did not find.
    pub(crate) fn missing_sql(&self, found: Found) -> String {
        let mut sql = String::new();
        if !found.schema {
            sql.push_str(&format!("create schema if not exists {};\n", ident(&self.schema)));
        }
        if !found.table {
            sql.push_str(&self.version_table_sql());
        }
        if !found.history {
            sql.push_str(&self.history_table_sql());
        }
        sql
    }

    fn version_table_sql(&self) -> String {
        let table = self.qualified();
        format!(
            "create table if not exists {table} (
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
comment on table {table} is 'limbeck: the revisions that are applied here (format {FORMAT})';
"
        )
    }

    fn history_table_sql(&self) -> String {
        let table = self.qualified_history();
        let actions: Vec<String> = Action::ALL.iter().map(|action| literal(action.word())).collect();
        format!(
            "create table if not exists {table} (
  id bigint generated always as identity primary key,
  revision text not null,
  action text not null check (action in ({})),
  parents text[] not null default '{{}}',
  message text not null default '',
  upgrade_sha256 text not null,
  downgrade_sha256 text not null,
  done_at timestamptz not null default clock_timestamp(),
  duration_ms bigint,
  done_by text not null default session_user,
  application text not null default current_setting('application_name'),
  client text default host(inet_client_addr()),
  tool_version text not null,
  downgrade text,
  kept_sha256 text
);
comment on table {table} is 'limbeck: what was done here, when and by whom (format {HISTORY_FORMAT})';
",
            actions.join(", ")
        )
    }

    /// The statement that records a revision; once it is wholly applied, in the history as well.
    /// `duration` is an expression of the server, `null` for none.
    pub fn upsert_sql(
        &self,
        revision: &Revision,
        state: State,
        sums: &[String; 2],
        duration: &str,
        tool: &str,
    ) -> String {
        let row = self.row_sql(revision, state, sums, duration, tool);
        match state {
            State::Applied => self.logged_sql(&row, Action::Upgrade, revision),
            State::Upgrading(_) | State::Downgrading(_) => row,
        }
    }

    /// The statement that records a revision as applied that nobody ran.
    pub fn stamp_sql(&self, revision: &Revision, sums: &[String; 2], tool: &str) -> String {
        let row = self.row_sql(revision, State::Applied, sums, "null", tool);
        self.logged_sql(&row, Action::Stamp, revision)
    }

    /// The statement that forgets a revision whose downgrade ran.
    pub fn delete_sql(&self, id: &RevisionId, duration: &str, tool: &str) -> String {
        self.forget_sql(&one(id), Action::Downgrade, duration, tool)
    }

    /// The statement that forgets a revision though nothing was undone.
    pub fn unstamp_sql(&self, id: &RevisionId, tool: &str) -> String {
        self.forget_sql(&one(id), Action::Unstamp, "null", tool)
    }

    /// The statement that forgets, though nothing was undone, whatever isn't among these.
    pub(crate) fn unstamp_others_sql(&self, kept: &[RevisionId], tool: &str) -> String {
        let kept: Vec<String> = kept.iter().map(|id| literal(id.as_str())).collect();
        let others = format!("revision <> all (array[{}]::text[])", kept.join(", "));
        self.forget_sql(&others, Action::Unstamp, "null", tool)
    }

    fn row_sql(
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

    /// What a row of the version table came to, into the history.
    fn logged_sql(&self, row: &str, action: Action, revision: &Revision) -> String {
        let kept = if self.keep_downgrades {
            let text = render_downgrade(revision);
            format!("{}, {}", literal(&text), literal(&text_checksum(&text)))
        } else {
            "null, null".into()
        };
        format!(
            "with done as ({row} returning *) \
             insert into {} (revision, action, parents, message, upgrade_sha256, downgrade_sha256, done_at, \
             duration_ms, done_by, tool_version, downgrade, kept_sha256) \
             select revision, {}, parents, message, upgrade_sha256, downgrade_sha256, applied_at, duration_ms, \
             applied_by, tool_version, {kept} from done",
            self.qualified_history(),
            literal(action.word()),
        )
    }

    fn forget_sql(&self, which: &str, action: Action, duration: &str, tool: &str) -> String {
        format!(
            "with gone as (delete from {} where {which} returning *) \
             insert into {} (revision, action, parents, message, upgrade_sha256, downgrade_sha256, duration_ms, \
             tool_version) \
             select revision, {}, parents, message, upgrade_sha256, downgrade_sha256, {duration}, {} from gone",
            self.qualified(),
            self.qualified_history(),
            literal(action.word()),
            literal(tool),
        )
    }
}

fn one(id: &RevisionId) -> String {
    format!("revision = {}", literal(id.as_str()))
}
