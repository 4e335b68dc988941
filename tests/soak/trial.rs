//! One case, the whole round: equal to itself, a candidate, up, a clean check, and down again.

use limbeck_scratch::provider::Database;

use crate::case::{Case, Key, Script, run};
use crate::data::Data;
use crate::dump::{self, Objects};
use crate::project::Project;
use crate::said::stops_as_said;
use crate::server::{Server, url};

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything holds.
    Holds,
    /// Both states are equal.
    Same,
    /// The candidate says that a person has to decide, or that what isn't compared may stop it; and it stops.
    AsSaid(&'static str),
    /// Something doesn't hold.
    Fails(Failure),
}

/// What doesn't hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// In which step.
    pub(crate) step: &'static str,
    pub(crate) why: String,
    /// The revision, if there was one.
    pub(crate) revision: String,
}

impl Failure {
    /// What two failures have in common when they are one and the same: step and words, without names.
    pub(crate) fn likeness(&self) -> String {
        let line =
            self.why.lines().find(|l| l.contains("error") || l.contains("FAILED")).unwrap_or(&self.why);
        let words = line.split_whitespace().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
        format!("{}: {}", self.step, words.take(12).collect::<Vec<_>>().join(" "))
    }
}

/// The step in which a database is compared with what was written of it.
const ITSELF: &str = "itself";

/// Databases and a project for one case.
struct Trial<'a> {
    server: &'a Server,
    project: Project,
    live: Database,
    desired: Database,
    revision: String,
    /// Whether it is compared with itself.
    itself: bool,
}

/// Tries a case. An error is the trial's own.
pub(crate) fn of(server: &Server, case: &Case) -> Result<Outcome, String> {
    Trial::new(server, true)?.run(case)
}

/// Tries one that is to fail as another did. What came before that went well; but models that are there
/// already may be what makes it fail.
pub(crate) fn again(server: &Server, case: &Case, failure: &Failure) -> Result<Outcome, String> {
    Trial::new(server, [ITSELF, "pull", "candidate"].contains(&failure.step))?.run(case)
}

/// Those statements of a case that hold, in an order in which they do.
pub(crate) fn scripts(server: &Server, case: &Case) -> Result<[Vec<String>; 3], String> {
    let (live, desired) = (server.database("")?, server.database("")?);
    let texts = |script: &Script, keys: Vec<Key>| keys.iter().map(|key| script[key].clone()).collect();
    let before = texts(&case.before, run(server, &live, &case.before)?);
    let rows = texts(&case.rows, run(server, &live, &case.rows)?);
    let after = texts(&case.after, run(server, &desired, &case.after)?);
    server.drop(live);
    server.drop(desired);
    Ok([before, after, rows])
}

impl<'a> Trial<'a> {
    fn new(server: &'a Server, itself: bool) -> Result<Self, String> {
        let (live, desired) = (server.database("")?, server.database("")?);
        Ok(Self { server, project: Project::new()?, live, desired, revision: String::new(), itself })
    }

    fn run(mut self, case: &Case) -> Result<Outcome, String> {
        run(self.server, &self.live, &case.before)?;
        run(self.server, &self.live, &case.rows)?;
        run(self.server, &self.desired, &case.after)?;
        let outcome = self.round();
        self.server.drop(self.live);
        self.server.drop(self.desired);
        outcome
    }

    fn round(&mut self) -> Result<Outcome, String> {
        let first = self.objects(&self.live)?;
        let data = Data::of(self.server, &self.live)?;
        let (live, desired) = (url(&self.live), url(&self.desired));
        self.project.must(&["init"], &live)?;
        // Equal to itself, and to what is written of it.
        for command in [&["pull"][..], &["check"]].into_iter().filter(|_| self.itself) {
            if let Some(failure) = self.step(ITSELF, command, &live)? {
                return Ok(failure);
            }
        }
        if let Some(failure) = self.step("pull", &["pull"], &desired)? {
            return Ok(failure);
        }
        if let Some(failure) = self.step("candidate", &["revision", "--autogenerate", "-m", "c"], &live)? {
            return Ok(failure);
        }
        match self.project.revision()? {
            Some(revision) => self.revision = revision,
            None => return self.same(&first),
        }
        if let Some(outcome) = self.proof() {
            return Ok(outcome);
        }
        self.there_and_back(&first, &data)
    }

    /// No revision: both must be equal.
    fn same(&self, first: &Objects) -> Result<Outcome, String> {
        let wanted = self.objects(&self.desired)?;
        Ok(dump::differences(first, &wanted).map_or(Outcome::Same, |why| self.fails("no revision", why)))
    }

    /// What the proof says, where it does not hold.
    fn proof(&self) -> Option<Outcome> {
        let proof =
            self.revision.lines().find_map(|l| l.strip_prefix("-- proof: ")).unwrap_or("there is none");
        let proven = proof.starts_with("upgrade reaches the models") && proof.contains("downgrade restores");
        if proven {
            return None;
        }
        let said = |code: &str| stops_as_said(&self.revision, proof, code);
        if said("NEEDS_DECISION") {
            return Some(Outcome::AsSaid("needs a decision"));
        }
        if said("UNCOMPARED_DEPENDANT") {
            return Some(Outcome::AsSaid("uncompared"));
        }
        Some(self.fails("proof", proof.to_owned()))
    }

    fn there_and_back(&self, first: &Objects, data: &Data) -> Result<Outcome, String> {
        let live = url(&self.live);
        if let Some(failure) = self.step("upgrade", &["upgrade", "head"], &live)? {
            return Ok(self.unless_rows_stop_it(failure));
        }
        let now = self.objects(&self.live)?;
        if let Some(why) = dump::differences(&now, &self.objects(&self.desired)?) {
            return Ok(self.fails("upgraded", why));
        }
        if let Some(failure) = self.step("check", &["check"], &live)? {
            return Ok(failure);
        }
        let upgraded = Data::of(self.server, &self.live)?;
        if let Some(lost) = data.lost(&upgraded, &upgraded) {
            return Ok(self.fails("values up", lost));
        }
        if let Some(failure) = self.step("downgrade", &["downgrade", "base"], &live)? {
            return Ok(self.unless_rows_stop_it(failure));
        }
        if let Some(why) = dump::differences(&self.objects(&self.live)?, first) {
            return Ok(self.fails("downgraded", why));
        }
        let back = Data::of(self.server, &self.live)?;
        Ok(data.lost(&back, &upgraded).map_or(Outcome::Holds, |lost| self.fails("values down", lost)))
    }

    /// Rows may stop what says so.
    fn unless_rows_stop_it(&self, outcome: Outcome) -> Outcome {
        let says = |code: &str| self.revision.contains(&format!(" {code} "));
        let said = ["FAILS_ON_ROWS", "VALUE_CHANGE", "NEEDS_DECISION"].into_iter().any(says);
        let rows = |why: &str| ROWS.iter().any(|words| why.contains(words));
        match outcome {
            Outcome::Fails(failure) if said && rows(&failure.why) => Outcome::AsSaid("rows stop it"),
            other => other,
        }
    }

    fn step(&self, step: &'static str, command: &[&str], url: &str) -> Result<Option<Outcome>, String> {
        let said = self.project.limbeck(command, url, &[])?;
        // Few tables, and most of them gone: that is asked for here by chance.
        if said.code == Some(5) && said.text.contains("allow_mass_drop") {
            return Ok(Some(Outcome::AsSaid("most would go")));
        }
        Ok((said.code != Some(0)).then(|| self.fails(step, format!("exits {:?}\n{}", said.code, said.text))))
    }

    fn fails(&self, step: &'static str, why: String) -> Outcome {
        Outcome::Fails(Failure { step, why, revision: self.revision.clone() })
    }

    /// What stands in a database, but for what isn't compared: nothing says what becomes of it.
    fn objects(&self, database: &Database) -> Result<Objects, String> {
        let mut objects = self.server.objects(database)?;
        objects.retain(|name, _| !name.contains("context_"));
        Ok(objects)
    }
}

/// Words of a server whose rows stand in the way.
const ROWS: &[&str] = &[
    "is violated by some row",
    "contains null values",
    "could not create unique index",
    "could not create exclusion",
    "violates",
    "invalid input",
    "out of range",
    "cannot cast",
    "cannot be cast",
    "value too long",
    "overflow",
    "does not match",
    "malformed",
    "could not convert",
];
