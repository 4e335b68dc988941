//! What a Postgres database holds, and what Postgres does with it.
//!
//! Reading order: [`id`] (how things are addressed), [`catalog`] (one side of a comparison),
//! [`action`] (statements with their dangers), [`facts`] (what each kind must know), then
//! [`kinds`], one folder a kind: the only places that know Postgres object by object.
//!
//! Nothing here talks to a server: rows reach it as text columns (see [`row`]).

pub mod action;
pub mod catalog;
pub mod document;
pub mod facts;
pub mod id;
pub mod kinds;
pub mod names;
pub mod needs;
pub mod note;
pub mod row;
pub mod since;

pub use action::{Action, Inline};
pub use catalog::{Catalog, Statistics};
pub use facts::{Bond, Change, Event, Facts, Pair, Reaction, Section, Side, Slot};
pub use id::{ObjectId, Path};
pub use kinds::{Kind, Object};
pub use needs::{Need, Needs, Tie};
pub use note::{BlindSpot, Hazard, Note};
pub use since::Since;
