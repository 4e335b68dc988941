//! Text to the server in the simple protocol: several statements in one round trip, nothing prepared
//! (so nothing is left behind a pooler).

use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Either, PgConnection, raw_sql};

use crate::error::Result;

/// Runs a message, and forgets its rows.
pub(crate) async fn run(conn: &mut PgConnection, sql: String) -> Result<()> {
    Ok(run_counting(conn, sql).await.map_err(|(_, error)| error)?)
}

/// Runs a message; where it fails, says how many of its statements were complete.
pub(crate) async fn run_counting(conn: &mut PgConnection, sql: String) -> Result<(), (usize, sqlx::Error)> {
    let mut complete = 0;
    let mut results = raw_sql(AssertSqlSafe(sql)).fetch_many(conn);
    loop {
        match results.try_next().await {
            Ok(Some(Either::Left(_))) => complete += 1,
            Ok(Some(Either::Right(_))) => {}
            Ok(None) => return Ok(()),
            Err(error) => return Err((complete, error)),
        }
    }
}

/// Runs a message, and gives the rows of all its statements.
pub(crate) async fn rows(conn: &mut PgConnection, sql: String) -> Result<Vec<PgRow>> {
    let mut rows = Vec::new();
    let mut results = raw_sql(AssertSqlSafe(sql)).fetch_many(conn);
    while let Some(result) = results.try_next().await? {
        rows.extend(result.right());
    }
    Ok(rows)
}
