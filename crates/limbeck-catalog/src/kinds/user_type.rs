//! What the types of a user have in common (enums, composite types, domains): their renames, and
//! who stores their values.

use std::collections::BTreeSet;

use limbeck_sql::ident;

use crate::note::{BlindSpot, Hazard};
use crate::{Action, Catalog, Kind, ObjectId};

/// Another name or another schema. What is stored goes by the type's number and notices nothing.
pub(crate) fn rename(id: &ObjectId, to: &ObjectId) -> Action {
    let (noun, name) = (id.kind.sql_noun(), id.qualified());
    let sql = if id.schema() == to.schema() {
        format!("alter {noun} {name} rename to {}", to.quoted())
    } else {
        format!("alter {noun} {name} set schema {}", ident(to.schema()))
    };
    let words = format!("queries that cast to {name} fail until they name {}", to.qualified());
    Action::new(sql).note(Hazard::ApplicationBreaks.note(words)).note(BlindSpot::string_bodies(id))
}

/// `drop type`, `drop domain`.
pub(crate) fn drop(id: &ObjectId) -> Action {
    Action::new(format!("drop {} {}", id.kind.sql_noun(), id.qualified()))
}

/// Whether a type's text, as `format_type` has it, is the type `id` or an array of it.
pub(crate) fn is_named_by(type_name: &str, id: &ObjectId) -> bool {
    type_name.trim_end_matches("[]") == id.qualified()
}

/// The columns of tables that store values of a type: as they are, in arrays, or inside other types.
pub(crate) fn stored_in(id: &ObjectId, catalog: &Catalog) -> BTreeSet<ObjectId> {
    let needed_by = catalog.needed_by();
    let (mut columns, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![id]);
    while let Some(of) = open.pop() {
        for user in needed_by.get(of).into_iter().flat_map(|users| users.keys()) {
            let is_type = matches!(user.kind, Kind::Composite | Kind::Domain);
            if user.kind == Kind::Column {
                columns.insert((*user).clone());
            } else if is_type && seen.insert(*user) {
                open.push(user);
            }
        }
    }
    columns
}

/// `shop.orders.status, shop.items.status`, for words.
pub(crate) fn in_words(columns: &BTreeSet<ObjectId>) -> String {
    let names = columns.iter().map(|c| format!("{}.{}", c.qualified(), c.quoted()));
    names.collect::<Vec<_>>().join(", ")
}
