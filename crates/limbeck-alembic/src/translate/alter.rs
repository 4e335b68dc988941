//! Columns and constraints of tables that are there.

use limbeck_sql::{ident, literal};

use super::arguments::Arguments;
use super::column::{self, identity};
use super::constraint::{self, Constraint};
use super::text::{default, named};
use super::types;
use super::{Output, Statement, index};
use crate::value::{Value, Why, why};

/// The table that a call is about.
fn table(arguments: &mut Arguments) -> Result<String, Why> {
    let (name, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    Ok(named(schema.as_deref(), &name))
}

/// `op.add_column`.
pub(super) fn add_column(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (name, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    let table = named(schema.as_deref(), &name);
    let Some(Value::Call(call)) = arguments.take("column") else {
        return why("`add_column` of something else");
    };
    if call.name != "sa.Column" {
        return why(format!("`add_column` of a `{}`", call.name));
    }
    let column = column::read(&call)?;
    let exists = if arguments.flag("if_not_exists")? { "IF NOT EXISTS " } else { "" };
    let inline_key = arguments.flag("inline_primary_key")?;
    let inline_references = arguments.flag("inline_references")? && column.references.len() == 1;
    arguments.ignore(&["insert_before", "insert_after"]);
    arguments.finish()?;
    let counts = column.primary && column.counts(true, !column.references.is_empty());
    let mut sql = format!("ALTER TABLE {table} ADD COLUMN {exists}");
    let line = column.line(counts);
    let checks: String = column.checks.iter().map(|check| format!(" {}", check.sql())).collect();
    sql.push_str(line.strip_suffix(checks.as_str()).unwrap_or(&line));
    sql.push_str(if inline_key && column.primary { " PRIMARY KEY" } else { "" });
    if inline_references {
        column.references.iter().for_each(|reference| sql.push_str(&reference.inline()));
    }
    sql.push_str(&checks);
    out.push(Statement::plain(sql));
    if column.unique && !column.indexed {
        add(&table, &constraint::unique_column(&column.name), out);
    }
    for reference in column.references.iter().filter(|_| !inline_references) {
        add(&table, &reference.of(&column.name), out);
    }
    if column.indexed {
        let sql = index::of_column(schema.as_deref(), &name, &column.name, column.unique)?;
        out.push(Statement::plain(sql));
    }
    column.comment_on(&table).into_iter().for_each(|sql| out.push(Statement::plain(sql)));
    Ok(())
}

/// `op.drop_column`.
pub(super) fn drop_column(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (table, column) = (table(&mut arguments)?, arguments.text("column_name")?);
    let exists = if arguments.flag("if_exists")? { "IF EXISTS " } else { "" };
    arguments.finish()?;
    out.push(Statement::plain(format!("ALTER TABLE {table} DROP COLUMN {exists}{}", ident(&column))));
    Ok(())
}

/// `op.alter_column`, a statement a change, in Alembic's order.
pub(super) fn column(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (table, name) = (table(&mut arguments)?, arguments.text("column_name")?);
    let alter = format!("ALTER TABLE {table} ALTER COLUMN {}", ident(&name));
    let mut statements = Vec::new();
    if let Some(kind) = arguments.take("type_") {
        let using = arguments.maybe_text("postgresql_using")?;
        let using = using.map(|using| format!(" USING {using}")).unwrap_or_default();
        statements.push(format!("{alter} TYPE {}{using}", types::read(&kind)?.sql));
    }
    if let Some(nullable) = arguments.maybe_bool("nullable")? {
        statements.push(format!("{alter} {} NOT NULL", if nullable { "DROP" } else { "SET" }));
    }
    statements.extend(default_change(&alter, &mut arguments)?);
    if let Some(comment) = changed(&mut arguments, "comment") {
        let comment = match comment {
            Value::None => "NULL".to_owned(),
            Value::Text(comment) => literal(&comment),
            _ => return why("a `comment` that is no plain text"),
        };
        statements.push(format!("COMMENT ON COLUMN {table}.{} IS {comment}", ident(&name)));
    }
    if let Some(to) = arguments.maybe_text("new_column_name")? {
        statements.push(format!("ALTER TABLE {table} RENAME {} TO {}", ident(&name), ident(&to)));
    }
    arguments.ignore(&[
        "existing_type",
        "existing_nullable",
        "existing_comment",
        "autoincrement",
        "existing_autoincrement",
        "insert_before",
        "insert_after",
    ]);
    arguments.finish()?;
    statements.into_iter().for_each(|sql| out.push(Statement::plain(sql)));
    Ok(())
}

/// An argument for which `None` is a value, and `False` means that nothing changes.
fn changed(arguments: &mut Arguments, name: &str) -> Option<Value> {
    let given = arguments.has(name);
    let value = arguments.take(name);
    arguments.ignore(&[name]);
    match value {
        Some(Value::Bool(false)) => None,
        Some(value) => Some(value),
        None => given.then_some(Value::None),
    }
}

fn default_change(alter: &str, arguments: &mut Arguments) -> Result<Option<String>, Why> {
    let called =
        |value: &Option<Value>, name: &str| matches!(value, Some(Value::Call(call)) if call.name == name);
    let before = changed(arguments, "existing_server_default");
    let Some(value) = changed(arguments, "server_default") else { return Ok(None) };
    let value = Some(value);
    if called(&before, "sa.Computed") || called(&value, "sa.Computed") {
        return why("a column that is computed can't be altered to or from that");
    }
    match (called(&before, "sa.Identity"), called(&value, "sa.Identity"), value) {
        (true, _, Some(Value::None)) => Ok(Some(format!("{alter} DROP IDENTITY"))),
        (false, true, Some(Value::Call(call))) => Ok(Some(format!("{alter} ADD {}", identity(&call)?))),
        (true, _, _) | (_, true, _) => why("one identity altered to another"),
        (_, _, Some(Value::None) | None) => Ok(Some(format!("{alter} DROP DEFAULT"))),
        (_, _, Some(value)) => Ok(Some(format!("{alter} SET DEFAULT {}", default(&value)?))),
    }
}

fn add(table: &str, constraint: &Constraint, out: &mut Output) {
    out.note_name(constraint);
    out.push(Statement::plain(format!("ALTER TABLE {table} ADD {}", constraint.sql())));
}

/// The constraint's name goes by another word in operations.
fn rename_argument(arguments: &mut Arguments) {
    if let Some(name) = arguments.take("constraint_name") {
        arguments.give("name", name);
    }
    arguments.ignore(&["constraint_name"]);
}

/// `op.create_primary_key` and `op.create_unique_constraint`.
pub(super) fn key(word: &str, mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (table, columns) = (table(&mut arguments)?, arguments.texts("columns")?);
    rename_argument(&mut arguments);
    add(&table, &constraint::key(word, columns, arguments)?, out);
    Ok(())
}

/// `op.create_check_constraint`.
pub(super) fn check(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let table = table(&mut arguments)?;
    rename_argument(&mut arguments);
    add(&table, &constraint::checked(arguments)?, out);
    Ok(())
}

/// `op.create_foreign_key`.
pub(super) fn foreign(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (source, schema) = (arguments.text("source_table")?, arguments.maybe_text("source_schema")?);
    let (referent, other) = (arguments.text("referent_table")?, arguments.maybe_text("referent_schema")?);
    let (local, remote) = (arguments.texts("local_cols")?, arguments.texts("remote_cols")?);
    rename_argument(&mut arguments);
    let constraint = constraint::refer(&local, &named(other.as_deref(), &referent), &remote, arguments)?;
    add(&named(schema.as_deref(), &source), &constraint, out);
    Ok(())
}

/// `op.create_exclude_constraint`.
pub(super) fn exclude(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let table = table(&mut arguments)?;
    rename_argument(&mut arguments);
    let pairs = std::mem::take(&mut arguments.rest);
    add(&table, &constraint::exclude(pairs, arguments)?, out);
    Ok(())
}

/// `op.drop_constraint`.
pub(super) fn drop_constraint(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (table, name) = (table(&mut arguments)?, arguments.text("constraint_name")?);
    let exists = if arguments.flag("if_exists")? { "IF EXISTS " } else { "" };
    arguments.ignore(&["type_"]);
    arguments.finish()?;
    out.push(Statement::plain(format!("ALTER TABLE {table} DROP CONSTRAINT {exists}{}", ident(&name))));
    Ok(())
}
