//! A report as GitHub's workflow commands: annotations of a pull request.
//!
//! Escaping follows the runner's own rule (`@actions/core`, `command.ts`): what ends a line or begins
//! an escape is written as its code, in properties also what ends a property.

use limbeck_catalog::ObjectId;

use crate::printable::printable;
use crate::report::{ChangeWord, NoteSort, Report};

/// A place in a file: path and line.
pub type Place = (String, usize);

/// One annotation a changed object, at the place where the models have it.
pub fn github(report: &Report, place: impl Fn(&ObjectId) -> Option<Place>) -> String {
    let mut out = String::new();
    for rename in &report.renames {
        let words = format!("{} becomes {}", rename.from, rename.object.name);
        out += &annotation("error", "the database differs from the models", &words, place(&rename.object.id));
    }
    for change in report.own() {
        let word = match change.change {
            ChangeWord::Create => "is missing",
            ChangeWord::Drop => "is not in the models",
            ChangeWord::Alter | ChangeWord::Recreate | ChangeWord::Refuse => "differs",
        };
        let mut lines = vec![format!("{} {word}", change.object.name)];
        let fields: Vec<&str> = change.fields.iter().map(|field| field.field.as_str()).collect();
        if word == "differs" && !fields.is_empty() {
            lines[0] += &format!(": {}", fields.join(", "));
        }
        for note in &change.notes {
            let sort = match note.sort {
                NoteSort::Hazard => "hazard",
                NoteSort::BlindSpot => "blind spot",
            };
            lines.push(format!("{sort} {}: {}", note.code, note.words));
        }
        // What is not in the models has no place there, but what it stands in may have.
        let within = || change.object.ancestors.iter().rev().find_map(&place);
        let at = place(&change.object.id).or_else(within);
        out += &annotation("error", "the database differs from the models", &lines.join("\n"), at);
    }
    out
}

/// One annotation.
pub fn annotation(level: &str, title: &str, message: &str, place: Option<Place>) -> String {
    let mut properties = Vec::new();
    if let Some((path, line)) = place {
        properties.push(format!("file={}", property(&path)));
        properties.push(format!("line={line}"));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{level} {}::{}\n", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_annotation_early() {
        let place = Some(("models/a,b:c.yaml".to_owned(), 3));
        assert_eq!(
            annotation("error", "50%, or more", "one\n::error::two", place),
            "::error file=models/a%2Cb%3Ac.yaml,line=3,title=50%25%2C or more::one%0A::error::two\n"
        );
    }
}
