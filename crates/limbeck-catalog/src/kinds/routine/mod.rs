//! What functions, procedures and aggregates have in common: one space of names (`pg_proc`), argument
//! lists, bodies and settings. Kinds of their own, because statements have other words for each.

mod arguments;
mod attributes;
mod body;
mod settings;

use limbeck_sql::ident;

use crate::document::{Key, Node, Value};
use crate::facts::Slot;
use crate::note::{BlindSpot, Hazard};
use crate::{Action, Kind, ObjectId};

pub use arguments::identity_arguments;
pub(crate) use arguments::{bare_type, in_the_way, is_plain, without_defaults, written};
pub use attributes::{Parallel, Volatility};
pub(crate) use body::{Body, text};
pub use settings::Settings;

/// `schema.name(argument types)`, as statements name it.
pub(crate) fn signature(id: &ObjectId) -> String {
    format!("{}({})", id.qualified(), id.at(2))
}

/// The arguments in full, or what the identity says of them.
pub(crate) fn arguments_of<'a>(arguments: Option<&'a String>, id: &'a ObjectId) -> &'a str {
    arguments.map_or_else(|| id.at(2), String::as_str)
}

/// The schema that it stands within.
pub(crate) fn schema(id: &ObjectId) -> ObjectId {
    id.prefix(Kind::Schema, 1)
}

/// Functions, procedures and aggregates of one name and the same argument types exclude each other,
/// however the identity of an aggregate writes them (`*`, `a ORDER BY b`).
pub(crate) fn slots(id: &ObjectId) -> Vec<Slot> {
    let types = id.at(2).trim_start_matches('*').replace(" ORDER BY ", ", ");
    let types = types.trim_start_matches("ORDER BY ");
    vec![Slot::Member("routine", vec![id.at(0).to_owned(), id.at(1).to_owned(), types.to_owned()])]
}

/// `create function …` or `create procedure …`. Of SQL in a string, Postgres would look up what the body
/// names as soon as it is made; a body that is kept parsed (`parsed`) has to be looked up.
pub(crate) fn made(sql: String, language: &str, parsed: bool) -> Action {
    Action::new(sql).with_unchecked_body(language == "sql" && !parsed)
}

/// `drop function …`. `called` says whether texts call it by name, which only triggers don't.
pub(crate) fn drop(id: &ObjectId, called: bool) -> Action {
    let action = Action::new(format!("drop {} {}", id.kind.sql_noun(), signature(id)));
    if !called {
        return action;
    }
    let words = format!("calls of {} fail without it", id.qualified());
    action.note(Hazard::ApplicationBreaks.note(words)).note(callers(id))
}

/// `alter function … rename to`, or `set schema`. Other arguments make another routine.
pub(crate) fn rename(id: &ObjectId, to: &ObjectId) -> Option<Action> {
    if id.at(2) != to.at(2) {
        return None;
    }
    let what = if id.schema() == to.schema() {
        format!("rename to {}", ident(to.at(1)))
    } else {
        format!("set schema {}", ident(to.schema()))
    };
    let words = format!("calls of {} fail until they name {}", id.qualified(), to.qualified());
    Some(
        Action::new(format!("alter {} {} {what}", id.kind.sql_noun(), signature(id)))
            .note(Hazard::ApplicationBreaks.note(words))
            .note(callers(id)),
    )
}

fn callers(id: &ObjectId) -> crate::Note {
    let words = format!(
        "function bodies in string form and application code that call {} are not seen",
        id.qualified()
    );
    BlindSpot::StringBodies.note(words)
}

/// Gives a document the arguments that its key says, where it doesn't say them itself: types stand in
/// them, and those are needed first.
pub(crate) fn fill_arguments(id: &ObjectId, document: &mut Node) {
    let (span, known) = (document.span, document.get("arguments").is_some());
    if let Value::Map(entries) = &mut document.value
        && !known
        && !matches!(id.at(2), "" | "*")
    {
        let key = Key { text: "arguments".to_owned(), span };
        entries.push((key, Node { span, ..Node::text(id.at(2)) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routines_of_all_kinds_share_a_space() {
        let slot = |kind, arguments| slots(&ObjectId::new(kind, ["s", "f", arguments]));
        assert_eq!(slot(Kind::Function, ""), slot(Kind::Aggregate, "*"));
        assert_eq!(slot(Kind::Procedure, "integer, text"), slot(Kind::Aggregate, "integer ORDER BY text"));
        assert_ne!(slot(Kind::Function, ""), slot(Kind::Function, "integer"));
    }

    #[test]
    fn a_routine_is_renamed_by_its_name_not_its_arguments() {
        let id = |name, arguments| ObjectId::new(Kind::Function, ["s", name, arguments]);
        let sql = rename(&id("f", "integer"), &id("g", "integer")).map(|a| a.sql);
        assert_eq!(sql.as_deref(), Some("alter function s.f(integer) rename to g"));
        assert_eq!(rename(&id("f", "integer"), &id("f", "text")), None);
    }
}
