//! What goes to the server in one piece, and the way back from a place in it to a line of a file. Pure.

use limbeck_sql::literal;

use super::session::{RESET, local_pins, set};
use super::{Settings, Work};
use crate::file::{Part, StatementSpan, statements};

/// What the guard's failure says; no server says this of itself.
pub(super) const ENDED: &str = "limbeck: the part ended its own transaction";

/// What the check's failures say, before anything of a revision runs.
pub(super) const LOCK_LOST: &str = "limbeck: another run has the lock";
pub(super) const OVERTAKEN: &str = "limbeck: the revision is not as it was read";

/// One message under construction.
#[derive(Debug, Default)]
pub(super) struct Message {
    text: String,
    statements: usize,
    placed: Vec<Placed>,
    record: Option<usize>,
}

/// A part's place in a message.
#[derive(Debug)]
struct Placed {
    part: usize,
    at: usize,
    sql: String,
    first: usize,
    spans: Vec<StatementSpan>,
    guard: usize,
}

/// A place in a part: bytes in its SQL, and where known the statement around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: usize,
    pub(super) byte: usize,
    pub(super) statement: Option<StatementSpan>,
}

impl Message {
    /// A message that shows in `pg_stat_activity` what it is for. An id holds nothing that ends a comment.
    pub(super) fn of(work: Work<'_>) -> Self {
        let text = format!("/* limbeck {} {} */ ", work.direction.word(), work.revision.id());
        Message { text, ..Message::default() }
    }

    /// Adds one statement of our own.
    pub(super) fn push(&mut self, statement: &str) {
        self.text.push_str(statement);
        self.text.push_str(";\n");
        self.statements += 1;
    }

    /// Adds the statement that records how far a revision is.
    pub(super) fn push_record(&mut self, statement: &str) {
        self.record = Some(self.statements);
        self.push(statement);
    }

    /// Whether the record is the statement after this many complete ones.
    pub(super) fn is_record(&self, complete: usize) -> bool {
        self.record == Some(complete)
    }

    /// Adds a part that runs inside the transaction, with its guard, and puts the session back.
    pub(super) fn push_part(&mut self, work: Work<'_>, index: usize, settings: &Settings) {
        let part = &work.revision.parts(work.direction)[index];
        if is_empty(part) {
            return;
        }
        let guard = work.revision.id().as_str();
        self.push(&format!("select {}", set("limbeck.guard", guard, true)));
        for (key, value) in &part.text.settings {
            self.push(&format!("select {}", set(key, value, true)));
        }
        self.place(index, part);
        // A local setting is gone at the end of the transaction in which it was made. A constant text
        // would be cast when the statement is planned: it has to look as if it could vary.
        self.push(&format!(
            "select case when pg_catalog.current_setting('limbeck.guard', true) = {} then 0 \
             else pg_catalog.concat({})::pg_catalog.int4 end",
            literal(guard),
            literal(ENDED)
        ));
        RESET.iter().for_each(|statement| self.push(statement));
        self.push(&local_pins(settings));
    }

    /// Adds a part's SQL as it stands.
    pub(super) fn place(&mut self, index: usize, part: &Part) {
        let sql = part.text.sql.clone();
        let spans = statements(&sql);
        let (at, first) = (self.text.chars().count(), self.statements);
        self.text.push_str(&sql);
        // On a line of its own: the part may end in a comment.
        self.text.push_str("\n;\n");
        self.statements += spans.len();
        self.placed.push(Placed { part: index, at, sql, first, spans, guard: self.statements });
    }

    /// The whole text.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// The part whose guard is the statement after this many complete ones.
    pub(super) fn guarded(&self, complete: usize) -> Option<usize> {
        self.placed.iter().find(|placed| placed.guard == complete).map(|placed| placed.part)
    }

    /// Where a character of the message (from 1, as the server counts) stands.
    pub(super) fn by_position(&self, position: usize) -> Option<Place> {
        let wanted = position.checked_sub(1)?;
        let placed = self.placed.iter().rev().find(|placed| placed.at <= wanted)?;
        let byte = match placed.sql.char_indices().nth(wanted - placed.at) {
            Some((byte, _)) => byte,
            // At the part's very end, where something is missing.
            None if wanted - placed.at <= placed.sql.chars().count() + 3 => placed.sql.trim_end().len(),
            None => return None,
        };
        let statement = placed.spans.iter().find(|s| s.start <= byte && byte <= s.end).copied();
        Some(Place { part: placed.part, byte, statement })
    }

    /// Where the statement stands that came after this many complete ones.
    pub(super) fn by_count(&self, complete: usize) -> Option<Place> {
        let placed =
            self.placed.iter().find(|p| p.first <= complete && complete < p.first + p.spans.len())?;
        let span = placed.spans[complete - placed.first];
        Some(Place { part: placed.part, byte: span.start, statement: Some(span) })
    }
}

/// Whether a part holds no statement.
pub(super) fn is_empty(part: &Part) -> bool {
    statements(&part.text.sql).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Direction, parse};

    const FILE: &str = "-- limbeck:revision abc\n-- limbeck:upgrade lock_timeout=5s\n-- größe\nselect 'ä';\n\
                        select 2/0;\n-- limbeck:upgrade\nselect 3\n";

    fn message(check: impl Fn(&Message, &dyn Fn(&str) -> usize)) {
        let revision = parse("a.sql".into(), FILE).unwrap();
        let work = Work { revision: &revision, direction: Direction::Upgrade, done: 0 };
        let mut message = Message::default();
        message.push("begin");
        message.push_part(work, 0, &Settings::default());
        message.push_part(work, 1, &Settings::default());
        let position = |text: &str| {
            let byte = message.text.find(text).unwrap();
            message.text[..byte].chars().count() + 1
        };
        check(&message, &position);
    }

    #[test]
    fn positions_count_characters_and_lead_to_parts() {
        message(|message, position| {
            let place = message.by_position(position("2/0")).unwrap();
            assert_eq!(place.part, 0);
            let part = "-- größe\nselect 'ä';\nselect 2/0;\n";
            assert_eq!(&part[place.byte..place.byte + 3], "2/0");
            let span = place.statement.unwrap();
            assert_eq!(&part[span.start..span.end], "select 2/0");
            assert_eq!(message.by_position(position("select 3")).unwrap().part, 1);
            assert_eq!(message.by_position(1), None);
        });
    }

    #[test]
    fn counts_of_complete_statements_lead_to_statements() {
        message(|message, _| {
            // begin, the guard, one setting; then the part's two.
            assert_eq!(message.by_count(2), None);
            assert_eq!(message.by_count(3).unwrap().byte, FILE_FIRST);
            assert_eq!(message.by_count(4).unwrap().part, 0);
            assert_eq!(message.guarded(5), Some(0));
        });
    }

    const FILE_FIRST: usize = "-- größe\n".len();
}
