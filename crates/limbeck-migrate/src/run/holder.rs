//! Who is in the way: the session that has a lock which another one waits for.

use std::fmt;
use std::time::Duration;

use sqlx::{PgConnection, Row};

use super::wire;
use crate::error::Result;

/// A session of the server, as far as the server shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The process on the server.
    pub process: i32,
    /// What the client calls itself.
    pub application: Option<String>,
    /// The role.
    pub user: Option<String>,
    /// The address of the client; none over a Unix socket.
    pub client: Option<String>,
    /// How long its transaction, or else what it does now, has lasted.
    pub age: Duration,
    /// `active`, `idle in transaction` and so on.
    pub state: Option<String>,
    /// What it runs, or ran last; its beginning. Hidden from roles without the right to see it.
    pub query: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.process)?;
        let named = [("", &self.application), ("user ", &self.user), ("from ", &self.client)];
        for (word, value) in named {
            if let Some(value) = value {
                write!(f, ", {word}{value}")?;
            }
        }
        let state = self.state.as_deref().unwrap_or("there");
        write!(f, ", {state} for {}", span(self.age))?;
        match &self.query {
            Some(query) if state == "active" => write!(f, ": {query}"),
            Some(query) => write!(f, ", last: {query}"),
            None => Ok(()),
        }
    }
}

/// A time for people: `0.4 s`, `35 s`, `12 min`, `3 h 5 min`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f32()),
        10..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// The sessions whose processes a query gives, the oldest first.
pub(super) async fn ask(conn: &mut PgConnection, processes: &str) -> Result<Vec<Holder>> {
    let sql = format!(
        "select a.pid, nullif(a.application_name, '') as application, a.usename::text as user, \
         pg_catalog.host(a.client_addr) as client, a.state, \
         (1000 * extract(epoch from pg_catalog.clock_timestamp() - \
         coalesce(a.xact_start, a.state_change, a.backend_start)))::bigint as age, \
         coalesce(substring(a.query from '^/\\* (limbeck [^*]*) \\*/'), nullif(pg_catalog.left(\
         pg_catalog.regexp_replace(pg_catalog.btrim(a.query), '\\s+', ' ', 'g'), 200), '')) as query \
         from pg_catalog.pg_stat_activity a where a.pid in ({processes}) \
         order by a.xact_start nulls last, a.pid limit 5"
    );
    let read = |row: &sqlx::postgres::PgRow| {
        let age: Option<i64> = row.try_get("age")?;
        Ok(Holder {
            process: row.try_get("pid")?,
            application: row.try_get("application")?,
            user: row.try_get("user")?,
            client: row.try_get("client")?,
            age: Duration::from_millis(age.and_then(|age| age.try_into().ok()).unwrap_or_default()),
            state: row.try_get("state")?,
            query: row.try_get("query")?,
        })
    };
    Ok(wire::rows(conn, sql).await?.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_reads_as_a_line() {
        let holder = Holder {
            process: 7,
            application: Some("shop".into()),
            user: Some("app".into()),
            client: None,
            age: Duration::from_millis(35_400),
            state: Some("idle in transaction".into()),
            query: Some("select 1".into()),
        };
        assert_eq!(
            holder.to_string(),
            "process 7, shop, user app, idle in transaction for 35 s, last: select 1"
        );
        assert_eq!(
            [400, 11_000, 720_000, 11_100_000].map(|ms| span(Duration::from_millis(ms))),
            ["0.4 s", "11 s", "12 min", "3 h 5 min"]
        );
    }
}
