//! `target_session_attrs`: whether a server is the one that is wanted.

use sqlx::{PgConnection, Row as _};

use crate::error::Error;
use crate::keyword::Keyword;
use crate::settings::Settings;

/// Which server is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Session {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl Session {
    pub(crate) fn of(settings: &Settings<'_>) -> Result<Self, Error> {
        Ok(match settings.get(Keyword::TargetSessionAttrs).unwrap_or("any") {
            "any" => Session::Any,
            "read-write" => Session::ReadWrite,
            "read-only" => Session::ReadOnly,
            "primary" => Session::Primary,
            "standby" => Session::Standby,
            "prefer-standby" => Session::PreferStandby,
            _ => {
                let words = "it is one of any, read-write, read-only, primary, standby, prefer-standby";
                return Err(settings.invalid(Keyword::TargetSessionAttrs, words));
            }
        })
    }

    /// What is asked for in each pass over the hosts.
    pub(crate) fn passes(self) -> &'static [Session] {
        match self {
            Session::Any => &[Session::Any],
            Session::ReadWrite => &[Session::ReadWrite],
            Session::ReadOnly => &[Session::ReadOnly],
            Session::Primary => &[Session::Primary],
            Session::Standby => &[Session::Standby],
            Session::PreferStandby => &[Session::Standby, Session::Any],
        }
    }

    /// What speaks against a server, if anything does.
    pub(crate) async fn against(self, connection: &mut PgConnection) -> sqlx::Result<Option<&'static str>> {
        if self == Session::Any {
            return Ok(None);
        }
        let sql = "select pg_catalog.pg_is_in_recovery()::text, \
                   pg_catalog.current_setting('transaction_read_only')";
        let row = sqlx::raw_sql(sql).fetch_one(connection).await?;
        let (standby, read_only) =
            (row.try_get::<String, _>(0)? == "true", row.try_get::<String, _>(1)? == "on");
        Ok(match self {
            Session::ReadWrite if read_only => Some("it is read-only, and a read-write server is wanted"),
            Session::ReadOnly if !read_only => Some("it takes writes, and a read-only server is wanted"),
            Session::Primary if standby => Some("it is a standby, and a primary is wanted"),
            Session::Standby if !standby => Some("it is a primary, and a standby is wanted"),
            Session::Any
            | Session::ReadWrite
            | Session::ReadOnly
            | Session::Primary
            | Session::Standby
            | Session::PreferStandby => None,
        })
    }
}
