//! SQLAlchemy's types as its PostgreSQL dialect writes them.

use limbeck_sql::literal;

use super::arguments::Arguments;
use super::text::named;
use crate::value::{Call, Value, Why, why};

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Type {
    /// As SQL.
    pub(super) sql: String,
    /// What an autoincrementing primary key of it is.
    pub(super) serial: Option<&'static str>,
    /// The enum type that a `create_table` with it makes first.
    pub(super) creates: Option<Enum>,
}

/// An enum type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) labels: Vec<String>,
}

impl Enum {
    /// The statement that makes it.
    pub(super) fn create(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|label| literal(label)).collect();
        format!("CREATE TYPE {} AS ENUM ({})", self.name, labels.join(", "))
    }
}

/// Types that are one word, whatever their arguments; and what a key of them becomes.
const WORDS: [(&str, &str); 49] = [
    ("Integer", "INTEGER"),
    ("INTEGER", "INTEGER"),
    ("INT", "INTEGER"),
    ("BigInteger", "BIGINT"),
    ("BIGINT", "BIGINT"),
    ("SmallInteger", "SMALLINT"),
    ("SMALLINT", "SMALLINT"),
    ("Boolean", "BOOLEAN"),
    ("BOOLEAN", "BOOLEAN"),
    ("Date", "DATE"),
    ("DATE", "DATE"),
    ("Double", "DOUBLE PRECISION"),
    ("DOUBLE_PRECISION", "DOUBLE PRECISION"),
    ("REAL", "REAL"),
    ("LargeBinary", "BYTEA"),
    ("BYTEA", "BYTEA"),
    ("JSON", "JSON"),
    ("JSONB", "JSONB"),
    ("JSONPATH", "JSONPATH"),
    ("Uuid", "UUID"),
    ("UUID", "UUID"),
    ("PickleType", "BYTEA"),
    ("INET", "INET"),
    ("CIDR", "CIDR"),
    ("MACADDR", "MACADDR"),
    ("MACADDR8", "MACADDR8"),
    ("MONEY", "MONEY"),
    ("OID", "OID"),
    ("REGCLASS", "REGCLASS"),
    ("REGCONFIG", "REGCONFIG"),
    ("TSVECTOR", "TSVECTOR"),
    ("TSQUERY", "TSQUERY"),
    ("HSTORE", "HSTORE"),
    ("CITEXT", "CITEXT"),
    ("INT4RANGE", "INT4RANGE"),
    ("INT8RANGE", "INT8RANGE"),
    ("NUMRANGE", "NUMRANGE"),
    ("DATERANGE", "DATERANGE"),
    ("TSRANGE", "TSRANGE"),
    ("TSTZRANGE", "TSTZRANGE"),
    ("INT4MULTIRANGE", "INT4MULTIRANGE"),
    ("INT8MULTIRANGE", "INT8MULTIRANGE"),
    ("NUMMULTIRANGE", "NUMMULTIRANGE"),
    ("DATEMULTIRANGE", "DATEMULTIRANGE"),
    ("TSMULTIRANGE", "TSMULTIRANGE"),
    ("TSTZMULTIRANGE", "TSTZMULTIRANGE"),
    ("NullType", ""),
    ("NULLTYPE", ""),
    ("Null", ""),
];

/// What a value says as a type.
pub(super) fn read(value: &Value) -> Result<Type, Why> {
    let Some(call) = value.as_call() else { return why("a type that is not understood") };
    if call.of.is_some() {
        return variant(&call);
    }
    // SQLModel's string, which is in every script that it makes.
    if call.name == "sqlmodel.sql.sqltypes.AutoString" {
        return simple("String", &call);
    }
    let Some(name) = ["sa.", "postgresql."].iter().find_map(|module| call.name.strip_prefix(module)) else {
        return why(format!(
            "`{}` is no type of SQLAlchemy's; which type of Postgres it is, its code decides",
            call.name
        ));
    };
    match name {
        "Enum" | "ENUM" => enumeration(&call),
        "ARRAY" => array(&call),
        "DOMAIN" => domain(&call),
        _ => simple(name, &call),
    }
}

/// `type.with_variant(other, "postgresql")`.
fn variant(call: &Call) -> Result<Type, Why> {
    let Some(of) = call.of.as_ref().filter(|_| call.name == "with_variant") else {
        return why(format!("`.{}()` of a type is not understood", call.name));
    };
    let ours = call.positional.iter().skip(1).any(|dialect| dialect.text() == Some("postgresql"));
    match call.positional.first() {
        Some(other) if ours => read(other),
        _ => read(of),
    }
}

fn simple(name: &str, call: &Call) -> Result<Type, Why> {
    if let Some((_, word)) = WORDS.iter().find(|(known, word)| *known == name && !word.is_empty()) {
        let serial = match *word {
            "INTEGER" => Some("SERIAL"),
            "BIGINT" => Some("BIGSERIAL"),
            "SMALLINT" => Some("SMALLSERIAL"),
            _ => None,
        };
        return Ok(Type { serial, ..bare((*word).to_owned()) });
    }
    let sql = match name {
        "String" | "VARCHAR" | "Unicode" => string("VARCHAR", call)?,
        "Text" | "TEXT" | "UnicodeText" => string("TEXT", call)?,
        "CHAR" => string("CHAR", call)?,
        "DateTime" | "TIMESTAMP" => zoned("TIMESTAMP", call)?,
        "Time" | "TIME" => zoned("TIME", call)?,
        "Interval" | "INTERVAL" => interval(call)?,
        "Float" | "FLOAT" => numeric("FLOAT", call)?,
        "Numeric" | "NUMERIC" => numeric("NUMERIC", call)?,
        "DECIMAL" => numeric("DECIMAL", call)?,
        "BIT" => bit(call)?,
        _ => return why(format!("the type `{}` is not known", call.name)),
    };
    Ok(bare(sql))
}

fn bare(sql: String) -> Type {
    Type { sql, serial: None, creates: None }
}

fn string(word: &str, call: &Call) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["length", "collation"]);
    let length = arguments.number("length")?.map(|n| format!("({n})")).unwrap_or_default();
    let collation = arguments.maybe_text("collation")?;
    let collation =
        collation.map(|name| format!(" COLLATE \"{}\"", name.replace('"', "\"\""))).unwrap_or_default();
    arguments.finish()?;
    Ok(format!("{word}{length}{collation}"))
}

fn zoned(word: &str, call: &Call) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["timezone", "precision"]);
    let zone = if arguments.flag("timezone")? { "WITH" } else { "WITHOUT" };
    let precision = arguments.number("precision")?.map(|n| format!("({n})")).unwrap_or_default();
    arguments.finish()?;
    Ok(format!("{word}{precision} {zone} TIME ZONE"))
}

fn interval(call: &Call) -> Result<String, Why> {
    let generic = call.name == "sa.Interval";
    let names: &[&str] =
        if generic { &["native", "second_precision", "day_precision"] } else { &["precision", "fields"] };
    let mut arguments = Arguments::of(call, names);
    arguments.ignore(&["native", "day_precision"]);
    let precision = arguments.number(if generic { "second_precision" } else { "precision" })?;
    let fields = arguments.maybe_text("fields")?;
    arguments.finish()?;
    let fields = fields.map(|fields| format!(" {fields}")).unwrap_or_default();
    Ok(format!("INTERVAL{fields}{}", precision.map(|n| format!(" ({n})")).unwrap_or_default()))
}

fn numeric(word: &str, call: &Call) -> Result<String, Why> {
    let names: &[&str] = if word == "FLOAT" {
        &["precision", "asdecimal"]
    } else {
        &["precision", "scale", "decimal_return_scale"]
    };
    let mut arguments = Arguments::of(call, names);
    arguments.ignore(&["asdecimal", "decimal_return_scale"]);
    let (precision, scale) = (arguments.number("precision")?, arguments.number("scale")?);
    arguments.finish()?;
    Ok(match (precision, scale) {
        (None, _) => word.to_owned(),
        (Some(precision), None) => format!("{word}({precision})"),
        (Some(precision), Some(scale)) => format!("{word}({precision}, {scale})"),
    })
}

fn bit(call: &Call) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["length", "varying"]);
    let (length, varying) = (arguments.number("length")?, arguments.flag("varying")?);
    arguments.finish()?;
    let length = if varying { length } else { length.or(Some("1".to_owned())) };
    let length = length.map(|n| format!("({n})")).unwrap_or_default();
    Ok(format!("{}{length}", if varying { "BIT VARYING" } else { "BIT" }))
}

fn array(call: &Call) -> Result<Type, Why> {
    let mut arguments = Arguments::of(call, &["item_type", "as_tuple", "dimensions"]);
    let Some(item) = arguments.take("item_type") else { return why("an ARRAY of nothing") };
    let item = read(&item)?;
    let dimensions = arguments.number("dimensions")?.and_then(|n| n.parse().ok()).unwrap_or(1);
    arguments.ignore(&["as_tuple", "zero_indexes"]);
    arguments.finish()?;
    let brackets = "[]".repeat(dimensions);
    // The collation of the element stands behind the brackets.
    let sql = match item.sql.split_once(" COLLATE") {
        Some((element, collation)) => format!("{element}{brackets} COLLATE{collation}"),
        None => format!("{}{brackets}", item.sql),
    };
    Ok(Type { creates: item.creates, ..bare(sql) })
}

fn domain(call: &Call) -> Result<Type, Why> {
    let mut arguments = Arguments::of(call, &["name", "data_type"]);
    let (name, schema) = (arguments.text("name")?, arguments.maybe_text("schema")?);
    if arguments.maybe_bool("create_type")? != Some(false) {
        return why("a DOMAIN that the table would create");
    }
    Ok(bare(named(schema.as_deref(), &name)))
}

/// An enum: a type of its own, unless it says `native_enum=False`.
fn enumeration(call: &Call) -> Result<Type, Why> {
    let Some(labels) = Value::List(call.positional.clone()).texts() else {
        return why("an Enum whose labels are not plain texts");
    };
    let mut arguments = Arguments::of(&Call { positional: Vec::new(), ..call.clone() }, &[]);
    let name = arguments.maybe_text("name")?;
    let schema = arguments.maybe_text("schema")?;
    let native = arguments.maybe_bool("native_enum")? != Some(false);
    let created = arguments.maybe_bool("create_type")? != Some(false);
    let checked = arguments.flag("create_constraint")?;
    let length = arguments.number("length")?;
    arguments.ignore(&["metadata", "inherit_schema", "validate_strings", "omit_aliases"]);
    arguments.finish()?;
    if !native {
        if checked {
            return why("an Enum that is a VARCHAR with a check");
        }
        let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
        let length = length.unwrap_or_else(|| longest.to_string());
        return Ok(bare(format!("VARCHAR({length})")));
    }
    let Some(name) = name else { return why("an Enum without a name") };
    let name = named(schema.as_deref(), &name);
    let creates = created.then(|| Enum { name: name.clone(), labels });
    Ok(Type { creates, ..bare(name) })
}

/// The enum of a type on which `create` or `drop` is called.
pub(super) fn enum_of(value: &Value) -> Result<Enum, Why> {
    let Some(mut call) =
        value.as_call().filter(|call| matches!(call.name.as_str(), "sa.Enum" | "postgresql.ENUM"))
    else {
        return why("`create` or `drop` of something that is no Enum");
    };
    // `create_type=False` is about tables alone.
    call.named.retain(|(name, _)| name != "create_type");
    match enumeration(&call)?.creates {
        Some(found) => Ok(found),
        None => why("an Enum that is no type of Postgres"),
    }
}
