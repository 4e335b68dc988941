//! The texts inside a foreign key that name things: `shop.customers(id)` and `set null (customer_id)`.
//! They are kept as SQL, in one spelling.

use limbeck_sql::{Token, TokenKind, ident, ident_list, tokens};
use serde::de::{self, Deserialize, Deserializer};

use crate::{Kind, ObjectId};

/// What a foreign key points at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    /// The schema, where the text has it.
    pub(super) schema: Option<String>,
    /// The table.
    pub(super) table: String,
    /// Its columns; empty for its primary key.
    pub(super) columns: Vec<String>,
}

impl Reference {
    /// Reads `[schema.]table[(column, …)]`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words: Vec<_> = tokens(text).filter(|t| t.kind != TokenKind::Blank).collect();
        let (names, rest) = match words.as_slice() {
            [schema, dot, table, rest @ ..] if dot.text == "." => (vec![schema, table], rest),
            [table, rest @ ..] => (vec![table], rest),
            [] => return None,
        };
        let mut names = names.into_iter().map(Token::identifier).collect::<Option<Vec<_>>>()?;
        let columns = if rest.is_empty() { Vec::new() } else { name_list(rest)? };
        Some(Self { table: names.pop()?, schema: names.pop(), columns })
    }

    /// The one spelling.
    pub(super) fn text(&self) -> String {
        let schema = self.schema.as_ref().map(|s| format!("{}.", ident(s))).unwrap_or_default();
        let columns =
            if self.columns.is_empty() { String::new() } else { format!("({})", ident_list(&self.columns)) };
        format!("{schema}{}{columns}", ident(&self.table))
    }

    /// The table; in `schema` where the text names none.
    pub(super) fn table(&self, schema: &str) -> ObjectId {
        ObjectId::new(Kind::Table, [self.schema.as_deref().unwrap_or(schema), &self.table])
    }
}

/// `(a, b)`.
fn name_list(words: &[Token<'_>]) -> Option<Vec<String>> {
    let [open, inner @ .., close] = words else { return None };
    if open.text != "(" || close.text != ")" {
        return None;
    }
    inner
        .chunks(2)
        .map(|pair| match pair {
            [word] => word.identifier(),
            [word, comma] if comma.text == "," => word.identifier(),
            _ => None,
        })
        .collect()
}

/// Reads what a foreign key points at, in any spelling.
pub(super) fn references<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Reference::parse(&text) {
        Some(reference) => Ok(reference.text()),
        None => Err(de::Error::custom(format!("expected `table(column, …)`, not `{text}`"))),
    }
}

/// Reads what happens to the rows that point at a row; `no action`, as where nothing is said, is none.
pub(super) fn on_change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let unexpected = || {
        let known = "`cascade`, `set null`, `set default`, `restrict` or `no action`";
        de::Error::custom(format!("expected {known}, not `{text}`"))
    };
    let words: Vec<_> = tokens(&text).filter(|t| t.kind != TokenKind::Blank).collect();
    let list = words.iter().position(|t| t.text == "(").unwrap_or(words.len());
    let action = words[..list].iter().map(|t| t.text.to_lowercase()).collect::<Vec<_>>().join(" ");
    let columns =
        if list == words.len() { None } else { Some(name_list(&words[list..]).ok_or_else(unexpected)?) };
    match (action.as_str(), columns) {
        ("no action", None) => Ok(None),
        ("cascade" | "restrict" | "set null" | "set default", None) => Ok(Some(action)),
        ("set null" | "set default", Some(columns)) => {
            Ok(Some(format!("{action} ({})", ident_list(columns))))
        }
        _ => Err(unexpected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Row;
    use serde::de::value::{Error, StrDeserializer};

    fn spelled(text: &str) -> Option<String> {
        references(StrDeserializer::<Error>::new(text)).ok()
    }

    #[test]
    fn references_have_one_spelling() {
        for (written, want) in [
            ("customers", "customers"),
            ("Shop . Customers ( ID , b)", "shop.customers(id, b)"),
            ("\"Odd \"\"Name\".\"order\"(\"Id\")", "\"Odd \"\"Name\".\"order\"(\"Id\")"),
            ("\"customers\"(\"id\")", "customers(id)"),
        ] {
            assert_eq!(spelled(written).as_deref(), Some(want), "{written}");
        }
        for wrong in ["", "a.b.c", "a(", "a()b", "a(b c)", "'a'", "a(1)", "\"", "\"é(a)"] {
            assert_eq!(spelled(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn actions_have_one_spelling() {
        #[derive(serde::Deserialize)]
        struct On {
            #[serde(deserialize_with = "on_change")]
            delete: Option<String>,
        }
        let read = |text: &str| {
            let (columns, values) = (["delete".to_owned()], [Some(text.to_owned())]);
            Row { columns: &columns, values: &values }.facts::<On>().map(|on| on.delete)
        };
        assert_eq!(read("NO ACTION").ok(), Some(None));
        assert_eq!(read("Set  Null (A,\"B\")").ok(), Some(Some("set null (a, \"B\")".to_owned())));
        assert_eq!(read("cascade").ok(), Some(Some("cascade".to_owned())));
        for wrong in ["cascade (a)", "delete", "set null a", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
