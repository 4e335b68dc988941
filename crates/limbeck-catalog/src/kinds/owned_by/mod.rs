//! Which column owns a sequence (`pg_depend`, deptype `a`). An object apart from the sequence: the
//! column's default needs the sequence, and the ownership needs the column.

use limbeck_sql::{ident, literal, tokens};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node, Value};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::{Action, Inline, Kind, Object, ObjectId, Since};

/// The column that a sequence belongs to, and with which it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnedBy {
    /// `table.column`, quoted where SQL wants it. Postgres asks that both are in one schema.
    pub column: String,
}

/// The names of a dotted path, unquoted.
fn names(text: &str) -> Vec<String> {
    tokens(text).filter_map(|token| token.identifier()).collect()
}

impl OwnedBy {
    /// The column, in the schema of the sequence.
    fn column(&self, id: &ObjectId) -> Option<ObjectId> {
        match names(&self.column).as_slice() {
            [table, column] => Some(ObjectId::new(Kind::Column, [id.schema(), table, column])),
            _ => None,
        }
    }

    fn set(&self, id: &ObjectId) -> Action {
        let column = format!("{}.{}", ident(id.schema()), self.column);
        Action::new(format!("alter sequence {} owned by {column}", id.qualified()))
    }

    /// Puts the sequence behind the values that are there, where it fills the column: it may take over
    /// from an identity.
    fn take_over(&self, id: &ObjectId, side: Side<'_>) -> Option<Action> {
        let column = self.column(id)?;
        let default = side.catalog.get(&column.prefix(Kind::Default, 3))?;
        let is_filled = default.texts().iter().any(|text| text.contains("nextval("));
        let Some(Object::Column(facts)) = side.catalog.get(&column) else { return None };
        let is_number = ["smallint", "integer", "bigint"].contains(&facts.type_name.as_str());
        let Some(Object::Sequence(sequence)) = side.catalog.get(&id.prefix(Kind::Sequence, 2)) else {
            return None;
        };
        let name = literal(&id.qualified());
        let sql = sequence.options().position_of(
            sequence.value_type(),
            &name,
            &column.quoted(),
            &column.qualified(),
        );
        let table = column.relation(Kind::Table);
        (is_filled && is_number).then(|| Action::new(sql).for_rows_of(&table))
    }
}

impl Facts for OwnedBy {
    const KIND: Kind = Kind::OwnedBy;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Field { of: &[Kind::Sequence], key: "owned_by" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Sequence, 2), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
        self.column(id).into_iter().collect()
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        [self.set(id)].into_iter().chain(self.take_over(id, side)).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("alter sequence {} owned by none", id.qualified()))]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { column } = facts.to;
        if *column == facts.from.column { Change::Same } else { Change::Alter(vec![facts.to.set(id)]) }
    }

    /// A sequence goes with its column, unless it is let go before.
    fn react(
        _id: &ObjectId,
        _facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match event {
            Event::Altered => Reaction::Ride,
            Event::Replaced => Reaction::Recreate,
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    /// `schema.table.column` is read, too.
    fn normalise(id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("column");
        if let Value::Map(entries) = &mut document.value {
            for (_, column) in entries.iter_mut().filter(|(key, _)| key.text == "column") {
                let names = column.as_text().map(names).unwrap_or_default();
                let own = match names.as_slice() {
                    [schema, own @ ..] if own.len() == 2 && schema == id.schema() => own,
                    [_, _] => names.as_slice(),
                    _ => continue,
                };
                let text = own.iter().map(|name| ident(name)).collect::<Vec<_>>().join(".");
                column.value = Node::text(text).value;
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::kinds::column::Column;

    #[test]
    fn reads_the_column_with_and_without_schema() {
        let id = ObjectId::new(Kind::OwnedBy, ["shop", "orders_id_seq"]);
        for written in ["orders.id", "shop.orders.id", "Orders . ID"] {
            let mut document = Node::text(written);
            OwnedBy::normalise(&id, &mut document);
            assert_eq!(document.get("column").and_then(Node::as_text), Some("orders.id"), "{written}");
        }
        let owned = OwnedBy { column: "\"My \"\"table\".\"Id\"".into() };
        let want = ObjectId::new(Kind::Column, ["shop", "My \"table", "Id"]);
        assert_eq!(owned.requires(&id), [want]);
    }

    #[test]
    fn a_sequence_takes_over_where_it_fills_its_column() {
        let id = ObjectId::new(Kind::OwnedBy, ["s", "q"]);
        let owned = OwnedBy { column: "t.c".into() };
        let mut catalog = Catalog::default();
        let sequence: crate::kinds::sequence::Sequence = serde_json::from_str("{}").expect("a sequence");
        let column: Column = serde_json::from_str(r#"{"type": "int"}"#).expect("a column");
        catalog.objects.insert(ObjectId::new(Kind::Sequence, ["s", "q"]), sequence.into());
        catalog.objects.insert(ObjectId::new(Kind::Column, ["s", "t", "c"]), column.into());
        let sql = |catalog: &Catalog| {
            let actions = owned.create(&id, Side { catalog, restoring: false });
            actions.into_iter().map(|a| a.sql).collect::<Vec<_>>()
        };
        assert_eq!(sql(&catalog), ["alter sequence s.q owned by s.t.c"]);
        let default = crate::kinds::default::Default { expression: "nextval('s.q'::regclass)".into() };
        catalog.objects.insert(ObjectId::new(Kind::Default, ["s", "t", "c"]), default.into());
        assert_eq!(
            sql(&catalog)[1],
            "select setval('s.q', greatest(max(c), 1), max(c) is not null) from s.t"
        );
    }
}
