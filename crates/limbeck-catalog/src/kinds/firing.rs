//! When a trigger or a rule fires, by the session's `session_replication_role` (`tgenabled`,
//! `ev_enabled`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::note::Hazard;
use crate::{Action, Kind, Note, ObjectId};

/// In which sessions a trigger or a rule fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Firing {
    /// In all but those that replay a replica's changes.
    #[default]
    Origin,
    /// Only in those.
    Replica,
    /// In all.
    Always,
    /// In none.
    Disabled,
}

impl Firing {
    /// `alter table … disable trigger …`. There is no such statement for views: whatever is on a view
    /// fires in `origin` sessions.
    pub(crate) fn set(self, id: &ObjectId) -> Action {
        let words = match self {
            Firing::Origin => "enable",
            Firing::Replica => "enable replica",
            Firing::Always => "enable always",
            Firing::Disabled => "disable",
        };
        let noun = id.kind.sql_noun();
        Action::new(format!("alter table {} {words} {noun} {}", id.qualified(), id.quoted()))
            .note(lock(id, "writes"))
    }

    /// What makes something new fire as it should: nothing where that is the default.
    pub(crate) fn set_anew(self, id: &ObjectId) -> Option<Action> {
        (self != Firing::Origin).then(|| self.set(id))
    }
}

/// That a statement waits for `what` of the table, and they for it.
pub(crate) fn lock(id: &ObjectId, what: &str) -> Note {
    let table = id.relation(Kind::Table);
    let words = format!("blocks {what} of {} for a moment", table.qualified());
    Hazard::StrongLock.on(&table, words)
}
