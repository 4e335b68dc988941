//! Functions (`pg_proc`, prokind `f` and `w`).

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod alter;
mod statement;

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::routine::{self, Parallel, Settings, Volatility};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The arguments with their names, modes and defaults. May be left out where they are the types
    /// that the key says.
    #[serde(default, deserialize_with = "routine::written", skip_serializing_if = "routine::is_plain")]
    pub arguments: Option<String>,
    /// What it returns: a type, `SETOF` a type, or `TABLE(…)`.
    #[serde(deserialize_with = "returns")]
    pub returns: String,
    /// The language.
    pub language: String,
    /// The types that are transformed for the language.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transforms: Vec<String>,
    /// Whether it is a window function.
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: bool,
    /// What its result depends on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub volatility: Volatility,
    /// Whether it returns null for a null argument without being called.
    #[serde(default, skip_serializing_if = "is_default")]
    pub strict: bool,
    /// Whether it runs with its owner's rights.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security_definer: bool,
    /// Whether it tells nothing of its arguments but by its result.
    #[serde(default, skip_serializing_if = "is_default")]
    pub leakproof: bool,
    /// Whether it may run in parallel plans.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parallel: Parallel,
    /// The estimated cost, if not 100 (1 in C).
    #[serde(default, serialize_with = "number", skip_serializing_if = "is_default")]
    pub cost: Option<f64>,
    /// The estimated number of rows, if not 1000.
    #[serde(default, serialize_with = "number", skip_serializing_if = "is_default")]
    pub rows: Option<f64>,
    /// The planner's support function, qualified.
    #[serde(default, skip_serializing_if = "is_default")]
    pub support: Option<String>,
    /// Settings while it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub set: Settings,
    /// The file of a function in C.
    #[serde(default, skip_serializing_if = "is_default")]
    pub library: Option<String>,
    /// The body as a string; of a function in C its symbol.
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: Option<String>,
    /// An SQL-standard body: `begin atomic … end` or `return …`.
    #[serde(default, deserialize_with = "routine::text", skip_serializing_if = "is_default")]
    pub sql_body: Option<String>,
}

/// Reads a type in the spelling of `pg_get_function_result`, which has no modifiers.
fn returns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let text = text.trim();
    let starts = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    Ok(match text {
        _ if starts("setof ") => format!("SETOF {}", routine::bare_type(text["setof ".len()..].trim())),
        _ if starts("table(") || starts("table (") => text.to_owned(),
        _ => routine::bare_type(text),
    })
}

/// Writes `5`, not `5.0`, as people do.
fn number<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => serializer.serialize_i64(*whole as i64),
        Some(number) => serializer.serialize_f64(*number),
        None => serializer.serialize_none(),
    }
}

impl Function {
    /// Triggers call it by their own definition, never by a text.
    fn is_called_by_texts(&self) -> bool {
        !matches!(self.returns.as_str(), "trigger" | "event_trigger")
    }
}

impl Facts for Function {
    const KIND: Kind = Kind::Function;
    const FAMILY: Family = Family::Routine;
    const SECTION: Section = Section::Top("functions");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((routine::schema(id), Bond::Within))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        routine::slots(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    fn texts(&self) -> Vec<&str> {
        [self.arguments.as_ref(), Some(&self.returns), self.support.as_ref(), self.body.as_ref()]
            .into_iter()
            .chain([self.sql_body.as_ref()])
            .flatten()
            .map(String::as_str)
            .collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![routine::made(self.statement(id, "create"), &self.language, self.sql_body.is_some())]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![routine::drop(id, self.is_called_by_texts())]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        routine::rename(id, to)
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        alter::alter(id, facts, sides)
    }

    /// A string is read when it runs, so what it names may change; an SQL-standard body is kept parsed,
    /// and Postgres refuses to change what it uses.
    fn react(
        _id: &ObjectId,
        facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        let parsed = facts.from.sql_body.is_some() || facts.to.sql_body.is_some();
        match event {
            Event::Altered if !parsed => Reaction::Ride,
            Event::Altered | Event::Replaced => Reaction::Recreate,
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    /// A function that returns nothing, which PL/pgSQL takes for any result. Cycles go through a parsed
    /// body, or else through defaults: whichever it is stays out (callers may count on defaults).
    fn shell(&self, id: &ObjectId) -> Option<Vec<Action>> {
        if self.window || !matches!(self.language.as_str(), "sql" | "plpgsql") {
            return None;
        }
        let arguments = match (&self.arguments, &self.sql_body) {
            (Some(arguments), None) => Some(routine::without_defaults(arguments)),
            (arguments, _) => arguments.clone(),
        };
        let shell = Self {
            arguments,
            language: "plpgsql".to_owned(),
            support: None,
            body: Some("begin end".to_owned()),
            sql_body: None,
            ..self.clone()
        };
        Some(vec![Action::new(shell.statement(id, "create"))])
    }

    fn normalise(id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        routine::fill_arguments(id, document);
        Vec::new()
    }
}
