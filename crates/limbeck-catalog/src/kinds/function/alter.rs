//! What a change of a function takes.

use super::Function;
use crate::facts::{Change, Pair, Side};
use crate::kinds::routine::{self, Settings};
use crate::note::Hazard;
use crate::{Action, Kind, Note, ObjectId};

pub(super) fn alter(id: &ObjectId, facts: Pair<&Function>, sides: Pair<Side<'_>>) -> Change {
    let Pair { from, to } = facts;
    let Function {
        arguments, returns, language, transforms, window, support, body, sql_body, library, ..
    } = to;
    let arguments = routine::arguments_of(arguments.as_ref(), id);
    let arguments_before = routine::arguments_of(from.arguments.as_ref(), id);
    if *returns != from.returns {
        return Change::Recreate("what it returns changes".to_owned());
    }
    if *window != from.window {
        return Change::Recreate("a window function is another kind of routine".to_owned());
    }
    if let Some(why) = routine::in_the_way(Pair { from: arguments_before, to: arguments }) {
        return Change::Recreate(why.to_owned());
    }
    let body_differs = *language != from.language
        || *body != from.body
        || *sql_body != from.sql_body
        || *library != from.library;
    // `alter function` has no word for taking a support function away, nor for transforms.
    let support_goes = from.support.is_some() && support.is_none();
    if body_differs || support_goes || arguments != arguments_before || *transforms != from.transforms {
        let action =
            routine::made(to.statement(id, "create or replace"), &to.language, to.sql_body.is_some());
        return Change::Alter(vec![if body_differs {
            action.notes(stale_values(id, sides))
        } else {
            action
        }]);
    }
    let clauses = attributes(facts);
    if clauses.is_empty() {
        return Change::Same;
    }
    Change::Alter(vec![Action::new(format!(
        "alter function {} {}",
        routine::signature(id),
        clauses.join(" ")
    ))])
}

/// The attributes that differ, as `alter function` says them. All that is not here is compared above.
fn attributes(facts: Pair<&Function>) -> Vec<String> {
    let Pair { from, to } = facts;
    let Function {
        arguments: _,
        returns: _,
        language,
        transforms: _,
        window: _,
        volatility,
        strict,
        security_definer,
        leakproof,
        parallel,
        cost,
        rows,
        support,
        set,
        library: _,
        body: _,
        sql_body: _,
    } = to;
    let own_cost = if matches!(language.as_str(), "c" | "internal") { 1.0 } else { 100.0 };
    let word = |differs: bool, text: String| differs.then_some(text);
    let either = |on: bool, yes: &str, no: &str| if on { yes.to_owned() } else { no.to_owned() };
    [
        word(*volatility != from.volatility, volatility.word().to_owned()),
        word(*strict != from.strict, either(*strict, "strict", "called on null input")),
        word(
            *security_definer != from.security_definer,
            either(*security_definer, "security definer", "security invoker"),
        ),
        word(*leakproof != from.leakproof, either(*leakproof, "leakproof", "not leakproof")),
        word(*parallel != from.parallel, parallel.word().to_owned()),
        word(*cost != from.cost, format!("cost {}", cost.unwrap_or(own_cost))),
        word(*rows != from.rows, format!("rows {}", rows.unwrap_or(1000.0))),
        word(*support != from.support, format!("support {}", support.as_deref().unwrap_or_default())),
    ]
    .into_iter()
    .flatten()
    .chain(Settings::change(&from.set, set))
    .collect()
}

/// Indexes, generated columns and checks keep what the old body said of rows that are there: Postgres
/// neither computes them anew nor refuses the new body.
fn stale_values(id: &ObjectId, sides: Pair<Side<'_>>) -> Option<Note> {
    let stores =
        |kind| matches!(kind, Kind::Index | Kind::Column | Kind::Check | Kind::Exclusion | Kind::DomainCheck);
    let stay = sides.from.catalog.needs.iter().filter(|(dependant, on, _)| {
        stores(dependant.kind) && *on == id && sides.to.catalog.contains(dependant)
    });
    let names: Vec<_> = stay.map(|(dependant, ..)| dependant.to_string()).collect();
    let words = format!("rows that are there keep what the old body gave, in {}", names.join(", "));
    (!names.is_empty()).then(|| Hazard::ValueChange.note(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::routine::Volatility;
    use crate::{Catalog, Need};

    fn function(arguments: &str, body: &str) -> Function {
        Function {
            arguments: Some(arguments.to_owned()),
            returns: "integer".to_owned(),
            language: "sql".to_owned(),
            body: Some(body.to_owned()),
            ..Function::default()
        }
    }

    fn id() -> ObjectId {
        ObjectId::new(Kind::Function, ["s", "f", "integer"])
    }

    fn change(from: &Function, to: &Function, catalog: &Catalog) -> Change {
        let side = Side { catalog, restoring: false };
        alter(&id(), Pair { from, to }, Pair { from: side, to: side })
    }

    fn sql(from: &Function, to: &Function) -> Vec<String> {
        match change(from, to, &Catalog::default()) {
            Change::Alter(actions) => actions.into_iter().map(|a| a.sql).collect(),
            Change::Same => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn attributes_change_without_the_body() {
        let from = Function { cost: Some(5.0), strict: true, ..function("a integer", "select 1") };
        let to = Function { volatility: Volatility::Stable, ..function("a integer", "select 1") };
        assert_eq!(sql(&from, &to), ["alter function s.f(integer) stable called on null input cost 100"]);
        assert!(sql(&to, &to).is_empty());
    }

    #[test]
    fn a_body_or_a_new_default_replaces() {
        let from = function("a integer", "select 1");
        for to in [function("a integer", "select 2"), function("a integer DEFAULT 1", "select 1")] {
            assert!(sql(&from, &to)[0].starts_with("create or replace function s.f(a integer"));
        }
    }

    #[test]
    fn what_create_or_replace_refuses_is_recreated() {
        let from = function("a integer", "select 1");
        let other = Function { returns: "bigint".to_owned(), ..from.clone() };
        for to in [function("b integer", "select 1"), other] {
            assert!(matches!(change(&from, &to, &Catalog::default()), Change::Recreate(_)));
        }
    }

    #[test]
    fn arguments_that_the_key_says_need_not_be_written() {
        let bare = Function { arguments: None, ..function("", "select 1") };
        assert!(sql(&bare, &function("integer", "select 1")).is_empty());
    }

    #[test]
    fn stored_results_of_the_old_body_are_said() {
        let index = ObjectId::new(Kind::Index, ["s", "t", "t_f_idx"]);
        let mut catalog = Catalog::default();
        catalog.objects.insert(index.clone(), function("", "").into());
        catalog.add_need(&index, &id(), Need::Hard);
        let Change::Alter(actions) = change(&function("", "select 1"), &function("", "select 2"), &catalog)
        else {
            panic!("in place")
        };
        assert_eq!(
            actions[0].notes[0].words,
            "rows that are there keep what the old body gave, in index s.t.t_f_idx"
        );
    }
}
