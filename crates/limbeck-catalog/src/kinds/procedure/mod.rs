//! Procedures (`pg_proc`, prokind `p`).
//!
//! Statements name them by the types of what goes in. Postgres takes such a list for that of all
//! arguments too (as the SQL standard does), so of `p(a int, out b int)` and `p(a int, b int)` side by
//! side the second can't be told apart: `procedure name is not unique`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::routine::{self, Body, Settings};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// A procedure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The arguments with their names, modes and defaults. May be left out where they are the types
    /// that the key says.
    #[serde(default, deserialize_with = "routine::written", skip_serializing_if = "routine::is_plain")]
    pub arguments: Option<String>,
    /// The language.
    pub language: String,
    /// The types that are transformed for the language.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transforms: Vec<String>,
    /// Whether it runs with its owner's rights.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security_definer: bool,
    /// Settings while it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub set: Settings,
    /// The file of a procedure in C.
    #[serde(default, skip_serializing_if = "is_default")]
    pub library: Option<String>,
    /// The body as a string; of a procedure in C its symbol.
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: Option<String>,
    /// An SQL-standard body: `begin atomic … end`.
    #[serde(default, deserialize_with = "routine::text", skip_serializing_if = "is_default")]
    pub sql_body: Option<String>,
}

impl Procedure {
    fn statement(&self, id: &ObjectId, create: &str) -> String {
        let body = Body {
            language: &self.language,
            string: self.body.as_ref(),
            sql: self.sql_body.as_ref(),
            library: self.library.as_ref(),
        };
        let arguments = routine::arguments_of(self.arguments.as_ref(), id);
        let mut language = format!("language {}", limbeck_sql::ident(&self.language));
        if !self.transforms.is_empty() {
            let types = self.transforms.iter().map(|t| format!("for type {t}")).collect::<Vec<_>>();
            language += &format!(" transform {}", types.join(", "));
        }
        if self.security_definer {
            language += " security definer";
        }
        [format!("{create} procedure {}({arguments})", id.qualified()), language]
            .into_iter()
            .chain(self.set.clauses())
            .chain([body.clause()])
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Facts for Procedure {
    const KIND: Kind = Kind::Procedure;
    const FAMILY: Family = Family::Routine;
    const SECTION: Section = Section::Top("procedures");
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
        [self.arguments.as_ref(), self.body.as_ref(), self.sql_body.as_ref()]
            .into_iter()
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
        vec![routine::drop(id, true)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        routine::rename(id, to)
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { arguments, language, transforms, security_definer, set, library, body, sql_body } = to;
        let arguments = routine::arguments_of(arguments.as_ref(), id);
        let before = routine::arguments_of(from.arguments.as_ref(), id);
        if let Some(why) = routine::in_the_way(Pair { from: before, to: arguments }) {
            return Change::Recreate(why.to_owned());
        }
        let replaces = arguments != before
            || *language != from.language
            || *transforms != from.transforms
            || *library != from.library
            || *body != from.body
            || *sql_body != from.sql_body;
        if replaces {
            let sql = to.statement(id, "create or replace");
            return Change::Alter(vec![routine::made(sql, &to.language, to.sql_body.is_some())]);
        }
        let security = if *security_definer { "security definer" } else { "security invoker" };
        let clauses: Vec<_> = (*security_definer != from.security_definer)
            .then(|| security.to_owned())
            .into_iter()
            .chain(Settings::change(&from.set, set))
            .collect();
        if clauses.is_empty() {
            return Change::Same;
        }
        Change::Alter(vec![Action::new(format!(
            "alter procedure {} {}",
            routine::signature(id),
            clauses.join(" ")
        ))])
    }

    /// As functions do: a string is read when it runs, an SQL-standard body is kept parsed.
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

    /// A procedure that does nothing, as with functions.
    fn shell(&self, id: &ObjectId) -> Option<Vec<Action>> {
        if !matches!(self.language.as_str(), "sql" | "plpgsql") {
            return None;
        }
        let arguments = match (&self.arguments, &self.sql_body) {
            (Some(arguments), None) => Some(routine::without_defaults(arguments)),
            (arguments, _) => arguments.clone(),
        };
        let shell = Self {
            arguments,
            language: "plpgsql".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn outputs_are_kept_by_recreating() {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let id = ObjectId::new(Kind::Procedure, ["s", "p", "integer"]);
        let procedure = |arguments: &str, definer| Procedure {
            arguments: Some(arguments.to_owned()),
            language: "plpgsql".to_owned(),
            security_definer: definer,
            body: Some("begin end".to_owned()),
            ..Procedure::default()
        };
        let alter = |from: &Procedure, to: &Procedure| {
            Procedure::alter(&id, Pair { from, to }, Pair { from: side, to: side })
        };
        let from = procedure("a integer", false);
        assert!(matches!(alter(&from, &procedure("a integer, OUT b integer", false)), Change::Recreate(_)));
        let Change::Alter(actions) = alter(&from, &procedure("a integer", true)) else { panic!("in place") };
        assert_eq!(actions[0].sql, "alter procedure s.p(integer) security definer");
    }
}
