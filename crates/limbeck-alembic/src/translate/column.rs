//! `sa.Column`: its line in a table, and what comes with it.

use limbeck_sql::{ident, literal};

use super::arguments::Arguments;
use super::constraint::{self, Constraint, Reference};
use super::text::default;
use super::types::{self, Type};
use crate::value::{Call, Value, Why, why};

/// A column, as far as a statement needs it.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) primary: bool,
    pub(super) nullable: Option<bool>,
    pub(super) default: Option<String>,
    /// Whether Python gives a default: then the key does not count by itself.
    client_default: bool,
    autoincrement: Option<bool>,
    ignores_keys: bool,
    computed: Option<String>,
    identity: Option<String>,
    pub(super) references: Vec<Reference>,
    pub(super) checks: Vec<Constraint>,
    pub(super) unique: bool,
    pub(super) indexed: bool,
    pub(super) comment: Option<String>,
}

/// Reads a `sa.Column(…)`.
pub(super) fn read(call: &Call) -> Result<Column, Why> {
    let given: Vec<Value> = call.positional.clone();
    let has_type = given.get(1).is_some_and(|value| !is_item(value));
    let names: &[&str] = if has_type { &["name", "type_"] } else { &["name"] };
    let mut arguments = Arguments::of(call, names);
    let name = arguments.text("name")?;
    let Some(kind) = arguments.take("type_") else { return why(format!("column {name} has no type")) };
    let mut column = Column {
        kind: types::read(&kind)?,
        primary: arguments.flag("primary_key")?,
        nullable: arguments.maybe_bool("nullable")?,
        default: None,
        client_default: arguments.take("default").is_some(),
        autoincrement: None,
        ignores_keys: false,
        computed: None,
        identity: None,
        references: Vec::new(),
        checks: Vec::new(),
        unique: arguments.flag("unique")?,
        indexed: arguments.flag("index")?,
        comment: arguments.maybe_text("comment")?,
        name,
    };
    match arguments.take("autoincrement") {
        None => {}
        Some(Value::Bool(value)) => column.autoincrement = Some(value),
        Some(Value::Text(word)) if word == "auto" => {}
        Some(Value::Text(word)) if word == "ignore_fk" => column.ignores_keys = true,
        Some(_) => return why("`autoincrement` that is not understood"),
    }
    let server_default = arguments.take("server_default");
    for item in std::mem::take(&mut arguments.rest).iter().chain(&server_default) {
        column.item(item)?;
    }
    arguments.ignore(&["onupdate", "server_onupdate", "doc", "key", "insert_default", "sort_order"]);
    arguments.finish()?;
    Ok(column)
}

/// Whether a column's second argument is something else than its type.
fn is_item(value: &Value) -> bool {
    let items = ["sa.ForeignKey", "sa.Identity", "sa.Computed", "sa.CheckConstraint", "sa.Sequence"];
    matches!(value, Value::Call(call) if items.contains(&call.name.as_str()))
}

impl Column {
    /// An argument without a name, or the `server_default`.
    fn item(&mut self, value: &Value) -> Result<(), Why> {
        let call = match value {
            Value::Call(call) if call.of.is_none() => call,
            _ => {
                self.default = Some(default(value)?);
                return Ok(());
            }
        };
        match call.name.as_str() {
            "sa.ForeignKey" => self.references.push(constraint::reference(call)?),
            "sa.CheckConstraint" => self.checks.push(constraint::check(call)?),
            "sa.Identity" => self.identity = Some(identity(call)?),
            "sa.Computed" => self.computed = Some(computed(call)?),
            "sa.FetchedValue" => {}
            // Python asks it for the next value. Nothing makes it here.
            "sa.Sequence" => {
                self.client_default |= !call.named.contains(&("optional".to_owned(), Value::Bool(true)));
            }
            _ => self.default = Some(default(value)?),
        }
        Ok(())
    }

    /// Whether the key counts by itself (SQLAlchemy's `_autoincrement_column`).
    pub(super) fn counts(&self, alone: bool, refers: bool) -> bool {
        if self.autoincrement == Some(true) {
            return true;
        }
        let plain = self.kind.serial.is_some() && self.default.is_none() && !self.client_default;
        alone && self.autoincrement.is_none() && plain && (!refers || self.ignores_keys)
    }

    /// `name TYPE DEFAULT … NOT NULL`.
    pub(super) fn line(&self, counts: bool) -> String {
        let mut out = format!("{} ", ident(&self.name));
        match self.kind.serial.filter(|_| self.primary && counts && self.identity.is_none()) {
            Some(serial) => out.push_str(serial),
            None => {
                out.push_str(&self.kind.sql);
                if let Some(default) = &self.default {
                    out.push_str(&format!(" DEFAULT {default}"));
                }
            }
        }
        for clause in [&self.computed, &self.identity].into_iter().flatten() {
            out.push_str(&format!(" {clause}"));
        }
        match (self.nullable, self.identity.is_some()) {
            (Some(true), true) => out.push_str(" NULL"),
            (Some(false), false) => out.push_str(" NOT NULL"),
            (None, false) if self.primary => out.push_str(" NOT NULL"),
            _ => {}
        }
        for check in &self.checks {
            out.push_str(&format!(" {}", check.sql()));
        }
        out
    }

    /// The comment's statement, for a table by this name.
    pub(super) fn comment_on(&self, table: &str) -> Option<String> {
        let comment = self.comment.as_ref()?;
        Some(format!("COMMENT ON COLUMN {table}.{} IS {}", ident(&self.name), literal(comment)))
    }
}

/// `GENERATED BY DEFAULT AS IDENTITY (START WITH 1)`.
pub(super) fn identity(call: &Call) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["always", "on_null", "start", "increment"]);
    let always = if arguments.flag("always")? { "ALWAYS" } else { "BY DEFAULT" };
    arguments.ignore(&["on_null", "order"]);
    let options = sequence_options(&mut arguments)?;
    arguments.finish()?;
    let options = if options.is_empty() { options } else { format!(" ({options})") };
    Ok(format!("GENERATED {always} AS IDENTITY{options}"))
}

/// The options of a sequence, in SQLAlchemy's order.
pub(super) fn sequence_options(arguments: &mut Arguments) -> Result<String, Why> {
    let mut out = Vec::new();
    let numbers = [
        ("increment", "INCREMENT BY"),
        ("start", "START WITH"),
        ("minvalue", "MINVALUE"),
        ("maxvalue", "MAXVALUE"),
    ];
    for (name, words) in numbers {
        out.extend(arguments.number(name)?.map(|n| format!("{words} {n}")));
    }
    for (name, words) in [("nominvalue", "NO MINVALUE"), ("nomaxvalue", "NO MAXVALUE")] {
        out.extend(arguments.flag(name)?.then(|| words.to_owned()));
    }
    out.extend(arguments.number("cache")?.map(|n| format!("CACHE {n}")));
    let cycle = arguments.maybe_bool("cycle")?;
    out.extend(cycle.map(|cycle| if cycle { "CYCLE" } else { "NO CYCLE" }.to_owned()));
    Ok(out.join(" "))
}

fn computed(call: &Call) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["sqltext", "persisted"]);
    let Some(text) = arguments.take("sqltext") else { return why("a Computed of nothing") };
    let text = super::text::sql(&text)?;
    if arguments.maybe_bool("persisted")? == Some(false) {
        return why(
            "a Computed that is not persisted, which SQLAlchemy writes for some versions of Postgres only",
        );
    }
    arguments.finish()?;
    Ok(format!("GENERATED ALWAYS AS ({text}) STORED"))
}
