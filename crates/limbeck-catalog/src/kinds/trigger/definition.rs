//! A trigger as it is written: in a model by its fields, or by the server as one text
//! (`pg_get_triggerdef`). Only that text has the condition; the rest is read from it as well.

use limbeck_sql::{split_top_level, strip_outer_parens, unquoted};
use serde::Deserialize;

use super::{Level, Timing, Trigger};
use crate::kinds::firing::Firing;
use crate::kinds::reader::Reader;

/// Either form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    timing: Option<Timing>,
    events: Vec<String>,
    for_each: Level,
    when: Option<String>,
    function: String,
    arguments: Vec<String>,
    constraint: bool,
    deferrable: bool,
    initially_deferred: bool,
    from: Option<String>,
    old_table: Option<String>,
    new_table: Option<String>,
    enabled: Firing,
    /// From the catalog: the whole statement.
    definition: Option<String>,
}

impl TryFrom<Written> for Trigger {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let mut trigger = Trigger {
            timing: written.timing.unwrap_or_default(),
            events: written.events.iter().map(|event| canonical(event)).collect(),
            for_each: written.for_each,
            when: written.when.map(|when| strip_outer_parens(&when).to_owned()),
            function: written.function.trim().trim_end_matches("()").to_owned(),
            arguments: written.arguments,
            constraint: written.constraint,
            deferrable: written.deferrable || written.initially_deferred,
            initially_deferred: written.initially_deferred,
            from: written.from,
            old_table: written.old_table,
            new_table: written.new_table,
            enabled: written.enabled,
        };
        let has_timing = written.timing.is_some() || written.definition.is_some();
        if let Some(text) = &written.definition {
            read(text, &mut trigger).ok_or_else(|| format!("unexpected trigger definition {text:?}"))?;
        }
        trigger.events.sort_by_key(|event| place(event));
        match (has_timing, trigger.events.is_empty(), trigger.function.is_empty()) {
            (true, false, false) => Ok(trigger),
            (false, _, _) => Err("a trigger needs a timing: before, after or instead of".to_owned()),
            (true, true, _) => Err("a trigger needs events".to_owned()),
            (true, false, true) => Err("a trigger needs a function".to_owned()),
        }
    }
}

/// `Update Of a,b` as `update of a, b`.
fn canonical(event: &str) -> String {
    let event = event.trim();
    let Some((word, columns)) = event.split_once(char::is_whitespace) else { return event.to_lowercase() };
    let columns = columns.trim_start();
    let columns = columns.get(2..).filter(|_| columns.to_lowercase().starts_with("of ")).unwrap_or(columns);
    format!("{} of {}", word.to_lowercase(), split_top_level(columns).join(", "))
}

/// The order of events says nothing; this is the one that people use.
fn place(event: &str) -> usize {
    let starts = |word: &&str| event.starts_with(word);
    ["insert", "update", "delete", "truncate"].iter().position(starts).unwrap_or(usize::MAX)
}

fn read(definition: &str, trigger: &mut Trigger) -> Option<()> {
    let mut reader = Reader::new(definition);
    reader.words("CREATE").then_some(())?;
    trigger.constraint = reader.words("CONSTRAINT");
    reader.words("TRIGGER").then_some(())?;
    reader.identifier()?;
    trigger.timing = timing(&mut reader)?;
    trigger.events = events(&mut reader)?;
    reader.words("ON").then_some(())?;
    reader.name()?;
    if reader.words("FROM") {
        trigger.from = Some(reader.name()?.to_owned());
    }
    if !reader.words("NOT DEFERRABLE") {
        trigger.deferrable = reader.words("DEFERRABLE");
    }
    trigger.initially_deferred = reader.words("INITIALLY DEFERRED");
    reader.words("INITIALLY IMMEDIATE");
    if reader.words("REFERENCING") {
        transition_tables(&mut reader, trigger)?;
    }
    trigger.for_each = if reader.words("FOR EACH ROW") { Level::Row } else { Level::Statement };
    reader.words("FOR EACH STATEMENT");
    if reader.words("WHEN") {
        trigger.when = Some(strip_outer_parens(reader.bracketed()?).to_owned());
    }
    reader.words("EXECUTE FUNCTION").then_some(())?;
    trigger.function = reader.name()?.to_owned();
    trigger.arguments = split_top_level(reader.bracketed()?).into_iter().map(constant).collect();
    Some(())
}

fn timing(reader: &mut Reader<'_>) -> Option<Timing> {
    [("BEFORE", Timing::Before), ("AFTER", Timing::After), ("INSTEAD OF", Timing::InsteadOf)]
        .into_iter()
        .find_map(|(words, timing)| reader.words(words).then_some(timing))
}

fn events(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let mut events = Vec::new();
    loop {
        let word = reader.identifier()?.to_lowercase();
        if reader.words("OF") {
            let mut columns = vec![reader.identifier()?];
            while reader.symbol(",") {
                columns.push(reader.identifier()?);
            }
            events.push(format!("{word} of {}", columns.join(", ")));
        } else {
            events.push(word);
        }
        if !reader.words("OR") {
            return Some(events);
        }
    }
}

fn transition_tables(reader: &mut Reader<'_>, trigger: &mut Trigger) -> Option<()> {
    if reader.words("OLD TABLE AS") {
        trigger.old_table = Some(unquoted(reader.identifier()?));
    }
    if reader.words("NEW TABLE AS") {
        trigger.new_table = Some(unquoted(reader.identifier()?));
    }
    Some(())
}

/// The value of a string constant. The server writes these without escapes, whatever is in them.
fn constant(text: &str) -> String {
    let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap_or(text);
    inner.replace("''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(definition: &str) -> Trigger {
        let written = Written { definition: Some(definition.to_owned()), ..Written::default() };
        Trigger::try_from(written).expect("a definition")
    }

    #[test]
    fn takes_a_definition_apart() {
        let trigger = parsed(
            "CREATE TRIGGER tr1 BEFORE INSERT OR DELETE OR UPDATE OF a, \"B c\" ON s.t FOR EACH ROW \
             WHEN (((new.a > 0) AND (new.b IS DISTINCT FROM 'x) EXECUTE FUNCTION '::text))) \
             EXECUTE FUNCTION s.f8('arg1', 'it''s', 'back\\slash', '')",
        );
        assert_eq!((trigger.timing, trigger.for_each), (Timing::Before, Level::Row));
        assert_eq!(trigger.events, ["insert", "update of a, \"B c\"", "delete"]);
        let when = "(new.a > 0) AND (new.b IS DISTINCT FROM 'x) EXECUTE FUNCTION '::text)";
        assert_eq!(trigger.when.as_deref(), Some(when));
        assert_eq!(trigger.function, "s.f8");
        assert_eq!(trigger.arguments, ["arg1", "it's", "back\\slash", ""]);
    }

    #[test]
    fn reads_constraint_triggers_and_transition_tables() {
        let trigger = parsed(
            "CREATE CONSTRAINT TRIGGER tr3 AFTER DELETE ON s.t FROM s.u DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION s.f8()",
        );
        assert!(trigger.constraint && trigger.deferrable && trigger.initially_deferred);
        assert_eq!((trigger.from.as_deref(), trigger.arguments.len()), (Some("s.u"), 0));
        let trigger = parsed(
            "CREATE CONSTRAINT TRIGGER c AFTER INSERT ON s.t NOT DEFERRABLE INITIALLY IMMEDIATE \
             FOR EACH ROW EXECUTE FUNCTION s.f8()",
        );
        assert!(trigger.constraint && !trigger.deferrable);
        let trigger = parsed(
            "CREATE TRIGGER tr5 AFTER UPDATE ON s.t REFERENCING OLD TABLE AS \"Old\" NEW TABLE AS newt \
             FOR EACH STATEMENT EXECUTE FUNCTION s.f8()",
        );
        assert_eq!((trigger.old_table.as_deref(), trigger.new_table.as_deref()), (Some("Old"), Some("newt")));
        assert_eq!(trigger.for_each, Level::Statement);
    }

    #[test]
    fn events_have_one_spelling() {
        let written = Written {
            timing: Some(Timing::After),
            events: vec!["Delete".to_owned(), "UPDATE OF a,b".to_owned()],
            function: "s.f()".to_owned(),
            ..Written::default()
        };
        let trigger = Trigger::try_from(written).expect("a trigger");
        assert_eq!(trigger.events, ["update of a, b", "delete"]);
        assert_eq!(trigger.function, "s.f");
    }
}
