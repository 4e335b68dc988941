//! From a case that fails to the smallest that fails alike.

use std::collections::BTreeSet;

use crate::case::{Case, Key, Script};
use crate::server::Server;
use crate::trial::{self, Failure, Outcome};

/// Tries that one failure is worth.
const TRIES: usize = 150;

/// Leaves out what the failure does not need: whole things first, then changes, statements, rows.
pub(crate) fn smallest(server: &Server, case: &Case, failure: &Failure) -> (Case, Failure) {
    let mut shrinking = Shrinking {
        server,
        case: case.clone(),
        failure: failure.clone(),
        likeness: failure.likeness(),
        tries: 0,
    };
    let rowless = Case { rows: Script::new(), ..case.clone() };
    shrinking.attempt(rowless);
    for (step, grain) in [
        (Step::KeepBefore, Grain::Thing),
        (Step::KeepAfter, Grain::Thing),
        (Step::Remove, Grain::Thing),
        (Step::Remove, Grain::Statement),
        (Step::KeepBefore, Grain::Statement),
        (Step::KeepAfter, Grain::Statement),
    ] {
        shrinking.go(step, grain);
    }
    (shrinking.case, shrinking.failure)
}

/// The smallest case so far.
struct Shrinking<'a> {
    server: &'a Server,
    case: Case,
    failure: Failure,
    likeness: String,
    tries: usize,
}

impl Shrinking<'_> {
    /// Leaves out halves, quarters, … of what is there.
    fn go(&mut self, step: Step, grain: Grain) {
        let mut groups = grain.groups(step.keys(&self.case));
        let mut size = groups.len().div_ceil(2).max(1);
        while !groups.is_empty() {
            let needed = |chunk: &&[Vec<Key>]| !self.attempt(step.of(&self.case, &chunk.concat()));
            groups = groups.chunks(size).filter(needed).flatten().cloned().collect();
            if size == 1 {
                break;
            }
            size = size.div_ceil(2);
        }
    }

    /// Whether a smaller case fails alike; it then takes the place of the one before.
    fn attempt(&mut self, smaller: Case) -> bool {
        if smaller == self.case {
            return true;
        }
        self.tries += 1;
        if self.tries > TRIES {
            return false;
        }
        let Ok(Outcome::Fails(failure)) = trial::again(self.server, &smaller, &self.failure) else {
            return false;
        };
        let alike = failure.likeness() == self.likeness;
        if alike {
            (self.case, self.failure) = (smaller, failure);
        }
        alike
    }
}

/// What is left out at once.
#[derive(Clone, Copy)]
enum Grain {
    Thing,
    Statement,
}

impl Grain {
    /// What comes last goes first: nothing else needs it.
    fn groups(self, keys: BTreeSet<Key>) -> Vec<Vec<Key>> {
        let mut groups: Vec<Vec<Key>> = Vec::new();
        for key in keys.into_iter().rev() {
            match groups.last_mut().filter(|group| group[0].1 == key.1) {
                Some(group) if matches!(self, Self::Thing) => group.push(key),
                _ => groups.push(vec![key]),
            }
        }
        groups
    }
}

/// A way to make a case smaller.
#[derive(Clone, Copy)]
enum Step {
    /// Neither side has it.
    Remove,
    /// It doesn't change: it is as before.
    KeepBefore,
    /// It doesn't change: it has been as after.
    KeepAfter,
}

impl Step {
    /// What it can be applied to.
    fn keys(self, case: &Case) -> BTreeSet<Key> {
        let all = case.before.keys().chain(case.after.keys()).chain(case.rows.keys()).copied();
        match self {
            Self::Remove => all.collect(),
            Self::KeepBefore | Self::KeepAfter => {
                all.filter(|key| case.before.get(key) != case.after.get(key)).collect()
            }
        }
    }

    fn of(self, case: &Case, keys: &[Key]) -> Case {
        let mut case = case.clone();
        for key in keys {
            let kept = match self {
                Self::Remove => {
                    case.rows.remove(key);
                    None
                }
                Self::KeepBefore => case.before.get(key).cloned(),
                Self::KeepAfter => case.after.get(key).cloned(),
            };
            for side in [&mut case.before, &mut case.after] {
                match kept.clone() {
                    Some(sql) => drop(side.insert(*key, sql)),
                    None => drop(side.remove(key)),
                }
            }
        }
        case
    }
}
