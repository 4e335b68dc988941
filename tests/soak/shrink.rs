//! From a case that fails to the smallest that fails alike.

use std::collections::BTreeSet;

use crate::case::{Case, Key};
use crate::server::Server;
use crate::trial::{self, Failure, Outcome};

/// Leaves out what the failure does not need: whole things, changes, statements, rows.
pub(crate) fn smallest(server: &Server, case: &Case, failure: &Failure) -> (Case, Failure) {
    let mut found = (case.clone(), failure.clone());
    let likeness = failure.likeness();
    let try_it = |smaller: Case, found: &mut (Case, Failure)| {
        if smaller == found.0 {
            return true;
        }
        let Ok(Outcome::Fails(failure)) = trial::of(server, &smaller) else { return false };
        let alike = failure.likeness() == likeness;
        if alike {
            *found = (smaller, failure);
        }
        alike
    };
    try_it(Case { rows: Default::default(), ..found.0.clone() }, &mut found);
    for step in [Step::Remove, Step::KeepBefore, Step::KeepAfter, Step::Remove] {
        let mut keys: Vec<Key> = step.keys(&found.0).into_iter().rev().collect();
        let mut size = keys.len().div_ceil(2).max(1);
        while !keys.is_empty() {
            keys = keys
                .chunks(size)
                .filter(|keys| !try_it(step.of(&found.0, keys), &mut found))
                .flatten()
                .copied()
                .collect();
            if size == 1 {
                break;
            }
            size = size.div_ceil(2);
        }
    }
    found
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
