//! SQL that scripts give as text, expressions like `sa.func.now()`, and names.

use limbeck_sql::{ident, literal};

use super::arguments::Arguments;
use crate::value::{Call, Value, Why, why};

/// `schema.name`, quoted where it must be.
pub(super) fn named(schema: Option<&str>, name: &str) -> String {
    match schema {
        // Alembic takes a dotted schema for a path.
        Some(schema) => {
            format!("{}.{}", schema.split('.').map(ident).collect::<Vec<_>>().join("."), ident(name))
        }
        None => ident(name),
    }
}

/// Names in a list.
pub(super) fn idents(names: &[String]) -> String {
    names.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ")
}

/// What SQLAlchemy's `text()` sends: `\:` is a colon, and `:name` a parameter, which has no value here.
pub(super) fn plain(text: &str) -> Result<String, Why> {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let is_word = |c: char| c == '_' || c.is_alphanumeric();
        if c == '\\' && next == ':' {
            before = c;
            continue;
        }
        if c == ':' && is_word(next) && !is_word(before) && !matches!(before, ':' | '\\') {
            let name: String = rest.clone().take_while(|c| is_word(*c)).collect();
            let after = rest.clone().nth(name.chars().count());
            if after != Some(':') {
                return why(format!("`:{name}` is a parameter, and nothing gives its value"));
            }
        }
        out.push(c);
        before = c;
    }
    Ok(out)
}

/// SQL given as a string or as `sa.text`.
pub(super) fn sql(value: &Value) -> Result<String, Why> {
    match value {
        Value::Text(text) => plain(text),
        _ => match expression(value)? {
            Some(text) => Ok(text),
            None => why("SQL that is no plain text"),
        },
    }
}

/// An expression that is no string: `sa.text('…')`, `sa.func.now()`, `sa.true()`; none for others.
pub(super) fn expression(value: &Value) -> Result<Option<String>, Why> {
    let Some(call) = value.as_call() else { return Ok(None) };
    if let Some(of) = &call.of {
        return ordered(of, &call);
    }
    let first = call.positional.first().and_then(Value::text);
    let only = call.positional.len() == 1 && call.named.is_empty();
    let bare = call.positional.is_empty() && call.named.is_empty();
    Ok(match (call.name.as_str(), first) {
        ("sa.text", Some(text)) if only => Some(plain(text)?),
        ("sa.literal_column", Some(text)) if only => Some(text.to_owned()),
        ("sa.column", Some(name)) if only => Some(ident(name)),
        ("sa.true" | "sa.false" | "sa.null", None) if bare => {
            Some(call.name["sa.".len()..].to_owned()).map(|w| if w == "null" { "NULL".into() } else { w })
        }
        (name, None) if bare => name.strip_prefix("sa.func.").map(function),
        (name, None) if call.named.is_empty() => match name.strip_prefix("sa.func.") {
            Some(name) => applied(name, &call.positional)?,
            None => None,
        },
        _ => None,
    })
}

/// A function of columns and other expressions.
fn applied(name: &str, arguments: &[Value]) -> Result<Option<String>, Why> {
    let arguments = arguments.iter().map(expression).collect::<Result<Option<Vec<_>>, Why>>()?;
    Ok(arguments.map(|arguments| format!("{name}({})", arguments.join(", "))))
}

/// `sa.column("a").desc()`.
fn ordered(of: &Value, call: &Call) -> Result<Option<String>, Why> {
    let words = match call.name.as_str() {
        "desc" => "DESC",
        "asc" => "ASC",
        "nulls_first" | "nullsfirst" => "NULLS FIRST",
        "nulls_last" | "nullslast" => "NULLS LAST",
        _ => return Ok(None),
    };
    let bare = call.positional.is_empty() && call.named.is_empty();
    Ok(expression(of)?.filter(|_| bare).map(|text| format!("{text} {words}")))
}

/// A function of the server without arguments; some are words of the language.
fn function(name: &str) -> String {
    let word = name.to_uppercase();
    let words = [
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "SESSION_USER",
        "USER",
    ];
    if words.contains(&word.as_str()) { word } else { format!("{name}()") }
}

/// What a `server_default` comes to: a string is a literal.
pub(super) fn default(value: &Value) -> Result<String, Why> {
    match value {
        Value::Text(text) => Ok(literal(text)),
        Value::Call(call) if call.name == "sa.DefaultClause" => match &call.positional[..] {
            [inner] => default(inner),
            _ => why("a `DefaultClause` that is not understood"),
        },
        _ => match expression(value)? {
            Some(text) => Ok(text),
            None => why("a `server_default` that is not understood"),
        },
    }
}

/// `(a = 1, b = true)` after `WITH`.
pub(super) fn storage(value: &Value) -> Result<String, Why> {
    let Value::Dict(items) = value else { return why("`postgresql_with` is no plain dictionary") };
    let mut out = Vec::new();
    for (key, value) in items {
        let Some(key) = key.text() else { return why("`postgresql_with` has a key that is no plain text") };
        out.push(match value {
            Value::None => key.to_owned(),
            Value::Bool(value) => format!("{key} = {value}"),
            Value::Number(text) | Value::Text(text) => format!("{key} = {text}"),
            _ => return why("`postgresql_with` has a value that is not plain"),
        });
    }
    Ok(out.join(", "))
}

/// ` DEFERRABLE INITIALLY DEFERRED`, as far as it is asked for.
pub(super) fn deferrability(arguments: &mut Arguments) -> Result<String, Why> {
    let mut out = match arguments.maybe_bool("deferrable")? {
        Some(true) => " DEFERRABLE",
        Some(false) => " NOT DEFERRABLE",
        None => "",
    }
    .to_owned();
    if let Some(initially) = arguments.maybe_text("initially")? {
        out.push_str(&format!(" INITIALLY {initially}"));
    }
    Ok(out)
}
