//! One run at a time on a database.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use limbeck_sql::literal;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Row};

use super::{Event, check_stop, wire};
use crate::error::Result;
use crate::version::Table;

/// The key of the advisory lock that guards a version table.
pub(crate) fn key(table: &Table) -> i64 {
    let hash = Sha256::digest(format!("limbeck {}", table.qualified()));
    hash.iter().take(8).fold(0, |key, byte| (key << 8) | i64::from(*byte))
}

/// Takes the lock, however long that takes.
///
/// By asking again and again: a session that waits inside `pg_advisory_lock()` holds a virtual
/// transaction, for which a `create index concurrently` of the run that has the lock would wait.
pub(super) async fn acquire(
    conn: &mut PgConnection,
    key: i64,
    stop: &AtomicBool,
    events: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<()> {
    let mut rest = Duration::from_millis(50);
    let mut said = false;
    while !ask(conn, format!("select pg_catalog.pg_try_advisory_lock({key})")).await? {
        if !said && rest > Duration::from_millis(200) {
            events(Event::Waiting { holder: holder(conn, key).await? });
            said = true;
        }
        tokio::time::sleep(rest).await;
        check_stop(stop)?;
        rest = (rest * 2).min(Duration::from_secs(1));
    }
    Ok(())
}

pub(super) async fn release(conn: &mut PgConnection, key: i64) -> Result<bool> {
    ask(conn, format!("select pg_catalog.pg_advisory_unlock({key})")).await
}

async fn ask(conn: &mut PgConnection, sql: String) -> Result<bool> {
    let rows = wire::rows(conn, sql).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(false))
}

/// Who has the lock, for the message about waiting.
async fn holder(conn: &mut PgConnection, key: i64) -> Result<Option<String>> {
    let sql = format!(
        "select pg_catalog.concat_ws(' ', nullif(a.application_name, ''), 'process ' || l.pid, 'of ' || a.usename, \
         'since ' || pg_catalog.to_char(a.backend_start at time zone 'UTC', 'HH24:MI:SS') || ' UTC') \
         from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid \
         where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
         and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) \
         and l.classid::bigint << 32 | l.objid::bigint = {}::bigint",
        literal(&key.to_string())
    );
    let rows = wire::rows(conn, sql).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}
