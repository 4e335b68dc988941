//! The session in which revisions run: the same everywhere, and the same for every part.

use limbeck_sql::literal;

use super::Settings;

/// What is set in the session, besides what the client sends when it connects.
pub(crate) fn pinned(settings: &Settings) -> Vec<(&str, &str)> {
    let timeouts =
        [("lock_timeout", &settings.lock_timeout), ("statement_timeout", &settings.statement_timeout)];
    let timeouts = timeouts.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
    timeouts.chain(settings.session.iter().map(|(key, value)| (key.as_str(), value.as_str()))).collect()
}

/// The statement that gives the session its settings, if there are any.
pub(crate) fn pins(settings: &Settings) -> Option<String> {
    let calls: Vec<String> =
        pinned(settings).into_iter().map(|(key, value)| set(key, value, false)).collect();
    (!calls.is_empty()).then(|| format!("select {}", calls.join(", ")))
}

/// A call that sets something. `set_config` and not `set`: it takes a list like a `search_path` as the
/// one text that it is.
pub(super) fn set(key: &str, value: &str, local: bool) -> String {
    format!("pg_catalog.set_config({}, {}, {local})", literal(key), literal(value))
}

/// The statements that undo whatever a part did to the session.
pub(super) fn reset(settings: &Settings) -> Vec<String> {
    // `reset all` leaves out these two; and it goes back to what the client sent when it connected
    // (TimeZone and DateStyle), so only what was set since has to be set again.
    let mut all = vec!["reset session authorization".to_owned(), "reset role".into(), "reset all".into()];
    all.extend(pins(settings));
    all
}
