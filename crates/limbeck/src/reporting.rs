//! Comparisons as `limbeck-report` has them, for the commands that show one.

use std::io::IsTerminal;

use limbeck_catalog::{Catalog, ObjectId, Pair};
use limbeck_model::Declared;
use limbeck_report::{Compared, Report, gather};
use limbeck_scratch::compare::Comparison;

use crate::output;

/// What there is to say of a comparison.
pub(crate) fn report(comparison: &Comparison, from: &str, to: &str) -> Report {
    let mut unproven = comparison.unproven.clone();
    let candidate = limbeck_diff::candidate(comparison.sides(), &comparison.renames);
    if let Err(error) = &candidate {
        unproven.push(error.to_string());
    }
    gather(&Compared {
        names: Pair { from: from.to_owned(), to: to.to_owned() },
        sides: comparison.sides(),
        renames: &comparison.renames,
        plan: candidate.as_ref().ok().map(|candidate| &candidate.upgrade),
        unproven: &unproven,
    })
}

/// How wide texts may be: as the terminal is, within reason.
pub(crate) fn width() -> usize {
    let terminal = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    terminal.map_or(80, |(width, _)| usize::from(width.0).clamp(60, 120))
}

/// A report for programs.
pub(crate) fn json(report: &impl serde::Serialize) {
    crate::output::put(&format!("{}\n", limbeck_report::report::to_json(report)));
}

/// Says what is there and isn't compared, and what could not be read.
pub(crate) fn say_uncompared(catalog: &Catalog) {
    for line in limbeck_report::human::uncompared(&limbeck_report::gather::uncompared(catalog)) {
        output::say(line);
    }
    for words in &catalog.unreadable {
        output::say(format!("not read: {}", output::printable(words)));
    }
}

/// Where the models have an object.
pub(crate) fn place(declared: &Declared, id: &ObjectId) -> Option<(String, usize)> {
    let place = limbeck_model::diagnostic::place(&declared.files, declared.span(id)?)?;
    Some((place.path.to_string(), place.line))
}
