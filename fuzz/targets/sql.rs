//! The lexer and what stands on it: tokens are all of the text, and what is spelled out hides nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limbeck_sql::{
    TokenKind, balanced_end, canonical_type, ident, identifiers, is_hidden, literal, one_line, short_type,
    spelled_out, split_at_symbol, split_top_level, strip_outer_parens, tokens,
};

fuzz_target!(|text: &str| {
    let all: String = tokens(text).map(|token| token.text).collect();
    assert_eq!(all, text);
    identifiers(text);
    split_top_level(text);
    strip_outer_parens(text);
    short_type(&canonical_type(text));
    for (open, _) in text.match_indices('(') {
        assert!(text.is_char_boundary(balanced_end(text, open)));
    }
    let (before, after) = split_at_symbol(text, "(");
    assert_eq!(format!("{before}{after}"), text);
    // A name and a string are one token each, whatever they hold, and lose nothing.
    let name = format!("\"{}\"", text.replace('"', "\"\""));
    let read: Vec<_> = tokens(&name).collect();
    assert!(matches!(read.as_slice(), [one] if one.identifier().as_deref() == Some(text)), "{name:?}");
    let quoted = ident(text);
    assert!(!text.contains('"') || quoted == name, "{quoted:?}");
    assert!(
        matches!(tokens(&literal(text)).collect::<Vec<_>>().as_slice(), [one] if one.kind == TokenKind::String)
    );
    for spelled in [spelled_out(&name), spelled_out(&literal(text))] {
        assert!(!spelled.contains(|c| is_hidden(c) && !matches!(c, '\n' | '\t')), "{spelled:?}");
    }
    assert!(!one_line(text).contains(is_hidden));
});
