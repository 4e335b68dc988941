//! Extended statistics (`pg_statistic_ext`). They live in a schema and stand with their table, which
//! they can't do without.

use std::fmt;

use limbeck_sql::{qualified, reparseable, split_top_level};
use schemars::JsonSchema;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::constraint;
use crate::{Action, Inline, Kind, Object, ObjectId, Since};

/// A statistics object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatisticsObject {
    /// The columns and expressions that it is about.
    #[serde(deserialize_with = "list")]
    pub on: Vec<String>,
    /// Which statistics are kept, if not all.
    #[serde(default, deserialize_with = "kinds", skip_serializing_if = "is_default")]
    pub kinds: Vec<StatisticsKind>,
    /// The statistics target, if not that of the columns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub statistics_target: Option<i32>,
    /// The schema that it lives in, if not its table's.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schema: Option<String>,
}

/// What statistics over several columns say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatisticsKind {
    /// How many different combinations there are.
    Ndistinct,
    /// Which column follows from which.
    Dependencies,
    /// The combinations that are seen most.
    Mcv,
}

const ALL_KINDS: usize = 3;

/// Reads a list, or the one text that `pg_get_statisticsobjdef_columns` makes of it.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Either;
    impl<'de> Visitor<'de> for Either {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of columns and expressions")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(split_top_level(text).into_iter().map(str::to_owned).collect())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                list.push(item);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_any(Either)
}

/// Reads kinds in one order; all of them is as if none were named.
fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<StatisticsKind>, D::Error> {
    let mut kinds = Vec::<StatisticsKind>::deserialize(deserializer)?;
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() == ALL_KINDS {
        kinds.clear();
    }
    Ok(kinds)
}

impl StatisticsKind {
    fn word(self) -> &'static str {
        match self {
            StatisticsKind::Ndistinct => "ndistinct",
            StatisticsKind::Dependencies => "dependencies",
            StatisticsKind::Mcv => "mcv",
        }
    }
}

/// How statements name a statistics object: it stands with its table, and may live in another schema.
pub(super) fn name_of(id: &ObjectId, side: Side<'_>) -> String {
    match side.catalog.get(id) {
        Some(Object::StatisticsObject(facts)) => facts.qualified(id),
        Some(_) | None => qualified(id.schema(), id.name()),
    }
}

impl StatisticsObject {
    fn qualified(&self, id: &ObjectId) -> String {
        qualified(self.schema.as_deref().unwrap_or(id.schema()), id.name())
    }

    fn statement(&self, id: &ObjectId) -> String {
        let kinds = self.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        let kinds = if kinds.is_empty() { kinds } else { format!(" ({kinds})") };
        let on = self.on.iter().map(|e| reparseable(e)).collect::<Vec<_>>().join(", ");
        format!("create statistics {}{kinds} on {on} from {}", self.qualified(id), id.qualified())
    }

    fn set_target(&self, id: &ObjectId) -> Action {
        let target = self.statistics_target.unwrap_or(-1);
        Action::new(format!("alter statistics {} set statistics {target}", self.qualified(id)))
    }
}

impl Facts for StatisticsObject {
    const KIND: Kind = Kind::StatisticsObject;
    const FAMILY: Family = Family::Other;
    const SECTION: Section =
        Section::Members { of: &[Kind::Table, Kind::MaterializedView], key: "statistics" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.relation(Kind::Table), Bond::Part))
    }

    /// Its name is its schema's, whichever table it is about.
    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(ObjectId::new(Kind::StatisticsObject, [id.schema(), id.name()]))]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        self.schema.iter().map(|schema| ObjectId::new(Kind::Schema, [schema])).collect()
    }

    fn texts(&self) -> Vec<&str> {
        self.on.iter().map(String::as_str).collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let target = self.statistics_target.map(|_| self.set_target(id));
        [Action::new(self.statement(id))].into_iter().chain(target).collect()
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("drop statistics {}", self.qualified(id)))]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(Action::new(format!("alter statistics {} rename to {}", self.qualified(id), to.quoted())))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { on, kinds, statistics_target, schema } = to;
        let anew = constraint::anew(&[
            (*on != from.on, "its columns change"),
            (*kinds != from.kinds, "the kinds of statistics change"),
            (*schema != from.schema, "its schema changes"),
        ]);
        let target = (*statistics_target != from.statistics_target).then(|| to.set_target(id));
        anew.unwrap_or_else(|| Change::in_place(target.into_iter().collect()))
    }

    /// Postgres makes them anew around a column's new type, and forgets their target.
    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        sides: Pair<Side<'_>>,
    ) -> Reaction {
        match constraint::ride_in_place(Self::alter(id, facts, sides), event) {
            Reaction::Ride if facts.to.statistics_target.is_some() => {
                Reaction::Alter(vec![facts.to.set_target(id)])
            }
            reaction => reaction,
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("on");
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Row;

    #[test]
    fn columns_of_the_catalog_are_split_and_all_kinds_are_none() {
        let columns = ["on", "kinds", "statistics_target"].map(String::from);
        let values = [Some("a, lower(b, ','), (c + 1)"), Some("{mcv,ndistinct,dependencies}"), Some("300")];
        let values = values.map(|v| v.map(String::from));
        let read: StatisticsObject = Row { columns: &columns, values: &values }.facts().expect("a row");
        assert_eq!(read.on, ["a", "lower(b, ',')", "(c + 1)"]);
        assert_eq!((read.kinds, read.statistics_target), (vec![], Some(300)));
    }

    #[test]
    fn a_target_is_set_in_place_and_after_a_new_type() {
        let id = ObjectId::new(Kind::StatisticsObject, ["s", "t", "x"]);
        let from = StatisticsObject { on: vec!["a".into(), "b".into()], ..Default::default() };
        let to = StatisticsObject { statistics_target: Some(500), ..from.clone() };
        let catalog = crate::Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let sides = Pair { from: side, to: side };
        let set = vec![Action::new("alter statistics s.x set statistics 500")];
        let change = StatisticsObject::alter(&id, Pair { from: &from, to: &to }, sides);
        assert_eq!(change, Change::Alter(set.clone()));
        let react = |facts| StatisticsObject::react(&id, facts, &id, Event::Altered, sides);
        assert_eq!(react(Pair { from: &to, to: &to }), Reaction::Alter(set));
        assert_eq!(react(Pair { from: &from, to: &from }), Reaction::Ride);
    }
}
