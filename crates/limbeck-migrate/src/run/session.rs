//! The session in which revisions run: the same everywhere, and the same for every part.

use limbeck_sql::literal;

use super::Settings;

/// Begins a transaction in which each statement sees what others did before it, whatever the role's default
/// is: a schema is changed as it is now.
pub(super) const BEGIN: &str = "begin isolation level read committed";

/// Ends a transaction and begins the next, with nothing between: what hands out sessions by the transaction
/// (a pooler) has no occasion to hand this one to somebody else. Then [`IDLE`], for the time until the next
/// message.
pub(crate) const NEXT: &str = "commit and chain;\n\
    select pg_catalog.set_config('idle_in_transaction_session_timeout', '5min', true)";

/// Undoes a transaction, and begins the next; as [`NEXT`].
pub(super) const UNDO: &str = "rollback and chain;\n\
    select pg_catalog.set_config('idle_in_transaction_session_timeout', '5min', true)";

/// How long the server waits for the next message: longer than any rest of a run, whatever the role's own
/// setting is. A client that is gone without a word (a cable, a laptop's lid) has its lock for so long.
const IDLE: (&str, &str) = ("idle_in_transaction_session_timeout", "5min");

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

/// The same for a transaction alone.
pub(super) fn local_pins(settings: &Settings) -> String {
    let all = std::iter::once(IDLE).chain(pinned(settings));
    let calls = all.map(|(key, value)| set(key, value, true)).chain([notices_its_client_is_gone(true)]);
    format!("select {}", calls.collect::<Vec<_>>().join(", "))
}

/// A server that works for a client that is gone (killed, or behind a tunnel that died) goes on with its
/// statement to the end, and keeps the locks of the run; the next run would wait for it. This makes it
/// look, where the server's system can tell: others refuse the setting.
pub(super) fn notices_its_client_is_gone(local: bool) -> String {
    let set = set("client_connection_check_interval", "2s", local);
    let version = "pg_catalog.current_setting('server_version_num')::pg_catalog.int4";
    format!(
        "case when pg_catalog.version() ~ (case when {version} >= 150000 then 'linux|darwin|bsd' \
         when {version} >= 140000 then 'linux' end) then {set} end"
    )
}

/// A call that sets something. `set_config` and not `set`: it takes a list like a `search_path` as the
/// one text that it is.
pub(super) fn set(key: &str, value: &str, local: bool) -> String {
    format!("pg_catalog.set_config({}, {}, {local})", literal(key), literal(value))
}

/// The statements that undo whatever a part did to the session. `reset all` leaves out the first two; and
/// it goes back to what the client sent when it connected (TimeZone and DateStyle).
pub(super) const RESET: [&str; 3] = ["reset session authorization", "reset role", "reset all"];
