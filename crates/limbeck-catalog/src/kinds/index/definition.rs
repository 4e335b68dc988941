//! An index as it is written: in a model by its fields, or by the server as one text
//! (`pg_get_indexdef`), which is taken apart here at brackets and keywords, never interpreted.

use std::collections::BTreeMap;

use limbeck_sql::{bracketed, split_at_symbol, split_top_level, strip_outer_parens, tokens, unquoted};
use serde::Deserialize;

use super::Index;
use crate::kinds::entries::Entries;

/// Either form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    on: Vec<String>,
    using: Option<String>,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    nulls_not_distinct: bool,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    with: Entries,
    tablespace: Option<String>,
    #[serde(rename = "where")]
    predicate: Option<String>,
    #[serde(default)]
    statistics: BTreeMap<String, i32>,
    #[serde(default)]
    invalid: bool,
    /// From the catalog: the whole statement.
    definition: Option<String>,
    valid: Option<bool>,
}

impl TryFrom<Written> for Index {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            on,
            using,
            unique,
            nulls_not_distinct,
            include,
            with,
            tablespace,
            predicate,
            statistics,
            ..
        } = written;
        let using = using.filter(|method| method != "btree");
        let mut index = Index {
            on,
            using,
            unique,
            nulls_not_distinct,
            include,
            with,
            tablespace,
            predicate: predicate.map(|p| strip_outer_parens(&p).to_owned()),
            statistics,
            invalid: written.invalid || written.valid == Some(false),
        };
        if let Some(definition) = written.definition {
            read(&definition, &mut index)
                .ok_or_else(|| format!("unexpected index definition {definition:?}"))?;
        }
        Ok(index)
    }
}

/// Reads `CREATE [UNIQUE] INDEX … USING method (…) [INCLUDE (…)] [NULLS NOT DISTINCT] [WITH (…)]
/// [TABLESPACE …] [WHERE …]`.
fn read(definition: &str, index: &mut Index) -> Option<()> {
    index.unique = definition.starts_with("CREATE UNIQUE ");
    let using = tokens(definition).find(|t| t.text == "USING")?.end();
    let (method, rest) = split_at_symbol(&definition[using..], "(");
    let method = method.trim();
    index.using = (method != "btree").then(|| unquoted(method));
    let (elements, after) = bracketed(rest, 0)?;
    index.on = split_top_level(elements).into_iter().map(str::to_owned).collect();
    clauses(after, index);
    Some(())
}

fn clauses(mut rest: &str, index: &mut Index) {
    loop {
        rest = rest.trim_start();
        if let Some((columns, after)) = clause(rest, "INCLUDE (") {
            index.include = split_top_level(columns).into_iter().map(unquoted).collect();
            rest = after;
        } else if let Some(after) = rest.strip_prefix("NULLS NOT DISTINCT") {
            index.nulls_not_distinct = true;
            rest = after;
        } else if let Some((parameters, after)) = clause(rest, "WITH (") {
            index.with = split_top_level(parameters).into_iter().filter_map(parameter).collect();
            rest = after;
        } else if let Some(after) = rest.strip_prefix("TABLESPACE ") {
            // A name of one token, which may hold blanks.
            let end = tokens(after).next().map_or(0, |name| name.end());
            index.tablespace = Some(unquoted(&after[..end]));
            rest = &after[end..];
        } else {
            index.predicate = rest.strip_prefix("WHERE ").map(|p| strip_outer_parens(p).to_owned());
            return;
        }
    }
}

/// What stands in the brackets that a prefix opens, and what follows them.
fn clause<'a>(text: &'a str, prefix: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(prefix)?;
    bracketed(text, prefix.len() - 1)
}

fn parameter(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.to_owned(), value.trim_matches('\'').replace("''", "'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_definition_apart() {
        let definition = "CREATE UNIQUE INDEX i ON s.t USING gist (lower((a)::text) text_pattern_ops DESC, \"B c\") \
                          INCLUDE (d, \"E\") NULLS NOT DISTINCT WITH (fillfactor='60') TABLESPACE fast WHERE (b IS NOT NULL)";
        let written = Written {
            on: vec![],
            using: None,
            unique: false,
            nulls_not_distinct: false,
            include: vec![],
            with: Entries::default(),
            tablespace: None,
            predicate: None,
            statistics: BTreeMap::new(),
            invalid: false,
            definition: Some(definition.into()),
            valid: Some(true),
        };
        let index = Index::try_from(written).expect("a definition");
        assert_eq!(index.on, ["lower((a)::text) text_pattern_ops DESC", "\"B c\""]);
        assert_eq!(
            (index.unique, index.nulls_not_distinct, index.using.as_deref()),
            (true, true, Some("gist"))
        );
        assert_eq!(index.include, ["d", "E"]);
        assert_eq!(index.with, [("fillfactor", "60")].into_iter().collect());
        assert_eq!(
            (index.tablespace.as_deref(), index.predicate.as_deref()),
            (Some("fast"), Some("b IS NOT NULL"))
        );
    }
}
