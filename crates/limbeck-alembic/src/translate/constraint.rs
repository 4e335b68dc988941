//! Constraints, in a table's parentheses and after `ALTER TABLE … ADD`.

use limbeck_sql::ident;

use super::arguments::Arguments;
use super::text::{deferrability, expression, idents, named, sql};
use crate::value::{Call, Value, Why, why};

/// A constraint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constraint {
    pub(super) name: Option<String>,
    /// What stands after the name.
    body: String,
    /// Its columns, of a key.
    pub(super) columns: Vec<String>,
    pub(super) is_primary: bool,
    pub(super) is_foreign: bool,
}

impl Constraint {
    /// `CONSTRAINT name …`.
    pub(super) fn sql(&self) -> String {
        match &self.name {
            Some(name) => format!("CONSTRAINT {} {}", ident(name), self.body),
            None => self.body.clone(),
        }
    }
}

/// What a `sa.ForeignKey` of a column says.
pub(super) struct Reference {
    name: Option<String>,
    table: String,
    column: String,
    tail: String,
}

impl Reference {
    /// The constraint of a column.
    pub(super) fn of(&self, column: &str) -> Constraint {
        let body = format!("FOREIGN KEY({}) {}", ident(column), self.inline().trim_start());
        Constraint {
            name: self.name.clone(),
            body,
            columns: vec![column.to_owned()],
            is_primary: false,
            is_foreign: true,
        }
    }

    /// ` REFERENCES table (column) …`, as it stands within a column's line.
    pub(super) fn inline(&self) -> String {
        format!(" REFERENCES {} ({}){}", self.table, ident(&self.column), self.tail)
    }
}

/// A unique key of one column, without a name.
pub(super) fn unique_column(column: &str) -> Constraint {
    let body = format!("UNIQUE ({})", ident(column));
    Constraint { name: None, body, columns: vec![column.to_owned()], is_primary: false, is_foreign: false }
}

/// A primary key without a name.
pub(super) fn primary(columns: &[String]) -> Constraint {
    let body = format!("PRIMARY KEY ({})", idents(columns));
    Constraint { name: None, body, columns: columns.to_vec(), is_primary: true, is_foreign: false }
}

/// A constraint in a `create_table`; none if the call is something else.
pub(super) fn read(call: &Call) -> Result<Option<Constraint>, Why> {
    let columns = || Arguments::of(&Call { positional: Vec::new(), ..call.clone() }, &[]);
    let listed = || match Value::List(call.positional.clone()).texts() {
        Some(columns) => Ok(columns),
        None => why(format!("the columns of a `{}` are not plain texts", call.name)),
    };
    Ok(Some(match call.name.as_str() {
        "sa.PrimaryKeyConstraint" => key("PRIMARY KEY", listed()?, columns())?,
        "sa.UniqueConstraint" => key("UNIQUE", listed()?, columns())?,
        "sa.CheckConstraint" => check(call)?,
        "sa.ForeignKeyConstraint" => foreign(call)?,
        "postgresql.ExcludeConstraint" => exclude(call.positional.clone(), columns())?,
        _ => return Ok(None),
    }))
}

/// A primary key or a unique key.
pub(super) fn key(word: &str, columns: Vec<String>, mut arguments: Arguments) -> Result<Constraint, Why> {
    let name = arguments.maybe_text("name")?;
    let distinct = match arguments.maybe_bool("postgresql_nulls_not_distinct")? {
        Some(true) => "NULLS NOT DISTINCT ",
        Some(false) => "NULLS DISTINCT ",
        None => "",
    };
    let include = include(&mut arguments)?;
    let tail = deferrability(&mut arguments)?;
    arguments.ignore(&["_implicit_generated", "comment"]);
    arguments.finish()?;
    let body = format!("{word} {distinct}({}){include}{tail}", idents(&columns));
    Ok(Constraint { name, body, columns, is_primary: word == "PRIMARY KEY", is_foreign: false })
}

/// ` INCLUDE (a, b)`.
pub(super) fn include(arguments: &mut Arguments) -> Result<String, Why> {
    match arguments.take("postgresql_include").map(|value| value.texts()) {
        None => Ok(String::new()),
        Some(Some(columns)) if columns.is_empty() => Ok(String::new()),
        Some(Some(columns)) => Ok(format!(" INCLUDE ({})", idents(&columns))),
        Some(None) => why("`postgresql_include` is no list of plain texts"),
    }
}

/// `sa.CheckConstraint("x > 0", name="…")`.
pub(super) fn check(call: &Call) -> Result<Constraint, Why> {
    checked(Arguments::of(call, &["condition"]))
}

/// A check whose condition is an argument of this name.
pub(super) fn checked(mut arguments: Arguments) -> Result<Constraint, Why> {
    let Some(condition) = arguments.take("condition").or_else(|| arguments.take("sqltext")) else {
        return why("a check without a condition");
    };
    let (name, condition) = (arguments.maybe_text("name")?, sql(&condition)?);
    let tail = deferrability(&mut arguments)?;
    let valid = if arguments.flag("postgresql_not_valid")? { " NOT VALID" } else { "" };
    arguments.finish()?;
    let body = format!("CHECK ({condition}){tail}{valid}");
    Ok(Constraint { name, body, columns: Vec::new(), is_primary: false, is_foreign: false })
}

fn foreign(call: &Call) -> Result<Constraint, Why> {
    let mut arguments = Arguments::of(call, &["columns", "refcolumns"]);
    let columns = arguments.texts("columns")?;
    let targets = arguments.texts("refcolumns")?;
    let targets = targets.iter().map(|target| place(target)).collect::<Result<Vec<_>, Why>>()?;
    let Some((table, _)) = targets.first().cloned() else { return why("a foreign key to nothing") };
    let remote: Vec<String> = targets.into_iter().map(|(_, column)| column).collect();
    refer(&columns, &table, &remote, arguments)
}

/// A foreign key, from its columns to those.
pub(super) fn refer(
    columns: &[String],
    table: &str,
    remote: &[String],
    mut arguments: Arguments,
) -> Result<Constraint, Why> {
    let name = arguments.maybe_text("name")?;
    if arguments.flag("use_alter")? {
        return why("a foreign key with `use_alter`");
    }
    let tail = actions(&mut arguments)?;
    arguments.ignore(&["link_to_name"]);
    arguments.finish()?;
    let body = format!("FOREIGN KEY({}) REFERENCES {table} ({}){tail}", idents(columns), idents(remote));
    Ok(Constraint { name, body, columns: columns.to_vec(), is_primary: false, is_foreign: true })
}

/// What a foreign key does, and when.
fn actions(arguments: &mut Arguments) -> Result<String, Why> {
    let mut out = String::new();
    for (name, words) in [("match", "MATCH"), ("ondelete", "ON DELETE"), ("onupdate", "ON UPDATE")] {
        if let Some(value) = arguments.maybe_text(name)? {
            out.push_str(&format!(" {words} {value}"));
        }
    }
    out.push_str(&deferrability(arguments)?);
    if arguments.flag("postgresql_not_valid")? {
        out.push_str(" NOT VALID");
    }
    Ok(out)
}

/// `sa.ForeignKey("schema.table.column", …)`.
pub(super) fn reference(call: &Call) -> Result<Reference, Why> {
    let mut arguments = Arguments::of(call, &["column"]);
    let (table, column) = place(&arguments.text("column")?)?;
    let name = arguments.maybe_text("name")?;
    if arguments.flag("use_alter")? {
        return why("a foreign key with `use_alter`");
    }
    let tail = actions(&mut arguments)?;
    arguments.ignore(&["link_to_name"]);
    arguments.finish()?;
    Ok(Reference { name, table, column, tail })
}

/// A table, quoted, and a column, out of `schema.table.column`.
fn place(text: &str) -> Result<(String, String), Why> {
    let Some((table, column)) = text.rsplit_once('.') else {
        return why(format!("the foreign key's target {text:?} names no column"));
    };
    let (schema, table) =
        table.rsplit_once('.').map_or((None, table), |(schema, table)| (Some(schema), table));
    Ok((named(schema, table), column.to_owned()))
}

/// An exclusion constraint from its `(element, operator)` pairs.
pub(super) fn exclude(pairs: Vec<Value>, mut arguments: Arguments) -> Result<Constraint, Why> {
    let name = arguments.maybe_text("name")?;
    let using = arguments.maybe_text("using")?.unwrap_or_else(|| "gist".to_owned());
    let mut elements = Vec::new();
    for pair in pairs {
        let Value::List(pair) = pair else { return why("an element of an exclusion constraint is no pair") };
        let [element, Value::Text(operator)] = &pair[..] else {
            return why("an element of an exclusion constraint is no pair of an expression and an operator");
        };
        let element = match element {
            Value::Text(column) => ident(column),
            _ => match expression(element)? {
                Some(text) => text,
                None => return why("an element of an exclusion constraint is not understood"),
            },
        };
        elements.push(format!("{element} WITH {operator}"));
    }
    let filter = match arguments.take("where") {
        Some(filter) => format!(" WHERE ({})", sql(&filter)?),
        None => String::new(),
    };
    let tail = deferrability(&mut arguments)?;
    arguments.finish()?;
    let body = format!("EXCLUDE USING {} ({}){filter}{tail}", using.to_lowercase(), elements.join(", "));
    Ok(Constraint { name, body, columns: Vec::new(), is_primary: false, is_foreign: false })
}
