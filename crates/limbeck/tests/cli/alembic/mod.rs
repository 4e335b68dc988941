//! What Alembic's users know, here: its identifiers, its commands and options, its scripts. Each row of
//! `docs/alembic-commands.md` names a test of this folder, and `table.rs` looks whether it is there.

mod identifiers;
mod options;
mod scripts;
mod table;
