//! Storage parameters (`reloptions`) of tables, indexes and materialized views, and the options of
//! views, which are stored alike.

use limbeck_sql::{ident, literal};

use crate::kinds::entries::Entries;
use crate::{Action, Since};

/// `fillfactor='70', toast.autovacuum_enabled='false'`: quoted as `pg_dump` does.
pub(crate) fn parameters(with: &Entries) -> String {
    with.iter().map(|(k, v)| format!("{}={}", name(k), literal(v))).collect::<Vec<_>>().join(", ")
}

fn name(parameter: &str) -> String {
    parameter.split('.').map(ident).collect::<Vec<_>>().join(".")
}

/// `alter <what> set (…)` and `reset (…)` for the parameters that differ. Nearly all of them are
/// changed under a lock that leaves reads and writes alone.
pub(crate) fn alter(what: &str, from: &Entries, to: &Entries) -> Vec<Action> {
    let set = from.changed(to);
    let reset: Vec<_> = from.gone(to).map(name).collect();
    let mut actions = Vec::new();
    if !set.is_empty() {
        actions.push(Action::new(format!("alter {what} set ({})", parameters(&set))));
    }
    if !reset.is_empty() {
        actions.push(Action::new(format!("alter {what} reset ({})", reset.join(", "))));
    }
    actions
}

/// The parameters of tables that only newer servers know.
pub(crate) fn asks(with: &Entries) -> Vec<Since> {
    const NEW: &[(&str, &str)] = &[
        ("autovacuum_vacuum_max_threshold", "`autovacuum_vacuum_max_threshold`"),
        ("vacuum_max_eager_freeze_failure_rate", "`vacuum_max_eager_freeze_failure_rate`"),
    ];
    let is_set = |name: &str| with.iter().any(|(k, _)| k.strip_prefix("toast.").unwrap_or(k) == name);
    NEW.iter().filter(|(name, _)| is_set(name)).map(|(_, what)| Since::new(18, what, &["with"])).collect()
}
