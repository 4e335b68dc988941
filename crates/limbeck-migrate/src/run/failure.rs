//! A server's error about a revision's SQL: the place in the file, the statement, the server's words.

use camino::Utf8PathBuf;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use super::Work;
use super::holder::Holder;
use super::message::{Message, Place};
use crate::file::{Direction, RevisionId};

/// SQL of a revision that the server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlFailure {
    /// The revision.
    pub revision: RevisionId,
    /// Its file.
    pub path: Utf8PathBuf,
    /// Which way it was run.
    pub direction: Direction,
    /// The part, from 1.
    pub part: usize,
    /// How many parts it has.
    pub parts: usize,
    /// How many of them are done and recorded; none of a revision that runs in one transaction.
    pub done: usize,
    /// Whether this part ran outside a transaction.
    pub no_transaction: bool,
    /// The statement; none where the failure came with the commit (a deferred constraint).
    pub excerpt: Option<Excerpt>,
    /// What the server said.
    pub server: ServerError,
    /// Whose locks the statement waited for, as far as that was seen.
    pub holders: Vec<Holder>,
}

/// A statement in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, from 1, of what is wrong.
    pub line: usize,
    /// The column, from 1: where the statement begins, unless the server named a place inside of it.
    pub column: Option<usize>,
    /// The line of the statement's first line.
    pub first_line: usize,
    /// Its lines.
    pub lines: Vec<String>,
}

/// The server's words, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// The SQLSTATE.
    pub code: String,
    /// The message.
    pub message: String,
    /// More of it.
    pub detail: Option<String>,
    /// Its advice.
    pub hint: Option<String>,
    /// Where inside a function it happened.
    pub context: Option<String>,
}

impl ServerError {
    /// The words of a database's error.
    pub fn of(error: &PgDatabaseError) -> Self {
        ServerError {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            detail: error.detail().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            context: error.r#where().map(str::to_owned),
        }
    }
}

/// An error of the connection in a person's words. Never `Display`: that one ends in a line of the
/// server's C source.
pub fn server_words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => {
            let server = error.try_downcast_ref::<PgDatabaseError>().map(ServerError::of).unwrap_or_default();
            let mut words =
                if server.message.is_empty() { error.message().to_owned() } else { server.message };
            for more in [server.detail, server.hint].into_iter().flatten() {
                words.push_str(&format!(" ({more})"));
            }
            words
        }
        sqlx::Error::Io(error) => format!("the connection broke: {error}"),
        other => other.to_string(),
    }
}

impl SqlFailure {
    /// Makes one of a server's error in a message.
    pub(super) fn locate(
        work: Work<'_>,
        message: &Message,
        complete: usize,
        error: &PgDatabaseError,
        done: usize,
    ) -> Self {
        let place = match error.position() {
            Some(PgErrorPosition::Original(position)) => message.by_position(position),
            Some(PgErrorPosition::Internal { .. }) | None => None,
        };
        let place = place.or_else(|| message.by_count(complete));
        let parts = work.revision.parts(work.direction);
        let part = place.map_or(parts.len().saturating_sub(1), |place| place.part);
        SqlFailure {
            revision: work.revision.id().clone(),
            path: work.revision.path.clone(),
            direction: work.direction,
            part: part + 1,
            parts: parts.len(),
            done,
            no_transaction: parts.get(part).is_some_and(|p| p.text.no_transaction),
            excerpt: place.and_then(|place| excerpt(work, place)),
            server: ServerError::of(error),
            holders: Vec::new(),
        }
    }
}

pub(super) fn excerpt(work: Work<'_>, place: Place) -> Option<Excerpt> {
    let part = work.revision.parts(work.direction).get(place.part)?;
    let sql = &part.text.sql;
    let line_of = |byte: usize| part.line + sql[..byte].matches('\n').count();
    let (start, end) = place.statement.map_or((place.byte, place.byte), |span| (span.start, span.end));
    let from = sql[..start].rfind('\n').map_or(0, |i| i + 1);
    let to = sql[end..].find('\n').map_or(sql.len(), |i| end + i);
    let line_start = sql[..place.byte].rfind('\n').map_or(0, |i| i + 1);
    Some(Excerpt {
        line: line_of(place.byte),
        column: Some(sql[line_start..place.byte].chars().count() + 1),
        first_line: line_of(from),
        lines: sql[from..to].lines().map(str::to_owned).collect(),
    })
}
