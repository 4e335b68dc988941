//! The built binary as a shell sees it: files, exit codes, what goes where; most of it without a database.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod agreed;
mod alembic;
mod bad_input;
#[cfg(unix)]
mod careless;
mod ephemeral;
mod history;
mod house;
#[cfg(unix)]
mod killed;
mod moments;
#[path = "../support/project.rs"]
mod project;
mod pulled;
mod reports;
mod roles;
mod second;
#[path = "../support/server.rs"]
mod server;
mod settled;
mod sources;
mod whole;
