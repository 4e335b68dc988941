//! What all table constraints have in common: their statements, when they are looked at, and how they
//! ride through changes. What those with an index share as well is in [`key`].

use limbeck_sql::strip_outer_parens;
use serde::{Deserialize, Deserializer};

use crate::document::{Key, Node, Value};
use limbeck_sql::reparseable;

use crate::facts::{Change, Event, Pair, Reaction};
use crate::note::Hazard;
use crate::{Action, Kind, ObjectId};

pub(crate) mod key;

/// `alter table … add constraint`.
pub(crate) fn add(id: &ObjectId, definition: &str, not_valid: bool) -> Action {
    let not_valid = if not_valid { " not valid" } else { "" };
    Action::new(format!(
        "alter table {} add constraint {} {definition}{not_valid}",
        id.qualified(),
        id.quoted()
    ))
}

/// `alter table … drop constraint`.
pub(crate) fn drop(id: &ObjectId) -> Action {
    Action::new(format!("alter table {} drop constraint {}", id.qualified(), id.quoted()))
        .note(Hazard::brief_lock(&id.relation(Kind::Table)))
}

/// `alter table … rename constraint`.
pub(crate) fn rename(id: &ObjectId, to: &ObjectId) -> Action {
    Action::new(format!(
        "alter table {} rename constraint {} to {}",
        id.qualified(),
        id.quoted(),
        to.quoted()
    ))
}

/// From not valid to valid in place, under a lock that lets reads and writes go on; the other way
/// only by making it anew.
pub(crate) fn validity(id: &ObjectId, was_not_valid: bool, not_valid: bool) -> Change {
    match (was_not_valid, not_valid) {
        (true, false) => {
            let table = id.relation(Kind::Table);
            let words = format!("fails if a row of {} does not satisfy it", table.qualified());
            let sql = format!("alter table {} validate constraint {}", id.qualified(), id.quoted());
            Change::Alter(vec![Action::new(sql).note(Hazard::FailsOnRows.on(&table, words))])
        }
        (false, true) => Change::Recreate("a valid constraint can't become not valid in place".to_owned()),
        (true, true) | (false, false) => Change::Same,
    }
}

/// Rides through a column's new type if it says the same on both sides; makes way for all else.
///
/// Not if its text is one that the server reads back as another ([`reparseable`]): Postgres deparses and
/// parses it again around the new type, and it would come out changed.
pub(crate) fn ride_if_equal<T: PartialEq>(facts: Pair<&T>, texts: &[&str], event: Event) -> Reaction {
    let keeps_its_text = texts.iter().all(|text| reparseable(text) == *text);
    match event {
        Event::Altered if facts.from == facts.to && keeps_its_text => Reaction::Ride,
        Event::Altered | Event::Replaced => Reaction::Recreate,
    }
}

/// Rides through a column's new type, which Postgres carries it through, with the change in place that it
/// needs itself; makes way for all else.
pub(crate) fn ride_in_place(change: Change, event: Event) -> Reaction {
    match (event, change) {
        (Event::Altered, Change::Same) => Reaction::Ride,
        (Event::Altered, Change::Alter(actions)) => Reaction::Alter(actions),
        (Event::Altered, Change::Recreate(_) | Change::Refuse(_)) | (Event::Replaced, _) => {
            Reaction::Recreate
        }
    }
}

/// When a constraint is looked at, as it stands at its end: nothing, ` deferrable`, or ` deferrable
/// initially deferred`.
pub(crate) fn deferral(deferrable: bool, initially_deferred: bool) -> &'static str {
    match (deferrable, initially_deferred) {
        (_, true) => " deferrable initially deferred",
        (true, false) => " deferrable",
        (false, false) => "",
    }
}

/// Adds to a document what `initially_deferred` implies, as the grammar does.
pub(crate) fn imply_deferrable(document: &mut Node) {
    let deferred = document.get("initially_deferred").filter(|node| node.as_text() == Some("true"));
    let Some(deferred) = deferred.cloned() else { return };
    if document.get("deferrable").is_none()
        && let Value::Map(entries) = &mut document.value
    {
        entries.push((Key { text: "deferrable".to_owned(), span: deferred.span }, deferred));
    }
}

/// A recreate because of the first difference, if there is one.
pub(crate) fn anew(differences: &[(bool, &str)]) -> Option<Change> {
    let (_, why) = differences.iter().find(|(differs, _)| *differs)?;
    Some(Change::Recreate((*why).to_owned()))
}

/// The columns of its own table that a constraint names.
pub(crate) fn columns(id: &ObjectId, names: &[String]) -> Vec<ObjectId> {
    let table = id.relation(Kind::Table);
    names.iter().map(|name| table.member(Kind::Column, name)).collect()
}

/// Reads a condition that may be left out, without parentheses around the whole.
pub(crate) fn optional_condition<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|t| strip_outer_parens(&t).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deferred_implies_deferrable() {
        let scalar = |text: &str| Node {
            value: Value::Scalar { text: text.to_owned(), quoted: false },
            ..Node::default()
        };
        let key = |text: &str| Key { text: text.to_owned(), ..Key::default() };
        let mut document =
            Node { value: Value::Map(vec![(key("initially_deferred"), scalar("true"))]), ..Node::default() };
        imply_deferrable(&mut document);
        assert_eq!(document.get("deferrable").and_then(Node::as_text), Some("true"));
        let mut document =
            Node { value: Value::Map(vec![(key("initially_deferred"), scalar("false"))]), ..Node::default() };
        imply_deferrable(&mut document);
        assert_eq!(document.get("deferrable"), None);
    }
}
