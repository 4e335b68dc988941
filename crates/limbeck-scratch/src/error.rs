//! What can go wrong on scratch.

use crate::build::Refused;

/// What can go wrong on scratch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No scratch database can be had.
    #[error(transparent)]
    Provider(#[from] crate::provider::Error),
    /// The scratch database can't be read.
    #[error(transparent)]
    Introspect(#[from] limbeck_introspect::Error),
    /// There is no order.
    #[error(transparent)]
    Plan(#[from] limbeck_diff::Error),
    /// The server refuses what is to be built.
    #[error("Postgres refuses {}", .0.iter().map(|r| format!("{}: {}", r.id, r.message)).collect::<Vec<_>>().join("; "))]
    Build(Vec<Refused>),
    /// The connection to scratch broke, or a statement of ours failed.
    #[error("on scratch: {}", words(.0))]
    Server(#[from] sqlx::Error),
}

/// The server's own words.
fn words(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |database| database.message().to_owned())
}
