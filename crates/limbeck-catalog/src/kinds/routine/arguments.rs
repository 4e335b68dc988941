//! Argument lists: taken apart at commas and first words, and compared as `create or replace` does.

use limbeck_sql::{Token, TokenKind, canonical_type, split_top_level, tokens};
use serde::{Deserialize, Deserializer};

use crate::Kind;
use crate::facts::Pair;

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    In,
    Out,
    InOut,
    Variadic,
}

impl Mode {
    /// `IN` is not written, though `pg_get_function_arguments` does it for procedures.
    fn prefix(self) -> &'static str {
        match self {
            Mode::In => "",
            Mode::Out => "OUT ",
            Mode::InOut => "INOUT ",
            Mode::Variadic => "VARIADIC ",
        }
    }
}

/// One argument; texts are as they stand, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Argument<'a> {
    mode: Mode,
    name: Option<&'a str>,
    type_name: String,
    default: Option<&'a str>,
}

/// Types of several words: what would else be taken for a name and its type.
const TWO_WORDS: &[(&str, &[&str])] = &[
    ("double", &["precision"]),
    ("character", &["varying"]),
    ("char", &["varying"]),
    ("bit", &["varying"]),
    ("national", &["character", "char"]),
    ("timestamp", &["with", "without"]),
    ("time", &["with", "without"]),
    ("interval", &["year", "month", "day", "hour", "minute", "second"]),
];

impl<'a> Argument<'a> {
    /// `[mode] [name] type [default expression]`.
    fn read(text: &'a str) -> Self {
        let mut depth = 0;
        let default = tokens(text).find(|token| {
            match (token.kind, token.text) {
                (TokenKind::Symbol, "(" | "[") => depth += 1,
                (TokenKind::Symbol, ")" | "]") => depth -= 1,
                _ => {}
            }
            depth == 0 && (token.is_word("default") || matches!(token.text, "=" | ":"))
        });
        let head = default.map_or(text, |token| &text[..token.start]);
        let default = default.map(|token| text[token.end()..].trim_start_matches('=').trim());
        let (mode, rest) = mode(head.trim());
        let (name, type_name) = name(rest);
        Self { mode, name, type_name: bare_type(type_name), default }
    }

    fn is_input(&self) -> bool {
        self.mode != Mode::Out
    }

    fn is_output(&self) -> bool {
        matches!(self.mode, Mode::Out | Mode::InOut)
    }

    fn text(&self) -> String {
        let name = self.name.map(|name| format!("{name} ")).unwrap_or_default();
        let default = self.default.map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
        format!("{}{name}{}{default}", self.mode.prefix(), self.type_name)
    }
}

fn words(text: &str) -> impl Iterator<Item = Token<'_>> {
    tokens(text).filter(|token| token.kind != TokenKind::Blank)
}

/// The mode, if the first word is one: these words are names only in quotes.
fn mode(text: &str) -> (Mode, &str) {
    let Some(first) = words(text).next() else { return (Mode::In, text) };
    let mode = match first.text.to_lowercase().as_str() {
        "in" => Mode::In,
        "out" => Mode::Out,
        "inout" => Mode::InOut,
        "variadic" => Mode::Variadic,
        _ => return (Mode::In, text),
    };
    (mode, text[first.end()..].trim())
}

/// The name, if there are two words that aren't one type.
fn name(text: &str) -> (Option<&str>, &str) {
    let is_name = |token: &Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
    let mut found = words(text);
    match (found.next().filter(is_name), found.next().filter(is_name)) {
        (Some(first), Some(second)) if !is_two_words(first, second) => {
            (Some(first.text), text[first.end()..].trim())
        }
        _ => (None, text),
    }
}

fn is_two_words(first: Token<'_>, second: Token<'_>) -> bool {
    TWO_WORDS.iter().any(|(word, next)| first.is_word(word) && next.iter().any(|n| second.is_word(n)))
}

/// A type as arguments have it, in the spelling of `format_type`: modifiers and the sizes of arrays
/// are dropped by the server, since arguments have none.
pub(crate) fn bare_type(written: &str) -> String {
    let canonical = canonical_type(written);
    let (mut bare, mut depth) = (String::new(), 0);
    for token in tokens(&canonical) {
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => depth += 1,
            (TokenKind::Symbol, ")" | "]") => depth -= 1,
            _ if depth == 0 => bare.push_str(token.text),
            _ => {}
        }
    }
    let bare = if bare.starts_with("interval ") { "interval" } else { bare.trim() };
    let array = if canonical.ends_with(']') { "[]" } else { "" };
    format!("{bare}{array}")
}

fn read(text: &str) -> Vec<Argument<'_>> {
    split_top_level(text).into_iter().map(Argument::read).collect()
}

fn write(arguments: &[Argument<'_>]) -> String {
    arguments.iter().map(Argument::text).collect::<Vec<_>>().join(", ")
}

/// The two lists of an aggregate: direct arguments, and those after `order by`.
fn split_ordered(text: &str) -> (&str, Option<&str>) {
    let order = words(text).zip(words(text).skip(1)).find(|(a, b)| a.is_word("order") && b.is_word("by"));
    match order {
        Some((order, by)) => (text[..order.start].trim(), Some(text[by.end()..].trim())),
        None => (text, None),
    }
}

/// What a key `name(…)` in a model says of the arguments, as the third name of the path has it: the
/// types of those that go in, as `format_type` spells them; of an aggregate `*` if it has none, and
/// both lists if it is ordered.
pub fn identity_arguments(kind: Kind, written: &str) -> String {
    let types = |text: &str, keep_variadic: bool| {
        let input = |a: &Argument<'_>| match a.mode {
            Mode::Variadic if keep_variadic => format!("VARIADIC {}", a.type_name),
            _ => a.type_name.clone(),
        };
        read(text).iter().filter(|a| a.is_input()).map(input).collect::<Vec<_>>().join(", ")
    };
    if kind != Kind::Aggregate {
        return types(written, false);
    }
    match split_ordered(written) {
        ("" | "*", None) => "*".to_owned(),
        (plain, None) => types(plain, false),
        (direct, Some(ordered)) => {
            format!("{} ORDER BY {}", types(direct, true), types(ordered, true)).trim_start().to_owned()
        }
    }
}

/// Reads arguments in one spelling: types as `format_type` has them, no `IN`.
pub(crate) fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| canonical(&text)).filter(|text| !text.is_empty()))
}

fn canonical(text: &str) -> String {
    match split_ordered(text.trim()) {
        ("*", None) => String::new(),
        (plain, None) => write(&read(plain)),
        (direct, Some(ordered)) => {
            format!("{} ORDER BY {}", write(&read(direct)), write(&read(ordered))).trim_start().to_owned()
        }
    }
}

/// Whether the arguments say no more than the identity does, so that they need not be written.
pub(crate) fn is_plain(arguments: &Option<String>) -> bool {
    let says_more = |a: &Argument<'_>| a.name.is_some() || a.default.is_some() || a.mode != Mode::In;
    let lists = |text: &str| {
        let (direct, ordered) = split_ordered(text);
        read(direct).iter().chain(&read(ordered.unwrap_or_default())).any(says_more)
    };
    !arguments.as_deref().is_some_and(lists)
}

/// The arguments as they are without their defaults.
pub(crate) fn without_defaults(text: &str) -> String {
    let plain: Vec<_> = read(text).into_iter().map(|a| Argument { default: None, ..a }).collect();
    write(&plain)
}

/// What `create or replace` refuses about new arguments of the same types (`ProcedureCreate`): names
/// of inputs may be given, not changed; defaults may be added, not removed; the row that outputs make
/// stays, and a lone output is no row. A changed mode is accepted here and there, but callers that
/// the catalog keeps (`f(VARIADIC …)` in a view) would mean another thing.
pub(crate) fn in_the_way(lists: Pair<&str>) -> Option<&'static str> {
    let flat = |text: &str| text.replace(" ORDER BY ", ", ");
    let (from, to) = (flat(lists.from), flat(lists.to));
    let (from, to) = (read(&from), read(&to));
    let (was, is) = (inputs(&from), inputs(&to));
    let pairs = || was.iter().zip(&is);
    let checks = [
        (was.len() != is.len(), "its arguments change"),
        (pairs().any(|(a, b)| a.name.is_some() && a.name != b.name), "the name of an argument changes"),
        (pairs().any(|(a, b)| a.mode != b.mode), "an argument is passed in another way"),
        (pairs().any(|(a, b)| a.default.is_some() && b.default.is_none()), "an argument loses its default"),
        (outputs(&from) != outputs(&to), "what it returns changes"),
    ];
    checks.into_iter().find(|(refused, _)| *refused).map(|(_, why)| why)
}

fn inputs<'l, 't>(list: &'l [Argument<'t>]) -> Vec<&'l Argument<'t>> {
    list.iter().filter(|a| a.is_input()).collect()
}

/// The columns of the row that outputs make; a lone output's name says nothing.
fn outputs<'l>(list: &'l [Argument<'_>]) -> Vec<(Option<&'l str>, &'l str)> {
    let rows: Vec<_> = list.iter().filter(|a| a.is_output()).collect();
    let named = rows.len() > 1;
    rows.into_iter().map(|a| (a.name.filter(|_| named), a.type_name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_identities() {
        let function = |text| identity_arguments(Kind::Function, text);
        for (written, want) in [
            ("", ""),
            ("int, text", "integer, text"),
            (
                "a int, b varchar(20) = 'x,y', c timestamptz default now()",
                "integer, character varying, timestamp with time zone",
            ),
            (
                "inout a double precision, out b text, variadic r numeric(3,1)[]",
                "double precision, numeric[]",
            ),
            ("\"Weird, Arg\" s.mood, interval day to second(3)", "s.mood, interval"),
            ("a timestamp(3) with time zone, char", "timestamp with time zone, character"),
            ("character varying, bit varying", "character varying, bit varying"),
        ] {
            assert_eq!(function(written), want, "{written}");
        }
        let aggregate = |text| identity_arguments(Kind::Aggregate, text);
        assert_eq!((aggregate("*").as_str(), aggregate("").as_str()), ("*", "*"));
        assert_eq!(aggregate("p float8 order by anyelement"), "double precision ORDER BY anyelement");
        assert_eq!(aggregate("order by x anyelement"), "ORDER BY anyelement");
        let hypothetical = "VARIADIC \"any\" ORDER BY VARIADIC \"any\"";
        assert_eq!(aggregate(hypothetical), hypothetical);
    }

    #[test]
    fn what_the_server_says_stays() {
        for text in [
            "a integer, OUT x integer, OUT y text, VARIADIC r numeric[]",
            "integer, b text DEFAULT 'x=1, default'::text",
            "\"Weird Arg\" s.mood, character varying",
            "a integer DEFAULT (1 + 2), b s.\"T\"[] DEFAULT ARRAY[]::s.\"T\"[]",
            "double precision ORDER BY anyelement",
            "VARIADIC \"any\" ORDER BY VARIADIC \"any\"",
        ] {
            assert_eq!(canonical(text), text);
        }
        assert_eq!(
            canonical("INOUT a integer, OUT b integer, IN c text"),
            "INOUT a integer, OUT b integer, c text"
        );
    }

    #[test]
    fn plain_lists_say_nothing_new() {
        assert!(is_plain(&None) && is_plain(&Some("integer, double precision".to_owned())));
        assert!(
            !is_plain(&Some("a integer".to_owned())) && !is_plain(&Some("VARIADIC integer[]".to_owned()))
        );
    }

    #[test]
    fn what_create_or_replace_refuses() {
        let check = |from, to| in_the_way(Pair { from, to });
        for (from, to) in [
            ("integer, b text", "a integer, b text"),
            ("a integer, b text", "a integer, b text DEFAULT 'x'"),
            ("OUT a integer", "OUT b integer"),
        ] {
            assert_eq!(check(from, to), None, "{from} to {to}");
        }
        for (from, to) in [
            ("a integer", "integer"),
            ("a integer", "b integer"),
            ("a integer DEFAULT 1", "a integer"),
            ("a integer[]", "VARIADIC a integer[]"),
            ("OUT a integer, OUT b text", "OUT a integer, OUT c text"),
        ] {
            assert!(check(from, to).is_some(), "{from} to {to}");
        }
    }
}
