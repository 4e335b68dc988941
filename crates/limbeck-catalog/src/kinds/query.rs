//! What a view and a materialized view have in common: the text of their query, and the columns
//! that it yields, which only the catalog knows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use limbeck_sql::{TokenKind, canonical_type, tokens};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::facts::{Pair, Side, is_default};
use crate::kinds::column_settings::ColumnSettings;
use crate::kinds::entries::Entries;
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Kind, ObjectId};

/// A column of a query's result: what the query makes of it, which only the catalog knows, and what is set
/// apart from that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QueryColumn {
    /// Its name.
    #[serde(skip_serializing)]
    #[schemars(skip)]
    pub name: String,
    /// Its type, with its modifiers. It follows from the query, so it is not compared; where views and
    /// functions need each other, a stand-in is made of it.
    #[serde(rename = "type", deserialize_with = "type_name", skip_serializing)]
    pub type_name: Option<String>,
    /// The collation, if not the type's own; qualified and quoted. It follows from the query, too.
    #[serde(skip_serializing)]
    pub collation: Option<String>,
    /// `plain`, `external`, `extended` or `main`, if not the type's own.
    #[serde(skip_serializing_if = "is_default")]
    pub storage: Option<String>,
    /// `pglz` or `lz4`, if not the server's setting.
    #[serde(skip_serializing_if = "is_default")]
    pub compression: Option<String>,
    /// The statistics target, if not the server's setting.
    #[serde(skip_serializing_if = "is_default")]
    pub statistics: Option<i32>,
    /// `n_distinct` and `n_distinct_inherited`: how many values the planner takes it to have.
    #[serde(skip_serializing_if = "is_default")]
    pub options: Entries,
}

fn type_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(|text| canonical_type(&text)))
}

impl QueryColumn {
    /// `null::text collate "C" as label`: a value of the column's type under its name.
    fn stand_in(&self) -> Option<String> {
        let collate = self.collation.as_ref().map(|c| format!(" collate {c}")).unwrap_or_default();
        let type_name = self.type_name.as_ref()?;
        Some(format!("null::{type_name}{collate} as {}", limbeck_sql::ident(&self.name)))
    }

    fn same_but_for_name(&self, other: &Self) -> bool {
        self.type_name == other.type_name && self.collation == other.collation
    }

    fn yields_the_same(&self, other: &Self) -> bool {
        self.name == other.name && self.same_but_for_name(other)
    }

    fn settings(&self) -> ColumnSettings<'_> {
        ColumnSettings {
            storage: self.storage.as_deref(),
            compression: self.compression.as_deref(),
            statistics: self.statistics,
            options: &self.options,
        }
    }
}

/// The columns of a query, in order. The catalog has them all, in a list; models name those of which there
/// is something to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryColumns(Vec<QueryColumn>);

impl QueryColumns {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &QueryColumn> {
        self.0.iter()
    }

    fn get(&self, name: &str) -> Option<&QueryColumn> {
        self.0.iter().find(|column| column.name == name)
    }

    /// Whether models have nothing to say of them.
    pub(crate) fn say_nothing(&self) -> bool {
        self.0.iter().all(|column| column.settings() == QueryColumn::default().settings())
    }

    /// `select null::t as c, …`: what a query yields, without the query; none where a type isn't known.
    pub(crate) fn stand_in(&self) -> Option<String> {
        let columns = self.0.iter().map(QueryColumn::stand_in).collect::<Option<Vec<_>>>()?;
        (!columns.is_empty()).then(|| format!("select {}", columns.join(", ")))
    }

    /// Sets what there is to set.
    pub(crate) fn settings(&self, id: &ObjectId) -> Vec<Action> {
        self.0.iter().flat_map(|column| column.settings().all(id, &column.name)).collect()
    }

    /// Sets what differs.
    pub(crate) fn alter_settings(id: &ObjectId, columns: Pair<&Self>, side: Side<'_>) -> Vec<Action> {
        let unset = QueryColumn::default();
        let names: BTreeSet<_> =
            columns.from.iter().chain(columns.to.iter()).map(|column| column.name.as_str()).collect();
        let alter = |name: &str| {
            let [from, to] = [columns.from, columns.to].map(|side| side.get(name).unwrap_or(&unset));
            let type_name = from.type_name.as_deref().unwrap_or_default();
            let settings = Pair { from: from.settings(), to: to.settings() };
            ColumnSettings::alter(id, name, settings, type_name, side)
        };
        names.into_iter().flat_map(alter).collect()
    }
}

impl FromIterator<QueryColumn> for QueryColumns {
    fn from_iter<I: IntoIterator<Item = QueryColumn>>(columns: I) -> Self {
        Self(columns.into_iter().collect())
    }
}

impl Serialize for QueryColumns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unset = QueryColumn::default();
        let said = self.0.iter().filter(|column| column.settings() != unset.settings());
        serializer.collect_map(said.map(|column| (&column.name, column)))
    }
}

impl<'de> Deserialize<'de> for QueryColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Columns)
    }
}

/// Reads a list of columns, or a map of them by name.
struct Columns;

impl<'de> Visitor<'de> for Columns {
    type Value = QueryColumns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from the names of columns to what is said of them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<QueryColumns, A::Error> {
        let mut columns = Vec::new();
        while let Some(column) = items.next_element()? {
            columns.push(column);
        }
        Ok(QueryColumns(columns))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<QueryColumns, A::Error> {
        let mut columns = Vec::new();
        while let Some((name, column)) = entries.next_entry::<String, QueryColumn>()? {
            columns.push(QueryColumn { name, ..column });
        }
        Ok(QueryColumns(columns))
    }
}

impl JsonSchema for QueryColumns {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "QueryColumns".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, QueryColumn>::json_schema(generator)
    }
}

/// Reads the columns of a view, which store nothing.
pub(crate) fn view_columns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<QueryColumns, D::Error> {
    let columns = QueryColumns::deserialize(deserializer)?;
    if columns.say_nothing() {
        return Ok(columns);
    }
    Err(D::Error::custom("columns of views have no storage, compression, statistics or options"))
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
pub(crate) fn extends(from: &QueryColumns, to: &QueryColumns) -> bool {
    let QueryColumns(from) = from;
    let pairs = || from.iter().zip(to.iter());
    !from.is_empty() && from.len() <= to.0.len() && pairs().all(|(a, b)| a.yields_the_same(b))
}

/// `alter view … rename column` for each new name in place of an old one, if the columns are else
/// the same. A name that only moved to another place is no rename.
pub(crate) fn renames(id: &ObjectId, columns: Pair<&QueryColumns>) -> Vec<Action> {
    let Pair { from: QueryColumns(from), to: QueryColumns(to) } = columns;
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

    fn columns(written: &[(&str, &str)]) -> QueryColumns {
        let column = |(name, type_name): &(&str, &str)| QueryColumn {
            name: (*name).to_owned(),
            type_name: Some((*type_name).to_owned()),
            ..QueryColumn::default()
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

    #[test]
    fn only_settings_are_written_and_compared() {
        let read: QueryColumns =
            serde_json::from_str(r#"[{"name": "a", "type": "text", "statistics": 9}, {"name": "b"}]"#)
                .expect("columns");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), r#"{"a":{"statistics":9}}"#);
        let said: QueryColumns =
            serde_json::from_str(r#"{"a": {"statistics": 8}, "b": {"storage": "external"}}"#)
                .expect("columns");
        let catalog = crate::Catalog { server: 180_000, ..crate::Catalog::default() };
        let side = Side { catalog: &catalog, restoring: false };
        let id = ObjectId::new(Kind::MaterializedView, ["s", "m"]);
        let altered = QueryColumns::alter_settings(&id, Pair { from: &read, to: &said }, side);
        let sql: Vec<_> = altered.into_iter().map(|action| action.sql).collect();
        assert_eq!(
            sql,
            [
                "alter materialized view s.m alter column a set statistics 8",
                "alter materialized view s.m alter column b set storage external"
            ]
        );
        assert!(QueryColumns::alter_settings(&id, Pair { from: &read, to: &read }, side).is_empty());
    }
}
