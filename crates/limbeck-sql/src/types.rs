//! The type names of the SQL grammar that are other names of built-in types (manual, table
//! "Data Types", column "Aliases"). `format_type` always gives the long one.

use crate::lex::split_at_symbol;

const ALIASES: &[(&str, &str)] = &[
    ("int", "integer"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("int2", "smallint"),
    ("float8", "double precision"),
    ("float4", "real"),
    ("bool", "boolean"),
    ("decimal", "numeric"),
    ("varchar", "character varying"),
    ("char", "character"),
    ("varbit", "bit varying"),
];

/// What `pull` writes for a long name.
const SHORT: &[(&str, &str)] = &[("character varying", "varchar"), ("character", "char")];

/// A type in the spelling of `format_type`: `varchar(20)[]` is `character varying(20)[]`,
/// `timestamptz(3)` is `timestamp(3) with time zone`. Names it doesn't know are returned as they are.
pub fn canonical_type(written: &str) -> String {
    let (name, modifier, array) = parts(written);
    let folded = name.to_lowercase();
    match folded.as_str() {
        "timestamptz" => format!("timestamp{modifier} with time zone{array}"),
        "timetz" => format!("time{modifier} with time zone{array}"),
        "timestamp" | "time" if !modifier.is_empty() || array.is_empty() => {
            format!("{folded}{modifier} without time zone{array}")
        }
        "timestamp" | "time" => format!("{folded} without time zone{array}"),
        "char" | "character" if modifier.is_empty() => format!("character(1){array}"),
        "bit" if modifier.is_empty() => format!("bit(1){array}"),
        _ => match ALIASES.iter().find(|(alias, _)| *alias == folded) {
            Some((_, long)) => format!("{long}{modifier}{array}"),
            None => written.trim().to_owned(),
        },
    }
}

/// The spelling that people use for what `format_type` says; `canonical_type` turns it back.
pub fn short_type(canonical: &str) -> String {
    for base in ["timestamp", "time"] {
        let Some(rest) = canonical.strip_prefix(base) else { continue };
        let (modifier, rest) = match rest.find(')') {
            Some(end) if rest.starts_with('(') => rest.split_at(end + 1),
            _ => ("", rest),
        };
        if let Some(array) = rest.strip_prefix(" with time zone") {
            return format!("{base}tz{modifier}{array}");
        }
        if let Some(array) = rest.strip_prefix(" without time zone") {
            return format!("{base}{modifier}{array}");
        }
    }
    let (name, modifier, array) = parts(canonical);
    match SHORT.iter().find(|(long, _)| *long == name) {
        Some((_, short)) => format!("{short}{modifier}{array}"),
        None => canonical.to_owned(),
    }
}

/// `numeric(12, 2)[]` as its name, its modifier without blanks, and its array brackets.
fn parts(written: &str) -> (&str, String, &str) {
    let written = written.trim();
    let (head, array) = split_at_symbol(written, "[");
    match split_at_symbol(head, "(") {
        (name, modifier) if modifier.trim_end().ends_with(')') => {
            (name.trim(), modifier.trim().replace(' ', ""), array)
        }
        _ => (head.trim(), String::new(), array),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_become_what_format_type_says() {
        for (written, want) in [
            ("int", "integer"),
            ("varchar(20)", "character varying(20)"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamptz(3)[]", "timestamp(3) with time zone[]"),
            ("timestamp", "timestamp without time zone"),
            ("decimal(12, 2)", "numeric(12,2)"),
            ("shop.order_status", "shop.order_status"),
            ("timestamp with time zone", "timestamp with time zone"),
            ("char", "character(1)"),
            ("\"char\"", "\"char\""),
            ("shop.\"a( b)\"[]", "shop.\"a( b)\"[]"),
            ("\"x[ ]\"(1, 2)", "\"x[ ]\"(1, 2)"),
        ] {
            assert_eq!(canonical_type(written), want, "{written}");
        }
    }

    #[test]
    fn short_names_turn_back() {
        for long in [
            "character varying(20)",
            "timestamp with time zone",
            "time(3) without time zone[]",
            "integer",
            "numeric(12,2)",
            "character(3)",
            "interval day to second(3)",
        ] {
            assert_eq!(canonical_type(&short_type(long)), long);
        }
    }
}
