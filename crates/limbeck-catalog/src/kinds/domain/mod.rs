//! Domains (`pg_type`, typtype `d`). Their checks are objects of their own.

use limbeck_sql::reparseable;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::kinds::column::type_name;
use crate::kinds::user_type;
use crate::note::Hazard;
use crate::{Action, Catalog, Inline, Kind, Object, ObjectId, Since};

/// A domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The type beneath, with its modifiers.
    #[serde(rename = "type", deserialize_with = "type_name")]
    pub type_name: String,
    /// The collation, if not the type's own; qualified and quoted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub collation: Option<String>,
    /// The default of columns that have none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default: Option<String>,
    /// Whether nulls are refused.
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null: bool,
}

fn alter_domain(id: &ObjectId, what: &str) -> Action {
    Action::new(format!("alter domain {} {what}", id.qualified()))
}

/// That every table with a column of the domain is read, and may stop the statement.
pub(crate) fn with_scan(action: Action, id: &ObjectId, fails: &str) -> Action {
    let name = id.qualified();
    let scan = format!("reads all of every table with a column of {name} while nobody can write to it");
    action
        .note(Hazard::FailsOnRows.note(format!("fails if a row with a column of {name} {fails}")))
        .note(Hazard::LongScan.note(scan))
}

/// Whether a check comes, or says something else.
fn new_checks(id: &ObjectId, sides: Pair<Side<'_>>) -> bool {
    let before = |check: &ObjectId| sides.from.catalog.get(check);
    sides.to.catalog.members(id, Kind::DomainCheck).any(|(check, object)| before(check) != Some(object))
}

/// Whether an array or a composite type that holds the domain is the type of something: `alter domain …
/// add constraint` is refused while one is a column's.
fn is_held_inside(id: &ObjectId, catalog: &Catalog) -> bool {
    let (name, array) = (id.qualified(), format!("{}[]", id.qualified()));
    let holds = |object: &Object| match object {
        Object::Column(_) => object.texts().contains(&array.as_str()),
        Object::Composite(_) => object.texts().iter().any(|text| *text == name || *text == array),
        _ => false,
    };
    catalog.objects.values().any(holds)
}

impl Facts for Domain {
    const KIND: Kind = Kind::Domain;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Top("domains");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = true;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(id: &ObjectId) -> Option<(ObjectId, Bond)> {
        Some((id.prefix(Kind::Schema, 1), Bond::Within))
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        Slot::named_type(id)
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    /// The type comes first: casts between a domain and its type are found by it.
    fn texts(&self) -> Vec<&str> {
        [Some(&self.type_name), self.collation.as_ref(), self.default.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let mut sql = format!("create domain {} as {}", id.qualified(), self.type_name);
        if let Some(collation) = &self.collation {
            sql += &format!(" collate {collation}");
        }
        if let Some(default) = &self.default {
            sql += &format!(" default {}", reparseable(default));
        }
        if self.not_null {
            sql += " not null";
        }
        vec![Action::new(sql)]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        vec![user_type::drop(id)]
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Option<Action> {
        Some(user_type::rename(id, to))
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        let Self { type_name, collation, default, not_null } = facts.to;
        let from = facts.from;
        if *type_name != from.type_name {
            return Change::Recreate(format!("its type changes from {} to {type_name}", from.type_name));
        }
        if *collation != from.collation {
            return Change::Recreate("its collation changes".to_owned());
        }
        let scans = new_checks(id, sides) || (*not_null && !from.not_null);
        if scans && is_held_inside(id, sides.from.catalog) {
            return Change::Recreate(
                "arrays or composite types hold it, and Postgres can't look into them".to_owned(),
            );
        }
        let mut actions = Vec::new();
        if *default != from.default {
            actions.push(match default {
                Some(default) => alter_domain(id, &format!("set default {}", reparseable(default))),
                None => alter_domain(id, "drop default"),
            });
        }
        if *not_null && !from.not_null {
            actions.push(with_scan(alter_domain(id, "set not null"), id, "is null"));
        } else if *not_null != from.not_null {
            actions.push(alter_domain(id, "drop not null"));
        }
        Change::in_place(actions)
    }

    /// Nothing gives a domain another type, not even one of the same name.
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

    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        document.wrap("type");
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    fn domain(type_name: &str, default: Option<&str>, not_null: bool) -> Domain {
        Domain { type_name: type_name.into(), collation: None, default: default.map(Into::into), not_null }
    }

    #[test]
    fn all_but_the_type_changes_in_place() {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        let id = ObjectId::new(Kind::Domain, ["s", "d"]);
        let from = domain("text", None, false);
        let alter = |to: &Domain| Domain::alter(&id, Pair { from: &from, to }, Pair { from: side, to: side });
        assert_eq!(alter(&from.clone()), Change::Same);
        assert!(matches!(alter(&domain("integer", None, false)), Change::Recreate(_)));
        let Change::Alter(actions) = alter(&domain("text", Some("'x'::text"), true)) else {
            panic!("recreated")
        };
        let sql: Vec<_> = actions.into_iter().map(|a| a.sql).collect();
        assert_eq!(sql, ["alter domain s.d set default 'x'::text", "alter domain s.d set not null"]);
    }
}
