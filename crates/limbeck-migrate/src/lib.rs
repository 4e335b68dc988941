//! Migrations of a Postgres database: reviewed SQL files, run in their order, under a lock, each in a
//! transaction with its record; from an application's start-up, or from the `limbeck` command, which is
//! built on this crate and shares its files, its lock and its tables.
//!
//! # From an application
//!
//! The revision files that `limbeck revision` wrote lie in `migrations/`, and go into the binary:
//!
//! ```no_run
//! use limbeck_migrate::{Embedded, Migrator, embed};
//!
//! static MIGRATIONS: Embedded = embed!("examples/migrations");
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let url = std::env::var("DATABASE_URL")?;
//!     Migrator::new(MIGRATIONS).run_at(&url).await?;
//!     // … and from here on it serves.
//!     Ok(())
//! }
//! ```
//!
//! Ten replicas that start at once are one that runs what is missing and nine that wait, and find nothing
//! to do. [`Migrator`] says what else can be chosen: files from a folder, a connection or a pool's options in
//! place of a URL, where the tables stand, and whether an older release may start on a newer database.
//!
//! The compiler notices a file that changes. So that it notices one that is added, the application has a
//! `build.rs` that says `println!("cargo:rerun-if-changed=migrations");`. Mistakes in the files are found by
//! a test:
//!
//! ```
//! # use limbeck_migrate::{Embedded, embed};
//! # static MIGRATIONS: Embedded = embed!("examples/migrations");
//! // #[test] fn migrations_can_be_read()
//! let graph = MIGRATIONS.graph().expect("revisions without a mistake");
//! assert_eq!(graph.heads().len(), 1, "two branches were merged and their revisions were not");
//! ```
//!
//! # What is here
//!
//! - [`Migrator`]: all of it in one call;
//! - [`mod@file`]: one revision, from text and to text;
//! - [`graph`]: all revisions, their order, and the words that name them (`head`, `label@+2`, a prefix);
//! - [`version`]: the tables that say what is applied in a database, and what was done there;
//! - [`plan`]: which revisions a target asks for (pure);
//! - [`run`]: the connection's side: lock, transactions, guards, resuming;
//! - [`script`]: the same as a script for `psql`;
//! - [`alembic`]: a database that Alembic brought to where it is.
//!
//! Nothing here compares schemas, reads models or needs a second server: what is run was written and
//! reviewed before. Nothing here belongs to a command line either: no arguments, no colours, no printing.

pub mod alembic;
mod embedded;
mod error;
pub mod file;
pub mod graph;
mod migrator;
pub mod plan;
pub mod run;
pub mod script;
pub mod squashed;
mod stranded;
mod unfinished;
pub mod version;

pub use embedded::Embedded;
pub use error::{Error, Mistake, Result, nearest};
pub use file::{Direction, Header, Part, PartText, Revision, RevisionId};
pub use graph::{Graph, Unresolved};
pub use limbeck_migrate_macros::embed;
pub use migrator::{Migrated, Migrator};
pub use plan::Planned;
pub use run::{Control, Event, Finding, HalfDone, Holder, Runner, Settings, Side, SqlFailure, Work};
pub use stranded::{Stranded, Undo};
pub use version::{Action, Applied, Entry, Kept, State, Table};
