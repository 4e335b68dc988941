//! What is said of a comparison, or of a proof, as data. These types are the JSON that programs read:
//! what changes here changes [`VERSION`], and `schema/report.schema.json`.

use std::collections::BTreeSet;

use limbeck_catalog::note::Code;
use limbeck_catalog::{Note, ObjectId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the format.
pub const VERSION: u32 = 1;

/// A comparison of two sides.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    /// What is there, in words.
    pub from: String,
    /// What is wanted, in words.
    pub to: String,
    /// Whether nothing differs.
    pub same: bool,
    /// Renames, in the order in which they are made. Everything else goes by the new names.
    pub renames: Vec<Renamed>,
    /// What differs, and what else has to be touched because of that.
    pub changes: Vec<Changed>,
    /// What is there and isn't compared, by kind.
    pub uncompared: Vec<UncomparedKind>,
    /// What could not be read, in words.
    pub unreadable: Vec<String>,
    /// What could not be settled or tried on scratch, in words.
    pub unproven: Vec<String>,
    /// How revisions and database stand to each other, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}

/// An object that differs, or is touched because of one that does.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Changed {
    /// Its identity.
    pub object: Object,
    /// What happens to it.
    pub change: ChangeWord,
    /// Why it has to be recreated, or can't be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Whether it says the same on both sides and is touched only because of others.
    pub consequence: bool,
    /// What it says differently; all that it says, where it comes or goes.
    pub fields: Vec<Field>,
    /// What has to be known about it.
    pub notes: Vec<NoteWords>,
    /// Its place in the order of siblings (columns); not said.
    #[serde(skip)]
    pub position: i32,
}

/// An object's identity.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Object {
    /// As messages name it: `column public.members.email`.
    pub name: String,
    /// Its kind: `column`.
    pub kind: String,
    /// The names that lead to it, unquoted.
    pub path: Vec<String>,
    /// The object at the top that it is a part of: `table public.members`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Its identity.
    #[serde(skip)]
    pub id: ObjectId,
    /// What it is a part of, from the top down.
    #[serde(skip)]
    pub ancestors: Vec<ObjectId>,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    /// It comes.
    Create,
    /// It goes.
    Drop,
    /// It is altered in place.
    Alter,
    /// It goes and comes back.
    Recreate,
    /// It differs and stays as it is: no statement can change it.
    Refuse,
}

/// One thing that an object says differently.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Field {
    /// The key, as in the models; keys within keys are joined by dots.
    pub field: String,
    /// What it was; absent where it was not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What it will be; absent where it is no longer said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// A hazard or a blind spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoteWords {
    /// Which of the two.
    pub sort: NoteSort,
    /// Its stable code: `DATA_LOSS`.
    pub code: String,
    /// What is said.
    pub words: String,
}

/// The two sorts of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteSort {
    /// A danger of a statement.
    Hazard,
    /// What can't be seen, told apart or undone.
    BlindSpot,
}

/// A rename.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Renamed {
    /// The object under its new name.
    pub object: Object,
    /// As it is called now. The same as `object.name` where something within it is renamed.
    pub from: String,
    /// Its last name now.
    pub from_name: String,
    /// Why both are taken for the same.
    pub ground: GroundWord,
    /// How much they look alike, from 0 to 1, where it is a guess.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// In what they look alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What has to be known about it.
    pub notes: Vec<NoteWords>,
}

/// Why two objects are taken for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroundWord {
    /// The models say so.
    Declared,
    /// They say the same.
    EqualBody,
    /// They look alike.
    Guess,
}

/// What is there of a kind that isn't compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UncomparedKind {
    /// Postgres's word.
    pub kind: String,
    /// The names, qualified and quoted.
    pub names: Vec<String>,
}

/// How revisions and database stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct History {
    /// The revisions that nothing follows.
    pub heads: Vec<String>,
    /// Revisions that the database lacks.
    pub pending: Vec<String>,
    /// Applied revisions whose files say something else now.
    pub edited: Vec<String>,
    /// Applied revisions that no file has.
    pub missing: Vec<String>,
    /// Applied revisions that are half-way.
    pub half_done: Vec<String>,
    /// Objects in which the database differs from what its own revisions make: somebody changed it by
    /// hand. Absent where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Vec<String>>,
}

/// What was proven of a revision.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Proof {
    /// The version of this format: 1.
    pub version: u32,
    /// The revision.
    pub revision: String,
    /// Where it was tried: `native 15.18`.
    pub provider: String,
    /// Whether all of it holds.
    pub holds: bool,
    /// Why the upgrade stops; absent where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_stops: Option<String>,
    /// Why the downgrade stops; absent where it runs, or was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downgrade_stops: Option<String>,
    /// What the downgrade does not restore.
    pub not_restored: Vec<Changed>,
    /// Why the upgrade stops when it runs again after the downgrade; absent where it runs, or was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_stops: Option<String>,
    /// What the upgrade does not make again, after the downgrade.
    pub not_repeated: Vec<Changed>,
    /// What became of rows that were made up for the proof.
    pub rows: Rows,
    /// What could not be proven, in words.
    pub unproven: Vec<String>,
}

/// What was proven of a chain of revisions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChainProof {
    /// The version of this format: 1.
    pub version: u32,
    /// The range, as it was asked for: `base:head`.
    pub range: String,
    /// Where it was tried: `native 15.18`.
    pub provider: String,
    /// Whether all of it holds.
    pub holds: bool,
    /// Each revision by itself, in order, as far as it came.
    pub revisions: Vec<Proof>,
    /// The whole way back and up again; absent where a revision stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<WayProof>,
}

/// What was proven of a whole chain, down to where it begins and up again.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct WayProof {
    /// How many rows there were at its end, when it went back.
    pub seeded: usize,
    /// Why it stops with such rows in the tables, where it does so only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Why it stops; absent where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<String>,
    /// What is not as it was before the chain.
    pub not_restored: Vec<Changed>,
    /// What is not as it was at its end.
    pub not_repeated: Vec<Changed>,
}

/// What became of rows that were made up for a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rows {
    /// How many there were; 0 where it was proven on empty tables.
    pub seeded: usize,
    /// Why it stops with such rows in the tables, where it does so only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Tables that have fewer rows after the upgrade, and stay.
    pub lost: Vec<String>,
    /// Columns that have other values after the upgrade, and the same type.
    pub changed: Vec<String>,
    /// Tables that the upgrade writes anew.
    pub rewritten: Vec<String>,
    /// Tables and columns whose rows or values the downgrade does not bring back.
    pub not_brought_back: Vec<String>,
}

impl Report {
    /// What differs by itself: neither what is only touched, nor what comes or goes with what it is a
    /// part of.
    pub(crate) fn own(&self) -> Vec<&Changed> {
        let key = |change: &Changed| (change.object.name.clone(), change.change);
        let all: BTreeSet<_> = self.changes.iter().map(key).collect();
        let with_another = |change: &Changed| {
            let part = matches!(change.change, ChangeWord::Create | ChangeWord::Drop);
            part && change.object.ancestors.iter().any(|id| all.contains(&(id.to_string(), change.change)))
        };
        self.changes.iter().filter(|change| !change.consequence && !with_another(change)).collect()
    }
}

impl From<&Note> for NoteWords {
    fn from(note: &Note) -> Self {
        let (sort, code) = match note.code {
            Code::Hazard(hazard) => (NoteSort::Hazard, hazard.code()),
            Code::BlindSpot(blind_spot) => (NoteSort::BlindSpot, blind_spot.code()),
        };
        NoteWords { sort, code: code.to_owned(), words: note.words.clone() }
    }
}

/// Any of them as JSON, safe to print.
pub fn to_json(report: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(report).unwrap_or_default();
    limbeck_sql::spelled_out_json(&text).into_owned()
}
