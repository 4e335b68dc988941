//! One run at a time on a database: the lock around a run, and who has it.

use limbeck_sql::literal;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::holder::{self, Holder};
use crate::error::Result;
use crate::version::Table;

/// The key of the advisory lock that guards a version table.
pub(crate) fn key(table: &Table) -> i64 {
    let hash = Sha256::digest(format!("limbeck {}", table.qualified()));
    hash.iter().take(8).fold(0, |key, byte| (key << 8) | i64::from(*byte))
}

/// An expression that takes the lock if nobody has it, and says whether it is had.
///
/// Asked for, and never waited for inside of a statement: a session that waits in `pg_advisory_lock()` holds
/// a snapshot, for which a `create index concurrently` of the run that has the lock would wait in turn.
pub(super) fn take(key: i64) -> String {
    format!("pg_catalog.pg_try_advisory_lock({key})")
}

/// An expression that is true where this very session has the lock, or could take it again: a part may have
/// let it go (`discard all`), and behind a pooler this session may be another than the one that took it.
pub(super) fn held(key: i64) -> String {
    format!("case when {} then true else {} end", is_mine(key), take(key))
}

/// The statement that gives the lock back, where this very session has it.
pub(super) fn release(key: i64) -> String {
    format!("select pg_catalog.pg_advisory_unlock({key}) as released where {}", is_mine(key))
}

fn is_mine(key: i64) -> String {
    let mine = "l.pid = pg_catalog.pg_backend_pid()";
    format!("exists (select from pg_catalog.pg_locks l where {} and {mine})", is_lock(key))
}

/// The same, where nobody knows whether this session has it: Postgres warns of what is given back in vain.
pub(super) fn release_if_held(key: i64) -> String {
    format!(
        "{} where exists (select from pg_catalog.pg_locks l where {} and l.pid = pg_catalog.pg_backend_pid())",
        release(key),
        is_lock(key)
    )
}

/// Who has the lock.
pub(super) async fn holder(conn: &mut PgConnection, key: i64) -> Result<Option<Holder>> {
    let holders = format!("select l.pid from pg_catalog.pg_locks l where {}", is_lock(key));
    Ok(holder::ask(conn, &holders).await?.into_iter().next())
}

fn is_lock(key: i64) -> String {
    format!(
        "l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
         and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) \
         and l.classid::bigint << 32 | l.objid::bigint = {}::bigint",
        literal(&key.to_string())
    )
}
