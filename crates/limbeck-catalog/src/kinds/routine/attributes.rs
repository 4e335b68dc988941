//! Attributes of routines that are one word of several.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the result of a function depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    /// It may differ from call to call.
    #[default]
    Volatile,
    /// The same within a statement.
    Stable,
    /// On the arguments alone.
    Immutable,
}

/// Whether a function may run in parallel plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parallel {
    /// Never.
    #[default]
    Unsafe,
    /// In the leader only.
    Restricted,
    /// Anywhere.
    Safe,
}

impl Volatility {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Volatility::Volatile => "volatile",
            Volatility::Stable => "stable",
            Volatility::Immutable => "immutable",
        }
    }
}

impl Parallel {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Parallel::Unsafe => "parallel unsafe",
            Parallel::Restricted => "parallel restricted",
            Parallel::Safe => "parallel safe",
        }
    }
}
