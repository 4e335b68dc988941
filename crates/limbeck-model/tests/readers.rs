//! A text is the same to this reader and to another one, or is refused by both.

use proptest::prelude::*;
use serde_json::Value as Ours;
use serde_yaml::Value as Theirs;

/// Lines in which YAML 1.1, YAML 1.2 and people disagree, and their neighbours.
const LINES: &[&str] = &[
    "a: no",
    "b: on",
    "c: y",
    "d: 0o7",
    "e: 1e3",
    "f: ~",
    "g: 2024-01-01",
    "h: 0x1F",
    "i: 010",
    "j: 1_000",
    "k: +1",
    "l: .inf",
    "m: .NaN",
    "n: Null",
    "o: TRUE",
    "p: -0",
    "q: 1.50",
    "r:",
    "s: ''",
    "t: \"\\x41\\u00e9\\n\"",
    "u: 'it''s'",
    "v: &x 1",
    "w: *x",
    "x: !!str 1",
    "y: !!int '1'",
    "z: [a, 'b', \"c\", ~]",
    "aa: {b: c, d: [e]}",
    "<<: {a: 1}",
    "bb: |",
    "  text",
    "  more: text",
    "cc: >-",
    "dd:",
    "  - 1",
    "  - a: b",
    "    c: d",
    "- x",
    "ee: a: b",
    "ff: a #b",
    "gg: a# b",
    "hh: 'x",
    "\t",
    "ii:\tx",
    "\tjj: x",
    "---",
    "...",
    "# a comment",
    "%YAML 1.2",
    "? kk",
    ": ll",
    "mm: @x",
    "nn: `x",
    "oo: %x",
    "pp: ]",
    "qq: }",
    "rr: - x",
    "ss: x:",
    "a: twice",
    "1: 2",
    "true: 1",
    "~: x",
    "'': x",
    "\"q\\\"\": x",
    "ww: \u{7f}",
    "xx: ü日本🦀",
    "yy: 12:30:45",
    "zz: 0b1",
    "ab: 1.",
    "ac: .5",
    "ad: 1e",
    "ae: 99999999999999999999",
    "af: 0x",
    "ag: '1'",
    "ah: !x y",
    "ai: [a, b",
    "]",
    "aj: \"a",
    "  b\"",
    "",
];

/// Characters that change what stands around them.
const SALT: &[&str] = &[
    " ", "\t", ":", "-", "#", "'", "\"", "\n", "\r\n", "*", "|", ">", "{", "}", "[", "]", ",", "%", "@", "~",
    "\\",
];

/// Why this reader alone refuses a text: it is the stricter one, and takes YAML 1.2 at its word.
const OURS_ALONE: &[&str] = &[
    "a key is a name",
    "tags mean nothing",
    "invalid indentation in multiline quoted",
    "comments must be separated",
    "tab cannot be used as indentation",
    "while scanning a tag",
    "simple key expected",
];

/// Why the other one alone does: it takes YAML 1.1 at its word, and has a width for numbers.
const THEIRS_ALONE: &[&str] = &[
    "found a tab character",
    "found character that cannot start any token",
    "did not find expected",
    "unknown directive",
    "found unexpected ':'",
    "more than one document",
    "as u128",
    "as i128",
];

/// A text of such lines, with a few characters put in or taken out.
fn text() -> impl Strategy<Value = String> {
    let lines = proptest::collection::vec(proptest::sample::select(LINES), 1..7);
    let salted = (any::<proptest::sample::Index>(), proptest::option::of(proptest::sample::select(SALT)));
    (lines, proptest::collection::vec(salted, 0..3)).prop_map(|(lines, salted)| {
        let mut text: Vec<String> = lines.join("\n").chars().map(String::from).collect();
        for (at, salt) in salted {
            let at = at.index(text.len().max(1)).min(text.len());
            match salt {
                Some(salt) => text.insert(at, salt.to_owned()),
                None if at < text.len() => drop(text.remove(at)),
                None => {}
            }
        }
        text.concat() + "\n"
    })
}

/// Whether a text that stays as it was written is what the other one read.
fn same(ours: &Ours, theirs: &Theirs) -> bool {
    match (ours, theirs) {
        (Ours::Null, Theirs::Null) => true,
        (Ours::String(text), Theirs::Bool(flag)) => text.to_lowercase() == flag.to_string(),
        (Ours::String(text), Theirs::Number(number)) => is_number(text, number),
        (Ours::String(text), Theirs::String(other)) => text == other,
        (Ours::Array(items), Theirs::Sequence(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(a, b)| same(a, b))
        }
        (Ours::Object(map), Theirs::Mapping(other)) => {
            map.len() == other.len()
                && other.iter().all(|(key, value)| map.iter().any(|(k, v)| is_key(k, key) && same(v, value)))
        }
        (ours, Theirs::Tagged(tagged)) => same(ours, &tagged.value),
        _ => false,
    }
}

fn is_key(text: &str, key: &Theirs) -> bool {
    let text = if key.is_null() { Ours::Null } else { Ours::String(text.to_owned()) };
    same(&text, key)
}

fn is_number(text: &str, number: &serde_yaml::Number) -> bool {
    let (sign, plain) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let based = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter();
    let mut based =
        based.filter_map(|(prefix, base)| i64::from_str_radix(plain.strip_prefix(prefix)?, base).ok());
    match plain.to_lowercase().as_str() {
        ".nan" => number.is_nan(),
        ".inf" => number.as_f64() == Some(f64::from(sign) * f64::INFINITY),
        _ => {
            based.next().is_some_and(|n| number.as_i64() == Some(n * i64::from(sign)))
                || text.parse::<f64>().ok() == number.as_f64()
        }
    }
}

fn is_one_of(reasons: &[&str], said: &str) -> bool {
    reasons.iter().any(|reason| said.contains(reason))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(
            std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(15),
        ),
        ..ProptestConfig::default()
    })]

    #[test]
    fn two_readers_agree(text in text()) {
        match (limbeck_model::plain_tree(&text), serde_yaml::from_str::<Theirs>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{text:?}\n{ours:?}\n{theirs:?}"),
            (Err(_), Err(_)) => {}
            (Err(why), Ok(_)) => {
                prop_assert!(why.iter().any(|why| is_one_of(OURS_ALONE, why)), "{text:?} {why:?}");
            }
            (Ok(_), Err(why)) => {
                prop_assert!(is_one_of(THEIRS_ALONE, &why.to_string()), "{text:?} {why}");
            }
        }
    }
}
