//! `create_index` and `drop_index`.

use std::collections::BTreeMap;

use limbeck_sql::ident;

use super::arguments::Arguments;
use super::constraint::include;
use super::text::{expression, named, sql, storage};
use super::{Output, Statement};
use crate::value::{Call, Value, Why, why};

/// Postgres cuts longer names; SQLAlchemy gives them another end.
const LONGEST: usize = 63;

/// `op.create_index`.
pub(super) fn create(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (table, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    let Some(Value::List(columns)) = arguments.take("columns") else {
        return why("`columns` of an index is no list");
    };
    let sql = statement(&named(schema.as_deref(), &table), columns, arguments)?;
    out.push(Statement::plain(sql));
    Ok(())
}

/// `sa.Index("name", "column", …)` within a `create_table`.
pub(super) fn in_table(call: &Call, table: &str) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["index_name"]);
    let columns = std::mem::take(&mut arguments.rest);
    statement(table, columns, arguments)
}

/// The index of a column that says `index=True`, by SQLAlchemy's name for it.
pub(super) fn of_column(
    schema: Option<&str>,
    table: &str,
    column: &str,
    unique: bool,
) -> Result<String, Why> {
    let label = schema.map_or(table.to_owned(), |schema| format!("{}_{table}", schema.replace('.', "_")));
    let name = format!("ix_{label}_{column}");
    if name.len() > LONGEST {
        return why(format!("the index of column {column} has a name of more than {LONGEST} bytes"));
    }
    let unique = if unique { "UNIQUE " } else { "" };
    Ok(format!("CREATE {unique}INDEX {} ON {} ({})", ident(&name), named(schema, table), ident(column)))
}

fn statement(table: &str, columns: Vec<Value>, mut arguments: Arguments) -> Result<String, Why> {
    let name = arguments.text("index_name")?;
    let operators = operators(&mut arguments)?;
    let mut elements = Vec::new();
    for column in columns {
        elements.push(match (&column, expression(&column)?) {
            (Value::Text(column), _) => match operators.get(column) {
                Some(class) => format!("{} {class}", ident(column)),
                None => ident(column),
            },
            (_, Some(text)) => text,
            _ => return why(format!("index {name} is over something that is no column and no plain text")),
        });
    }
    let unique = if arguments.flag("unique")? { "UNIQUE " } else { "" };
    let concurrently = if arguments.flag("postgresql_concurrently")? { "CONCURRENTLY " } else { "" };
    let exists = if arguments.flag("if_not_exists")? { "IF NOT EXISTS " } else { "" };
    let using =
        arguments.maybe_text("postgresql_using")?.map(|using| format!("USING {} ", using.to_lowercase()));
    let mut tail = include(&mut arguments)?;
    tail.push_str(match arguments.maybe_bool("postgresql_nulls_not_distinct")? {
        Some(true) => " NULLS NOT DISTINCT",
        Some(false) => " NULLS DISTINCT",
        None => "",
    });
    if let Some(options) = arguments.take("postgresql_with") {
        tail.push_str(&format!(" WITH ({})", storage(&options)?));
    }
    if let Some(space) = arguments.maybe_text("postgresql_tablespace")? {
        tail.push_str(&format!(" TABLESPACE {}", ident(&space)));
    }
    if let Some(filter) = arguments.take("postgresql_where") {
        tail.push_str(&format!(" WHERE {}", sql(&filter)?));
    }
    arguments.finish()?;
    Ok(format!(
        "CREATE {unique}INDEX {concurrently}{exists}{} ON {table} {}({}){tail}",
        ident(&name),
        using.unwrap_or_default(),
        elements.join(", ")
    ))
}

fn operators(arguments: &mut Arguments) -> Result<BTreeMap<String, String>, Why> {
    let Some(value) = arguments.take("postgresql_ops") else { return Ok(BTreeMap::new()) };
    let Value::Dict(items) = value else { return why("`postgresql_ops` is no plain dictionary") };
    let pair = |(key, value): &(Value, Value)| Some((key.text()?.to_owned(), value.text()?.to_owned()));
    match items.iter().map(pair).collect() {
        Some(operators) => Ok(operators),
        None => why("`postgresql_ops` is no dictionary of plain texts"),
    }
}

/// `op.drop_index`. What else the index was is said for the way back, and changes nothing.
pub(super) fn drop(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (name, schema) = (arguments.text("index_name")?, arguments.maybe_text("schema")?);
    let concurrently = if arguments.flag("postgresql_concurrently")? { "CONCURRENTLY " } else { "" };
    let exists = if arguments.flag("if_exists")? { "IF EXISTS " } else { "" };
    arguments.ignore(&[
        "table_name",
        "unique",
        "postgresql_where",
        "postgresql_using",
        "postgresql_ops",
        "postgresql_include",
        "postgresql_with",
        "postgresql_nulls_not_distinct",
        "postgresql_tablespace",
    ]);
    arguments.finish()?;
    out.push(Statement::plain(format!(
        "DROP INDEX {concurrently}{exists}{}",
        named(schema.as_deref(), &name)
    )));
    Ok(())
}
