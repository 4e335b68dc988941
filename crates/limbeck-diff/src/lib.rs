//! From two catalogs to ordered statements. Pure: no IO, no server.
//!
//! Reading order: [`fate`] (what happens to each object), [`step`] (statements with what they
//! acquire, release, establish and end), [`graph`] (edges, components, the one sort), [`contract`]
//! (parts into their parents), [`plan`] (all of it in a row), [`render`] (the text of a revision),
//! [`rename`] (which objects of the two sides are the same under another name).
//!
//! What differs between kinds is asked of `limbeck-catalog`. Only renames, slices, mentions and remarks name
//! some, for reasons that `ARCHITECTURE.md` lists.

pub mod candidate;
pub mod contract;
pub mod fate;
pub mod graph;
pub mod mention;
mod order;
pub mod plan;
mod remarks;
pub mod rename;
pub mod render;
pub mod slice;
pub mod step;

pub use candidate::{Candidate, candidate};
pub use fate::{Fate, Fates, difference};
pub use plan::{Direction, Error, Plan, Planned, plan};
pub use rename::{Rename, Renames};
pub use render::{Part, parts};
pub use step::Verb;
