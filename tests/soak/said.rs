//! Whether a proof stops where the revision says that it may: a note excuses the statement under it, and no other.

use limbeck_sql::{Token, TokenKind, identifiers, tokens};

/// Words after which a server's message names something.
const NOUNS: [&str; 13] = [
    "table",
    "view",
    "column",
    "type",
    "domain",
    "sequence",
    "function",
    "constraint",
    "index",
    "rule",
    "trigger",
    "policy",
    "relation",
];

/// Whether a verdict says that a statement with this note was refused.
pub(crate) fn stops_as_said(revision: &str, verdict: &str, code: &str) -> bool {
    let Some((_, why)) = verdict.split_once(" stops: ") else { return false };
    let (words, line) = why.split_once(" (at: ").map_or((why, None), |(words, at)| (words, Some(at)));
    let line = line.map(|line| line.split(')').next().unwrap_or(line));
    let named = named(words);
    noted(revision, code).iter().any(|statement| {
        line.is_some_and(|line| statement.contains(line))
            || identifiers(statement).iter().any(|name| named.contains(name))
    })
}

/// The statements under notes of this code.
fn noted(revision: &str, code: &str) -> Vec<String> {
    let mut lines = revision.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("-- limbeck:") && line.contains(&format!(" {code} ")) {
            let below = lines.clone().skip_while(|line| line.starts_with("--"));
            let mut statement = String::new();
            for line in below {
                statement.push_str(line);
                statement.push('\n');
                if line.trim_end().ends_with(';') {
                    break;
                }
            }
            found.push(statement);
        }
    }
    found
}

/// What a message names: whatever it quotes, and what it calls by its kind.
fn named(why: &str) -> Vec<String> {
    let all: Vec<Token<'_>> = tokens(why).filter(|token| token.kind != TokenKind::Blank).collect();
    let mut found = Vec::new();
    for (at, token) in all.iter().enumerate() {
        match token.kind {
            TokenKind::Quoted => found.extend(token.identifier()),
            TokenKind::Word if NOUNS.iter().any(|noun| token.is_word(noun)) => {
                // Of `table app.a because …` the name is `a`: what follows without a dot is prose again.
                let mut path = all[at + 1..].chunks(2);
                let dotted =
                    path.clone().take_while(|pair| pair.get(1).is_some_and(|t| t.text == ".")).count();
                found.extend(path.nth(dotted).and_then(|pair| pair[0].identifier()));
            }
            _ => {}
        }
    }
    found
}

/// What [`stops_as_said`] must tell apart.
pub(crate) fn tells_statements_apart() -> Result<(), String> {
    const REVISION: &str = "-- limbeck:upgrade\n\
        -- limbeck:blind-spot UNCOMPARED_DEPENDANT context v depends on it and is not compared: it may stop this\n\
        drop table public.a;\n\
        drop table public.b;\n\
        -- limbeck:hazard NEEDS_DECISION there is no cast\n\
        alter table public.c\n  alter column total type point\n  using total::point;\n";
    let cases = [
        (
            "upgrade stops: cannot drop table a because other objects depend on it",
            "UNCOMPARED_DEPENDANT",
            true,
        ),
        (
            "upgrade stops: cannot drop table b because other objects depend on it",
            "UNCOMPARED_DEPENDANT",
            false,
        ),
        ("upgrade stops: column \"total\" cannot be cast", "NEEDS_DECISION", true),
        ("upgrade stops: cannot cast (at: using total::point;)", "NEEDS_DECISION", true),
        ("upgrade stops: syntax error (at: drop table public.b;)", "NEEDS_DECISION", false),
        ("upgrade does not reach table public.a", "UNCOMPARED_DEPENDANT", false),
    ];
    for (verdict, code, is) in cases {
        if stops_as_said(REVISION, &format!("FAILED: {verdict}"), code) != is {
            return Err(format!("{verdict}: {code}"));
        }
    }
    Ok(())
}
