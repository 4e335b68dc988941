//! What has to be known of the tables to fill them: read from `pg_catalog` of the scratch database
//! itself, because there it stands as the server will judge it.

use std::collections::BTreeMap;

use limbeck_catalog::row::complete_query;
use limbeck_catalog::{Catalog, Kind, ObjectId};
use limbeck_sql::ident;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::types::{Shape, Type, Types};

/// The tables to fill and the types that their columns can have.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) tables: Vec<Table>,
    pub(crate) types: Types,
    extensions: Vec<String>,
    session_path: String,
}

pub(crate) struct Table {
    pub(crate) id: ObjectId,
    pub(crate) columns: Vec<Column>,
    pub(crate) keys: Vec<Key>,
    pub(crate) checks: Vec<Check>,
    pub(crate) uniques: Vec<Unique>,
    /// Foreign keys to tables that aren't filled.
    pub(crate) strangers: Vec<Unique>,
    /// The `search_path` its statements run with.
    pub(crate) path: String,
}

pub(crate) struct Column {
    number: i32,
    pub(crate) name: String,
    pub(crate) type_id: i64,
    pub(crate) modifier: i32,
    pub(crate) type_name: String,
    pub(crate) not_null: bool,
    pub(crate) default: Option<String>,
    pub(crate) identity: bool,
    pub(crate) generated: bool,
    /// The sequence that its default or identity draws from.
    pub(crate) sequence: Option<String>,
}

impl Column {
    /// Whether an insert may leave it out and still get a value.
    pub(crate) fn fills_itself(&self) -> bool {
        self.default.is_some() || self.identity
    }
}

/// A foreign key; columns are places in the tables' lists.
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) columns: Vec<usize>,
    pub(crate) parent: usize,
    pub(crate) parent_columns: Vec<usize>,
    /// Whether a row must have a parent.
    pub(crate) hard: bool,
}

pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) columns: Vec<usize>,
    pub(crate) expression: String,
}

/// A unique index or constraint, or an exclusion constraint, with all columns that play a part in it.
pub(crate) struct Unique {
    pub(crate) name: String,
    pub(crate) columns: Vec<usize>,
}

impl Table {
    fn empty(id: ObjectId) -> Self {
        let (columns, keys, checks, uniques, strangers, path) = Default::default();
        Self { id, columns, keys, checks, uniques, strangers, path }
    }

    pub(crate) fn sequences(&self) -> String {
        let names: Vec<_> = self.columns.iter().filter_map(|c| c.sequence.clone()).collect();
        names.join("\n")
    }

    /// Whether only one row can have the default of this column: what is unique has constant defaults alone.
    pub(crate) fn is_used_up(&self, column: usize) -> bool {
        let is_constant =
            |column: &usize| self.columns[*column].default.as_ref().is_some_and(|d| !d.contains('('));
        let mut uniques = self.uniques.iter().filter(|unique| unique.columns.contains(&column));
        uniques.any(|unique| unique.columns.iter().all(is_constant))
    }

    /// The first foreign key that a column is part of; those of more columns come first.
    pub(crate) fn key_of(&self, column: usize) -> Option<usize> {
        let found = self.keys.iter().enumerate().filter(|(_, key)| key.columns.contains(&column));
        found.max_by_key(|(at, key)| (key.columns.len(), usize::MAX - at)).map(|(at, _)| at)
    }
}

/// Reads the layout of those tables that the catalog has, in one message.
pub(crate) async fn read(connection: &mut PgConnection, catalog: &Catalog) -> Result<Layout, sqlx::Error> {
    let sql = complete_query(include_str!("layout.sql"));
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let mut reader = Reader::default();
    for row in &rows {
        let what: String = row.try_get("what")?;
        match what.as_str() {
            "table" => reader.table(row, catalog)?,
            "column" => reader.column(row)?,
            "constraint" => reader.constraint(row)?,
            "index" => reader.index(row)?,
            "type" => reader.named_type(row)?,
            "path" => reader.layout.session_path = row.try_get("name")?,
            _ => reader.layout.extensions.push(row.try_get("name")?),
        }
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    layout: Layout,
    places: BTreeMap<i64, usize>,
}

impl Reader {
    fn table(&mut self, row: &PgRow, catalog: &Catalog) -> Result<(), sqlx::Error> {
        let names: [String; 2] = [row.try_get("schema")?, row.try_get("name")?];
        let id = ObjectId::new(Kind::Table, names);
        if catalog.contains(&id) {
            self.places.insert(row.try_get("oid")?, self.layout.tables.len());
            self.layout.tables.push(Table::empty(id));
        }
        Ok(())
    }

    fn at(&self, row: &PgRow, column: &str) -> Result<Option<usize>, sqlx::Error> {
        Ok(self.places.get(&row.try_get(column)?).copied())
    }

    fn column(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        let Some(at) = self.at(row, "relation")? else { return Ok(()) };
        self.layout.tables[at].columns.push(Column {
            number: row.try_get("number")?,
            name: row.try_get("name")?,
            type_id: row.try_get("type")?,
            modifier: row.try_get("modifier")?,
            type_name: row.try_get("type_name")?,
            not_null: row.try_get("not_null")?,
            default: row.try_get("default")?,
            identity: row.try_get("identity")?,
            generated: row.try_get("generated")?,
            sequence: row.try_get("sequence")?,
        });
        Ok(())
    }

    /// Numbers of attributes as places in the list of columns.
    fn columns(&self, row: &PgRow, column: &str, table: usize) -> Result<Vec<usize>, sqlx::Error> {
        let numbers: Option<Vec<i32>> = row.try_get(column)?;
        let columns = &self.layout.tables[table].columns;
        let place = |number: &i32| columns.iter().position(|c| c.number == *number);
        Ok(numbers.unwrap_or_default().iter().filter_map(place).collect())
    }

    fn constraint(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        let Some(at) = self.at(row, "relation")? else { return Ok(()) };
        let (name, columns) = (row.try_get("name")?, self.columns(row, "columns", at)?);
        let kind: String = row.try_get("type")?;
        match (kind.as_str(), row.try_get::<Option<String>, _>("expression")?) {
            ("c", Some(expression)) => {
                self.layout.tables[at].checks.push(Check { name, columns, expression });
            }
            ("f", _) => {
                let Some(parent) = self.at(row, "parent")? else {
                    self.layout.tables[at].strangers.push(Unique { name, columns });
                    return Ok(());
                };
                let parent_columns = self.columns(row, "parent_columns", parent)?;
                let full: bool = row.try_get("match_full")?;
                let of = &self.layout.tables[at].columns;
                let required = |column: &usize| of[*column].not_null;
                let hard = if full { columns.iter().any(required) } else { columns.iter().all(required) };
                self.layout.tables[at].keys.push(Key { name, columns, parent, parent_columns, hard });
            }
            _ => self.layout.tables[at].uniques.push(Unique { name, columns }),
        }
        Ok(())
    }

    fn index(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        let Some(at) = self.at(row, "relation")? else { return Ok(()) };
        let columns = self.columns(row, "columns", at)?;
        self.layout.tables[at].uniques.push(Unique { name: row.try_get("name")?, columns });
        Ok(())
    }

    fn named_type(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        let kind: String = row.try_get("kind")?;
        let shape = match kind.as_str() {
            "e" => Shape::Enum(row.try_get("labels")?),
            "d" => Shape::Domain {
                base: row.try_get("base")?,
                modifier: row.try_get("modifier")?,
                checks: row.try_get("checks")?,
            },
            "r" => Shape::Range(row.try_get::<Option<i64>, _>("subtype")?.unwrap_or_default()),
            "m" => Shape::Multirange(row.try_get::<Option<i64>, _>("range")?.unwrap_or_default()),
            "c" => {
                let types: Vec<i64> = row.try_get("attributes")?;
                let modifiers: Vec<i32> = row.try_get("modifiers")?;
                Shape::Composite(types.into_iter().zip(modifiers).collect())
            }
            _ if row.try_get("is_array")? => Shape::Array(row.try_get("element")?),
            _ => Shape::Scalar,
        };
        let found = Type {
            name: row.try_get("name")?,
            sql: row.try_get("type_name")?,
            not_null: row.try_get("not_null")?,
            shape,
            schema: row.try_get("schema")?,
            valid: None,
        };
        self.layout.types.insert(row.try_get("oid")?, found);
        Ok(())
    }

    fn finish(self) -> Layout {
        let mut layout = self.layout;
        for at in 0..layout.tables.len() {
            let path = layout.path(layout.tables[at].id.schema());
            let table = &mut layout.tables[at];
            table.path = path;
            for column in &mut table.columns {
                column.not_null |= layout.types.refuses_null(column.type_id);
            }
        }
        layout
    }
}

impl Layout {
    /// The `search_path` that an application has: the session's, here with the schema of what is used and
    /// those of extensions.
    pub(crate) fn path(&self, schema: &str) -> String {
        let session = Some(self.session_path.clone()).filter(|path| !path.is_empty());
        let path = session.into_iter().chain([ident(schema)]).chain(self.extensions.iter().cloned());
        path.collect::<Vec<_>>().join(", ")
    }
}
