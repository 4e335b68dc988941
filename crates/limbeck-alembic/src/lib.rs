//! An Alembic environment, read as text, as a project of limbeck: the same chain with the same ids, and the
//! SQL that Alembic would run. No Python is needed, and nothing is executed.
//!
//! - [`Environment`]: where scripts are and how the project is configured;
//! - [`import`]: the configuration and the revisions, as texts for whoever writes them.
//!
//! A revision's SQL comes from Alembic's own offline output where there is one, else from translating
//! operations in literal forms. What is neither is left in the revision, marked so that it can't run.

mod config;
mod environment;
mod error;
mod ini;
mod offline;
mod parts;
mod project;
mod python;
mod script;
mod translate;
mod value;

pub use environment::Environment;
pub use error::{Error, Result};
pub use project::{Import, Imported, Left, import};
