//! What a check may want of a value: its literals, what they stand for, and the usual suspects.

use limbeck_sql::{TokenKind, tokens};

use super::pattern;
use super::scalar;
use super::types::{Shape, Types, quoted};

/// The constants of an expression.
#[derive(Default)]
pub(super) struct Constants {
    strings: Vec<String>,
    numbers: Vec<String>,
}

impl Constants {
    /// Reads them out of deparsed texts.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for token in texts.into_iter().flat_map(tokens) {
            match token.kind {
                TokenKind::Number => push(&mut found.numbers, token.text.to_owned()),
                TokenKind::String => found.string(&unquoted(token.text)),
                TokenKind::Word | TokenKind::Quoted | TokenKind::Symbol | TokenKind::Blank => {}
            }
        }
        found
    }

    fn string(&mut self, text: &str) {
        // A negative number is deparsed as `'-1'::integer`.
        if text.parse::<f64>().is_ok() {
            push(&mut self.numbers, text.to_owned());
        }
        push(&mut self.strings, text.to_owned());
        let elements = limbeck_catalog::row::array(text).unwrap_or_default();
        elements.into_iter().flatten().for_each(|element| push(&mut self.strings, element));
    }

    fn lengths(&self) -> impl Iterator<Item = usize> {
        let numbers = self.numbers.iter().filter_map(|n| n.parse::<usize>().ok());
        numbers.filter(|n| *n <= 10_000).flat_map(|n| [n, n + 1, n.saturating_sub(1)])
    }
}

/// The content of a string constant.
fn unquoted(text: &str) -> String {
    let (escaped, body) = match text.strip_prefix(['e', 'E']) {
        Some(body) => (true, body),
        None => (false, text),
    };
    let body = body.trim_start_matches(|c| c != '\'');
    let body = body.strip_prefix('\'').and_then(|b| b.strip_suffix('\'')).unwrap_or(body);
    let body = body.replace("''", "'");
    if escaped { body.replace("\\\\", "\\") } else { body }
}

fn push(list: &mut Vec<String>, value: String) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// Values of a type, in its input format, the likely ones first: plain ones from a number on, then
/// what the constants suggest.
pub(super) fn candidates(
    types: &Types,
    (id, modifier): (i64, i32),
    constants: &Constants,
    number: usize,
) -> Vec<String> {
    let plain =
        |numbers: std::ops::Range<usize>| numbers.filter_map(|number| types.value(id, modifier, number));
    let mut all = Vec::new();
    plain(number..number + 2).for_each(|value| push(&mut all, value));
    if types.get(id).is_some_and(|found| found.valid.is_some()) {
        plain(number..number + 40).for_each(|value| push(&mut all, value));
        return all;
    }
    let (base, of_base) = types.base(id, modifier);
    let Some(found) = types.get(base) else { return all };
    let more = match &found.shape {
        Shape::Enum(labels) => labels.clone(),
        Shape::Array(element) => arrays(types, (*element, of_base), constants, number),
        Shape::Range(of) => ranges(types, *of, number),
        Shape::Scalar => scalars(&found.name, of_base, constants, number),
        Shape::Multirange(_) | Shape::Composite(_) | Shape::Domain { .. } => Vec::new(),
    };
    // A few of each come first, because long lists are cut where columns are tried together.
    let mut more = more.into_iter();
    more.by_ref().take(6).for_each(|value| push(&mut all, value));
    plain(number + 2..number + 4).for_each(|value| push(&mut all, value));
    more.for_each(|value| push(&mut all, value));
    all
}

fn arrays(types: &Types, element: (i64, i32), constants: &Constants, number: usize) -> Vec<String> {
    let elements = candidates(types, element, constants, number);
    let mut all = vec!["{}".to_owned()];
    all.extend(elements.iter().map(|e| format!("{{{}}}", quoted(e))));
    let named: Vec<_> =
        elements.iter().filter(|e| constants.strings.contains(e) && !e.starts_with('{')).collect();
    let some = |of: &[&String], n: usize| {
        let members: Vec<_> = of.iter().cycle().take(n).map(|e| quoted(e)).collect();
        format!("{{{}}}", members.join(","))
    };
    for length in [2, 3].into_iter().chain(constants.lengths()).filter(|n| *n <= 100) {
        all.push(some(&elements.iter().collect::<Vec<_>>(), length));
        all.push(some(&named, length));
    }
    all
}

fn ranges(types: &Types, of: i64, number: usize) -> Vec<String> {
    let value = |n| types.value(of, -1, number + n).map(|v| quoted(&v)).unwrap_or_default();
    vec![
        format!("[{},{})", value(0), value(3)),
        format!("[{},)", value(0)),
        format!("(,{})", value(0)),
        "(,)".to_owned(),
        "empty".to_owned(),
    ]
}

fn scalars(name: &str, modifier: i32, constants: &Constants, number: usize) -> Vec<String> {
    match name {
        "text" | "varchar" | "bpchar" | "citext" | "name" => {
            texts(scalar::length(modifier, None), constants, number)
        }
        "int2" | "int4" | "int8" | "oid" => numbers(constants, &["0", "1", "-1", "10", "100", "1000"], true),
        "float4" | "float8" | "numeric" | "money" => {
            numbers(constants, &["0", "1", "-1", "0.5", "10", "100", "-0.5", "1000"], false)
        }
        "bool" => owned(&["true", "false"]),
        "json" | "jsonb" => documents(constants),
        "bytea" => constants.lengths().map(|n| format!("\\x{}", format!("{number:02x}").repeat(n))).collect(),
        "date" | "timestamp" | "timestamptz" => {
            let usual = ["1970-01-01", "infinity", "-infinity", "2099-12-31", "1900-01-01"];
            [constants.strings.clone(), owned(&usual)].concat()
        }
        "interval" => {
            [constants.strings.clone(), owned(&["0", "1 second", "1 day", "-1 day", "1 month"])].concat()
        }
        "inet" | "cidr" => owned(&["127.0.0.1/32", "10.0.0.0/8", "::1/128", "0.0.0.0/0"]),
        "point" | "line" | "lseg" | "box" | "path" | "polygon" | "circle" => Vec::new(),
        _ => {
            let usual = ["v1", "1", "(1)", "[1]", "{}", "1.0.0", "a", "", "10.0.0.1", "[1,2,3]", "{1}", "0"];
            [constants.strings.clone(), owned(&usual)].concat()
        }
    }
}

/// Plain values of a type that isn't known here; the server says which ones it takes.
pub(super) fn guesses() -> Vec<String> {
    scalars("", -1, &Constants::default(), 0)
}

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|v| (*v).to_owned()).collect()
}

fn numbers(constants: &Constants, usual: &[&str], whole: bool) -> Vec<String> {
    let mut all = Vec::new();
    for number in &constants.numbers {
        match number.parse::<i128>() {
            Ok(n) => all.extend([n, n + 1, n - 1].map(|n| n.to_string())),
            Err(_) if whole => {}
            Err(_) => all.push(number.clone()),
        }
    }
    all.extend(owned(usual));
    all
}

const USUAL_TEXTS: &[&str] = &[
    "",
    "a",
    "abc",
    "ABC",
    "123",
    "0",
    "A",
    "en",
    "EUR",
    "user@example.com",
    "https://example.com/1",
    "example.com",
    "/a/b",
    "{}",
    "[]",
    "127.0.0.1",
    "2001-02-03",
    "1.0.0",
    "00000000-0000-4000-8000-000000000001",
    "a-b",
    "a_b",
    "+4930123456",
    " ",
];

fn texts(most: Option<usize>, constants: &Constants, number: usize) -> Vec<String> {
    let mut all = Vec::new();
    for text in &constants.strings {
        all.push(text.clone());
        if text.contains(['%', '_']) {
            all.extend((number..number + 3).map(|number| pattern::like(text, number)));
        }
        if text.contains(['[', '^', '$', '\\', '(', '|', '.', '+', '*']) {
            // A pattern of `similar to` is deparsed as `^(?:…)$`.
            all.extend((number..number + 6).filter_map(|number| pattern::matching(text, number)));
        }
    }
    for length in constants.lengths().filter(|n| *n > 0) {
        all.extend(
            [format!("{number:0length$}"), "a".repeat(length)].map(|t| t.chars().take(length).collect()),
        );
    }
    all.extend(owned(USUAL_TEXTS));
    all.retain(|text| most.is_none_or(|most| text.chars().count() <= most));
    all
}

/// Objects with the strings as keys, because those are what a check of a document asks for.
fn documents(constants: &Constants) -> Vec<String> {
    let mut all = owned(&["{}", "[]", "[1]", "\"v1\"", "1", "true", "null", "[{}]"]);
    let members = |value: &str| {
        let keys = constants.strings.iter().map(|key| format!("\"{}\": {value}", key.replace('"', "")));
        format!("{{{}}}", keys.collect::<Vec<_>>().join(", "))
    };
    if !constants.strings.is_empty() {
        all.extend(["1", "\"v1\"", "[]", "{}", "true"].map(members));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_read_from_deparsed_text() {
        let text = "((a = ANY ('{x,\"y z\"}'::text[])) AND (b > '-5'::integer) AND (c ~ '^it''s$'::text) AND (d < 7))";
        let found = Constants::of([text]);
        assert_eq!(found.strings, ["{x,\"y z\"}", "x", "y z", "-5", "^it's$"]);
        assert_eq!(found.numbers, ["-5", "7"]);
    }

    #[test]
    fn texts_fit_their_column() {
        let found = texts(Some(3), &Constants::of(["(length(a) = 3)"]), 1);
        assert!(found.contains(&"aaa".to_owned()) && found.iter().all(|t| t.len() <= 3), "{found:?}");
    }
}
