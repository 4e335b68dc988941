//! Readable and machine-readable renderings of a diff and a plan. Pure.
//!
//! Reading order: [`report`] (what is said, as data: the JSON form of it all), [`gather`] (that data from
//! a comparison), [`fields`] (what one object says differently, without knowing its kind), then the
//! renderings: [`human`], [`github`], and [`schema`], which describes the JSON. [`printable`] is the one
//! place that takes from texts what would drive a terminal.

pub mod fields;
pub mod gather;
pub mod github;
pub mod human;
pub mod printable;
pub mod report;
pub mod schema;

pub use gather::{Compared, gather};
pub use human::{Detail, human};
pub use printable::{printable, printable_line};
pub use report::{Changed, Field, History, Proof, Report};
