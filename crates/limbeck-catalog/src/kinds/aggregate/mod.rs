//! Aggregates (`pg_aggregate`): ordinary, ordered-set and hypothetical-set ones.

use limbeck_sql::literal;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::routine::{self, Parallel};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// An aggregate. Its fields are called as `create aggregate` calls its parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    /// The arguments with their names and modes. May be left out where they are the types that the
    /// key says.
    #[serde(default, deserialize_with = "routine::written", skip_serializing_if = "routine::is_plain")]
    pub arguments: Option<String>,
    /// Whether an ordered-set aggregate is a hypothetical-set one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hypothetical: bool,
    /// The function that takes a row into the state.
    pub sfunc: String,
    /// The type of the state.
    #[serde(deserialize_with = "state_type")]
    pub stype: String,
    /// The estimated size of the state in bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sspace: Option<i32>,
    /// The function that makes the result of the state.
    #[serde(default, skip_serializing_if = "is_default")]
    pub finalfunc: Option<String>,
    /// Whether that gets arguments besides the state.
    #[serde(default, skip_serializing_if = "is_default")]
    pub finalfunc_extra: bool,
    /// `read_only`, `shareable` or `read_write`, if not the default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub finalfunc_modify: Option<String>,
    /// The function that combines two states.
    #[serde(default, skip_serializing_if = "is_default")]
    pub combinefunc: Option<String>,
    /// The function that serializes a state.
    #[serde(default, skip_serializing_if = "is_default")]
    pub serialfunc: Option<String>,
    /// The function that deserializes it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deserialfunc: Option<String>,
    /// The state at the start, if not null.
    #[serde(default, skip_serializing_if = "is_default")]
    pub initcond: Option<String>,
    /// `sfunc` of moving aggregates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub msfunc: Option<String>,
    /// The function that takes a row out of a moving aggregate's state.
    #[serde(default, skip_serializing_if = "is_default")]
    pub minvfunc: Option<String>,
    /// `stype` of moving aggregates.
    #[serde(default, deserialize_with = "moving_type", skip_serializing_if = "is_default")]
    pub mstype: Option<String>,
    /// `sspace` of moving aggregates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub msspace: Option<i32>,
    /// `finalfunc` of moving aggregates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mfinalfunc: Option<String>,
    /// `finalfunc_extra` of moving aggregates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mfinalfunc_extra: bool,
    /// `finalfunc_modify` of moving aggregates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mfinalfunc_modify: Option<String>,
    /// `initcond` of moving aggregates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub minitcond: Option<String>,
    /// The operator by which an index finds the result (as of `min` and `max`), qualified.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sortop: Option<String>,
    /// Whether it may run in parallel plans.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parallel: Parallel,
    /// What it returns. Follows from the rest, so it is not compared by itself.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub result: Option<String>,
}

fn state_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(routine::bare_type(&String::deserialize(deserializer)?))
}

fn moving_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(|text| routine::bare_type(&text)))
}

impl Aggregate {
    fn statement(&self, id: &ObjectId, create: &str) -> String {
        let arguments = routine::arguments_of(self.arguments.as_ref(), id);
        let parameters = self.parameters().join(",\n    ");
        format!("{create} aggregate {}({arguments}) (\n    {parameters}\n)", id.qualified())
    }

    fn parameters(&self) -> Vec<String> {
        let value = |name: &str, value: &Option<String>| value.as_ref().map(|v| format!("{name} = {v}"));
        let text =
            |name: &str, value: &Option<String>| value.as_ref().map(|v| format!("{name} = {}", literal(v)));
        let size = |name: &str, value: Option<i32>| value.map(|v| format!("{name} = {v}"));
        let flag = |name: &str, on: bool| on.then(|| name.to_owned());
        let parallel = match self.parallel {
            Parallel::Unsafe => None,
            Parallel::Restricted => Some("parallel = restricted".to_owned()),
            Parallel::Safe => Some("parallel = safe".to_owned()),
        };
        [
            Some(format!("sfunc = {}", self.sfunc)),
            Some(format!("stype = {}", self.stype)),
            size("sspace", self.sspace),
            value("finalfunc", &self.finalfunc),
            flag("finalfunc_extra", self.finalfunc_extra),
            value("finalfunc_modify", &self.finalfunc_modify),
            value("combinefunc", &self.combinefunc),
            value("serialfunc", &self.serialfunc),
            value("deserialfunc", &self.deserialfunc),
            text("initcond", &self.initcond),
            value("msfunc", &self.msfunc),
            value("minvfunc", &self.minvfunc),
            value("mstype", &self.mstype),
            size("msspace", self.msspace),
            value("mfinalfunc", &self.mfinalfunc),
            flag("mfinalfunc_extra", self.mfinalfunc_extra),
            value("mfinalfunc_modify", &self.mfinalfunc_modify),
            text("minitcond", &self.minitcond),
            self.sortop.as_ref().map(|operator| format!("sortop = operator({operator})")),
            parallel,
            flag("hypothetical", self.hypothetical),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Facts for Aggregate {
    const KIND: Kind = Kind::Aggregate;
    const FAMILY: Family = Family::Routine;
    const SECTION: Section = Section::Top("aggregates");
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
        [&self.sfunc, &self.stype]
            .into_iter()
            .chain(&self.arguments)
            .chain(
                [&self.finalfunc, &self.combinefunc, &self.serialfunc, &self.deserialfunc]
                    .into_iter()
                    .flatten(),
            )
            .chain([&self.msfunc, &self.minvfunc, &self.mstype, &self.mfinalfunc].into_iter().flatten())
            .map(String::as_str)
            .collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![Action::new(self.statement(id, "create"))]
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

    /// `create or replace aggregate` takes all that leaves kind, argument names and result alone.
    fn alter(id: &ObjectId, facts: Pair<&Self>, _sides: Pair<Side<'_>>) -> Change {
        let Pair { from, to } = facts;
        let Self { arguments, hypothetical, result, .. } = to;
        let arguments = routine::arguments_of(arguments.as_ref(), id);
        let before = routine::arguments_of(from.arguments.as_ref(), id);
        if *hypothetical != from.hypothetical {
            return Change::Recreate("it becomes another kind of aggregate".to_owned());
        }
        if let Some(why) = routine::in_the_way(Pair { from: before, to: arguments }) {
            return Change::Recreate(why.to_owned());
        }
        if result.is_some() && from.result.is_some() && *result != from.result {
            return Change::Recreate("what it returns changes".to_owned());
        }
        if (Self { arguments: to.arguments.clone(), result: to.result.clone(), ..from.clone() }) == *to
            && arguments == before
        {
            return Change::Same;
        }
        Change::Alter(vec![Action::new(to.statement(id, "create or replace"))])
    }

    fn react(
        _id: &ObjectId,
        _facts: Pair<&Self>,
        _cause: &ObjectId,
        event: Event,
        _sides: Pair<Side<'_>>,
    ) -> Reaction {
        match event {
            Event::Altered => Reaction::Ride,
            Event::Replaced => Reaction::Recreate,
        }
    }

    fn inline(&self, _id: &ObjectId) -> Inline {
        Inline::No
    }

    fn shell(&self, _id: &ObjectId) -> Option<Vec<Action>> {
        None
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

    fn sum() -> Aggregate {
        Aggregate {
            sfunc: "int4pl".to_owned(),
            stype: "integer".to_owned(),
            initcond: Some("0".to_owned()),
            result: Some("integer".to_owned()),
            ..Aggregate::default()
        }
    }

    fn alter(from: &Aggregate, to: &Aggregate) -> Change {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let id = ObjectId::new(Kind::Aggregate, ["s", "total", "integer"]);
        Aggregate::alter(&id, Pair { from, to }, Pair { from: side, to: side })
    }

    #[test]
    fn parameters_are_replaced_in_place() {
        let to = Aggregate { sortop: Some("pg_catalog.<".to_owned()), parallel: Parallel::Safe, ..sum() };
        let Change::Alter(actions) = alter(&sum(), &to) else { panic!("in place") };
        assert_eq!(
            actions[0].sql,
            "create or replace aggregate s.total(integer) (\n    sfunc = int4pl,\n    stype = integer,\n    \
             initcond = '0',\n    sortop = operator(pg_catalog.<),\n    parallel = safe\n)"
        );
    }

    #[test]
    fn another_result_is_another_aggregate() {
        let to = Aggregate { stype: "bigint".to_owned(), result: Some("bigint".to_owned()), ..sum() };
        assert!(matches!(alter(&sum(), &to), Change::Recreate(_)));
        assert_eq!(alter(&sum(), &Aggregate { result: None, ..sum() }), Change::Same);
    }
}
