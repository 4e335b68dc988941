//! The one message: every query in one transaction, with the session pinned.

use limbeck_catalog::Kind;
use limbeck_catalog::row::complete_query;

use crate::fingerprint;

/// What each statement of the message answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    Nothing,
    Moment,
    Fingerprint,
    Server,
    Objects(Kind),
    Depends,
    Casts,
    Sizes,
    Uncompared,
}

/// What stands before and after the queries.
pub(crate) struct Frame {
    before: String,
    after: Option<&'static str>,
    snapshot: bool,
}

impl Frame {
    /// One read-only snapshot.
    pub(crate) fn snapshot() -> Self {
        Self {
            before: "begin isolation level repeatable read read only;\n".into(),
            after: Some("commit"),
            snapshot: true,
        }
    }

    /// What would be there after some statements.
    pub(crate) fn after(statements: &str) -> Self {
        Self { before: format!("begin;\n{statements};\n"), after: Some("rollback"), snapshot: false }
    }

    /// What the open transaction sees; it stays open.
    pub(crate) fn open() -> Self {
        Self { before: String::new(), after: None, snapshot: false }
    }

    pub(crate) fn is_snapshot(&self) -> bool {
        self.snapshot
    }
}

/// Settings that show in deparsed text, or in the output of values.
const PINNED: &[(&str, &str)] = &[
    ("search_path", "''"),
    ("timezone", "'UTC'"),
    ("datestyle", "'ISO, MDY'"),
    ("intervalstyle", "'postgres'"),
    ("extra_float_digits", "1"),
    ("bytea_output", "'hex'"),
    ("quote_all_identifiers", "off"),
    // Compiling the larger queries would take longer than running them.
    ("jit", "off"),
    ("statement_timeout", "0"),
];

/// The text to send, and what its statements answer, the last ones first in doubt.
pub(crate) struct Message {
    pub(crate) sql: String,
    /// For the queries only; statements before the first of them are counted by `skip`.
    pub(crate) answers: Vec<Answers>,
    /// What tells these queries from those of another version of the tool, whatever frame they stand in.
    pub(crate) digest: String,
}

impl Message {
    pub(crate) fn new(server: u32, frame: &Frame) -> Self {
        let mut statements = vec![];
        for (setting, value) in PINNED {
            statements.push((format!("set local {setting} = {value}"), Answers::Nothing));
        }
        statements.push((fingerprint::MOMENT.to_owned(), Answers::Moment));
        statements.push((fingerprint::query(), Answers::Fingerprint));
        statements.push((include_str!("queries/server.sql").to_owned(), Answers::Server));
        for kind in Kind::ALL {
            statements.push((kind.query(server), Answers::Objects(*kind)));
        }
        let rest = [
            (include_str!("queries/depend.sql"), Answers::Depends),
            (include_str!("queries/casts.sql"), Answers::Casts),
            (include_str!("queries/sizes.sql"), Answers::Sizes),
            (include_str!("queries/uncompared.sql"), Answers::Uncompared),
        ];
        statements.extend(rest.map(|(query, answers)| (complete_query(query), answers)));
        let digest = digest(&statements);
        statements.extend(frame.after.map(|after| (after.to_owned(), Answers::Nothing)));
        if frame.snapshot {
            statements.push((fingerprint::MOMENT.to_owned(), Answers::Moment));
        }
        let answers = statements.iter().map(|(_, answers)| *answers).collect();
        let texts: Vec<_> = statements.iter().map(|(text, _)| text.trim()).collect();
        Self { sql: format!("{}{}", frame.before, texts.join(";\n")), answers, digest }
    }
}

fn digest(statements: &[(String, Answers)]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    statements.iter().for_each(|(text, _)| hasher.update(format!("{};\n", text.trim())));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
