//! What a change of a composite type takes. Attributes are added and dropped in place whatever
//! stores the type; a new type of one only while no column of a table stores it (`cannot alter type …
//! because column … uses it`).

use std::collections::BTreeSet;

use limbeck_sql::ident;

use super::Composite;
use super::attributes::Attribute;
use crate::facts::{Change, Event, Pair, Reaction, Side};
use crate::kinds::user_type;
use crate::note::{BlindSpot, Hazard};
use crate::{Action, ObjectId};

/// The order of attributes counts only where no column stores the type: else Postgres can't change it,
/// as with the columns of a table.
pub(super) fn alter(id: &ObjectId, facts: Pair<&Composite>, sides: Pair<Side<'_>>) -> Change {
    let Composite { attributes } = facts.to;
    if *attributes == facts.from.attributes {
        return Change::Same;
    }
    let stored = user_type::stored_in(id, sides.from.catalog);
    let in_order = stands_in_order(facts);
    let retyped: Vec<_> = kept(facts).filter(|(was, is)| was.body != is.body).map(|(_, is)| is).collect();
    if !stored.is_empty() && !retyped.is_empty() {
        let columns = user_type::in_words(&stored);
        return Change::Recreate(format!("values are taken over by their place: {columns} store it"));
    }
    if stored.is_empty() && !in_order {
        return Change::Recreate("its attributes stand in another order".to_owned());
    }
    let mut actions = drops(id, facts, &stored);
    actions.extend(adds(id, facts, &stored, in_order, sides.to.restoring));
    actions.extend(retyped.into_iter().map(|attribute| set_type(id, attribute)));
    Change::in_place(actions)
}

/// A type that was replaced stands aside until its users are converted.
pub(super) fn react(
    id: &ObjectId,
    facts: Pair<&Composite>,
    cause: &ObjectId,
    event: Event,
    sides: Pair<Side<'_>>,
) -> Reaction {
    let stored = || !user_type::stored_in(id, sides.from.catalog).is_empty();
    match event {
        Event::Altered => Reaction::Ride,
        Event::Replaced if !cause.kind.stands_aside() || stored() => Reaction::Recreate,
        Event::Replaced => {
            let mut actions = match alter(id, facts, sides) {
                Change::Same => Vec::new(),
                Change::Alter(actions) => actions,
                Change::Recreate(_) | Change::Refuse(_) => return Reaction::Recreate,
            };
            let unchanged = kept(facts).filter(|(was, is)| was.body == is.body).map(|(_, is)| is);
            let theirs = unchanged.filter(|a| user_type::is_named_by(&a.body.type_name, cause));
            actions.extend(theirs.map(|attribute| set_type(id, attribute)));
            Reaction::Alter(actions)
        }
    }
}

/// The attributes that have another name at the same place, where nothing else differs.
pub(super) fn renames(id: &ObjectId, facts: Pair<&Composite>) -> Vec<Action> {
    let (from, to) = (&facts.from.attributes, &facts.to.attributes);
    let differ: Vec<_> = from.0.iter().zip(&to.0).filter(|(was, is)| was != is).collect();
    let is_rename = |(was, is): &(&Attribute, &Attribute)| {
        was.body == is.body && to.get(&was.name).is_none() && from.get(&is.name).is_none()
    };
    if from.0.len() != to.0.len() || !differ.iter().all(is_rename) {
        return Vec::new();
    }
    let rename = |(was, is): &(&Attribute, &Attribute)| {
        let (was, is) = (ident(&was.name), ident(&is.name));
        let words = format!("{was} may have been dropped and {is} added at its place, without its values");
        Action::new(format!("alter type {} rename attribute {was} to {is}", id.qualified()))
            .note(BlindSpot::PossibleRename.note(words))
    };
    differ.iter().map(rename).collect()
}

/// The attributes that are on both sides, in the order of `from`.
fn kept(facts: Pair<&Composite>) -> impl Iterator<Item = (&Attribute, &Attribute)> {
    let to = &facts.to.attributes;
    facts.from.attributes.0.iter().filter_map(|was| Some((was, to.get(&was.name)?)))
}

fn added(facts: Pair<&Composite>) -> impl Iterator<Item = &Attribute> {
    facts.to.attributes.0.iter().filter(move |a| facts.from.attributes.get(&a.name).is_none())
}

/// Whether drops, and adds at the end, lead to the wanted order.
fn stands_in_order(facts: Pair<&Composite>) -> bool {
    let reached = kept(facts).map(|(_, is)| is).chain(added(facts)).map(|a| a.name.as_str());
    reached.eq(facts.to.attributes.names())
}

fn set_type(id: &ObjectId, attribute: &Attribute) -> Action {
    let (name, body) = (ident(&attribute.name), attribute.body.definition());
    Action::new(format!("alter type {} alter attribute {name} type {body}", id.qualified())).disrupting()
}

fn drops(id: &ObjectId, facts: Pair<&Composite>, stored: &BTreeSet<ObjectId>) -> Vec<Action> {
    let gone = facts.from.attributes.names().filter(|name| facts.to.attributes.get(name).is_none());
    let drop = |name: &str| {
        let name = ident(name);
        let action = Action::new(format!("alter type {} drop attribute {name}", id.qualified())).disrupting();
        if stored.is_empty() {
            return action;
        }
        let words = format!("what stands under {name} in {} is lost", user_type::in_words(stored));
        action.note(Hazard::DataLoss.note(words))
    };
    gone.map(drop).collect()
}

fn adds(
    id: &ObjectId,
    facts: Pair<&Composite>,
    stored: &BTreeSet<ObjectId>,
    in_order: bool,
    restoring: bool,
) -> Vec<Action> {
    let columns = user_type::in_words(stored);
    let add = |attribute: &Attribute| {
        let name = ident(&attribute.name);
        let sql = format!("alter type {} add attribute {}", id.qualified(), attribute.definition());
        let mut action = Action::new(sql);
        if !in_order {
            let words = format!("{name} stands last: Postgres can't move attributes that {columns} store");
            action = action.note(BlindSpot::ColumnOrder.note(words));
        }
        if restoring && !stored.is_empty() {
            let words = format!("{name} comes back as null in {columns}: what stood there is lost");
            action = action.note(BlindSpot::RowsNotRestored.note(words));
        }
        action
    };
    added(facts).map(add).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Kind, Need};

    const STORED: bool = true;

    fn composite(attributes: &str) -> Composite {
        let json = attributes.split(", ").map(|a| {
            let (name, type_name) = a.split_once(' ').expect("a name and a type");
            format!(r#"{{"name": "{name}", "type": "{type_name}", "collation": null}}"#)
        });
        let json = json.collect::<Vec<_>>().join(", ");
        Composite { attributes: serde_json::from_str(&format!("[{json}]")).expect("attributes") }
    }

    fn id() -> ObjectId {
        ObjectId::new(Kind::Composite, ["s", "c"])
    }

    fn catalog(stored: bool) -> Catalog {
        let mut catalog = Catalog::default();
        if stored {
            let domain = ObjectId::new(Kind::Domain, ["s", "d"]);
            catalog.add_need(&domain, &id(), Need::Hard);
            catalog.add_need(&ObjectId::new(Kind::Column, ["s", "t", "v"]), &domain, Need::Hard);
        }
        catalog
    }

    fn change(from: &str, to: &str, stored: bool) -> Change {
        let catalog = catalog(stored);
        let side = Side { catalog: &catalog, restoring: false };
        alter(&id(), Pair { from: &composite(from), to: &composite(to) }, Pair { from: side, to: side })
    }

    fn sql(actions: Vec<Action>) -> Vec<String> {
        actions.into_iter().map(|a| a.sql.replace("alter type s.c ", "")).collect()
    }

    fn in_place(from: &str, to: &str, stored: bool) -> Vec<String> {
        match change(from, to, stored) {
            Change::Alter(actions) => sql(actions),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn attributes_come_and_go_in_place() {
        for stored in [STORED, !STORED] {
            assert_eq!(in_place("a int, b text", "a int, b text, c date", stored), ["add attribute c date"]);
            assert_eq!(in_place("a int, b text", "b text", stored), ["drop attribute a"]);
        }
    }

    #[test]
    fn a_new_type_is_in_place_only_where_nothing_is_stored() {
        assert_eq!(in_place("a int", "a bigint", !STORED), ["alter attribute a type bigint"]);
        assert!(matches!(change("a int", "a bigint", STORED), Change::Recreate(_)));
    }

    #[test]
    fn the_order_counts_only_where_nothing_is_stored() {
        let (from, to) = ("a int, b text", "b text, a int");
        assert_eq!(change(from, to, STORED), Change::Same);
        assert!(matches!(change(from, to, !STORED), Change::Recreate(_)));
        assert_eq!(in_place("a int, b text", "a int, c int, b text", STORED), ["add attribute c integer"]);
    }

    #[test]
    fn finds_renames_at_the_same_place() {
        let rename = |from, to| sql(renames(&id(), Pair { from: &composite(from), to: &composite(to) }));
        assert_eq!(rename("a int, b text", "a int, c text"), ["rename attribute b to c"]);
        assert!(rename("a int, b text", "a int, c int").is_empty());
        assert!(rename("a int, b int", "b int, a int").is_empty());
    }

    #[test]
    fn follows_a_type_that_is_replaced() {
        let cause = ObjectId::new(Kind::Enum, ["s", "e"]);
        let both = composite("a s.e[], b text");
        let facts = Pair { from: &both, to: &both };
        let reaction = |stored| {
            let catalog = catalog(stored);
            let side = Side { catalog: &catalog, restoring: false };
            react(&id(), facts, &cause, Event::Replaced, Pair { from: side, to: side })
        };
        assert_eq!(reaction(STORED), Reaction::Recreate);
        let Reaction::Alter(actions) = reaction(!STORED) else { panic!("not in place") };
        assert_eq!(sql(actions), ["alter attribute a type s.e[]"]);
    }
}
