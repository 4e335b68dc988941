//! Replica identities (`pg_class.relreplident`): what of an old row logical replication is told. Only
//! where it isn't the primary key, which is what a table begins with.

use limbeck_sql::ident;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::note::Hazard;
use crate::{Action, Inline, Kind, ObjectId, Since};

/// What of an old row is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ReplicaIdentity {
    /// `full`, `nothing`, or the name of an index; an index that has one of these two names is
    /// quoted: `"full"`.
    pub identity: String,
}

impl ReplicaIdentity {
    /// The name of the index, if it is one.
    fn index(&self) -> Option<&str> {
        match self.identity.as_str() {
            "full" | "nothing" => None,
            "\"full\"" => Some("full"),
            "\"nothing\"" => Some("nothing"),
            name => Some(name),
        }
    }

    fn set(&self, id: &ObjectId) -> Action {
        match self.index() {
            Some(name) => statement(id, &format!("using index {}", ident(name))),
            None => {
                let action = statement(id, &self.identity);
                if self.identity == "full" { action } else { action.note(refuses_changes(id)) }
            }
        }
    }
}

fn statement(id: &ObjectId, identity: &str) -> Action {
    Action::new(format!("alter table {} replica identity {identity}", id.qualified()))
}

fn refuses_changes(id: &ObjectId) -> crate::Note {
    let table = id.prefix(Kind::Table, 2);
    let words = format!("updates and deletes of {} fail where they are published", id.qualified());
    Hazard::ApplicationBreaks.on(&table, words)
}

impl Facts for ReplicaIdentity {
    const KIND: Kind = Kind::ReplicaIdentity;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Field { of: &[Kind::Table], key: "replica_identity" };
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
        let kinds = [Kind::Index, Kind::PrimaryKey, Kind::Unique];
        self.index().into_iter().flat_map(|name| kinds.map(|kind| table.member(kind, name))).collect()
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
        vec![statement(id, "default")]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Self { identity } = facts.to;
        if *identity == facts.from.identity { Change::Same } else { Change::Alter(vec![facts.to.set(id)]) }
    }

    /// An index that is made anew is no longer the identity, which is then nothing.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_may_have_any_name() {
        let id = ObjectId::new(Kind::ReplicaIdentity, ["s", "t"]);
        let set = |identity: &str| ReplicaIdentity { identity: identity.to_owned() }.set(&id).sql;
        assert_eq!(set("full"), "alter table s.t replica identity full");
        assert_eq!(set("\"full\""), "alter table s.t replica identity using index \"full\"");
        assert_eq!(set("t_key"), "alter table s.t replica identity using index t_key");
    }
}
