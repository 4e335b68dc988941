//! By which index a table or a materialized view was clustered last (`pg_index.indisclustered`): what
//! `cluster` without an index goes by. Setting it moves no row.

use limbeck_sql::ident;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// The index by which a table is clustered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Clustered {
    /// Its name.
    pub index: String,
}

impl Clustered {
    /// `alter table` takes materialized views too.
    fn set(&self, id: &ObjectId) -> Action {
        Action::new(format!("alter table {} cluster on {}", id.qualified(), ident(&self.index)))
    }
}

impl Facts for Clustered {
    const KIND: Kind = Kind::Clustered;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Field { of: &[Kind::Table, Kind::MaterializedView], key: "cluster_on" };
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Table, 2), Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    /// The index, which may be a constraint's: one of these is there.
    fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
        let table = id.prefix(Kind::Table, 2);
        let kinds = [Kind::Index, Kind::PrimaryKey, Kind::Unique, Kind::Exclusion];
        kinds.map(|kind| table.member(kind, &self.index)).to_vec()
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![self.set(id)]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(format!("alter table {} set without cluster", id.qualified()))]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { index } = facts.to;
        if *index == facts.from.index { Change::Same } else { Change::Alter(vec![facts.to.set(id)]) }
    }

    /// An index that is made anew is no longer marked.
    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match event {
            Event::Altered if facts.from == facts.to => Reaction::Ride,
            Event::Altered | Event::Replaced => Reaction::Alter(vec![facts.to.set(id)]),
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
    }

    fn normalise(_id: &ObjectId, _document: &mut Node) -> Vec<Extra> {
        Vec::new()
    }
}
