//! Deparsed text (`pg_get_expr`, `pg_get_viewdef` …) as text that parses back to the same tree.

use crate::lex::{TokenKind, bracketed, tokens};

/// Text whose parse gives the stored form again.
///
/// `varchar_column in ('a', 'b')` is stored as an array coerced as a whole and deparsed as
/// `(ARRAY['a'::character varying, …])::text[]`; parsed from that text, the cast moves into the
/// elements. One more cast to the elements' own type, `((ARRAY[…])::character varying[])::text[]`,
/// keeps it where it was. So it is with `numeric_column = any (array[1, 2])`.
pub fn reparseable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for token in tokens(text) {
        if token.start < copied || token.kind != TokenKind::Symbol || token.text != "(" {
            continue;
        }
        let Some((array_end, element)) = array_of_casts(&text[token.end()..]) else { continue };
        let close = token.end() + array_end;
        if text[close..].starts_with(")::") {
            out.push_str(&text[copied..token.start]);
            out.push_str(&format!("(({})::{element}[]", &text[token.end()..close]));
            copied = close;
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// If the text starts with `ARRAY[x::T, …]`, all elements of one type that can be seen: its length, and `T`.
fn array_of_casts(text: &str) -> Option<(usize, &str)> {
    if !text.starts_with("ARRAY[") {
        return None;
    }
    let (inside, after) = bracketed(text, "ARRAY".len())?;
    let mut elements = crate::split_top_level(inside).into_iter().map(type_of);
    let first = elements.next()??;
    elements.all(|e| e == Some(first)).then_some((text.len() - after.len(), first))
}

/// The type of an expression: what it is cast to, or what a number without a sign is.
fn type_of(expression: &str) -> Option<&str> {
    let is_number = !expression.is_empty() && expression.bytes().all(|b| b.is_ascii_digit());
    if is_number && expression.parse::<i32>().is_ok() { Some("integer") } else { cast_type(expression) }
}

/// The type that an expression is cast to at its very end: `'a'::character varying`.
fn cast_type(expression: &str) -> Option<&str> {
    let (mut depth, mut colons, mut at) = (0, 0, None);
    for token in tokens(expression) {
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => depth += 1,
            (TokenKind::Symbol, ")" | "]") => depth -= 1,
            (TokenKind::Symbol, ":") if depth == 0 => {
                colons += 1;
                if colons % 2 == 0 {
                    at = Some(token.end());
                }
            }
            _ => {}
        }
    }
    at.map(|at| &expression[at..])
}

/// Without the parentheses around the whole, if there are any: `(a > 0)` is `a > 0`.
pub fn strip_outer_parens(text: &str) -> &str {
    let text = text.trim();
    match text.starts_with('(').then(|| bracketed(text, 0)).flatten() {
        Some((inside, "")) => inside.trim(),
        Some(_) | None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_whole_arrays_once_more() {
        let stored = "((s)::text = ANY ((ARRAY['a'::character varying, 'b,]'::character varying])::text[]))";
        let want = "((s)::text = ANY (((ARRAY['a'::character varying, 'b,]'::character varying])::character varying[])::text[]))";
        assert_eq!(reparseable(stored), want);
        let stored = "(n = ANY ((ARRAY[1, '-2'::integer])::numeric[]))";
        let want = "(n = ANY (((ARRAY[1, '-2'::integer])::integer[])::numeric[]))";
        assert_eq!(reparseable(stored), want);
    }

    #[test]
    fn leaves_everything_else_alone() {
        for text in ["(a = ANY (ARRAY[1, 2]))", "ARRAY['a'::text]", "'(ARRAY[''a''::x])::text[]'::text"] {
            assert_eq!(reparseable(text), text);
        }
    }

    #[test]
    fn strips_only_parentheses_around_the_whole() {
        assert_eq!(strip_outer_parens("((a) > (b))"), "(a) > (b)");
        for text in ["(a) > (b)", "(é", "(", "a (b)", "(a ')'", ""] {
            assert_eq!(strip_outer_parens(text), text);
        }
    }
}
