//! How values get from one type to another: what `alter column … type` does by itself, where it
//! needs `using`, and what is written anew (manual, "ALTER TABLE", notes on `SET DATA TYPE`).

use limbeck_sql::{bracketed, literal, split_at_symbol, unquoted};

use crate::facts::Side;
use crate::{Kind, Object, ObjectId};

/// How a column's values reach the new type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cast {
    /// By an assignment cast: no `using`.
    Automatic,
    /// By an explicit cast, with this expression.
    Explicit(String),
    /// By an explicit cast through text: between enums, and to and from them.
    ThroughText(String),
    /// From one kind of timestamp to the other: the zone decides.
    Zone(String),
    /// There is no cast: the best that can be said.
    Decision(String),
}

/// A type's name, its modifier, and whether it is an array: `numeric(12,2)[]`.
fn split(type_name: &str) -> (String, String, bool) {
    let array = type_name.ends_with("[]");
    let name = type_name.trim_end_matches("[]");
    let (before, rest) = split_at_symbol(name, "(");
    match bracketed(rest, 0) {
        Some((modifier, after)) => (format!("{before}{after}"), modifier.to_owned(), array),
        None => (name.to_owned(), String::new(), array),
    }
}

const STRINGS: [&str; 4] = ["text", "character varying", "character", "name"];

/// The way from one type to another for the values of `column` (quoted).
pub(crate) fn cast(column: &str, from: &str, to: &str, side: Side<'_>) -> Cast {
    let ((from_name, from_mod, from_array), (to_name, to_mod, to_array)) = (split(from), split(to));
    let casts = &side.catalog.casts;
    if from_array != to_array {
        return if to_array {
            Cast::Decision(format!("array[{column}]::{to}"))
        } else {
            Cast::Decision(format!("{column}::text::{to}"))
        };
    }
    let known = casts.get(&(from_name.clone(), to_name.clone()));
    let to_string = STRINGS.contains(&to_name.as_str());
    match (from_name.as_str(), to_name.as_str()) {
        // No assignment makes a bit string longer or shorter.
        ("bit", "bit") if from_mod != to_mod => Cast::Explicit(format!("{column}::{to}")),
        (f, t) if f == t => Cast::Automatic,
        ("timestamp without time zone", "timestamp with time zone")
        | ("timestamp with time zone", "timestamp without time zone")
            if !from_array =>
        {
            Cast::Zone(format!("{column} at time zone 'UTC'"))
        }
        _ if known.is_some_and(|cast| cast.assignment) => Cast::Automatic,
        _ if known.is_some() => Cast::Explicit(format!("{column}::{to}")),
        _ if to_string => Cast::Automatic,
        (f, _) if STRINGS.contains(&f) => Cast::Explicit(format!("{column}::{to}")),
        _ if is_enum(&from_name, side) || is_enum(&to_name, side) => {
            let text = if from_array { "text[]" } else { "text" };
            Cast::ThroughText(format!("{column}::{text}::{to}"))
        }
        _ if same_base(&from_name, &to_name, side) => Cast::Automatic,
        _ => Cast::Decision(format!("{column}::text{}::{to}", if from_array { "[]" } else { "" })),
    }
}

/// The id of a user's type that a column's type names, if it is one.
fn user_type(name: &str, kind: Kind) -> Option<ObjectId> {
    let (schema, own) = split_at_symbol(name, ".");
    Some(ObjectId::new(kind, [unquoted(schema), unquoted(own.strip_prefix('.')?)]))
}

fn is_enum(name: &str, side: Side<'_>) -> bool {
    user_type(name, Kind::Enum).is_some_and(|id| side.catalog.contains(&id))
}

/// Whether one is a domain over the other.
fn same_base(from: &str, to: &str, side: Side<'_>) -> bool {
    let base = |name: &str| {
        let id = user_type(name, Kind::Domain)?;
        side.catalog.get(&id)?.texts().first().map(|base| split(base).0)
    };
    let (from_base, to_base) = (base(from), base(to));
    (from_base.is_some() || to_base.is_some())
        && from_base.as_deref().unwrap_or(from) == to_base.as_deref().unwrap_or(to)
}

/// Whether the change of type leaves the table's files as they are.
pub(crate) fn keeps_bytes(from: &str, to: &str, side: Side<'_>) -> bool {
    let ((from_name, from_mod, from_array), (to_name, to_mod, to_array)) = (split(from), split(to));
    if from_array || to_array {
        return false;
    }
    if from_name != to_name {
        let binary = side.catalog.casts.get(&(from_name, to_name)).is_some_and(|cast| cast.binary);
        return binary && to_mod.is_empty();
    }
    let numbers =
        |text: &str| text.split(',').filter_map(|n| n.trim().parse::<i64>().ok()).collect::<Vec<_>>();
    match (numbers(&from_mod).as_slice(), numbers(&to_mod).as_slice()) {
        (_, []) => true,
        ([from_precision, from_scale], [to_precision, to_scale]) => {
            from_scale == to_scale && to_precision >= from_precision
        }
        ([from], [to]) => to >= from && from_name != "character",
        _ => false,
    }
}

/// Whether values may be cut, rounded or refused on the way.
pub(crate) fn narrows(from: &str, to: &str, side: Side<'_>) -> bool {
    const WIDER: [(&str, &str); 10] = [
        ("smallint", "integer"),
        ("smallint", "bigint"),
        ("integer", "bigint"),
        ("smallint", "numeric"),
        ("integer", "numeric"),
        ("bigint", "numeric"),
        ("real", "double precision"),
        ("integer", "double precision"),
        ("smallint", "double precision"),
        ("date", "timestamp without time zone"),
    ];
    let ((from_name, from_mod, _), (to_name, to_mod, _)) = (split(from), split(to));
    if from_name == "numeric" && to_name == "numeric" && holds_all_digits(&from_mod, &to_mod) {
        return false;
    }
    // Which zone was meant is another question, but no value is refused.
    let zones = ["timestamp without time zone", "timestamp with time zone"];
    if zones.contains(&from_name.as_str()) && zones.contains(&to_name.as_str()) && from_mod == to_mod {
        return false;
    }
    let to_any_text = matches!(to_name.as_str(), "text" | "character varying") && to_mod.is_empty();
    let widens = to_mod.is_empty() && WIDER.contains(&(from_name.as_str(), to_name.as_str()));
    !(keeps_bytes(from, to, side) || to_any_text || widens)
}

/// Whether `numeric(to)` has room for every value of `numeric(from)`, before the point and after it.
fn holds_all_digits(from: &str, to: &str) -> bool {
    let digits = |modifier: &str| {
        let (precision, scale) = modifier.split_once(',').unwrap_or((modifier, "0"));
        Some((precision.trim().parse::<i64>().ok()?, scale.trim().parse::<i64>().ok()?))
    };
    match (digits(from), digits(to)) {
        (Some((from, from_scale)), Some((to, to_scale))) => {
            to_scale >= from_scale && to - to_scale >= from - from_scale
        }
        (_, to) => to.is_none(),
    }
}

/// A value that any row may hold for a while, for a column that comes back without its values.
pub(crate) fn placeholder(type_name: &str, side: Side<'_>) -> String {
    let (name, modifier, array) = split(type_name);
    if array {
        return "'{}'".to_owned();
    }
    match name.as_str() {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "money" | "oid" => {
            "0".to_owned()
        }
        "boolean" => "false".to_owned(),
        "uuid" => "'00000000-0000-0000-0000-000000000000'".to_owned(),
        "date" | "timestamp without time zone" | "timestamp with time zone" => "'epoch'".to_owned(),
        "time without time zone" | "time with time zone" => "'00:00'".to_owned(),
        "interval" => "'0'".to_owned(),
        "json" | "jsonb" => "'null'".to_owned(),
        "xml" => "''".to_owned(),
        "inet" | "cidr" => "'0.0.0.0'".to_owned(),
        "macaddr" => "'00:00:00:00:00:00'".to_owned(),
        "bit" => {
            format!("repeat('0', {})::bit({modifier})", if modifier.is_empty() { "1" } else { &modifier })
        }
        "point" => "'(0,0)'".to_owned(),
        "int4range" | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" => {
            "'empty'".to_owned()
        }
        "int4multirange" | "int8multirange" | "nummultirange" | "tsmultirange" | "tstzmultirange"
        | "datemultirange" => "'{}'".to_owned(),
        "macaddr8" => "'00:00:00:00:00:00:00:00'".to_owned(),
        "box" | "lseg" | "path" | "polygon" => "'((0,0),(0,0))'".to_owned(),
        "circle" => "'<(0,0),0>'".to_owned(),
        "line" => "'{1,0,0}'".to_owned(),
        "pg_lsn" => "'0/0'".to_owned(),
        _ => of_user_type(&name, side).unwrap_or_else(|| "''".to_owned()),
    }
}

/// An enum's first label, what a domain's base type has, a composite type of nothings.
fn of_user_type(name: &str, side: Side<'_>) -> Option<String> {
    [Kind::Enum, Kind::Domain, Kind::Composite].into_iter().find_map(|kind| {
        match side.catalog.get(&user_type(name, kind)?)? {
            Object::Enum(labels) => labels.values.first().map(|label| literal(label)),
            Object::Domain(domain) => Some(placeholder(&domain.type_name, side)),
            Object::Composite(composite) => {
                Some(format!("'({})'", ",".repeat(composite.attributes.0.len().saturating_sub(1))))
            }
            _ => None,
        }
    })
}

/// Whether a default is computed for each row of a table that gets the column, which writes the table
/// anew. Only a guess for the words; the proof observes what happens.
pub(crate) fn looks_volatile(expression: &str) -> bool {
    ["nextval(", "random(", "clock_timestamp(", "gen_random_uuid(", "uuid_generate", "timeofday(", "uuidv7("]
        .iter()
        .any(|call| expression.contains(call))
}
