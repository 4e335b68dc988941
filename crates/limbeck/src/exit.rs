//! How a command ends: its answer, or a failure that says what, where, why and what to do next.

mod running;

use std::process::ExitCode;

use limbeck_migrate::graph::{Unmovable, Unsquashable};
use limbeck_migrate::squashed::{Inside, Untold};
use limbeck_migrate::{Error, Mistake, Unresolved};

use crate::output;

/// The result of everything here.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// The answer of a command that did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done; nothing to report. Exit code 0.
    Yes,
    /// The answer is "no": there are differences, the database is behind. Exit code 1.
    No,
}

/// What kind of failure; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Usage or configuration.
    Usage = 2,
    /// The models, revisions or SQL are wrong.
    Content = 3,
    /// The database refused, or can't be reached.
    Database = 4,
    /// Refused for safety.
    Safety = 5,
    /// Its terminal went away.
    HungUp = 129,
    /// Ctrl-C ended it: 128 and the signal's number, as shells count.
    Interrupted = 130,
    /// `SIGTERM` ended it.
    Terminated = 143,
}

/// A place in a file, with the lines around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snippet {
    /// The file.
    pub(crate) path: String,
    /// The line that is meant, from 1.
    pub(crate) line: usize,
    /// The column that is meant, from 1.
    pub(crate) column: Option<usize>,
    /// The line of the first of `lines`.
    pub(crate) first_line: usize,
    /// The file's lines; may be empty.
    pub(crate) lines: Vec<String>,
}

impl Snippet {
    /// A place in a model, without its line.
    pub(crate) fn at(place: &limbeck_model::Place) -> Self {
        let (path, line, column) = (place.path.to_string(), place.line, Some(place.column));
        Snippet { path, line, column, first_line: line, lines: Vec::new() }
    }
}

/// A key of the configuration, and what is meant of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The sections that lead to it, and its name.
    pub(crate) path: Vec<String>,
    /// The words in its value; where it begins, if none.
    pub(crate) words: Option<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// What.
    pub(crate) message: String,
    /// Where.
    pub(crate) snippet: Option<Snippet>,
    /// What it is about in the configuration: its place is looked up when it is said.
    pub(crate) key: Option<Key>,
    /// Why, and more of what.
    pub(crate) notes: Vec<String>,
    /// What to do next.
    pub(crate) help: Vec<String>,
}

/// Why a command didn't do what it was asked to.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Its exit code.
    pub(crate) code: Code,
    /// What is wrong, one or many.
    pub(crate) reports: Vec<Report>,
}

impl Failure {
    /// A failure with a message.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Failure { code, reports: vec![Report { message: message.into(), ..Report::default() }] }
    }

    /// What it says first.
    pub(crate) fn message(&self) -> String {
        self.reports.first().map(|report| report.message.clone()).unwrap_or_default()
    }

    /// A failure because of an error; what is behind it, and not said yet, is why.
    pub(crate) fn of(code: Code, error: &dyn std::error::Error) -> Self {
        let message = error.to_string();
        // What the driver says is told by those who call it, in the server's words alone.
        let behind = std::iter::successors(error.source(), |error| error.source());
        let behind = behind.filter(|error| !error.is::<sqlx::Error>()).map(ToString::to_string);
        let unsaid = behind.filter(|words| !message.contains(words.as_str())).collect::<Vec<_>>();
        unsaid.into_iter().fold(Failure::new(code, message), Failure::note)
    }

    /// Usage or configuration, exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::new(Code::Usage, message)
    }

    /// What stopped revisions on a scratch database, of which nothing stays anyway.
    pub(crate) fn on_scratch(error: Error) -> Self {
        match error {
            Error::Sql(failure) => running::refused(&failure),
            other => Failure::from(other),
        }
    }

    /// Adds why.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.last().notes.push(note.into());
        self
    }

    /// Adds what to do next.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.last().help.push(help.into());
        self
    }

    /// Adds what to do next, where there is anything.
    pub(crate) fn help_if(self, help: Option<&str>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Adds where.
    pub(crate) fn at(mut self, snippet: Snippet) -> Self {
        self.last().snippet = Some(snippet);
        self
    }

    /// Adds which key of the configuration it is about.
    pub(crate) fn about<S: Into<String>>(self, path: impl IntoIterator<Item = S>) -> Self {
        self.about_words(Key { path: path.into_iter().map(Into::into).collect(), words: None })
    }

    /// The same, with the words in its value.
    pub(crate) fn about_words(mut self, key: Key) -> Self {
        self.last().key = Some(key);
        self
    }

    fn last(&mut self) -> &mut Report {
        if self.reports.is_empty() {
            self.reports.push(Report::default());
        }
        let last = self.reports.len() - 1;
        &mut self.reports[last]
    }

    /// Prints it, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        self.reports.iter().for_each(output::error);
        ExitCode::from(self.code as u8)
    }
}

impl From<std::io::Error> for Failure {
    /// `fs-err` names the file in its message.
    fn from(error: std::io::Error) -> Self {
        Failure::usage(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Mistakes { mistakes } => mistaken(&mistakes),
            Error::Unfinished { places } => Failure { code: Code::Content, ..mistaken(&places) },
            Error::AlembicElsewhere { .. } => Failure::new(Code::Content, message)
                .help("files of a newer checkout, or of another branch, may be missing here: take them over too")
                .help("if those are gone for good: `limbeck stamp --purge REV` records where the database stands"),
            Error::Unresolved(unresolved) => unresolved_word(unresolved),
            Error::NotInTransaction { path, line, .. } => Failure::new(Code::Safety, message)
                .at(Snippet { path: path.to_string(), line, first_line: line, ..Snippet::default() })
                .note("nothing was run")
                .help("`--dry-run` tries it on a scratch database that stands as this one does"),
            Error::Unsquashable(unsquashable) => unsquashable_chain(unsquashable),
            Error::InsideSquash { inside, why } => inside_squash(message, &inside, &why),
            Error::TakenApart { revision, missing } => listed(Failure::new(Code::Safety, message), &missing)
                .note("they look as if they were missing here, and running them would repeat what is done")
                .help("use the checkout with the squash: its file of that revision names what it replaces")
                .help(format!("if these files are right after all: `limbeck stamp {revision}` records them as applied")),
            Error::Unmovable(unmovable) => unmovable_line(unmovable),
            Error::Io { source, .. } | Error::Edit { source, .. } => Failure::usage(message).note(source.to_string()),
            // An application that starts up sees these, and no command.
            Error::NothingEmbedded | Error::Connect(_) => Failure::usage(message),
            Error::Template(_) => Failure::usage(message).about(["migrations", "file_template"]),
            Error::FilesMissing { stranded } => crate::stranded::failure(message, &stranded),
            Error::NotStranded { stranded, .. } if stranded.is_empty() => Failure::usage(message)
                .note("every applied revision has its file here")
                .help("`limbeck downgrade REV` undoes those, down to REV"),
            Error::NotStranded { stranded, .. } => listed(Failure::usage(message).note("those that are:"), &stranded),
            Error::StillNeeded { by, stranded, .. } => listed(Failure::usage(message), &by).help(if stranded {
                "name these as well: `--stranded A,B` runs them in the right order"
            } else {
                "undo these first, with `limbeck downgrade`"
            }),
            Error::NotKept { .. } => Failure::new(Code::Content, message)
                .note("`keep_downgrades` was off when it was applied, or the history is gone")
                .help("get its file back, from the branch that has it"),
            Error::KeptAltered { .. } => Failure::new(Code::Safety, message)
                .note("the checksum of its SQL is another than when it was applied: somebody changed it, and it is not run")
                .help("get its file back, from the branch that has it"),
            Error::TableElsewhere { found, expected, table } => Failure::new(Code::Database, message)
                .note(format!("the history in {}.{table} would be ignored, and every revision run again", found.join(", ")))
                .help(format!("if that is this project's history, set `version_schema = \"{}\"` under [migrations]", found[0]))
                .help(format!("if it belongs to something else, give this project a `version_table` of its own, or create {expected}.{table} there by hand")),
            Error::TableForeign { message: words, .. } => Failure::new(Code::Database, message)
                .note(words)
                .help("set another `version_table` under [migrations], or rename the table that is there"),
            Error::NewerFormat { .. } => Failure::new(Code::Database, message)
                .note("a newer limbeck wrote it, and this one could misread it")
                .help("update limbeck to the version that the others use"),
            Error::UnknownState { .. } => Failure::new(Code::Database, message)
                .note("a newer limbeck wrote it, or somebody changed it by hand")
                .help("update limbeck; or correct the row once you know what is in the database"),
            Error::HalfDone { revision, direction, parts } => running::half_done(message, revision.as_str(), direction, parts),
            Error::EditedWhileHalfDone { path, revision, .. } => Failure::new(Code::Content, message)
                .note(format!("{path} no longer says what ran, so going on from there could run something twice or never"))
                .help("put those parts back as they were; parts that have not run yet may be edited")
                .help(format!("or finish by hand what is missing, and record it: `limbeck stamp {revision}`")),
            Error::Sql(failure) => running::sql(&failure),
            Error::TransactionEnded { path, line, .. } => Failure::new(Code::Content, message)
                .at(Snippet { path: path.to_string(), line, first_line: line, ..Snippet::default() })
                .note("what stood before its `commit` (or `rollback`) is in the database (or undone); nothing after it ran, and the revision is not recorded as applied")
                .help("remove `begin` and `commit` from the part, bring the database back to where it was, and run it again"),
            Error::Stopped => Failure::new(Code::Database, message).help("`limbeck current` says what is applied"),
            Error::RunLocked { .. } | Error::ReadOnly { .. } | Error::Denied { .. } | Error::Overtaken { .. }
            | Error::Broken { .. } | Error::InDoubt { .. } | Error::BeingMade { .. } | Error::Pooled { .. } => running::stopped(message, error),
            Error::Database(ref error) => running::database(message, error),
        }
    }
}

fn mistaken(mistakes: &[Mistake]) -> Failure {
    let report = |mistake: &Mistake| Report {
        message: mistake.message.clone(),
        snippet: Some(Snippet {
            path: mistake.path.to_string(),
            line: mistake.line,
            column: Some(mistake.column),
            first_line: mistake.line,
            lines: Some(mistake.source_line.clone()).filter(|l| !l.is_empty()).into_iter().collect(),
        }),
        key: None,
        notes: Vec::new(),
        help: mistake.help.iter().cloned().collect(),
    };
    Failure { code: Code::Content, reports: mistakes.iter().map(report).collect() }
}

fn listed(failure: Failure, names: &[limbeck_migrate::graph::Named]) -> Failure {
    names.iter().fold(failure, |f, (id, message)| f.note(format!("{id} {message}")))
}

fn unresolved_word(unresolved: Unresolved) -> Failure {
    let message = unresolved.to_string();
    match unresolved {
        Unresolved::Unknown { nearest: Some(near), .. } => {
            Failure::usage(message).help(format!("did you mean {near}?"))
        }
        Unresolved::Unknown { .. } => Failure::usage(message).help("`limbeck history` lists what there is"),
        Unresolved::Squashed { into, .. } => Failure::usage(message)
            .note("one revision stands in for a chain: there is no stop inside of it")
            .help(format!("name {into}")),
        Unresolved::SeveralHeads { heads, .. } => listed(Failure::new(Code::Content, message), &heads)
            .help("name one of them, or all of them with `heads`; `limbeck merge -m MESSAGE` joins them"),
        Unresolved::SeveralWays { candidates, .. } => listed(Failure::usage(message), &candidates)
            .help("name the revision, or the line with `LABEL@+N`"),
        Unresolved::Ambiguous { candidates, .. } => {
            listed(Failure::usage(message), &candidates).help("write more of the id")
        }
        Unresolved::NotApplied { heads, .. } => {
            listed(Failure::usage(message).note("applied up to:"), &heads)
                .help("`limbeck current` says what is applied")
        }
        Unresolved::WrongWay { direction: "up", .. } => {
            Failure::usage(message).help("`limbeck downgrade` goes down")
        }
        Unresolved::WrongWay { .. } | Unresolved::TooFar { .. } | Unresolved::OtherLine { .. } => {
            Failure::usage(message).help("`limbeck history` lists what there is")
        }
    }
}

fn inside_squash(message: String, inside: &Inside, why: &Untold) -> Failure {
    let into = &inside.revision;
    let why = match why {
        Untold::Regenerated => {
            format!("{into} was made anew from what the chain came to: it can't go on from the middle")
        }
        Untold::Edited(id) => {
            format!(
                "{id} was applied here with another text than {into} holds, so the rest of it may not fit"
            )
        }
    };
    Failure::new(Code::Content, message)
        .note(format!("{} of its {} revisions are applied here", inside.applied.len(), inside.of))
        .note(why)
        .help(format!(
            "with the files from before the squash: `limbeck upgrade {into}`; then this checkout goes on"
        ))
        .help(format!("or bring the database there by hand, and record it: `limbeck stamp --purge {into}`"))
}

fn unsquashable_chain(unsquashable: Unsquashable) -> Failure {
    let failure = Failure::usage(unsquashable.to_string());
    match unsquashable {
        Unsquashable::NoChain { .. } | Unsquashable::One { .. } => failure
            .note("both ends are bundled, and all between them")
            .help("`limbeck history -r A:B` shows what a range holds"),
        Unsquashable::Branch { .. } | Unsquashable::Merge { .. } => {
            failure.help("squash each line by itself; `limbeck rebase` makes one line of two")
        }
        Unsquashable::Needed { .. } => {
            failure.help("let the squash end there: what others need has to stay a place of its own")
        }
        Unsquashable::Tagged { revision, tags } => failure
            .note(format!("{} would name no place any more", tags.join(", ")))
            .help(format!("begin after it: `limbeck squash {revision}+1:…`"))
            .help(format!("or give the name up: `limbeck tag --delete {}`", tags.join(" "))),
    }
}

fn unmovable_line(unmovable: Unmovable) -> Failure {
    let failure = Failure::usage(unmovable.to_string());
    match unmovable {
        Unmovable::Follows { .. } | Unmovable::There { .. } => {
            failure.help("`limbeck history` shows the chain")
        }
        Unmovable::NoHead { heads, .. } => heads
            .iter()
            .fold(failure, |failure, (id, message)| failure.note(format!("{id} {message} follows it")))
            .help("name the head that the line shall follow"),
        Unmovable::Merge { .. } => {
            failure.help("what is merged needs no other parent; or undo the merge first: delete its file")
        }
    }
}
