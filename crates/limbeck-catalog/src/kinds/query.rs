//! What a view and a materialized view have in common: the text of their query, and the columns
//! that it yields, which only the catalog knows.

use limbeck_sql::{TokenKind, tokens};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::facts::Pair;
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Kind, ObjectId};

/// A column of a query's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryColumn {
    /// Its name.
    pub name: String,
    /// Its type, with its modifiers.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The collation, if not the type's own; qualified and quoted.
    #[serde(default)]
    pub collation: Option<String>,
}

impl QueryColumn {
    /// `null::text collate "C" as label`: a value of the column's type under its name.
    pub(crate) fn stand_in(&self) -> String {
        let collate = self.collation.as_ref().map(|c| format!(" collate {c}")).unwrap_or_default();
        format!("null::{}{collate} as {}", self.type_name, limbeck_sql::ident(&self.name))
    }

    fn same_but_for_name(&self, other: &Self) -> bool {
        self.type_name == other.type_name && self.collation == other.collation
    }
}

/// Reads a query in the form in which it is kept: see [`tidy`].
pub(crate) fn query<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(tidy(&String::deserialize(deserializer)?))
}

/// Without a semicolon at its end and blanks around it. `pg_get_viewdef` indents what it says by one
/// blank (`␠SELECT`, `␠␠␠FROM`): where every line has it, and no string runs over lines (its blanks are
/// its value), it is taken off them all, so that the lines keep their places to each other.
fn tidy(text: &str) -> String {
    let text = text.trim_end().trim_end_matches(';').trim_end();
    let spans_lines = |kind| matches!(kind, TokenKind::String | TokenKind::Quoted);
    let indented = text.lines().all(|line| line.starts_with(' '))
        && !tokens(text).any(|token| spans_lines(token.kind) && token.text.contains('\n'));
    if indented {
        return text.lines().map(|line| &line[1..]).collect::<Vec<_>>().join("\n").trim_start().to_owned();
    }
    text.trim_start().to_owned()
}

/// Whether `create or replace view` gets from one to the other: it can add columns at the end, and
/// refuses any other name, type, modifier or collation (`checkViewColumns`).
pub(crate) fn extends(from: &[QueryColumn], to: &[QueryColumn]) -> bool {
    !from.is_empty() && to.starts_with(from)
}

/// `alter view … rename column` for each new name in place of an old one, if the columns are else
/// the same. A name that only moved to another place is no rename.
pub(crate) fn renames(id: &ObjectId, columns: Pair<&[QueryColumn]>) -> Vec<Action> {
    let Pair { from, to } = columns;
    let pairs = || from.iter().zip(to);
    if from.len() != to.len() || !pairs().all(|(a, b)| a.same_but_for_name(b)) {
        return Vec::new();
    }
    let has = |columns: &[QueryColumn], name: &str| columns.iter().any(|c| c.name == name);
    pairs()
        .filter(|(a, b)| a.name != b.name && !has(to, &a.name) && !has(from, &b.name))
        .map(|(a, b)| rename_column(id, &a.name, &b.name))
        .collect()
}

fn rename_column(id: &ObjectId, from: &str, to: &str) -> Action {
    let (from, to) = (limbeck_sql::ident(from), limbeck_sql::ident(to));
    let words = format!("queries that name {from} of {} fail until they name {to}", id.qualified());
    Action::new(format!("alter {} {} rename column {from} to {to}", id.kind.sql_noun(), id.qualified()))
        .note(Hazard::ApplicationBreaks.note(words))
}

/// `alter view … rename to`, or `set schema`.
pub(crate) fn rename(id: &ObjectId, to: &ObjectId) -> Action {
    let what = if id.schema() == to.schema() {
        format!("rename to {}", to.quoted())
    } else {
        format!("set schema {}", limbeck_sql::ident(to.schema()))
    };
    let words = format!("queries that name {} fail until they name {}", id.qualified(), to.qualified());
    Action::new(format!("alter {} {} {what}", id.kind.sql_noun(), id.qualified()))
        .note(Hazard::ApplicationBreaks.note(words))
        .note(BlindSpot::string_bodies(id))
}

/// `drop view …`. Nothing that is stored is lost, but whoever reads it notices.
pub(crate) fn drop(id: &ObjectId) -> Action {
    let words = format!("queries that use {} fail without it", id.qualified());
    Action::new(format!("drop {} {}", id.kind.sql_noun(), id.qualified()))
        .note(Hazard::ApplicationBreaks.note(words))
}

/// The schema that it stands within.
pub(crate) fn schema(id: &ObjectId) -> ObjectId {
    id.prefix(Kind::Schema, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(written: &[(&str, &str)]) -> Vec<QueryColumn> {
        let column = |(name, type_name): &(&str, &str)| QueryColumn {
            name: (*name).to_owned(),
            type_name: (*type_name).to_owned(),
            collation: None,
        };
        written.iter().map(column).collect()
    }

    #[test]
    fn lines_keep_their_places_to_each_other() {
        assert_eq!(tidy(" SELECT t.id\n   FROM s.t;"), "SELECT t.id\n  FROM s.t");
        assert_eq!(tidy(" SELECT 1 AS x\nUNION\n SELECT 2 AS x;"), "SELECT 1 AS x\nUNION\n SELECT 2 AS x");
        assert_eq!(tidy(" SELECT 'a\n b'::text AS x;"), "SELECT 'a\n b'::text AS x");
    }

    #[test]
    fn what_was_tidied_stays() {
        for text in [" SELECT t.id\n   FROM s.t;", "select 1;\n", " SELECT 1 AS x\nUNION\n SELECT 2 AS x;"] {
            assert_eq!(tidy(&tidy(text)), tidy(text));
        }
    }

    #[test]
    fn columns_are_renamed_only_in_place() {
        let id = ObjectId::new(Kind::View, ["s", "v"]);
        let sql = |from: &[(&str, &str)], to: &[(&str, &str)]| -> Vec<String> {
            let (from, to) = (columns(from), columns(to));
            renames(&id, Pair { from: &from, to: &to }).into_iter().map(|a| a.sql).collect()
        };
        let from = [("id", "integer"), ("a", "text")];
        assert_eq!(sql(&from, &[("id", "integer"), ("b", "text")]), ["alter view s.v rename column a to b"]);
        assert!(sql(&from, &[("id", "integer"), ("b", "integer")]).is_empty());
        assert!(sql(&from, &[("a", "integer"), ("id", "text")]).is_empty());
        assert!(sql(&from, &[("id", "integer")]).is_empty());
    }
}
