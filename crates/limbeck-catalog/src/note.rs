//! What is said over a statement: hazards (dangers) and blind spots (what the tool can't see,
//! can't tell apart or can't undo). The codes are the documented, stable part; the words are for
//! the reader.

use std::fmt;

use crate::ObjectId;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $line:literal])+ $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $line])+ $variant,)+ }

        impl $name {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code that stands in revision files.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What the code means: its documentation.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($line,)+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// A danger of a statement.
    Hazard {
        /// Rows or values are lost for good.
        DataLoss = "DATA_LOSS",
        /// Values may be rounded, truncated or refused on the way to another type.
        ValueChange = "VALUE_CHANGE",
        /// Fails if rows that are there don't satisfy it.
        FailsOnRows = "FAILS_ON_ROWS",
        /// Every row is written anew, under a lock that stops reads and writes.
        TableRewrite = "TABLE_REWRITE",
        /// Takes a lock that stops reads and writes (or writes) of a table.
        StrongLock = "LOCK_STRONG",
        /// Reads the whole table while holding a strong lock.
        LongScan = "LONG_SCAN",
        /// Builds an index while writes wait.
        IndexBuild = "INDEX_BUILD",
        /// A running application that uses the old name or shape breaks.
        ApplicationBreaks = "APPLICATION_BREAKS",
        /// Drops and creates again something that others depend on or use.
        Recreate = "RECREATE",
        /// Only a person can decide: no cast, no default, which time zone.
        NeedsDecision = "NEEDS_DECISION",
    }
}

codes! {
    /// Something that the tool can't see, can't tell apart, or can't undo.
    BlindSpot {
        /// May be a rename, or may be a drop and a create: the names can't tell.
        PossibleRename = "POSSIBLE_RENAME",
        /// What a downgrade can't bring back.
        RowsNotRestored = "ROWS_NOT_RESTORED",
        /// Depends on an object of a kind that isn't compared.
        UncomparedDependant = "UNCOMPARED_DEPENDANT",
        /// Bodies in string form and application code may name what goes or changes.
        StringBodies = "STRING_BODIES",
        /// Something could not be read with the rights of this role.
        RightsMissing = "RIGHTS_MISSING",
        /// Settled on another major version, or without an extension.
        SettledElsewhere = "SETTLED_ELSEWHERE",
        /// Not proven on a scratch database.
        Unproven = "UNPROVEN",
        /// Columns stand in another order than in the models; Postgres can't move them.
        ColumnOrder = "COLUMN_ORDER",
        /// The change can't be made by any statement.
        NotAlterable = "NOT_ALTERABLE",
        /// What the rights or the owner of something recreated were could not be kept in full.
        RightsNotKept = "RIGHTS_NOT_KEPT",
    }
}

/// A code, and what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A hazard's or a blind spot's code.
    pub code: Code,
    /// For the reader: lower case, no full stop.
    pub words: String,
    /// The table whose size says how bad it is, if any: its rows and bytes are added to the words.
    pub table: Option<ObjectId>,
}

/// The code of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A danger.
    Hazard(Hazard),
    /// A blind spot.
    BlindSpot(BlindSpot),
}

impl Hazard {
    /// A note with this code.
    pub fn note(self, words: impl Into<String>) -> Note {
        Note { code: Code::Hazard(self), words: words.into(), table: None }
    }

    /// A strong lock on a table for as long as a change of the catalogs takes; it waits for whoever uses
    /// the table, and everybody who comes after waits behind it.
    pub fn brief_lock(table: &ObjectId) -> Note {
        Self::StrongLock.on(table, format!("blocks reads and writes of {} for a moment", table.qualified()))
    }

    /// A note with this code, about a table whose size matters.
    pub fn on(self, table: &ObjectId, words: impl Into<String>) -> Note {
        Note { table: Some(table.clone()), ..self.note(words) }
    }
}

impl BlindSpot {
    /// That texts which no catalog knows may name an object that goes or changes.
    pub fn string_bodies(id: &ObjectId) -> Note {
        Self::StringBodies.note(format!(
            "function bodies in string form and application code that name {} are not seen",
            limbeck_sql::ident(id.name())
        ))
    }

    /// A note with this code.
    pub fn note(self, words: impl Into<String>) -> Note {
        Note { code: Code::BlindSpot(self), words: words.into(), table: None }
    }
}

/// As it stands in a revision file: `limbeck:hazard LOCK_STRONG blocks …`, on one line.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, code) = match self.code {
            Code::Hazard(h) => ("hazard", h.code()),
            Code::BlindSpot(b) => ("blind-spot", b.code()),
        };
        let words = limbeck_sql::one_line(&self.words);
        write!(f, "limbeck:{word} {code} {words}")
    }
}
