//! Statements that may fail, many in one message: a function on the server tries each in a
//! subtransaction, and returns what became of it.

use std::ops::Range;
use std::time::{Duration, Instant};

use limbeck_sql::literal;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::build::run;
use crate::observe::Refused;

/// What to try as one: a statement, and if it fails, others in its place.
#[derive(Default)]
pub(super) struct Item {
    /// The `search_path` that it runs with.
    pub(super) path: String,
    /// Sequences that are put back afterwards, one a line.
    pub(super) sequences: String,
    /// The statement that does it all, if there is one.
    pub(super) whole: Option<String>,
    pub(super) parts: Vec<String>,
}

/// What kind of statements these are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Their effect stays.
    Keep,
    /// They run, and everything that they did is taken back.
    Undo,
    /// They return one text.
    Query,
}

/// What became of a statement.
pub(super) struct Outcome {
    /// Which item.
    pub(super) item: usize,
    /// Which of its parts; `None` for the whole.
    pub(super) part: Option<usize>,
    pub(super) result: Result<Option<String>, Refusal>,
}

/// The server's reasons.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusal {
    pub(super) state: String,
    pub(super) schema: String,
    pub(super) relation: String,
    pub(super) constraint: String,
    pub(super) column: String,
    pub(super) message: String,
}

/// The states of values that a constraint does not take; that two are equal is none of them.
const CONSTRAINTS: &[&str] = &["23502", "23503", "23514", "23P01"];

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let by_constraint = CONSTRAINTS.contains(&refusal.state.as_str());
        Self { why: refusal.message, by_constraint }
    }
}

/// The state of what was not tried because the time was over.
pub(super) const NO_TIME: &str = "LB001";

/// Statements a message. One that does not end is found by halving its message.
const MOST: usize = 300;

/// Makes the function that tries statements; it lives as long as the session.
pub(super) async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    run(connection, include_str!("attempt.sql").to_owned()).await
}

/// Removes the function.
pub(super) async fn finish(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let arguments = "int[], text[], boolean[], text[], text[], boolean, boolean, int";
    run(connection, format!("drop function if exists pg_temp.limbeck_attempt({arguments})")).await
}

/// Tries everything, in order, until the deadline.
pub(super) async fn attempt(
    connection: &mut PgConnection,
    items: &[Item],
    mode: Mode,
    deadline: Instant,
) -> Result<Vec<Outcome>, sqlx::Error> {
    let mut waiting = chunks(items);
    waiting.reverse();
    let mut outcomes = Vec::new();
    while let Some(range) = waiting.pop() {
        let chunk = Chunk::new(&items[range.clone()]);
        let left = deadline.saturating_duration_since(Instant::now());
        let found = match chunk.send(connection, mode, left).await {
            Err(sqlx::Error::Database(error)) => {
                run(connection, "rollback".to_owned()).await?;
                if range.len() > 1 {
                    let middle = range.start + range.len() / 2;
                    waiting.extend([middle..range.end, range.start..middle]);
                    continue;
                }
                chunk.refused(error.message())
            }
            done => done?,
        };
        outcomes.extend(found.into_iter().map(|o| Outcome { item: o.item + range.start, ..o }));
    }
    Ok(outcomes)
}

/// Items that go in one message each.
fn chunks(items: &[Item]) -> Vec<Range<usize>> {
    let (mut chunks, mut from, mut statements) = (Vec::new(), 0, 0);
    for (at, item) in items.iter().enumerate() {
        statements += item.parts.len() + 1;
        if statements >= MOST || at + 1 == items.len() {
            chunks.push(from..at + 1);
            (from, statements) = (at + 1, 0);
        }
    }
    chunks
}

struct Chunk<'a> {
    items: &'a [Item],
    /// Item and part of each statement.
    places: Vec<(usize, Option<usize>)>,
    statements: Vec<&'a str>,
}

impl<'a> Chunk<'a> {
    fn new(items: &'a [Item]) -> Self {
        let mut chunk = Self { items, places: Vec::new(), statements: Vec::new() };
        for (at, item) in items.iter().enumerate() {
            for (part, statement) in std::iter::once((None, item.whole.as_ref()))
                .chain(item.parts.iter().enumerate().map(|(part, statement)| (Some(part), Some(statement))))
            {
                if let Some(statement) = statement {
                    chunk.places.push((at, part));
                    chunk.statements.push(statement);
                }
            }
        }
        chunk
    }

    async fn send(
        &self,
        connection: &mut PgConnection,
        mode: Mode,
        left: Duration,
    ) -> Result<Vec<Outcome>, sqlx::Error> {
        let millis = i32::try_from(left.as_millis()).unwrap_or(i32::MAX / 2);
        let sql = format!(
            "begin;\nset local statement_timeout = {};\nselect * from pg_temp.limbeck_attempt({}, {}, {}, {}, {}, {}, {}, {millis});\ncommit",
            // Where one statement does not end, the others still have the other half.
            millis / 2 + 100,
            array("int", self.places.iter().map(|(item, _)| (item + 1).to_string())),
            array("text", self.statements.iter().map(|s| literal(s))),
            array("boolean", self.places.iter().map(|(_, part)| part.is_none().to_string())),
            array("text", self.items.iter().map(|i| literal(&i.path))),
            array("text", self.items.iter().map(|i| literal(&i.sequences))),
            mode == Mode::Query,
            mode == Mode::Undo,
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
        rows.iter().map(|row| self.outcome(row)).collect()
    }

    fn outcome(&self, row: &PgRow) -> Result<Outcome, sqlx::Error> {
        let at: i32 = row.try_get("at")?;
        let (item, part) = self.places[usize::try_from(at - 1).unwrap_or_default()];
        let text = |name: &str| row.try_get::<Option<String>, _>(name).map(Option::unwrap_or_default);
        let result = match row.try_get::<Option<String>, _>("state")? {
            None => Ok(row.try_get("result")?),
            Some(state) => Err(Refusal {
                state,
                schema: text("relation_schema")?,
                relation: text("relation")?,
                constraint: text("named")?,
                column: text("col")?,
                message: text("message")?,
            }),
        };
        Ok(Outcome { item, part, result })
    }

    /// The whole message failed: most likely a statement that did not end in time.
    fn refused(&self, message: &str) -> Vec<Outcome> {
        let refusal =
            Refusal { state: NO_TIME.to_owned(), message: message.to_owned(), ..Refusal::default() };
        let outcome = |&(item, part)| Outcome { item, part, result: Err(refusal.clone()) };
        self.places.iter().map(outcome).collect()
    }
}

fn array(of: &str, elements: impl Iterator<Item = String>) -> String {
    format!("array[{}]::{of}[]", elements.collect::<Vec<_>>().join(", "))
}
