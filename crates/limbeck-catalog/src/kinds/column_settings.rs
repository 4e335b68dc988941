//! What of a column is set apart from its type, in place and without touching its rows: a table's columns
//! and a materialized view's have it alike.

use limbeck_sql::ident;

use crate::facts::{Pair, Side};
use crate::kinds::entries::Entries;
use crate::kinds::storage;
use crate::{Action, ObjectId};

/// The settings of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ColumnSettings<'a> {
    /// `plain`, `external`, `extended` or `main`, if not the type's own.
    pub(crate) storage: Option<&'a str>,
    /// `pglz` or `lz4`, if not the server's setting.
    pub(crate) compression: Option<&'a str>,
    /// The statistics target, if not the server's setting.
    pub(crate) statistics: Option<i32>,
    /// `n_distinct` and `n_distinct_inherited`.
    pub(crate) options: &'a Entries,
}

/// Which column it is: `alter table s.t alter column c`.
pub(crate) fn alter_column(relation: &ObjectId, column: &str, what: &str) -> Action {
    let noun = relation.kind.sql_noun();
    Action::new(format!("alter {noun} {} alter column {} {what}", relation.qualified(), ident(column)))
}

impl ColumnSettings<'_> {
    /// All that isn't as it would be without a word.
    pub(crate) fn all(&self, relation: &ObjectId, column: &str) -> Vec<Action> {
        let set = |what: String| alter_column(relation, column, &format!("set {what}"));
        let options = (!self.options.is_empty()).then(|| format!("({})", storage::parameters(self.options)));
        let storage = self.storage.map(|s| format!("storage {s}"));
        let compression = self.compression.map(|c| format!("compression {c}"));
        let statistics = self.statistics.map(|s| format!("statistics {s}"));
        [storage, compression, statistics, options].into_iter().flatten().map(set).collect()
    }

    /// From one to the other, for a column that is of this type by then.
    pub(crate) fn alter(
        relation: &ObjectId,
        column: &str,
        settings: Pair<Self>,
        type_name: &str,
        side: Side<'_>,
    ) -> Vec<Action> {
        let Pair { from, to } = settings;
        let set = |what: String| alter_column(relation, column, &format!("set {what}"));
        let mut actions = Vec::new();
        if to.storage != from.storage {
            let storage = to.storage.unwrap_or_else(|| own_storage(side, type_name));
            actions.push(set(format!("storage {storage}")));
        }
        if to.compression != from.compression {
            actions.push(set(format!("compression {}", to.compression.unwrap_or("default"))));
        }
        if to.statistics != from.statistics {
            actions.push(set(format!("statistics {}", to.statistics.unwrap_or(-1))));
        }
        let what =
            format!("{} {} alter column {}", relation.kind.sql_noun(), relation.qualified(), ident(column));
        actions.extend(storage::alter(&what, from.options, to.options));
        actions
    }
}

/// `set storage default` exists only from 16 on; before, a type's own storage has to be named.
fn own_storage(side: Side<'_>, type_name: &str) -> &'static str {
    const PLAIN: [&str; 8] =
        ["smallint", "integer", "bigint", "boolean", "real", "double precision", "uuid", "date"];
    match type_name {
        _ if side.catalog.server >= 160_000 => "default",
        "numeric" | "inet" | "cidr" => "main",
        name if PLAIN.contains(&name) => "plain",
        _ => "extended",
    }
}
