//! What Alembic's users know, here: its identifiers, its commands and options, its scripts. Each row of
//! `docs/alembic-commands.md` names a test of this folder, and `table.rs` looks whether it is there.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod identifiers;
mod options;
mod project;
mod server;
mod table;
