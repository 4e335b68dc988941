//! The list of kinds: the one place that names them all. One line here, one folder below, and
//! nothing else, adds a kind.
//!
//! The order is the tie-break of every plan: where nothing else decides, what stands first here is
//! created first.

use std::sync::Arc;

use crate::document::{Extra, Node};
use crate::facts::{Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot};
use crate::row::{self, Row};
use crate::{Action, Inline, ObjectId, Since};

mod column_settings;
mod constraint;
pub mod entries;
mod firing;
pub mod query;
mod reader;
pub mod routine;
mod storage;
mod user_type;

/// The list expands to one module a kind, the closed enums, and the matches that delegate.
macro_rules! kinds {
    ($($module:ident::$name:ident = $noun:literal,)+) => {
        $(pub mod $module;)+

        /// What an object is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $(#[doc = concat!("A ", $noun, ".")] $name,)+ }

        /// What an object says, without its identity. Catalogs hold each kind in as many bytes as it needs, and a
        /// catalog that is copied shares what both hold.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Object { $(#[doc = concat!("A ", $noun, ".")] $name(Arc<$module::$name>),)+ }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)+];

            /// Postgres's word for it.
            pub fn noun(self) -> &'static str {
                match self { $(Kind::$name => $noun,)+ }
            }

            /// Where it stands in the models.
            pub fn section(self) -> Section {
                match self { $(Kind::$name => <$module::$name as Facts>::SECTION,)+ }
            }

            /// Whether rows are lost if it is dropped.
            pub fn holds_rows(self) -> bool {
                self.rows() == Rows::Kept
            }

            /// Whether there are rows in it as soon as it is made.
            pub fn is_made_with_rows(self) -> bool {
                self.rows() == Rows::Derived
            }

            fn rows(self) -> Rows {
                match self { $(Kind::$name => <$module::$name as Facts>::ROWS,)+ }
            }

            /// Whether its old version is kept aside while others are converted.
            pub fn stands_aside(self) -> bool {
                match self { $(Kind::$name => <$module::$name as Facts>::STANDS_ASIDE,)+ }
            }

            /// Whether it can make columns unique, so that a foreign key or a `group by` may need it.
            pub fn is_key(self) -> bool {
                match self { $(Kind::$name => <$module::$name as Facts>::IS_KEY,)+ }
            }

            fn family(self) -> Family {
                match self { $(Kind::$name => <$module::$name as Facts>::FAMILY,)+ }
            }

            /// Its catalog query for a server, complete.
            pub fn query(self, server: u32) -> String {
                row::complete_query(match self { $(Kind::$name => <$module::$name as Facts>::query(server),)+ })
            }

            /// Reads a row of its catalog query.
            pub fn read(self, row: &Row<'_>) -> Result<Object, row::Error> {
                match self { $(Kind::$name => row.facts().map(Arc::new).map(Object::$name),)+ }
            }

            /// Turns the short forms of its document into the canonical one; returns what else it says.
            pub fn normalise(self, id: &ObjectId, document: &mut Node) -> Vec<Extra> {
                match self { $(Kind::$name => <$module::$name as Facts>::normalise(id, document),)+ }
            }

            /// Reads its canonical document.
            pub fn from_document<'de, D: serde::Deserializer<'de>>(self, document: D) -> Result<Object, D::Error> {
                match self {
                    $(Kind::$name => {
                        <$module::$name as serde::Deserialize>::deserialize(document).map(Arc::new).map(Object::$name)
                    })+
                }
            }

            /// The JSON Schema of its canonical document.
            pub fn json_schema(self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(Kind::$name => generator.subschema_for::<$module::$name>(),)+ }
            }
        }

        impl ObjectId {
            /// What it is a part of or stands within.
            pub fn parent(&self) -> Option<(ObjectId, Bond)> {
                match self.kind { $(Kind::$name => <$module::$name as Facts>::parent(self),)+ }
            }

            /// The names that it occupies.
            pub fn slots(&self) -> Vec<Slot> {
                match self.kind { $(Kind::$name => <$module::$name as Facts>::slots(self),)+ }
            }
        }

        impl Object {
            /// Which kind this is.
            pub fn kind(&self) -> Kind {
                match self { $(Object::$name(_) => Kind::$name,)+ }
            }

            /// What it needs that `pg_depend` does not know.
            pub fn requires(&self, id: &ObjectId) -> Vec<ObjectId> {
                match self { $(Object::$name(facts) => facts.requires(id),)+ }
            }

            /// The texts in which names of other objects may stand.
            pub fn texts(&self) -> Vec<&str> {
                match self { $(Object::$name(facts) => facts.texts(),)+ }
            }

            /// What of it only newer servers can do.
            pub fn asks(&self) -> Vec<Since> {
                match self { $(Object::$name(facts) => facts.asks(),)+ }
            }

            /// Creates it.
            pub fn create(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
                match self { $(Object::$name(facts) => facts.create(id, side),)+ }
            }

            /// Drops it.
            pub fn drop(&self, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
                match self { $(Object::$name(facts) => Facts::drop(&**facts, id, side),)+ }
            }

            /// Gives it the last name of `to`.
            pub fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
                match self { $(Object::$name(facts) => facts.rename(id, to),)+ }
            }

            /// Its place inside its parent's create.
            pub fn inline(&self, id: &ObjectId) -> Inline {
                match self { $(Object::$name(facts) => facts.inline(id),)+ }
            }

            /// A stand-in that needs nothing, where a cycle asks for one.
            pub fn shell(&self, id: &ObjectId) -> Option<Vec<Action>> {
                match self { $(Object::$name(facts) => facts.shell(id),)+ }
            }

            /// Writes its canonical document.
            pub fn to_document<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Object::$name(facts) => serde::Serialize::serialize(&**facts, serializer),)+ }
            }
        }

        $(impl From<$module::$name> for Object {
            fn from(facts: $module::$name) -> Self {
                Object::$name(Arc::new(facts))
            }
        })+

        impl Pair<&Object> {
            /// What it takes to get from one to the other, both standing under `id`. Objects of
            /// different kinds never stand under one id.
            pub fn alter(self, id: &ObjectId, sides: Pair<Side<'_>>) -> Change {
                match (self.from, self.to) {
                    $((Object::$name(from), Object::$name(to)) => {
                        <$module::$name as Facts>::alter(id, Pair { from, to }, sides)
                    })+
                    (from, to) => Change::Recreate(format!("a {} becomes a {}", from.kind().noun(), to.kind().noun())),
                }
            }

            /// Renames of what it holds that is no object of its own.
            pub fn rename_within(self, id: &ObjectId) -> Vec<Action> {
                match (self.from, self.to) {
                    $((Object::$name(from), Object::$name(to)) => {
                        <$module::$name as Facts>::rename_within(id, Pair { from, to })
                    })+
                    _ => Vec::new(),
                }
            }

            /// What it does when something that it needs is altered or replaced.
            pub fn react(self, id: &ObjectId, cause: &ObjectId, event: Event, sides: Pair<Side<'_>>) -> Reaction {
                match (self.from, self.to) {
                    $((Object::$name(from), Object::$name(to)) => {
                        <$module::$name as Facts>::react(id, Pair { from, to }, cause, event, sides)
                    })+
                    _ => Reaction::Recreate,
                }
            }
        }
    };
}

kinds! {
    schema::Schema = "schema",
    extension::Extension = "extension",
    enumeration::Enum = "enum",
    composite::Composite = "composite type",
    domain::Domain = "domain",
    domain_check::DomainCheck = "domain constraint",
    sequence::Sequence = "sequence",
    function::Function = "function",
    procedure::Procedure = "procedure",
    aggregate::Aggregate = "aggregate",
    table::Table = "table",
    column::Column = "column",
    default::Default = "default",
    identity::Identity = "identity",
    owned_by::OwnedBy = "sequence owner",
    primary_key::PrimaryKey = "primary key",
    unique::Unique = "unique constraint",
    check::Check = "check constraint",
    exclusion::Exclusion = "exclusion constraint",
    foreign_key::ForeignKey = "foreign key",
    view::View = "view",
    materialized_view::MaterializedView = "materialized view",
    index::Index = "index",
    statistics::StatisticsObject = "statistics object",
    replica_identity::ReplicaIdentity = "replica identity",
    clustered::Clustered = "clustering",
    rule::Rule = "rule",
    trigger::Trigger = "trigger",
    policy::Policy = "policy",
    comment::Comment = "comment",
    rights::Rights = "rights",
    context::Context = "context",
}

impl Kind {
    /// The kind with this [`Kind::noun`].
    pub fn from_noun(noun: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.noun() == noun)
    }

    /// Whether the third name of its path is a list of argument types.
    pub fn is_routine(self) -> bool {
        self.family() == Family::Routine
    }

    /// Whether statements call it a constraint.
    pub fn is_constraint(self) -> bool {
        self.family() == Family::Constraint
    }

    /// Whether statements name it `name on relation`.
    pub fn is_named_on_relation(self) -> bool {
        self.family() == Family::OnRelation
    }

    /// Whether it acts by itself when rows are read or written.
    pub fn reacts_to_rows(self) -> bool {
        self.family() == Family::OnRelation
    }

    /// Whether models can say it. What they can't (owners and rights, context) is carried along, and is no
    /// difference.
    pub fn is_compared(self) -> bool {
        self.section() != Section::None
    }

    /// Whether it is a relation that others stand on.
    pub fn is_relation(self) -> bool {
        self.family() == Family::Relation
    }

    /// The word that `comment on` and `alter` have for it.
    pub fn sql_noun(self) -> &'static str {
        match self {
            Kind::Enum | Kind::Composite => "type",
            Kind::StatisticsObject => "statistics",
            other => other.noun(),
        }
    }
}

impl ObjectId {
    /// The table or view that a member belongs to.
    pub fn relation(&self, kind: Kind) -> ObjectId {
        self.prefix(kind, 2)
    }

    /// What this is attached to. A comment on a view's column is attached to the view.
    pub fn target(&self) -> Option<ObjectId> {
        let of = self.of?;
        let whole = ObjectId { kind: of, of: None, path: self.path.clone() };
        let is_member = of.is_routine()
            || of.is_constraint()
            || of.is_named_on_relation()
            || matches!(of, Kind::Column | Kind::Identity | Kind::Index | Kind::StatisticsObject);
        Some(if whole.path.len() == 3 && !is_member { whole.prefix(of, 2) } else { whole })
    }
}
