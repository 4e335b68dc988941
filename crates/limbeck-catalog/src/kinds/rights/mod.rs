//! Owners and rights (`relowner`, `relacl` and their like), attached to any object that has them. They
//! aren't compared: they are carried, so that what is recreated comes back with what it had.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod statement;

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// Who an object belongs to, and who may do what with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// The owner, if not the role at work.
    #[serde(default)]
    pub owner: Option<String>,
    /// The rights that it has.
    #[serde(default)]
    pub acl: Vec<Grant>,
    /// The rights that a new object would have, once it belongs to this owner.
    #[serde(default)]
    pub of_new: Vec<Grant>,
}

/// One privilege of one grantee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role, or `public`.
    pub grantee: String,
    /// The privilege, in the word of `grant`.
    pub privilege: String,
    /// Whether it may be passed on.
    pub grantable: bool,
    /// The role that gave it, if not the owner.
    #[serde(default)]
    pub grantor: Option<String>,
}

impl Facts for Rights {
    const KIND: Kind = Kind::Rights;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::None;
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        id.target().map(|target| (target, Bond::Part))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    /// `revoke` on a table takes the rights on its columns along: those of the table come first.
    fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
        if !statement::of_column(id) {
            return Vec::new();
        }
        let relation = match id.of {
            Some(Kind::Column) | None => Kind::Table,
            Some(relation) => relation,
        };
        vec![id.relation(relation).attached(Kind::Rights)]
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
        statement::restore(self, id, side)
    }

    /// They go with what they are attached to, and never before it.
    fn drop(&self, _id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        Vec::new()
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    /// Carried, never compared.
    fn alter(_id: &ObjectId, _facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        Change::Same
    }

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

    fn normalise(_id: &ObjectId, _document: &mut Node) -> Vec<Extra> {
        Vec::new()
    }
}
