//! Revision files, their graph, and the runner: everything that `upgrade` of reviewed files needs, and
//! nothing that comparing needs. An application can use this crate at its start-up.
//!
//! - [`mod@file`]: one revision, from text and to text;
//! - [`graph`]: all revisions, their order, and the words that name them (`head`, `label@+2`, a prefix);
//! - [`version`]: the table that says what is applied in a database;
//! - [`plan`]: which revisions a target asks for (pure);
//! - [`run`]: the connection's side: lock, transactions, guards, resuming;
//! - [`script`]: the same as a script for `psql`;
//! - [`alembic`]: a database that Alembic brought to where it is.

pub mod alembic;
mod error;
pub mod file;
pub mod graph;
pub mod plan;
pub mod run;
pub mod script;
mod stranded;
mod unfinished;
pub mod version;

pub use error::{Error, Mistake, Result};
pub use file::{Direction, Header, Part, PartText, Revision, RevisionId};
pub use graph::{Graph, Unresolved};
pub use plan::Planned;
pub use run::{Event, Runner, Settings, SqlFailure, Work};
pub use stranded::{Stranded, Undo};
pub use version::{Action, Applied, Entry, Kept, State, Table};
