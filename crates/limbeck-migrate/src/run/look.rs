//! Looking in the database whether a part that was begun has happened.

use limbeck_sql::literal;
use sqlx::Row;

use super::alone::Alone;
use super::doubt::{Finding, MakeIndex, Sort};
use super::failure::excerpt;
use super::message::Place;
use super::session::{UNDO, local_pins, set};
use super::{Runner, wire};
use crate::error::{Error, Result};
use crate::file::statements;

/// An index of the name that a part makes, on the table that it names.
struct Index {
    qualified: String,
    valid: bool,
    /// The process that is making it.
    maker: Option<i32>,
}

impl Runner<'_> {
    /// Finds out whether a part that was begun has happened.
    ///
    /// # Errors
    /// If that can't be told.
    pub(super) async fn find_out(&mut self, alone: &Alone<'_>) -> Result<Finding> {
        match Sort::of(&alone.part().text.sql) {
            Sort::Repeatable => Ok(Finding::Repeatable),
            Sort::MakeIndex(index) => self.find_index(alone, &index).await,
            Sort::DropIndexes(names) => {
                let there = names.iter().map(|name| format!("to_regclass({}) is not null", literal(name)));
                let there = self.yes(alone, &there.collect::<Vec<_>>().join(" or ")).await?;
                let names = names.join(", ");
                Ok(if there {
                    Finding::Missing(format!("{names} is there"))
                } else {
                    Finding::Happened(format!("{names} is gone"))
                })
            }
            Sort::AddValue { kind, label } => {
                let there = format!(
                    "exists (select from pg_catalog.pg_enum where enumtypid = to_regtype({}) and enumlabel = {label})",
                    literal(kind)
                );
                let there = self.yes(alone, &there).await?;
                Ok(if there {
                    Finding::Happened(format!("{kind} has {label}"))
                } else {
                    Finding::Missing(format!("{kind} has no {label}"))
                })
            }
            Sort::Other => Err(self.in_doubt(alone, None)),
        }
    }

    async fn find_index(&mut self, alone: &Alone<'_>, index: &MakeIndex<'_>) -> Result<Finding> {
        match self.index(alone, index).await? {
            None => Ok(Finding::Missing(format!("there is no index {}", index.name))),
            // It is dropped when the part begins.
            Some(found) if !found.valid => {
                Ok(Finding::Missing(format!("index {} is not valid", found.qualified)))
            }
            Some(found) if self.is_alike(alone, index, &found).await? => {
                Ok(Finding::Happened(format!("index {} is there and valid", found.qualified)))
            }
            Some(found) => Err(self.in_doubt(
                alone,
                Some(format!("index {} is there, and not as the part would make it", found.qualified)),
            )),
        }
    }

    /// The index that a part is going to make, if an earlier attempt left it invalid.
    ///
    /// # Errors
    /// If it is just being made.
    pub(super) async fn invalid_index(
        &mut self,
        alone: &Alone<'_>,
        sort: &Sort<'_>,
    ) -> Result<Option<String>> {
        let Sort::MakeIndex(index) = sort else { return Ok(None) };
        match self.index(alone, index).await? {
            Some(Index { qualified, valid: false, maker: Some(process) }) => Err(Error::BeingMade {
                revision: alone.work.revision.id().clone(),
                index: qualified,
                process,
            }),
            Some(Index { qualified, valid: false, maker: None }) => Ok(Some(qualified)),
            _ => Ok(None),
        }
    }

    async fn index(&mut self, alone: &Alone<'_>, index: &MakeIndex<'_>) -> Result<Option<Index>> {
        let sql = format!(
            "select pg_catalog.format('%I.%I', n.nspname, c.relname) as qualified, i.indisvalid as valid, \
             (select p.pid from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid) as maker \
             from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid \
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where i.indrelid = to_regclass({}) and c.relname = {}",
            literal(index.table),
            literal(&index.name)
        );
        let rows = wire::rows(self.conn, self.as_the_part(alone, &sql)).await?;
        // The settings come first.
        let row = rows.iter().find(|row| row.try_get::<bool, _>("valid").is_ok());
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Index {
            qualified: row.try_get("qualified")?,
            valid: row.try_get("valid")?,
            maker: row.try_get("maker")?,
        }))
    }

    /// Whether an index is the one that the part makes: as the server itself describes both, once the part's
    /// text was run on an empty likeness of the table, in a transaction that is undone.
    async fn is_alike(&mut self, alone: &Alone<'_>, index: &MakeIndex<'_>, found: &Index) -> Result<bool> {
        let unique = if index.unique { "unique " } else { "" };
        let likeness = format!(
            "create temporary table limbeck_likeness (like {} including generated);\n\
             create {unique}index limbeck_likeness_index on pg_temp.limbeck_likeness {}\n;\n\
             select (select count(distinct pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(indexrelid), \
             '^.*? USING ', '') || indisunique) from pg_catalog.pg_index where indexrelid in \
             ('pg_temp.limbeck_likeness_index'::regclass, {}::regclass)) = 1 as alike",
            index.table,
            index.rest,
            literal(&found.qualified)
        );
        let rows = wire::rows(self.conn, self.as_the_part(alone, &likeness)).await;
        // Where the connection is gone, nothing is known; where the server refused, it is another index.
        wire::run(self.conn, UNDO.into()).await?;
        let alike = rows.ok().and_then(|rows| rows.iter().find_map(|row| row.try_get("alike").ok()));
        Ok(alike.unwrap_or(false))
    }

    async fn yes(&mut self, alone: &Alone<'_>, condition: &str) -> Result<bool> {
        let sql = self.as_the_part(alone, &format!("select {condition} as yes"));
        let rows = wire::rows(self.conn, sql).await?;
        Ok(rows.iter().find_map(|row| row.try_get("yes").ok()).unwrap_or(false))
    }

    /// A statement of ours that sees names as the part does.
    fn as_the_part(&self, alone: &Alone<'_>, sql: &str) -> String {
        let settings = &alone.part().text.settings;
        let set: String =
            settings.iter().map(|(key, value)| format!("select {};\n", set(key, value, true))).collect();
        format!("{};\n{set}{sql}", local_pins(self.settings))
    }

    fn in_doubt(&self, alone: &Alone<'_>, found: Option<String>) -> Error {
        let part = alone.part();
        let span = statements(&part.text.sql).first().copied();
        let place = Place { part: alone.index, byte: span.map_or(0, |span| span.start), statement: span };
        Error::InDoubt {
            revision: alone.work.revision.id().clone(),
            path: alone.work.revision.path.clone(),
            direction: alone.work.direction,
            part: alone.index + 1,
            excerpt: excerpt(alone.work, place).map(Box::new),
            found,
        }
    }
}
