//! The fingerprint of a database's catalogs: what tells whether anything that [`introspect`](crate::introspect)
//! reads has changed, without reading it.
//!
//! A row of a catalog never changes: it is written anew, elsewhere, by a later transaction. So a catalog is
//! told by the places (`ctid`) and the transactions (`xmin`) of its rows: all of them, as the newest one is
//! not enough. A transaction that began early can end late, and numbers of transactions come round again. What
//! Postgres does write in place (`heap_inplace_update`: sizes and horizons of `vacuum`, and flags that may
//! lag behind) is nothing that a comparison reads.
//!
//! The same places and numbers mean another thing on another server, and on one that was put back to an
//! earlier state: so the database, the start of the server, the role and what settings do to texts belong to
//! the fingerprint.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::Error;

/// Every catalog that the queries read, or that functions read which they call.
const CATALOGS: &[&str] = &[
    "pg_aggregate",
    "pg_am",
    "pg_attrdef",
    "pg_attribute",
    "pg_cast",
    "pg_class",
    "pg_collation",
    "pg_constraint",
    "pg_conversion",
    "pg_default_acl",
    "pg_depend",
    "pg_description",
    "pg_enum",
    "pg_event_trigger",
    "pg_extension",
    "pg_foreign_data_wrapper",
    "pg_foreign_server",
    "pg_foreign_table",
    "pg_index",
    "pg_inherits",
    "pg_language",
    "pg_namespace",
    "pg_opclass",
    "pg_operator",
    "pg_opfamily",
    "pg_partitioned_table",
    "pg_policy",
    "pg_proc",
    "pg_publication",
    "pg_range",
    "pg_rewrite",
    "pg_seclabel",
    "pg_sequence",
    "pg_statistic_ext",
    "pg_tablespace",
    "pg_transform",
    "pg_trigger",
    "pg_ts_config",
    "pg_ts_config_map",
    "pg_ts_dict",
    "pg_ts_parser",
    "pg_ts_template",
    "pg_type",
];

/// The query, in one row and one column `fingerprint`.
pub(crate) fn query() -> String {
    let rows = |catalog: &&str| {
        format!(
            "(select pg_catalog.count(*) || ':' || \
             pg_catalog.bit_xor(pg_catalog.hashtidextended(t.ctid, t.xmin::text::bigint)) \
             from pg_catalog.{catalog} t)"
        )
    };
    let catalogs: Vec<String> = CATALOGS.iter().map(rows).collect();
    format!(
        "select pg_catalog.concat_ws(' ',\n  {},\n  {}) as fingerprint",
        include_str!("queries/identity.sql").trim(),
        catalogs.join(",\n  ")
    )
}

/// What tells the catalogs' state, and that of the session as far as it shows in texts.
///
/// # Errors
///
/// What the server refuses.
pub async fn fingerprint(connection: &mut PgConnection) -> Result<String, Error> {
    Ok(sqlx::raw_sql(AssertSqlSafe(query())).fetch_one(connection).await?.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Frame, Message};

    /// Views over what is not for everybody to read, whose content [`query`] has in another form.
    const OTHERWISE: [&str; 4] = ["pg_database", "pg_roles", "pg_settings", "pg_user_mappings"];

    /// `pg_catalog.pg_class c`, but no `pg_catalog.pg_get_expr(…)`.
    fn relations(sql: &str) -> impl Iterator<Item = &str> {
        sql.split("pg_catalog.").skip(1).filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (rest.starts_with("pg_") && !rest[end..].starts_with('(')).then_some(&rest[..end])
        })
    }

    #[test]
    fn nothing_is_read_that_the_fingerprint_leaves_out() {
        let identity = include_str!("queries/identity.sql");
        for major in 14..=18 {
            let message = Message::new(major * 10_000, &Frame::snapshot());
            for relation in relations(&message.sql) {
                let known = CATALOGS.contains(&relation)
                    || (OTHERWISE.contains(&relation) && relations(identity).any(|other| other == relation));
                assert!(known, "{relation} is read on {major}, and is in no fingerprint");
            }
        }
    }
}
