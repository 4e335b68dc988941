//! The operations: what their arguments are called, and who writes them.

use super::arguments::Arguments;
use super::text::sql;
use super::{Output, Statement, alter, index, named_type, rows, table};
use crate::value::{Call, Value, Why, why};

/// The table of a `batch_alter_table`, which its operations don't name again.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) table: String,
    pub(super) schema: Option<String>,
}

impl Batch {
    /// Out of `op.batch_alter_table(…)`. On Postgres its operations run as they are.
    pub(super) fn read(call: &Call) -> Result<Self, Why> {
        let mut arguments = Arguments::of(call, &["table_name", "schema", "recreate"]);
        let (table, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
        if arguments.maybe_text("recreate")?.is_some_and(|word| word == "always") {
            return why("a `batch_alter_table` that makes the table anew");
        }
        arguments.ignore(&[
            "naming_convention",
            "reflect_args",
            "reflect_kwargs",
            "table_args",
            "table_kwargs",
        ]);
        arguments.finish()?;
        Ok(Batch { table, schema })
    }
}

/// An operation, and the names of its positional arguments without the table's.
const OPERATIONS: [(&str, &[&str]); 15] = [
    ("add_column", &["column"]),
    ("alter_column", &["column_name"]),
    ("create_check_constraint", &["constraint_name", "table_name", "condition"]),
    ("create_exclude_constraint", &["constraint_name", "table_name"]),
    (
        "create_foreign_key",
        &["constraint_name", "source_table", "referent_table", "local_cols", "remote_cols"],
    ),
    ("create_index", &["index_name", "table_name", "columns"]),
    ("create_primary_key", &["constraint_name", "table_name", "columns"]),
    ("create_table_comment", &["comment"]),
    ("create_unique_constraint", &["constraint_name", "table_name", "columns"]),
    ("drop_column", &["column_name"]),
    ("drop_constraint", &["constraint_name", "table_name", "type_"]),
    ("drop_index", &["index_name", "table_name"]),
    ("drop_table", &[]),
    ("drop_table_comment", &[]),
    ("rename_table", &["old_table_name", "new_table_name"]),
];

/// Writes what an operation runs.
pub(super) fn run(name: &str, call: &Call, batch: Option<&Batch>, out: &mut Output) -> Result<(), Why> {
    match name {
        "execute" => return execute(call, out),
        "create_table" if batch.is_none() => return table::create(call, out),
        "bulk_insert" if batch.is_none() => {
            return rows::insert(Arguments::of(call, &["table", "rows"]), out);
        }
        _ => {}
    }
    let Some((_, names)) = OPERATIONS.iter().find(|(known, _)| *known == name) else {
        return why(format!("`{}` is not translated", call.name));
    };
    let mut arguments = Arguments::of(call, &positional(names, batch.is_some()));
    if let Some(batch) = batch {
        let is_key = name == "create_foreign_key";
        arguments.give(if is_key { "source_table" } else { "table_name" }, Value::Text(batch.table.clone()));
        let schema = batch.schema.clone().map_or(Value::None, Value::Text);
        arguments.give(if is_key { "source_schema" } else { "schema" }, schema);
    }
    match name {
        "add_column" => alter::add_column(arguments, out),
        "alter_column" => alter::column(arguments, out),
        "create_check_constraint" => alter::check(arguments, out),
        "create_exclude_constraint" => alter::exclude(arguments, out),
        "create_foreign_key" => alter::foreign(arguments, out),
        "create_index" => index::create(arguments, out),
        "create_primary_key" => alter::key("PRIMARY KEY", arguments, out),
        "create_table_comment" | "drop_table_comment" => table::comment(arguments, out),
        "create_unique_constraint" => alter::key("UNIQUE", arguments, out),
        "drop_column" => alter::drop_column(arguments, out),
        "drop_constraint" => alter::drop_constraint(arguments, out),
        "drop_index" => index::drop(arguments, out),
        "drop_table" => table::drop(arguments, out),
        _ => table::rename(arguments, out),
    }
}

/// The names of an operation's positional arguments: with the table's, or without it in a batch.
fn positional<'a>(names: &[&'a str], in_batch: bool) -> Vec<&'a str> {
    let tables = ["table_name", "source_table"];
    if in_batch {
        return names.iter().copied().filter(|name| !tables.contains(name)).collect();
    }
    let says = names.iter().any(|name| tables.contains(name) || *name == "old_table_name");
    let first: &[&str] = if says { &[] } else { &["table_name"] };
    first.iter().chain(names).copied().collect()
}

/// `op.execute` of text, or of a schema's or sequence's making.
pub(super) fn execute(call: &Call, out: &mut Output) -> Result<(), Why> {
    let mut arguments = Arguments::of(call, &["sqltext"]);
    let given = arguments.take("sqltext").or_else(|| arguments.take("statement"));
    arguments.ignore(&["execution_options"]);
    arguments.finish()?;
    let Some(given) = given else { return why("an `execute` of nothing") };
    let text = match named_type::element(&given)? {
        Some(text) => text,
        None => sql(&given)?,
    };
    out.push(Statement::plain(text));
    Ok(())
}
