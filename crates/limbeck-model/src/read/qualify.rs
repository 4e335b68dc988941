//! Names without a schema: of types and tables that the models declare, looked up in the file's schema
//! and then in `public`, and written as `format_type` would.

use std::collections::BTreeSet;

use limbeck_catalog::document::{Node, Value};
use limbeck_catalog::{ObjectId, Slot};
use limbeck_sql::{TokenKind, qualified, split_at_symbol, split_top_level, tokens};

/// Types of `pg_catalog`, which comes before every other schema: an unquoted one of these is never
/// the user's.
const BUILT_IN: &[&str] = &[
    "aclitem",
    "any",
    "anyarray",
    "anyelement",
    "bigint",
    "bigserial",
    "bit",
    "bool",
    "boolean",
    "box",
    "bpchar",
    "bytea",
    "char",
    "character",
    "cid",
    "cidr",
    "circle",
    "cstring",
    "date",
    "daterange",
    "datemultirange",
    "dec",
    "decimal",
    "double",
    "event_trigger",
    "float",
    "float4",
    "float8",
    "inet",
    "int",
    "int2",
    "int4",
    "int4range",
    "int4multirange",
    "int8",
    "int8range",
    "int8multirange",
    "integer",
    "internal",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "national",
    "nchar",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "real",
    "record",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "serial",
    "smallint",
    "smallserial",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "trigger",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "unknown",
    "uuid",
    "varbit",
    "varchar",
    "void",
    "xid",
    "xid8",
    "xml",
];

/// The names that models declare, each with its schema.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    /// Types, those that tables and views have included.
    pub(crate) types: BTreeSet<(String, String)>,
    /// Tables, views, sequences.
    pub(crate) relations: BTreeSet<(String, String)>,
}

impl Declarations {
    /// A type as `format_type` says it, if it is one that is declared; else as it was written.
    pub(crate) fn type_name(&self, written: &str, schema: &str) -> String {
        let name = Written::parse(written);
        let found = match name.declarable().as_deref() {
            Some([(name, _)]) => find(&self.types, schema, name),
            Some([(schema, _), (name, _)]) => exactly(&self.types, schema, name),
            Some(_) | None => None,
        };
        match found {
            Some((schema, found)) => format!("{}{}{}", name.prefix, qualified(schema, found), name.array),
            None => written.to_owned(),
        }
    }

    /// The types of a routine's arguments, in the spelling of its identity, with those qualified that
    /// are declared.
    pub(crate) fn argument_types(&self, types: &str, schema: &str) -> String {
        let list = |types: &str| {
            let one = |part: &str| match part.strip_prefix("VARIADIC ") {
                Some(name) => format!("VARIADIC {}", self.type_name(name, schema)),
                None => self.type_name(part, schema),
            };
            split_top_level(types).into_iter().map(one).collect::<Vec<_>>().join(", ")
        };
        match types.split_once("ORDER BY ") {
            Some((direct, ordered)) => {
                format!("{} ORDER BY {}", list(direct.trim_end()), list(ordered)).trim_start().to_owned()
            }
            None => list(types),
        }
    }

    /// A relation at the beginning of a text (`customers(id)`), qualified if it is declared.
    pub(crate) fn relation(&self, written: &str, schema: &str) -> String {
        let (target, columns) = split_at_symbol(written, "(");
        let found = match names(target.trim()).as_deref() {
            Some([(name, _)]) => find(&self.relations, schema, name),
            Some([(schema, _), (name, _)]) => exactly(&self.relations, schema, name),
            Some(_) | None => None,
        };
        match found {
            Some((schema, name)) => format!("{}{columns}", qualified(schema, name)),
            None => written.to_owned(),
        }
    }

    /// Adds the names that an object declares.
    pub(crate) fn add(&mut self, id: &ObjectId) {
        for slot in id.slots() {
            match slot {
                Slot::Relation(schema, name) => drop(self.relations.insert((schema, name))),
                Slot::Type(schema, name) => drop(self.types.insert((schema, name))),
                Slot::Member(..) | Slot::Own(_) => {}
            }
        }
    }

    /// Qualifies the types and relations in a document.
    pub(crate) fn document(&self, node: &mut Node, schema: &str) {
        each_name(node, &mut |what, text| match what {
            Named::Type => *text = self.type_name(text, schema),
            Named::Relation => *text = self.relation(text, schema),
        });
    }
}

/// Whether a document names what models may declare: until all of them are read, nobody knows what it says.
pub(crate) fn may_name(document: &mut Node) -> bool {
    let mut may = false;
    each_name(document, &mut |what, text| {
        may |= match what {
            Named::Type => Written::parse(text).declarable().is_some(),
            Named::Relation => true,
        };
    });
    may
}

enum Named {
    Type,
    Relation,
}

/// Shows the texts of a document that name types or relations.
fn each_name(node: &mut Node, show: &mut impl FnMut(Named, &mut String)) {
    match &mut node.value {
        Value::Null | Value::Scalar { .. } => {}
        Value::List(items) => items.iter_mut().for_each(|item| each_name(item, show)),
        Value::Map(entries) => {
            for (key, node) in entries {
                match (key.text.as_str(), &mut node.value) {
                    ("type" | "returns", Value::Scalar { text, .. }) => show(Named::Type, text),
                    ("references", Value::Scalar { text, .. }) => show(Named::Relation, text),
                    ("attributes", Value::Map(attributes)) => {
                        for (_, attribute) in attributes {
                            match &mut attribute.value {
                                Value::Scalar { text, .. } => show(Named::Type, text),
                                _ => each_name(attribute, show),
                            }
                        }
                    }
                    _ => each_name(node, show),
                }
            }
        }
    }
}

/// A type's name as it was written: `setof status[]`.
struct Written<'a> {
    prefix: &'static str,
    base: &'a str,
    array: &'a str,
}

impl<'a> Written<'a> {
    fn parse(written: &'a str) -> Self {
        let (prefix, name) = match written.trim().split_at_checked(6) {
            Some((word, rest)) if word.eq_ignore_ascii_case("setof ") => ("setof ", rest.trim()),
            Some(_) | None => ("", written.trim()),
        };
        let (base, array) = split_at_symbol(name, "[");
        Self { prefix, base: base.trim(), array: array.trim() }
    }

    /// The parts of its name, if a model may declare it.
    fn declarable(&self) -> Option<Vec<(String, bool)>> {
        let is_built_in = |parts: &[(String, bool)]| match parts {
            [(name, quoted)] => !quoted && BUILT_IN.contains(&name.as_str()),
            _ => false,
        };
        names(self.base).filter(|parts| !is_built_in(parts))
    }
}

fn find<'a>(
    declared: &'a BTreeSet<(String, String)>,
    schema: &str,
    name: &str,
) -> Option<&'a (String, String)> {
    exactly(declared, schema, name).or_else(|| exactly(declared, "public", name))
}

fn exactly<'a>(
    declared: &'a BTreeSet<(String, String)>,
    schema: &str,
    name: &str,
) -> Option<&'a (String, String)> {
    declared.get(&(schema.to_owned(), name.to_owned()))
}

/// The parts of a name that may be qualified, folded as Postgres folds them, each with whether it was
/// quoted; `None` if the text is no name.
pub(crate) fn names(text: &str) -> Option<Vec<(String, bool)>> {
    let mut parts = Vec::new();
    let mut wants_name = true;
    for token in tokens(text) {
        if wants_name {
            parts.push((token.identifier()?, token.kind == TokenKind::Quoted));
        } else if token.text != "." {
            return None;
        }
        wants_name = !wants_name;
    }
    (!wants_name && !parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_are_qualified() {
        let name = |schema: &str, name: &str| (schema.to_owned(), name.to_owned());
        let types =
            [name("shop", "status"), name("public", "Mood"), name("shop", "date"), name("shop", "[x](")];
        let relations = BTreeSet::from([name("shop", "customers"), name("shop", "a(b)")]);
        let declared = Declarations { types: BTreeSet::from(types), relations };
        for (written, want) in [
            ("status", "shop.status"),
            ("STATUS[]", "shop.status[]"),
            ("shop.status", "shop.status"),
            ("\"Mood\"", "public.\"Mood\""),
            ("mood", "mood"),
            ("date", "date"),
            ("\"date\"", "shop.date"),
            ("setof status", "setof shop.status"),
            ("double precision", "double precision"),
            ("\"[x](\"[]", "shop.\"[x](\"[]"),
        ] {
            assert_eq!(declared.type_name(written, "shop"), want);
        }
        assert_eq!(declared.relation("customers(id)", "shop"), "shop.customers(id)");
        assert_eq!(declared.relation("\"a(b)\"(id)", "shop"), "shop.\"a(b)\"(id)");
        assert_eq!(declared.relation("customers (id)", "other"), "customers (id)");
        assert_eq!(
            declared.argument_types("integer, status, VARIADIC status[]", "shop"),
            "integer, shop.status, VARIADIC shop.status[]"
        );
    }
}
