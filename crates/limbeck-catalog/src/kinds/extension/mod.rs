//! Extensions (`pg_extension`). All that an extension made answers to the extension's identity, so
//! that a column of type `citext` needs the extension `citext`.

use limbeck_sql::{ident, literal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Extra, Node, Value};
use crate::facts::{
    Bond, Change, Event, Facts, Family, Pair, Reaction, Rows, Section, Side, Slot, is_default,
};
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Inline, Kind, ObjectId, Since};

/// An extension.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Extension {
    /// The schema of its objects. Where it isn't said, any will do, and `public` is where it is created.
    #[serde(skip_serializing_if = "is_default")]
    pub schema: Option<String>,
    /// The version, if it matters: where it isn't said, any will do.
    #[serde(skip_serializing_if = "is_default")]
    pub version: Option<String>,
    /// From the catalog: the version that is there.
    #[serde(skip_serializing)]
    #[schemars(skip)]
    pub installed: Option<String>,
    /// From the catalog: whether its objects can move to another schema.
    #[serde(skip_serializing)]
    #[schemars(skip)]
    pub relocatable: bool,
}

impl Extension {
    fn version(&self) -> Option<&str> {
        self.version.as_deref().or(self.installed.as_deref())
    }

    /// To the version of the other side, where one of the two asks for a version.
    fn update(id: &ObjectId, facts: Pair<&Self>) -> Option<Action> {
        let Pair { from, to } = facts;
        let asked = from.version.is_some() || to.version.is_some();
        let (was, is) = (from.version()?, to.version()?);
        if !asked || was == is {
            return None;
        }
        Some(Action::new(format!("alter extension {} update to {}", id.quoted(), literal(is))))
    }

    /// To another schema: in place where the extension allows it; else made anew, which nothing that
    /// holds rows survives.
    fn relocate(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Option<Change> {
        let (was, is) = (facts.from.schema.as_deref()?, facts.to.schema.as_deref()?);
        if was == is {
            return None;
        }
        if facts.from.relocatable || facts.to.relocatable {
            let words = format!("queries that name its objects in {} fail", ident(was));
            let sql = format!("alter extension {} set schema {}", id.quoted(), ident(is));
            let action = Action::new(sql).note(Hazard::ApplicationBreaks.note(words)).disrupting();
            return Some(Change::Alter(vec![action]));
        }
        let mut needs = sides.from.catalog.needs.iter();
        let holds = needs.find(|(user, on, _)| user.kind.holds_rows() && *on == id);
        Some(match holds {
            Some((user, ..)) => Change::Refuse(BlindSpot::NotAlterable.note(format!(
                "extension {} can't move from {} to {}, and {user} needs it",
                id.quoted(),
                ident(was),
                ident(is)
            ))),
            None => Change::Recreate("Postgres can't move it to another schema".to_owned()),
        })
    }
}

impl Facts for Extension {
    const KIND: Kind = Kind::Extension;
    const FAMILY: Family = Family::Other;
    const SECTION: Section = Section::Top("extensions");
    const ROWS: Rows = Rows::None;
    const STANDS_ASIDE: bool = false;
    const IS_KEY: bool = false;

    fn query(_server: u32) -> &'static str {
        include_str!("query.sql")
    }

    fn parent(_id: &ObjectId) -> Option<(ObjectId, Bond)> {
        None
    }

    fn slots(id: &ObjectId) -> Vec<Slot> {
        vec![Slot::Own(id.clone())]
    }

    fn requires(&self, _id: &ObjectId) -> Vec<ObjectId> {
        self.schema.iter().map(|schema| ObjectId::new(Kind::Schema, [schema])).collect()
    }

    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn asks(&self) -> Vec<Since> {
        Vec::new()
    }

    fn create(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let schema = ident(self.schema.as_deref().unwrap_or("public"));
        let version = self.version.as_ref().map(|v| format!(" version {}", literal(v))).unwrap_or_default();
        vec![Action::new(format!(
            "create extension if not exists {} with schema {schema}{version}",
            id.quoted()
        ))]
    }

    fn drop(&self, id: &ObjectId, _side: Side<'_>) -> Vec<Action> {
        let words = format!("the types, functions and tables that {} brought are gone", id.quoted());
        let action = Action::new(format!("drop extension {}", id.quoted()));
        vec![action.note(Hazard::ApplicationBreaks.note(words)).note(BlindSpot::string_bodies(id))]
    }

    fn rename(&self, _id: &ObjectId, _to: &ObjectId) -> Option<Action> {
        None
    }

    fn rename_within(_id: &ObjectId, _facts: Pair<&Self>) -> Vec<Action> {
        Vec::new()
    }

    fn alter(id: &ObjectId, facts: Pair<&Self>, sides: Pair<Side<'_>>) -> Change {
        let Self { schema: _, version: _, installed: _, relocatable: _ } = facts.to;
        let update = Self::update(id, facts);
        match Self::relocate(id, facts, sides) {
            Some(Change::Alter(actions)) => Change::Alter(actions.into_iter().chain(update).collect()),
            Some(change) => change,
            None => Change::in_place(update.into_iter().collect()),
        }
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

    /// `citext:` with nothing after it says as much as `citext: {}`.
    fn normalise(_id: &ObjectId, document: &mut Node) -> Vec<Extra> {
        if document.value == Value::Null {
            document.value = Value::Map(Vec::new());
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Need};

    fn live(schema: &str, installed: &str, relocatable: bool) -> Extension {
        Extension {
            schema: Some(schema.into()),
            version: None,
            installed: Some(installed.into()),
            relocatable,
        }
    }

    fn alter(from: &Extension, to: &Extension, catalog: &Catalog) -> Change {
        let side = Side { catalog, restoring: false };
        let id = ObjectId::new(Kind::Extension, ["citext"]);
        Extension::alter(&id, Pair { from, to }, Pair { from: side, to: side })
    }

    fn sql(change: Change) -> Vec<String> {
        match change {
            Change::Alter(actions) => actions.into_iter().map(|a| a.sql).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_version_matters_only_where_it_is_asked_for() {
        let catalog = Catalog::default();
        let asked = Extension { version: Some("1.6".into()), ..Extension::default() };
        assert_eq!(alter(&live("public", "1.5", true), &live("public", "1.6", true), &catalog), Change::Same);
        assert_eq!(alter(&live("ext", "1.5", true), &Extension::default(), &catalog), Change::Same);
        assert_eq!(alter(&live("ext", "1.6", true), &asked, &catalog), Change::Same);
        let up = sql(alter(&live("ext", "1.5", true), &asked, &catalog));
        assert_eq!(up, ["alter extension citext update to '1.6'"]);
        let down = sql(alter(&asked, &live("ext", "1.5", true), &catalog));
        assert_eq!(down, ["alter extension citext update to '1.5'"]);
    }

    #[test]
    fn moves_in_place_or_is_made_anew_or_stays() {
        let mut catalog = Catalog::default();
        let moved = sql(alter(&live("public", "1", true), &live("ext", "1", true), &catalog));
        assert_eq!(moved, ["alter extension citext set schema ext"]);
        let (from, to) = (live("public", "1", false), live("ext", "1", false));
        assert!(matches!(alter(&from, &to, &catalog), Change::Recreate(_)));
        let id = ObjectId::new(Kind::Extension, ["citext"]);
        let column = ObjectId::new(Kind::Column, ["s", "t", "c"]);
        catalog.objects.insert(id.clone(), from.clone().into());
        catalog.add_need(&column, &id, Need::Hard);
        assert!(matches!(alter(&from, &to, &catalog), Change::Refuse(_)));
    }
}
