//! What can go wrong, as data: the reader of the message is served by whoever prints it.

use std::fmt;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::file::{BadTemplate, Direction, RevisionId};
use crate::graph::{Named, Unmovable, Unresolved, Unsquashable};
use crate::run::{Excerpt, Holder, SqlFailure};
use crate::squashed::{Inside, Untold};
use crate::stranded::Stranded;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A mistake in a revision file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: Utf8PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in it, in characters from 1.
    pub column: usize,
    /// That line's text; empty where the mistake has no line.
    pub source_line: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Mistake {
    pub(crate) fn new(path: &Utf8Path, line: usize, source_line: &str, message: impl Into<String>) -> Self {
        let indent = source_line.chars().take_while(|c| c.is_whitespace()).count();
        Mistake {
            path: path.to_owned(),
            line,
            column: if indent < source_line.chars().count() { indent + 1 } else { 1 },
            source_line: source_line.to_owned(),
            message: message.into(),
            help: None,
        }
    }

    /// At the character with this offset in the line, in bytes.
    pub(crate) fn at(mut self, offset: usize) -> Self {
        let before = &self.source_line[..self.source_line.floor_char_boundary(offset)];
        self.column = before.chars().count() + 1;
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Everything that can stop a command that reads or runs revisions.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Revision files that can't be read as such, or don't make a graph.
    #[error("{}", count(mistakes.len(), "mistake in revision files", "mistakes in revision files"))]
    Mistakes {
        /// All of them, by file and line.
        mistakes: Vec<Mistake>,
    },
    /// Places in revisions that a person has to fill in before they can run.
    #[error("{} to be filled in by hand, and nothing was run", count(places.len(), "place is still", "places are still"))]
    Unfinished {
        /// All of them.
        places: Vec<Mistake>,
    },
    /// Alembic's version table names revisions that no file here has.
    #[error("{table} says that Alembic brought this database to {}, which no file here has", revisions.join(", "))]
    AlembicElsewhere {
        /// Alembic's table.
        table: String,
        /// What it says.
        revisions: Vec<String>,
    },
    /// A binary in which no revision is.
    #[error("no revision file was put into the binary")]
    NothingEmbedded,
    /// A word that names no revision, or several.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    /// A line of revisions that can't be put onto another revision.
    #[error(transparent)]
    Unmovable(#[from] Unmovable),
    /// A part that runs outside a transaction, where all was to be rolled back.
    #[error("revision {revision} has a part that runs outside a transaction, and can't be rolled back")]
    NotInTransaction {
        /// Which.
        revision: RevisionId,
        /// Its file.
        path: Utf8PathBuf,
        /// Where the part begins.
        line: usize,
    },
    /// A chain that can't become one revision.
    #[error(transparent)]
    Unsquashable(#[from] Unsquashable),
    /// The database stands inside a chain that one revision stands in for, and can't go on from there.
    #[error("the database stands at {}, inside of what {} stands in for", .inside.at(), .inside.revision)]
    InsideSquash {
        /// Where it stands.
        inside: Box<Inside>,
        /// Why the rest can't be told from what is done.
        why: Untold,
    },
    /// A revision is applied as one that stood in for several, which are all here.
    #[error("{revision} was applied in place of {}, which this checkout still has", count(missing.len(), "revision", "revisions"))]
    TakenApart {
        /// Which.
        revision: RevisionId,
        /// Those that look as if they were missing.
        missing: Vec<Named>,
    },
    /// A file or folder.
    #[error("can't read {path}")]
    Io {
        /// Which.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A revision file that can't be written, moved or removed; all files are as they were.
    #[error("can't change {path}, and nothing was changed")]
    Edit {
        /// Which.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A `file_template` that can't be followed.
    #[error(transparent)]
    Template(#[from] BadTemplate),
    /// The database has revisions that no file here has.
    #[error("the database has {} no file here has", count(stranded.len(), "revision that", "revisions that"))]
    FilesMissing {
        /// What the database knows of them.
        stranded: Vec<Stranded>,
    },
    /// A word that names no revision that is applied and in no file, or several.
    #[error("{word:?} names no single revision that is applied and in no file here")]
    NotStranded {
        /// The word.
        word: String,
        /// Those that are.
        stranded: Vec<Named>,
    },
    /// What is to be undone is needed by something that stays applied.
    #[error("revision {revision} is needed by {}, which would stay applied", ids(by))]
    StillNeeded {
        /// Which.
        revision: RevisionId,
        /// What needs it.
        by: Vec<Named>,
        /// Whether all of these are in no file either.
        stranded: bool,
    },
    /// The database keeps no downgrade of a revision.
    #[error("the database keeps no downgrade of revision {revision}")]
    NotKept {
        /// Which.
        revision: RevisionId,
    },
    /// The database keeps a downgrade that isn't what was applied.
    #[error("the downgrade that the database keeps of revision {revision} is not the one that was applied")]
    KeptAltered {
        /// Which.
        revision: RevisionId,
    },
    /// The version table stands where it isn't expected.
    #[error("a version table stands in schema {found:?}, and not in {expected:?}")]
    TableElsewhere {
        /// Where it is.
        found: Vec<String>,
        /// Where it was looked for.
        expected: String,
        /// Its name.
        table: String,
    },
    /// The version table was written by another version of this format.
    #[error("the version table {table} has not the columns that this version reads")]
    TableForeign {
        /// Its qualified name.
        table: String,
        /// The server's words.
        message: String,
    },
    /// A table of the tool's own was written by a newer version of it.
    #[error("{table} has format {format}, and this version knows format {known}")]
    NewerFormat {
        /// Its qualified name.
        table: String,
        /// Its format.
        format: u32,
        /// The newest format that can be read.
        known: u32,
    },
    /// A table of the tool's own holds a word that it never writes.
    #[error("revision {revision} is {state:?} in {table}, which is no state that this version knows")]
    UnknownState {
        /// Its qualified name.
        table: String,
        /// The revision.
        revision: RevisionId,
        /// The word.
        state: String,
    },
    /// A revision stands half-way, and the command asked for the other direction.
    #[error("revision {} is half-way through its {direction}", revision)]
    HalfDone {
        /// Which.
        revision: RevisionId,
        /// The direction that it is half-way through.
        direction: &'static str,
        /// How many parts are done.
        parts: usize,
    },
    /// A revision that is to be resumed was edited where it had already run.
    #[error("revision {revision} was edited in the {} that ran already", count(*parts, "part", "parts"))]
    EditedWhileHalfDone {
        /// Which.
        revision: RevisionId,
        /// Its file.
        path: Utf8PathBuf,
        /// How many parts are done.
        parts: usize,
    },
    /// SQL of a revision failed.
    #[error("revision {} failed", .0.revision)]
    Sql(Box<SqlFailure>),
    /// A part ended the transaction in which it ran.
    #[error("revision {revision} ended its own transaction")]
    TransactionEnded {
        /// Which.
        revision: RevisionId,
        /// Its file.
        path: Utf8PathBuf,
        /// Where the part begins.
        line: usize,
    },
    /// Another run has the lock, and this one waited as long as it may.
    #[error("another run on this database did not end within {}", crate::run::span(*waited))]
    RunLocked {
        /// How long.
        waited: Duration,
        /// Who has the lock, as far as the server tells.
        holder: Option<Box<Holder>>,
    },
    /// Something is to be written, and the database only reads.
    #[error("{}", if *standby { "the database is a standby, which only repeats what its primary does" }
        else { "transactions are read-only here (default_transaction_read_only)" })]
    ReadOnly {
        /// Whether it is a standby.
        standby: bool,
    },
    /// A right on the tool's own tables is missing.
    #[error("the role may not {doing} {}: {message}", tables[0])]
    Denied {
        /// `read`, `make` or `write`.
        doing: &'static str,
        /// The schema of the tables.
        schema: String,
        /// Their qualified names.
        tables: [String; 2],
        /// The server's words.
        message: String,
    },
    /// Another run was at work on the same revision.
    #[error("another run was at work on revision {revision}: it is not as this run read it")]
    Overtaken {
        /// Which.
        revision: RevisionId,
    },
    /// The connection ended while a revision ran.
    #[error("the connection ended in the {} of revision {revision}: {words}", direction.word())]
    Broken {
        /// Which.
        revision: RevisionId,
        /// Its file.
        path: Utf8PathBuf,
        /// Which way it was run.
        direction: Direction,
        /// The part and its line, where it ran outside a transaction.
        part: Option<(usize, usize)>,
        /// The server's words, or the system's.
        words: String,
    },
    /// A part outside a transaction was begun, and nobody knows whether it happened.
    #[error("part {part} of the {} of revision {revision} was begun by an earlier run, and it can't be told \
        whether it happened", direction.word())]
    InDoubt {
        /// Which.
        revision: RevisionId,
        /// Its file.
        path: Utf8PathBuf,
        /// Which way it was run.
        direction: Direction,
        /// The part, from 1.
        part: usize,
        /// Its statement.
        excerpt: Option<Box<Excerpt>>,
        /// What was found of it.
        found: Option<String>,
    },
    /// An index that a part is to make is being made.
    #[error("process {process} is making index {index}, which revision {revision} is to make")]
    BeingMade {
        /// The revision.
        revision: RevisionId,
        /// The index.
        index: String,
        /// The process on the server.
        process: i32,
    },
    /// A part outside a transaction needs a session of its own, and a pooler keeps none.
    #[error(
        "part {part} of revision {revision} runs outside a transaction, and a pooler that hands out sessions \
        by the transaction stands between"
    )]
    Pooled {
        /// Which.
        revision: RevisionId,
        /// Its file.
        path: Utf8PathBuf,
        /// Where the part begins.
        line: usize,
        /// The part, from 1.
        part: usize,
    },
    /// The run was asked to stop, and did so where nothing was half-done.
    #[error("stopped before it was done, because it was asked to")]
    Stopped,
    /// What names the database can't be read, or no host gave a connection.
    #[error(transparent)]
    Connect(#[from] limbeck_connect::Error),
    /// The connection failed, or a statement of this crate's own.
    #[error("the database could not be asked: {}", crate::run::server_words(.0))]
    Database(sqlx::Error),
}

impl Error {
    pub(crate) fn io(path: &Utf8Path, source: std::io::Error) -> Self {
        Error::Io { path: path.to_owned(), source }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Error::Database(error)
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn ids(named: &[Named]) -> String {
    named.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The candidate nearest to a misspelt word, if one is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(word, c), c))
        .filter(|(distance, c)| *distance <= 1 + c.chars().count() / 4)
        .min()
        .map(|(_, c)| c)
}
