//! `bulk_insert` of rows that are literals: a statement a row, as SQLAlchemy writes them.

use limbeck_sql::{ident, literal};

use super::arguments::Arguments;
use super::text::named;
use super::types;
use super::{Output, Statement};
use crate::value::{Call, Value, Why, why};

/// `op.bulk_insert`.
pub(super) fn insert(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let Some(Value::Call(table)) = arguments.take("table") else {
        return why("a `bulk_insert` into something unknown");
    };
    let Some(Value::List(rows)) = arguments.take("rows") else { return why("`rows` is no list of literals") };
    arguments.ignore(&["multiinsert"]);
    arguments.finish()?;
    let (name, columns) = columns(&table)?;
    for row in rows {
        let Value::Dict(items) = row else { return why("a row that is no dictionary of literals") };
        out.push(Statement::plain(statement(&name, &columns, &items)?));
    }
    Ok(())
}

/// A column of the table, and its type where it is said.
struct Target {
    name: String,
    kind: Option<String>,
}

/// A table's name, and its columns with their types, out of `sa.table`, `sa.Table` or `op.create_table`.
fn columns(table: &Call) -> Result<(String, Vec<Target>), Why> {
    if !matches!(table.name.as_str(), "sa.table" | "sa.Table" | "op.create_table") {
        return why(format!("a `bulk_insert` into a `{}`", table.name));
    }
    let mut arguments = Arguments::of(table, &["table_name"]);
    let (name, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    let mut columns = Vec::new();
    for item in std::mem::take(&mut arguments.rest) {
        let Value::Call(call) = &item else { continue };
        if matches!(call.name.as_str(), "sa.column" | "sa.Column") {
            let mut arguments = Arguments::of(call, &["name", "type_"]);
            let kind = arguments.take("type_").map(|kind| types::read(&kind)).transpose()?;
            columns.push(Target { name: arguments.text("name")?, kind: kind.map(|kind| kind.sql) });
        }
    }
    Ok((named(schema.as_deref(), &name), columns))
}

/// In the table's order of columns, whatever the row's.
fn statement(table: &str, columns: &[Target], row: &[(Value, Value)]) -> Result<String, Why> {
    let is_column = |key: &Value| columns.iter().any(|column| key.text() == Some(column.name.as_str()));
    if let Some((key, _)) = row.iter().find(|(key, _)| !is_column(key)) {
        return why(format!("a row with {key:?}, which is no column of {table}"));
    }
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for Target { name, kind } in columns {
        let Some((_, value)) = row.iter().find(|(key, _)| key.text() == Some(name)) else { continue };
        names.push(ident(name));
        values.push(constant(value, kind.as_deref())?);
    }
    Ok(format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", ")))
}

fn constant(value: &Value, kind: Option<&str>) -> Result<String, Why> {
    match value {
        Value::None => Ok("NULL".to_owned()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(digits) => Ok(digits.clone()),
        // The driver would write a text into JSON as a JSON string.
        Value::Text(_) if kind.is_some_and(|kind| kind.starts_with("JSON")) => {
            why("a row with a value of JSON")
        }
        Value::Text(text) => Ok(literal(text)),
        _ => why("a row with a value that is no plain literal"),
    }
}
