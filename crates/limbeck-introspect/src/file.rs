//! Snapshot files: a [`Recording`] as text, a line a row, to be kept and read again without its server.
//!
//! The first line says what it is: version of the format, who wrote it, of what, and the checksum of the
//! rest, so that a file that was cut, merged or edited is told from one that is whole. Then, for each query
//! that had an answer, a line with its columns, and a line a row. Text, because version control and archives
//! compress by themselves, and show what changed between two of them.

use limbeck_catalog::row::{Address, address};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Recording;
use crate::answer::ResultSet;
use crate::message::{Answers, Frame, Message};

/// The version of the format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// What a snapshot file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What was read: `the database shop`.
    pub of: String,
    /// The server's version, as it says it: `15.18`.
    pub postgres: String,
    /// The version of limbeck that wrote it.
    pub limbeck: String,
    /// The revisions that were applied there, where that is known.
    pub applied: Option<Vec<String>>,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    limbeck_snapshot: u32,
    about: About,
    server: u32,
    queries: String,
    lines: usize,
    sha256: String,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Version {
    limbeck_snapshot: u32,
}

/// The line before the rows of a query.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    query: usize,
    of: String,
    columns: Vec<String>,
}

/// Why a snapshot file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is something else.
    #[error("it is no snapshot of limbeck's")]
    Foreign,
    /// Its format is another.
    #[error("its format is version {found}, and this limbeck reads version {FORMAT}")]
    Format {
        /// The version that it names.
        found: u32,
    },
    /// Another version of limbeck asked other queries.
    #[error("limbeck {by} wrote it, which reads catalogs otherwise than this one")]
    Outdated {
        /// The version that wrote it.
        by: String,
    },
    /// It holds bytes that are no text.
    #[error("it is not UTF-8")]
    Utf8 {
        /// The line.
        line: usize,
    },
    /// It ends too early.
    #[error("it was cut off: it has {found} of its {lines} lines")]
    Cut {
        /// How many it should have.
        lines: usize,
        /// How many it has.
        found: usize,
    },
    /// Somebody changed it.
    #[error("it was changed after it was written: its checksum is another")]
    Altered,
    /// A line is not what it should be.
    #[error("it can't be read")]
    Line {
        /// The line.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A line is about no query that there is.
    #[error("it holds the answer to a query that nobody asks")]
    Query {
        /// The line.
        line: usize,
    },
}

impl FileError {
    /// The line that is meant, from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Utf8 { line } | Self::Line { line, .. } | Self::Query { line } => Some(*line),
            Self::Foreign
            | Self::Format { .. }
            | Self::Outdated { .. }
            | Self::Cut { .. }
            | Self::Altered => None,
        }
    }
}

/// The text of a snapshot file.
///
/// # Errors
///
/// None that is known: what is written are texts.
pub fn write(recording: &Recording, about: About) -> Result<String, serde_json::Error> {
    let message = Message::new(recording.server, &Frame::snapshot());
    let mut body = String::new();
    let strangers = strangers(&recording.strangers);
    let of = message.answers.iter().map(|answers| word(*answers)).chain(["strangers"]);
    let sets = recording.sets.iter().chain([&strangers]);
    for (query, (of, set)) in of.zip(sets).enumerate().filter(|(_, (_, set))| !set.rows.is_empty()) {
        let columns = Columns { query, of: of.to_owned(), columns: set.columns.clone() };
        body.push_str(&json(&columns)?);
        for row in &set.rows {
            body.push('\n');
            body.push_str(&json(row)?);
        }
        body.push('\n');
    }
    let head = Head {
        limbeck_snapshot: FORMAT,
        about,
        server: recording.server,
        queries: recording.queries.clone(),
        lines: body.lines().count(),
        sha256: checksum(&body),
    };
    Ok(format!("{}\n{body}", json(&head)?))
}

/// One line, which may be printed as it is: what would drive a terminal stands by its number.
fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(limbeck_sql::spelled_out_json(&serde_json::to_string(value)?).into_owned())
}

/// Whether a file begins as one of these.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\"limbeck_snapshot\":")
}

/// Reads a snapshot file.
///
/// # Errors
///
/// What is wrong with it, with the line where one is to blame.
pub fn read(bytes: &[u8]) -> Result<(About, Recording), FileError> {
    if !is_one(bytes) {
        return Err(FileError::Foreign);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        FileError::Utf8 { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
    })?;
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    let head = head(first)?;
    let message = Message::new(head.server, &Frame::snapshot());
    if head.queries != message.digest {
        return Err(FileError::Outdated { by: head.about.limbeck });
    }
    let found = body.lines().count();
    if found < head.lines {
        return Err(FileError::Cut { lines: head.lines, found });
    }
    let mut recording = Recording {
        server: head.server,
        queries: head.queries,
        sets: vec![ResultSet::default(); message.answers.len() + 1],
        strangers: Vec::new(),
    };
    fill(&mut recording.sets, body)?;
    if checksum(body) != head.sha256 {
        return Err(FileError::Altered);
    }
    let strangers = recording.sets.pop().unwrap_or_default();
    recording.strangers = strangers.rows.into_iter().filter_map(stranger).collect();
    Ok((head.about, recording))
}

fn head(line: &str) -> Result<Head, FileError> {
    let bad = |source| FileError::Line { line: 1, source };
    let Version { limbeck_snapshot } = serde_json::from_str(line).map_err(bad)?;
    if limbeck_snapshot != FORMAT {
        return Err(FileError::Format { found: limbeck_snapshot });
    }
    serde_json::from_str(line).map_err(bad)
}

/// Puts each row where its query stands.
fn fill(sets: &mut [ResultSet], body: &str) -> Result<(), FileError> {
    let mut query = None;
    for (index, text) in body.lines().enumerate() {
        let line = index + 2;
        let bad = |source| FileError::Line { line, source };
        if text.starts_with('{') {
            let columns: Columns = serde_json::from_str(text).map_err(bad)?;
            let set = sets.get_mut(columns.query).ok_or(FileError::Query { line })?;
            set.columns = columns.columns;
            query = Some(columns.query);
            continue;
        }
        let row: Vec<Option<String>> = serde_json::from_str(text).map_err(bad)?;
        let set = query.and_then(|query| sets.get_mut(query)).filter(|set| set.columns.len() == row.len());
        set.ok_or(FileError::Query { line })?.rows.push(row);
    }
    Ok(())
}

/// What each answer is called: for readers of the file, nothing goes by it.
fn word(answers: Answers) -> &'static str {
    match answers {
        Answers::Nothing => "",
        Answers::Moment => "moment",
        Answers::Fingerprint => "fingerprint",
        Answers::Server => "server",
        Answers::Objects(kind) => kind.noun(),
        Answers::Depends => "depends",
        Answers::Casts => "casts",
        Answers::Sizes => "sizes",
        Answers::Uncompared => "uncompared",
    }
}

fn strangers(strangers: &[(Address, String)]) -> ResultSet {
    let row = |((class, object, sub), name): &(Address, String)| {
        vec![Some(format!("{class}:{object}:{sub}")), Some(name.clone())]
    };
    ResultSet {
        columns: ["address", "name"].map(str::to_owned).to_vec(),
        rows: strangers.iter().map(row).collect(),
    }
}

fn stranger(row: Vec<Option<String>>) -> Option<(Address, String)> {
    let [at, name] = <[Option<String>; 2]>::try_from(row).ok()?;
    Some((address(&at?)?, name?))
}

fn checksum(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
