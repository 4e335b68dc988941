//! A rule as it is written: in a model by its fields, or by the server as one text
//! (`pg_get_ruledef`).

use limbeck_sql::{TokenKind, strip_outer_parens, tokens};
use serde::Deserialize;

use super::Rule;
use crate::kinds::firing::Firing;
use crate::kinds::reader::Reader;

/// Either form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    event: String,
    #[serde(rename = "where")]
    predicate: Option<String>,
    instead: bool,
    actions: Vec<String>,
    enabled: Firing,
    /// From the catalog: the whole statement.
    definition: Option<String>,
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let mut rule = Rule {
            event: written.event.trim().to_lowercase(),
            predicate: written.predicate.map(|p| strip_outer_parens(&p).to_owned()),
            instead: written.instead,
            actions: written.actions.iter().flat_map(|actions| statements(actions)).collect(),
            enabled: written.enabled,
        };
        if let Some(text) = &written.definition {
            read(text, &mut rule).ok_or_else(|| format!("unexpected rule definition {text:?}"))?;
        }
        match rule.event.as_str() {
            "insert" | "update" | "delete" => Ok(rule),
            event => Err(format!("a rule is on insert, update or delete, not on {event:?}")),
        }
    }
}

/// `CREATE RULE r AS ON UPDATE TO s.t [WHERE …] DO [INSTEAD] action;` The condition may have no
/// brackets (`WHERE new.flag`), but `DO` is reserved, so that nothing else is called so.
fn read(definition: &str, rule: &mut Rule) -> Option<()> {
    let mut reader = Reader::new(definition);
    reader.words("CREATE RULE").then_some(())?;
    reader.identifier()?;
    reader.words("AS ON").then_some(())?;
    rule.event = reader.identifier()?.to_lowercase();
    reader.words("TO").then_some(())?;
    reader.name()?;
    if reader.words("WHERE") {
        rule.predicate = Some(strip_outer_parens(reader.until("DO")?).to_owned());
    }
    reader.words("DO").then_some(())?;
    rule.instead = reader.words("INSTEAD");
    let actions = reader.rest().trim_end_matches(';');
    rule.actions = match actions {
        "NOTHING" => Vec::new(),
        // Several stand in brackets, each with a semicolon. A single one may begin with a bracket, too
        // (`(select …) union …`), but then has none.
        several if is_list(several) => statements(strip_outer_parens(several)),
        one => vec![one.to_owned()],
    };
    Some(())
}

fn is_list(text: &str) -> bool {
    let inner = strip_outer_parens(text);
    inner.len() < text.len() && inner.ends_with(';')
}

/// The statements of a text, without their semicolons; `nothing` is none.
fn statements(text: &str) -> Vec<String> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0);
    for token in tokens(text) {
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => depth += 1,
            (TokenKind::Symbol, ")" | "]") => depth -= 1,
            (TokenKind::Symbol, ";") if depth == 0 => {
                parts.push(&text[from..token.start]);
                from = token.end();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    let statements = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    statements.filter(|part| !part.eq_ignore_ascii_case("nothing")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(definition: &str) -> Rule {
        let written = Written { definition: Some(definition.to_owned()), ..Written::default() };
        Rule::try_from(written).expect("a definition")
    }

    #[test]
    fn takes_a_definition_apart() {
        let rule = parsed(
            "CREATE RULE r2 AS\n    ON UPDATE TO s.t\n   WHERE (old.a > 5) DO ( INSERT INTO s.u (id, t_id)\n  \
             VALUES (1, ';)');\n DELETE FROM s.u\n  WHERE (u.id = 1);\n);",
        );
        assert_eq!((rule.event.as_str(), rule.instead), ("update", false));
        assert_eq!(rule.predicate.as_deref(), Some("old.a > 5"));
        let want = ["INSERT INTO s.u (id, t_id)\n  VALUES (1, ';)')", "DELETE FROM s.u\n  WHERE (u.id = 1)"];
        assert_eq!(rule.actions, want);
    }

    #[test]
    fn reads_single_actions_and_none() {
        let rule = parsed(
            "CREATE RULE \"R 5\" AS\n    ON INSERT TO s.u DO INSTEAD  INSERT INTO s.t (id)  SELECT new.id;",
        );
        assert_eq!(
            (rule.instead, rule.actions),
            (true, vec!["INSERT INTO s.t (id)  SELECT new.id".to_owned()])
        );
        let rule = parsed("CREATE RULE r AS\n    ON DELETE TO s.v2\n   WHERE old.\"do\" DO INSTEAD NOTHING;");
        assert_eq!((rule.predicate.as_deref(), rule.actions.len()), (Some("old.\"do\""), 0));
    }
}
