//! Runs that stopped: what the reader of the message has to know, who is mostly in a hurry.

use limbeck_migrate::{Direction, Error, SqlFailure};

use super::{Code, Failure, Snippet};

/// What stopped a run besides its SQL.
pub(super) fn stopped(message: String, error: Error) -> Failure {
    match error {
        Error::RunLocked { holder, .. } => {
            let failure = Failure::new(Code::Database, message);
            let failure = match holder {
                Some(holder) => failure.note(format!("it is {holder}")),
                None => failure.note("it ended just now"),
            };
            failure
                .note("nothing was changed by this run")
                .help("run again; `run_lock_timeout` under [migrations] sets how long to wait")
        }
        Error::ReadOnly { standby: true } => {
            Failure::new(Code::Database, message).help("name the primary in place of this one")
        }
        Error::ReadOnly { standby: false } => Failure::new(Code::Database, message)
            .note("it is set for the role, the database or the server, or by the client's options")
            .help("run as a role that may write: `alter role NAME set default_transaction_read_only = off`"),
        Error::Denied { doing, schema, tables, .. } => denied(message, doing, &schema, &tables),
        Error::Overtaken { .. } => Failure::new(Code::Database, message)
            .note("nothing of this revision stayed")
            .help("run again: it goes on from where the other run left the database"),
        Error::Broken { direction, part, .. } => broken(message, direction, part),
        Error::InDoubt { path, direction, excerpt, found, .. } => {
            let mut failure =
                Failure::new(Code::Content, message).at(snippet(path.as_str(), excerpt.as_deref()));
            failure = found.into_iter().fold(failure, Failure::note);
            let word = if direction == Direction::Upgrade { "upgrade" } else { "downgrade" };
            failure
                .note("it runs outside a transaction, and the run ended before it could record how that went")
                .help("look in the database whether it happened, then:")
                .help(format!("`limbeck {word} … --half-done=skip` if it did: the run goes on behind it"))
                .help(format!("`limbeck {word} … --half-done=retry` if it did not: it runs again"))
        }
        Error::BeingMade { process, .. } => Failure::new(Code::Database, message)
            .help("run again once it is done")
            .help(format!("or end it: `select pg_cancel_backend({process})`")),
        Error::Pooled { path, line, .. } => Failure::new(Code::Database, message)
            .at(Snippet { path: path.to_string(), line, first_line: line, ..Snippet::default() })
            .note("the part did not run, and what is before it is recorded")
            .help("connect to the server itself, or to the pooler in session mode (often another port)"),
        _ => Failure::new(Code::Database, message),
    }
}

fn denied(message: String, doing: &str, schema: &str, tables: &[String; 2]) -> Failure {
    let failure = Failure::new(Code::Database, message);
    let [version, history] = tables;
    match doing {
        "make" => failure
            .note("limbeck keeps there what is applied; nothing was run")
            .help(format!(
                "let the role make them, as an owner: `grant create, usage on schema {schema} to ROLE`"
            ))
            .help("or make them once as somebody who may: `limbeck ensure-version`"),
        _ => failure
            .note("nothing of the revision that was about to run stayed")
            .help(format!("`grant select, insert, update, delete on {version} to ROLE`"))
            .help(format!("`grant select, insert on {history} to ROLE`")),
    }
}

fn broken(message: String, direction: Direction, part: Option<(usize, usize)>) -> Failure {
    let failure = Failure::new(Code::Database, message);
    let word = direction.word();
    match part {
        None => failure
            .note("of its transaction all is there or nothing, and with it the record of that")
            .help(format!("`limbeck current` says which; the next `limbeck {word}` goes on from there")),
        Some((part, line)) => failure
            .note(format!(
                "part {part} (line {line}) runs outside a transaction: it may have happened, or still go on there"
            ))
            .help(format!("the next `limbeck {word}` waits until it is over, looks what became of it, and goes on")),
    }
}

fn snippet(path: &str, excerpt: Option<&limbeck_migrate::run::Excerpt>) -> Snippet {
    match excerpt {
        Some(excerpt) => Snippet {
            path: path.to_owned(),
            line: excerpt.line,
            column: excerpt.column,
            first_line: excerpt.first_line,
            lines: excerpt.lines.clone(),
        },
        None => Snippet { path: path.to_owned(), line: 1, first_line: 1, ..Snippet::default() },
    }
}

pub(super) fn half_done(message: String, revision: &str, direction: &str, parts: usize) -> Failure {
    let failure = Failure::new(Code::Content, message)
        .note(format!("parts done: {parts}, not all in one transaction; it can't turn round by itself"))
        .help(format!(
            "`limbeck {direction} {}` resumes where it stopped",
            if direction == "upgrade" { revision } else { "-1" }
        ));
    let other = if direction == "upgrade" { "downgrade -1" } else { "upgrade head" };
    let failure = failure.help(format!(
        "`limbeck {other} --half-done=undo` turns it round: what the file says for that way runs, from its first part"
    ));
    failure.help(format!("or bring it to an end by hand, and record it: `limbeck stamp {revision}`, or its parent if it was undone"))
}

/// SQL of a revision that failed. The code says whose turn it is: the author's, or the server's operator's.
pub(super) fn sql(failure: &SqlFailure) -> Failure {
    left_behind(refused(failure), failure)
}

/// The same, where nobody goes on with what it left behind: on scratch.
pub(super) fn refused(failure: &SqlFailure) -> Failure {
    let server = &failure.server;
    let code = match server.code.as_str() {
        "42501" | "55P03" => Code::Database,
        code if ["08", "28", "53", "57", "58", "XX"].iter().any(|class| code.starts_with(class)) => {
            Code::Database
        }
        _ => Code::Content,
    };
    let mut out = Failure::new(code, format!("{} (SQLSTATE {})", server.message, server.code));
    out.last().snippet = Some(snippet(failure.path.as_str(), failure.excerpt.as_ref()));
    let word = failure.direction.word();
    out = out.note(format!(
        "in the {word} of revision {}, part {} of {}",
        failure.revision, failure.part, failure.parts
    ));
    if failure.excerpt.is_none() {
        out = out.note("it came with the commit, where deferred constraints are checked");
    }
    for (name, text) in
        [("detail", &server.detail), ("server's hint", &server.hint), ("inside", &server.context)]
    {
        if let Some(text) = text {
            out = out.note(format!("{name}: {text}"));
        }
    }
    for holder in &failure.holders {
        out = out.note(format!("it waited for {holder}"));
    }
    if server.code == "57014" && server.message.contains("statement timeout") {
        out = out.help(
            "`statement_timeout` under [migrations] is for all parts, `-- limbeck:upgrade statement_timeout=10min` for one",
        );
    }
    out
}

fn left_behind(failure: Failure, sql: &SqlFailure) -> Failure {
    let word = sql.direction.word();
    if !sql.no_transaction && sql.done == 0 {
        let failure = failure.note("nothing of this revision stayed: it ran in one transaction");
        return if is_there_already(sql) {
            failure.help(
                "if the database was made another way: `limbeck stamp REV` records what it has, and runs nothing",
            )
        } else {
            failure
        };
    }
    let failure = if sql.done == 0 {
        failure.note(
            "nothing of this revision is recorded: the part ran outside a transaction, and it was the first",
        )
    } else {
        failure.note(format!(
            "{} of its {} parts done and recorded; the next `limbeck {word}` goes on with part {}",
            sql.done,
            sql.parts,
            sql.done + 1
        ))
    };
    let text = sql.excerpt.as_ref().map(|e| e.lines.join(" ").to_lowercase()).unwrap_or_default();
    if sql.no_transaction && text.contains("concurrently") {
        return failure.help(
            "an index that was built concurrently and failed is left invalid: the next run drops it and makes it again",
        );
    }
    failure
}

/// What an upgrade makes is in the way of itself: a schema, a table, a function, another object.
fn is_there_already(sql: &SqlFailure) -> bool {
    sql.direction == Direction::Upgrade
        && ["42P06", "42P07", "42723", "42710"].contains(&sql.server.code.as_str())
}

pub(super) fn database(message: String, error: &sqlx::Error) -> Failure {
    let failure = Failure::new(Code::Database, message.clone());
    match error {
        // No statement of ours names a parameter but those that the configuration sets.
        sqlx::Error::Database(said) if matches!(said.code().as_deref(), Some("22023" | "42704")) && said.message().contains("parameter") => {
            let name = said.message().split('"').nth(1).unwrap_or_default();
            let section: &[&str] = if ["lock_timeout", "statement_timeout"].contains(&name) { &[] } else { &["session"] };
            Failure::usage(message)
                .about(["migrations"].iter().chain(section).copied().chain([name]))
                .help("[migrations] has `lock_timeout`, `statement_timeout` and `session`, which are set before anything runs")
        }
        sqlx::Error::Io(_) => failure
            .note("a transaction that was open is undone by the server; one that was just committing is either in whole or not at all")
            .help("`limbeck current` says what is applied"),
        _ => failure,
    }
}
