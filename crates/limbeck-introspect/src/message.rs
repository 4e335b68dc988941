//! The one message: every query in one transaction, with the session pinned; or the two of them, where two
//! sessions share the queries.

use limbeck_catalog::Kind;
use limbeck_catalog::row::complete_query;

use crate::{fingerprint, moment};

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

/// Which queries a message asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    /// What a first session asks, while a second asks the rest.
    First,
    /// The rest, while the first session is at work.
    Beside,
    /// The rest, when the first session has done its part: in another moment, so with a fingerprint of its own.
    After,
}

/// Kinds that a second session reads. With what isn't compared they are half of the server's work, in small
/// databases and in large ones; most are texts that the server has to print. All others are the first session's.
const SECOND: &[Kind] = &[
    Kind::Unique,
    Kind::Check,
    Kind::Exclusion,
    Kind::View,
    Kind::MaterializedView,
    Kind::Index,
    Kind::StatisticsObject,
    Kind::Rule,
    Kind::Trigger,
    Kind::Policy,
    Kind::Rights,
    Kind::Context,
];

impl Part {
    fn asks(self, answers: Answers) -> bool {
        let second = match answers {
            Answers::Nothing | Answers::Moment => return true,
            Answers::Fingerprint => return self != Self::Beside,
            Answers::Objects(kind) => SECOND.contains(&kind),
            Answers::Uncompared => true,
            Answers::Server | Answers::Depends | Answers::Casts | Answers::Sizes => false,
        };
        match self {
            Self::Whole => true,
            Self::First => !second,
            Self::Beside | Self::After => second,
        }
    }
}

/// What stands before and after the queries, and which of them stand there.
pub(crate) struct Frame {
    before: String,
    part: Part,
    after: Option<&'static str>,
    snapshot: bool,
}

impl Frame {
    /// One read-only snapshot.
    pub(crate) fn snapshot() -> Self {
        Self::part(Part::Whole)
    }

    /// A part of the queries, in one read-only snapshot.
    pub(crate) fn part(part: Part) -> Self {
        Self {
            before: "begin isolation level repeatable read read only;\n".into(),
            part,
            after: Some("commit"),
            snapshot: true,
        }
    }

    /// What would be there after some statements.
    pub(crate) fn after(statements: &str) -> Self {
        let before = format!("begin;\n{statements};\n");
        Self { before, part: Part::Whole, after: Some("rollback"), snapshot: false }
    }

    /// What the open transaction sees; it stays open.
    pub(crate) fn open() -> Self {
        Self { before: String::new(), part: Part::Whole, after: None, snapshot: false }
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
    /// For the queries only, and what stands after them; before them there may be any number of statements.
    pub(crate) answers: Vec<Answers>,
    /// What tells all queries from those of another version of the tool, whichever are asked in whatever frame.
    pub(crate) digest: String,
}

impl Message {
    pub(crate) fn new(server: u32, frame: &Frame) -> Self {
        let mut statements = vec![];
        for (setting, value) in PINNED {
            statements.push((format!("set local {setting} = {value}"), Answers::Nothing));
        }
        statements.push((moment::QUERY.to_owned(), Answers::Moment));
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
        statements.retain(|(_, answers)| frame.part.asks(*answers));
        statements.extend(frame.after.map(|after| (after.to_owned(), Answers::Nothing)));
        if frame.snapshot {
            statements.push((moment::QUERY.to_owned(), Answers::Moment));
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
