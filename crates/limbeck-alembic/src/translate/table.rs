//! `create_table` and what else is about whole tables.

use limbeck_sql::literal;

use super::arguments::Arguments;
use super::column::{self, Column};
use super::constraint::{self, Constraint};
use super::index;
use super::text::{idents, named, storage};
use super::{Output, Statement};
use crate::value::{Call, Value, Why, why};

/// The parts of a `create_table`.
#[derive(Default)]
struct Table {
    columns: Vec<Column>,
    constraints: Vec<Constraint>,
    indexes: Vec<Call>,
}

/// `op.create_table`.
pub(super) fn create(call: &Call, out: &mut Output) -> Result<(), Why> {
    let mut arguments = Arguments::of(call, &["table_name"]);
    let (name, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    let table = items(std::mem::take(&mut arguments.rest))?;
    let comment = arguments.maybe_text("comment")?;
    let place = named(schema.as_deref(), &name);
    let opening = opening(&mut arguments)?;
    let closing = closing(&mut arguments)?;
    arguments.ignore(&["quote", "extend_existing", "keep_existing", "implicit_returning"]);
    arguments.finish()?;
    table
        .columns
        .iter()
        .filter_map(|column| column.kind.creates.as_ref())
        .for_each(|kind| out.enum_for_table(kind));
    let lines = lines(&table, out);
    out.push(Statement::plain(format!(
        "{} {place} (\n    {}\n){closing}",
        opening.trim_end(),
        lines.join(",\n    ")
    )));
    for column in table.columns.iter().filter(|column| column.indexed) {
        out.push(Statement::plain(index::of_column(schema.as_deref(), &name, &column.name, column.unique)?));
    }
    for call in &table.indexes {
        out.push(Statement::plain(index::in_table(call, &place)?));
    }
    if let Some(comment) = comment {
        out.push(Statement::plain(format!("COMMENT ON TABLE {place} IS {}", literal(&comment))));
    }
    table
        .columns
        .iter()
        .filter_map(|column| column.comment_on(&place))
        .for_each(|sql| out.push(Statement::plain(sql)));
    Ok(())
}

fn items(given: Vec<Value>) -> Result<Table, Why> {
    let mut table = Table::default();
    for item in given {
        let Some(call) = item.as_call().filter(|call| call.of.is_none()) else {
            return why("a `create_table` with something that is no column and no constraint");
        };
        match call.name.as_str() {
            "sa.Column" => table.columns.push(column::read(&call)?),
            "sa.Index" => table.indexes.push(call),
            _ => match constraint::read(&call)? {
                Some(found) => table.constraints.push(found),
                None => return why(format!("`{}` in a `create_table` is not understood", call.name)),
            },
        }
    }
    for key in table.constraints.iter().filter(|constraint| constraint.is_primary) {
        for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
            column.primary = true;
        }
    }
    Ok(table)
}

/// `CREATE UNLOGGED TABLE IF NOT EXISTS`.
fn opening(arguments: &mut Arguments) -> Result<String, Why> {
    let prefixes = if arguments.has("prefixes") { arguments.texts("prefixes")? } else { Vec::new() };
    let prefixes: String = prefixes.iter().map(|prefix| format!("{prefix} ")).collect();
    let exists = if arguments.flag("if_not_exists")? { "IF NOT EXISTS " } else { "" };
    Ok(format!("CREATE {prefixes}TABLE {exists}"))
}

/// What stands behind the parentheses.
fn closing(arguments: &mut Arguments) -> Result<String, Why> {
    let mut out = String::new();
    if let Some(parents) = arguments.take("postgresql_inherits") {
        let Some(parents) = parents.texts() else { return why("`postgresql_inherits` is no plain text") };
        out.push_str(&format!("\n INHERITS ({})", idents(&parents)));
    }
    for (name, words) in [("postgresql_partition_by", "PARTITION BY"), ("postgresql_using", "USING")] {
        if let Some(text) = arguments.maybe_text(name)? {
            out.push_str(&format!("\n {words} {text}"));
        }
    }
    if let Some(options) = arguments.take("postgresql_with") {
        out.push_str(&format!("\n WITH ({})", storage(&options)?));
    }
    if let Some(text) = arguments.maybe_text("postgresql_on_commit")? {
        out.push_str(&format!("\n ON COMMIT {}", text.replace('_', " ").to_uppercase()));
    }
    if let Some(name) = arguments.maybe_text("postgresql_tablespace")? {
        out.push_str(&format!("\n TABLESPACE {}", idents(&[name])));
    }
    Ok(out)
}

/// Columns; then the primary key, constraints as they are written, and those that columns bring.
fn lines(table: &Table, out: &mut Output) -> Vec<String> {
    let keys: Vec<String> =
        table.columns.iter().filter(|column| column.primary).map(|column| column.name.clone()).collect();
    let refers = |column: &Column| {
        let named =
            |constraint: &Constraint| constraint.is_foreign && constraint.columns.contains(&column.name);
        !column.references.is_empty() || table.constraints.iter().any(named)
    };
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.line(column.primary && column.counts(keys.len() == 1, refers(column))))
        .collect();
    let given = table.constraints.iter().find(|constraint| constraint.is_primary).cloned();
    let primary = given.or_else(|| (!keys.is_empty()).then(|| constraint::primary(&keys)));
    let brought = table.columns.iter().flat_map(|column| {
        let unique = (column.unique && !column.indexed).then(|| constraint::unique_column(&column.name));
        let foreign = column.references.iter().map(|reference| reference.of(&column.name));
        unique.into_iter().chain(foreign).collect::<Vec<_>>()
    });
    let written = table.constraints.iter().filter(|constraint| !constraint.is_primary).cloned();
    for constraint in primary.into_iter().chain(written).chain(brought) {
        out.note_name(&constraint);
        lines.push(constraint.sql());
    }
    lines
}

/// `op.drop_table`.
pub(super) fn drop(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (name, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    let exists = if arguments.flag("if_exists")? { "IF EXISTS " } else { "" };
    arguments.ignore(&["comment", "prefixes"]);
    arguments.finish()?;
    out.push(Statement::plain(format!("DROP TABLE {exists}{}", named(schema.as_deref(), &name))));
    Ok(())
}

/// `op.rename_table`.
pub(super) fn rename(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (from, to) = (arguments.text("old_table_name")?, arguments.text("new_table_name")?);
    let schema = arguments.maybe_text("schema")?;
    arguments.finish()?;
    out.push(Statement::plain(format!(
        "ALTER TABLE {} RENAME TO {}",
        named(schema.as_deref(), &from),
        named(None, &to)
    )));
    Ok(())
}

/// `op.create_table_comment`, and `op.drop_table_comment` without a comment.
pub(super) fn comment(mut arguments: Arguments, out: &mut Output) -> Result<(), Why> {
    let (name, schema) = (arguments.text("table_name")?, arguments.maybe_text("schema")?);
    let comment = arguments.maybe_text("comment")?.map_or("NULL".to_owned(), |comment| literal(&comment));
    arguments.ignore(&["existing_comment"]);
    arguments.finish()?;
    out.push(Statement::plain(format!("COMMENT ON TABLE {} IS {comment}", named(schema.as_deref(), &name))));
    Ok(())
}
