//! The elements of an exclusion constraint, `room_id with =`: a list in a model; from the server, the
//! brackets of `EXCLUDE USING gist (…)` (`pg_get_constraintdef`), which are taken apart, never interpreted.

use std::fmt;

use limbeck_sql::{TokenKind, bracketed, split_top_level, tokens};
use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// Reads either form.
pub(super) fn elements<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(Either)
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of `column with operator`")
    }

    fn visit_str<E: de::Error>(self, definition: &str) -> Result<Vec<String>, E> {
        let unexpected = || E::custom(format!("unexpected definition {definition:?}"));
        let open = bracket(definition).ok_or_else(unexpected)?;
        let (elements, _) = bracketed(definition, open).ok_or_else(unexpected)?;
        Ok(split_top_level(elements).into_iter().map(canonical).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
        let mut elements = Vec::new();
        while let Some(item) = items.next_element::<String>()? {
            elements.push(canonical(&item));
        }
        Ok(elements)
    }
}

/// The first bracket of a definition of this kind.
fn bracket(definition: &str) -> Option<usize> {
    definition.strip_prefix("EXCLUDE ")?;
    tokens(definition).find(|t| t.kind == TokenKind::Symbol && t.text == "(").map(|t| t.start)
}

/// With its last `with` in lower case and single blanks around it.
fn canonical(element: &str) -> String {
    let element = element.trim();
    match tokens(element).filter(|t| t.is_word("with")).last() {
        Some(with) => {
            format!("{} with {}", element[..with.start].trim_end(), element[with.end()..].trim_start())
        }
        None => element.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::value::{Error, SeqDeserializer, StrDeserializer};

    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Elements(#[serde(deserialize_with = "elements")] Vec<String>);

    #[test]
    fn a_definition_is_taken_apart() {
        let definition = "EXCLUDE USING gist (room_id WITH =, tstzrange(\"from (\", until, '[)'::text) WITH &&, \
                          lower(name) COLLATE \"C\" public.my_ops WITH OPERATOR(public.===)) WHERE ((a IS NOT NULL))";
        let read = Elements::deserialize(StrDeserializer::<Error>::new(definition)).expect("a definition");
        let want = [
            "room_id with =",
            "tstzrange(\"from (\", until, '[)'::text) with &&",
            "lower(name) COLLATE \"C\" public.my_ops with OPERATOR(public.===)",
        ];
        assert_eq!(read.0, want);
    }

    #[test]
    fn a_list_is_spelled_alike() {
        let written = ["room_id  WITH  =", "\"with\" with &&"].into_iter();
        let read = Elements::deserialize(SeqDeserializer::<_, Error>::new(written)).expect("a list");
        assert_eq!(read.0, ["room_id with =", "\"with\" with &&"]);
    }

    #[test]
    fn another_text_is_refused() {
        assert!(Elements::deserialize(StrDeserializer::<Error>::new("room_id with =")).is_err());
    }
}
