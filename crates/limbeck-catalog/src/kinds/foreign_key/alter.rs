//! What a change of a foreign key takes, and what it does when one of its ends changes.

use std::collections::BTreeSet;

use super::ForeignKey;
use super::reference::Reference;
use crate::facts::{Change, Event, Pair, Reaction, Side};
use crate::kinds::constraint;
use crate::{Action, Kind, Object, ObjectId};

pub(super) fn alter(id: &ObjectId, facts: Pair<&ForeignKey>) -> Change {
    let Pair { from, to } = facts;
    let ForeignKey {
        columns,
        references,
        match_type,
        on_update,
        on_delete,
        period,
        deferrable,
        initially_deferred,
        not_valid,
        not_enforced,
    } = to;
    let anew = constraint::anew(&[
        (*columns != from.columns, "its columns change"),
        (*references != from.references, "what it points at changes"),
        (*match_type != from.match_type, "how nulls are taken changes"),
        (*on_update != from.on_update, "what an update does changes"),
        (*on_delete != from.on_delete, "what a delete does changes"),
        (*period != from.period, "whether it is about periods changes"),
    ]);
    if let Some(anew) = anew {
        return anew;
    }
    let mut actions = Vec::new();
    if (*deferrable, *initially_deferred) != (from.deferrable, from.initially_deferred) {
        let when = match (*deferrable, *initially_deferred) {
            (false, false) => "not deferrable",
            (true, false) => "deferrable initially immediate",
            (_, true) => "deferrable initially deferred",
        };
        actions.push(change(id, when));
    }
    match (from.not_enforced, *not_enforced) {
        (false, true) => actions.push(change(id, "not enforced")),
        // Enforcing it looks at every row, whatever was valid before.
        (true, false) if *not_valid => {
            return Change::Recreate("rows that are there go unchecked".to_owned());
        }
        (true, false) => actions.push(to.scanning(id, change(id, "enforced"))),
        (true, true) => {}
        (false, false) => match constraint::validity(id, from.not_valid, *not_valid) {
            Change::Alter(validate) => actions.extend(validate),
            Change::Same => {}
            other @ (Change::Recreate(_) | Change::Refuse(_)) => return other,
        },
    }
    Change::in_place(actions)
}

fn change(id: &ObjectId, what: &str) -> Action {
    Action::new(format!("alter table {} alter constraint {} {what}", id.qualified(), id.quoted()))
}

/// A key that it points at can't go before it does; columns change their types under it only while
/// the operators that compare them stay the same.
pub(super) fn react(
    id: &ObjectId,
    facts: Pair<&ForeignKey>,
    cause: &ObjectId,
    event: Event,
    sides: Pair<Side<'_>>,
) -> Reaction {
    if !compares_alike(id, facts.to, sides) || is_converted(cause, sides) {
        return Reaction::Recreate;
    }
    constraint::ride_in_place(alter(id, facts), event)
}

/// Whether each pair of columns is compared in one way, whichever end has its new type already:
/// statements change one end at a time.
fn compares_alike(id: &ObjectId, key: &ForeignKey, sides: Pair<Side<'_>>) -> bool {
    let Some(reference) = Reference::parse(&key.references) else { return false };
    let (own, other) = (id.relation(Kind::Table), reference.table(id.schema()));
    let pairs = key.columns.iter().zip(&reference.columns);
    let alike = |(column, key): (&String, &String)| {
        let ends = [own.member(Kind::Column, column), other.member(Kind::Column, key)];
        let comparisons: BTreeSet<_> =
            ends.iter().flat_map(|end| [comparison(end, sides.from), comparison(end, sides.to)]).collect();
        comparisons.len() == 1 && !comparisons.contains(&None)
    };
    key.columns.len() == reference.columns.len() && pairs.into_iter().all(alike)
}

/// Whether a column, altered though its type has one name on both sides, is converted to a new version of
/// that type (of an enum, say): while one end has the old one and the other the new, nothing compares them.
fn is_converted(cause: &ObjectId, sides: Pair<Side<'_>>) -> bool {
    let said = |side: Side<'_>| match side.catalog.get(cause) {
        Some(Object::Column(column)) => Some((column.type_name.clone(), column.collation.clone())),
        Some(_) | None => None,
    };
    said(sides.from).is_some_and(|from| Some(from) == said(sides.to))
}

/// What decides how a column's values are compared: the type, but for integers, which compare across
/// their widths, and strings, which are all compared as `text`; and the collation.
fn comparison(column: &ObjectId, side: Side<'_>) -> Option<(String, Option<String>)> {
    let Some(Object::Column(facts)) = side.catalog.get(column) else { return None };
    let name = facts.type_name.as_str();
    let is_varchar = name.starts_with("character varying") && !name.ends_with(']');
    let family = match name {
        "smallint" | "integer" | "bigint" => "integer",
        _ if is_varchar => "text",
        other => other,
    };
    Some((family.to_owned(), facts.collation.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::kinds::column::Column;

    fn id() -> ObjectId {
        ObjectId::new(Kind::ForeignKey, ["s", "t", "t_fk"])
    }

    fn key(more: &str) -> ForeignKey {
        let text = format!("{{\"columns\": [\"a\"], \"references\": \"s.r(id)\"{more}}}");
        serde_json::from_str(&text).expect("a foreign key")
    }

    fn catalog(own: &str, other: &str) -> Catalog {
        let mut catalog = Catalog::default();
        for (path, type_name) in [(["s", "t", "a"], own), (["s", "r", "id"], other)] {
            let text = format!("{{\"type\": \"{type_name}\"}}");
            let column: Column = serde_json::from_str(&text).expect("a column");
            catalog.objects.insert(ObjectId::new(Kind::Column, path), column.into());
        }
        catalog
    }

    fn reaction(from: (&str, &str), to: (&str, &str)) -> Reaction {
        let catalogs = Pair { from: catalog(from.0, from.1), to: catalog(to.0, to.1) };
        let side = |catalog| Side { catalog, restoring: false };
        let sides = Pair { from: side(&catalogs.from), to: side(&catalogs.to) };
        let altered = if from.0 == to.0 { ["s", "r", "id"] } else { ["s", "t", "a"] };
        let cause = ObjectId::new(Kind::Column, altered);
        react(&id(), Pair { from: &key(""), to: &key("") }, &cause, Event::Altered, sides)
    }

    #[test]
    fn rides_while_both_ends_compare_alike() {
        assert_eq!(reaction(("integer", "integer"), ("integer", "bigint")), Reaction::Ride);
        assert_eq!(reaction(("smallint", "integer"), ("bigint", "bigint")), Reaction::Ride);
        let string = "character varying(20)";
        assert_eq!(reaction((string, string), ("text", string)), Reaction::Ride);
        assert_eq!(reaction(("integer", "integer"), ("text", "text")), Reaction::Recreate);
        assert_eq!(
            reaction(("numeric(4,2)", "numeric(4,2)"), ("numeric(5,2)", "numeric(4,2)")),
            Reaction::Recreate
        );
    }

    #[test]
    fn a_column_that_is_converted_to_a_new_version_of_its_type_is_let_go() {
        assert_eq!(reaction(("s.e", "s.e"), ("s.e", "s.e")), Reaction::Recreate);
    }

    fn statements(from: &str, to: &str) -> Option<Vec<String>> {
        match alter(&id(), Pair { from: &key(from), to: &key(to) }) {
            Change::Same => Some(Vec::new()),
            Change::Alter(actions) => Some(actions.into_iter().map(|a| a.sql).collect()),
            Change::Recreate(_) | Change::Refuse(_) => None,
        }
    }

    #[test]
    fn changes_in_place_what_can_be() {
        let deferrable = ", \"deferrable\": true";
        let alter = "alter table s.t alter constraint t_fk";
        assert_eq!(statements("", ""), Some(vec![]));
        assert_eq!(statements("", deferrable), Some(vec![format!("{alter} deferrable initially immediate")]));
        assert_eq!(statements(deferrable, ""), Some(vec![format!("{alter} not deferrable")]));
        assert_eq!(
            statements(", \"not_valid\": true", ""),
            Some(vec!["alter table s.t validate constraint t_fk".to_owned()])
        );
        assert_eq!(statements("", ", \"not_valid\": true"), None);
        assert_eq!(statements("", ", \"on_delete\": \"cascade\""), None);
        assert_eq!(statements(", \"not_enforced\": true", ""), Some(vec![format!("{alter} enforced")]));
    }
}
