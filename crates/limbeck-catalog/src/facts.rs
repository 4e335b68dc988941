//! What every kind must know about itself: the one trait, and the words its answers are made of.
//!
//! Disruption is said by the cause (an [`Action`] that `disrupts`), reaction by the dependant
//! ([`Facts::react`]): so no kind imports another's rules.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::{Extra, Node};
use crate::{Action, Catalog, Inline, Kind, Note, ObjectId, Since};

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Pair<T> {
    /// What is there now.
    pub from: T,
    /// What is wanted.
    pub to: T,
}

/// One side of a comparison as a kind sees it while it writes statements.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// All that stands on this side.
    pub catalog: &'a Catalog,
    /// Whether this is the way back: what is created is restored, and nobody is there to decide.
    pub restoring: bool,
}

/// A name that an object occupies. Names cross kinds: a table, an index and a sequence share a
/// space, and tables take a type's name too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// In the schema's relations (`pg_class`).
    Relation(String, String),
    /// In the schema's types (`pg_type`).
    Type(String, String),
    /// Among the constraints, triggers, policies or rules of one relation, by the kind's word.
    Member(&'static str, Vec<String>),
    /// A space of the kind's own.
    Own(ObjectId),
}

/// How an object is bound to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// A part of it: goes, and is made again, with it (a column of a table).
    Part,
    /// It stands within it, no more (a table in a schema).
    Within,
}

/// What has to be done for an object that is on both sides.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Nothing.
    Same,
    /// Statements that alter it in place.
    Alter(Vec<Action>),
    /// Drop and create, because of this.
    Recreate(String),
    /// It can't be done, and this is said instead.
    Refuse(Note),
}

/// What happened to something that an object needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was altered in place by a statement that disrupts.
    Altered,
    /// It was dropped and created again.
    Replaced,
}

/// What a dependant does about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reaction {
    /// Nothing: Postgres carries it along.
    Ride,
    /// It is altered too.
    Alter(Vec<Action>),
    /// It makes way and comes back.
    Recreate,
}

/// What a kind has in common with others, as far as names and statements go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A relation that others stand on.
    Relation,
    /// Something to call: the third name of its path is a list of argument types.
    Routine,
    /// Statements call it a constraint.
    Constraint,
    /// Statements name it `name on relation`, and it acts when rows are read or written.
    OnRelation,
    /// None of these.
    Other,
}

/// What rows are in a thing of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// None.
    None,
    /// Those that somebody wrote, lost if it is dropped: it is never recreated to dissolve a cycle.
    Kept,
    /// Those that its query finds, from the moment in which it is made.
    Derived,
}

/// Where a kind stands in the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `tables: { name: … }` at the top of a file, within the file's schema.
    Top(&'static str),
    /// `checks: { name: … }` inside the document of an object of these kinds.
    Members {
        /// The kinds whose documents have it.
        of: &'static [Kind],
        /// The key.
        key: &'static str,
    },
    /// `primary_key: …` inside the document of an object of these kinds, one at most: a document whose
    /// name stands inside, under `name`, or is chosen by Postgres's rule.
    Single {
        /// The kinds whose documents have it.
        of: &'static [Kind],
        /// The key.
        key: &'static str,
    },
    /// `default: …` inside the document of an object of these kinds, one at most, named as that object is.
    Field {
        /// The kinds whose documents have it.
        of: &'static [Kind],
        /// The key.
        key: &'static str,
    },
    /// `comment: …` inside the document of any object, and of a column of any relation.
    Attached(&'static str),
    /// Not written in models: carried from the live database.
    None,
}

/// A kind's knowledge. A value is what one object of the kind says, without its identity.
///
/// The same fields are read from the catalog query's columns, read from and written to the models,
/// and described by the JSON Schema; so a field has one name everywhere.
pub trait Facts: Clone + PartialEq + Debug + Serialize + DeserializeOwned + JsonSchema {
    /// Which kind this is.
    const KIND: Kind;
    /// What it has in common with other kinds.
    const FAMILY: Family;
    /// Where it stands in the models.
    const SECTION: Section;
    /// What rows are in it.
    const ROWS: Rows;
    /// Whether others keep its old version while they are converted to the new one: a recreate then
    /// renames the old one aside first and drops it last (types that columns have).
    const STANDS_ASIDE: bool;
    /// Whether it can make columns unique: what a foreign key points at, and what `group by` relies on.
    const IS_KEY: bool;

    /// The catalog query for a server (`server_version_num`). Its first columns are `addresses`
    /// (`class:oid:sub`, separated by blanks: what `pg_depend` knows it by) and `path` (`text[]`);
    /// what is attached to another object has `target` (its first address) and `member` (the column, where
    /// that is no object of its own) in place of `path`. An optional `position` is its place among its
    /// siblings. The rest are the fields. `:relations`, `:user_schemas` and `:extension_members` are filled in by
    /// [`crate::row::complete_query`]. The first address is the object's own; the
    /// others serve dependencies only.
    fn query(server: u32) -> &'static str;

    /// What it is a part of or stands within.
    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)>;

    /// The names that it occupies.
    fn slots(id: &ObjectId) -> Vec<Slot>;

    /// What it needs that `pg_depend` does not know.
    fn requires(&self, id: &ObjectId) -> Vec<ObjectId>;

    /// The texts in which names of other objects may stand (expressions, queries, types).
    fn texts(&self) -> Vec<&str>;

    /// What of it only newer servers can do.
    fn asks(&self) -> Vec<Since>;

    /// Creates it on `side`.
    fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action>;

    /// Drops it.
    fn drop(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action>;

    /// Gives it the last name of `to`.
    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action>;

    /// Renames of what it holds that is no object of its own (labels of an enum, columns of a view,
    /// attributes of a composite type), where both sides say that it is one.
    fn rename_within(id: &ObjectId, facts: Pair<&Self>) -> Vec<Action>;

    /// What it takes to get from one to the other, both standing under `id`.
    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change;

    /// What it does when `cause`, which it needs, is altered or replaced.
    fn react(
        id: &ObjectId,
        facts: Pair<&Self>,
        cause: &ObjectId,
        event: Event,
        sides: Pair<Side<'_>>,
    ) -> Reaction;

    /// Its place inside its parent's create.
    fn inline(&self, id: &ObjectId) -> Inline;

    /// A stand-in that needs nothing and can be replaced in place by the real thing, where a cycle
    /// asks for one (`create view v as select null::t as c`).
    fn shell(&self, id: &ObjectId) -> Option<Vec<Action>>;

    /// Turns the short forms that a hand writes into the canonical document, in place, and takes out
    /// of it what stands for other objects (`unique: true` on a column).
    fn normalise(id: &ObjectId, document: &mut Node) -> Vec<Extra>;
}

/// For `skip_serializing_if`: what is as if it had not been said.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Slot {
    /// What a table, view, sequence or index occupies.
    pub fn relation(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Relation(id.at(0).to_owned(), id.at(1).to_owned())]
    }

    /// What a relation with a row type occupies (tables, views).
    pub fn relation_with_type(id: &ObjectId) -> Vec<Slot> {
        let [schema, name] = [id.at(0), id.at(1)].map(str::to_owned);
        vec![Slot::Relation(schema.clone(), name.clone()), Slot::Type(schema, name)]
    }

    /// What a type occupies.
    pub fn named_type(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Type(id.at(0).to_owned(), id.at(1).to_owned())]
    }

    /// What a constraint occupies on its table or domain.
    pub fn constraint(id: &ObjectId) -> Slot {
        Slot::Member("constraint", id.path.iter().map(str::to_owned).collect())
    }

    /// What a constraint with an index occupies: a place on its table, and one among the relations.
    pub fn constraint_with_index(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::constraint(id), Slot::Relation(id.at(0).to_owned(), id.at(2).to_owned())]
    }
}

impl Change {
    /// An alter in place, or the same if there is nothing to do.
    pub fn in_place(actions: Vec<Action>) -> Self {
        if actions.is_empty() { Change::Same } else { Change::Alter(actions) }
    }
}
