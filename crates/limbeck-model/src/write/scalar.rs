//! Scalars as a person would write them, and as every YAML reader, of 1.1 or of 1.2, understands them.

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// On a line of its own, or after a key.
    Block,
    /// Inside brackets or braces.
    Flow,
}

/// A string: plain where that is safe, else in quotes.
pub(super) fn string(text: &str, context: Context) -> String {
    if is_plain(text, context) {
        text.to_owned()
    } else if text.chars().all(|c| is_printable(c) && c != '"' && c != '\\') {
        format!("\"{text}\"")
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        escaped(text)
    }
}

/// Whether a text is an integer or a boolean in the one spelling that every reader gives back: then
/// it needs no quotes where a person would write none.
pub(super) fn is_number_or_flag(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_integer = digits.bytes().all(|b| b.is_ascii_digit()) && matches!(digits.len(), 1..=18);
    (is_integer && (!digits.starts_with('0') || text == "0")) || text == "true" || text == "false"
}

/// Whether a block literal holds the text: several lines, of printable characters and tabs. Line breaks
/// at its end, beyond one, would swallow the blank lines that set entries apart.
pub(super) fn fits_block(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    lines.contains('\n')
        && !lines.trim().is_empty()
        && !lines.ends_with('\n')
        && text.chars().all(|c| is_printable(c) || matches!(c, '\n' | '\t'))
}

/// A block literal, without the line break at its end: indicators, and its lines at `indent`.
pub(super) fn block(text: &str, indent: usize) -> String {
    // Where the first line that isn't empty begins with a blank, readers can't find the indentation.
    let hint = if text.trim_start_matches('\n').starts_with([' ', '\t']) { "2" } else { "" };
    let (chomp, lines) = match text.strip_suffix('\n') {
        Some(lines) => ("", lines),
        None => ("-", text),
    };
    let mut out = format!("|{hint}{chomp}");
    for line in lines.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    out
}

fn is_plain(text: &str, context: Context) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let indicator =
        "-?:,[]{}#&*!|>'\"%@`=~<".contains(first) || first.is_whitespace() || text.starts_with("...");
    let in_flow = context == Context::Flow && text.contains([',', '[', ']', '{', '}', ':']);
    !indicator
        && !in_flow
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(|c| is_printable(c) && !matches!(c, '\u{a0}'))
        && !is_word(text)
        && !is_numeric(text)
}

/// The words of YAML 1.1 for booleans and nothing.
fn is_word(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whatever may be a number, a date or a time: decimal, hexadecimal, octal, binary, to the base of 60.
fn is_numeric(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.'));
    begins
        && (text.chars().all(|c| c.is_ascii_hexdigit() || "xXoO_.:+-tTzZ ".contains(c))
            || [".inf", ".nan"].iter().any(|word| text.to_lowercase().ends_with(word)))
}

/// A character that any reader takes as it is, inside a line.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_somebody_would_misread() {
        for text in [
            "no",
            "Y",
            "on",
            "1",
            "1.5",
            "2020-01-01",
            "12:30:45",
            "0x1F",
            "1_000",
            "~",
            "null",
            "+1",
            ".5",
            "=",
            "<<",
        ] {
            assert_ne!(string(text, Context::Block), text, "{text}");
        }
        for text in ["text", "now()", "VALUE >= 0", "a-b", "nextval(x::regclass)", "1 + 1 = 2 or so"] {
            assert_eq!(string(text, Context::Block), text, "{text}");
        }
        assert_eq!(string("numeric(12,2)", Context::Flow), "\"numeric(12,2)\"");
        // Readers disagree on a colon within braces that no blank follows.
        assert_eq!(string("a:b", Context::Flow), "\"a:b\"");
        assert_eq!(string("'draft'::text", Context::Block), "\"'draft'::text\"");
        assert_eq!(string("say \"a\": 'b'", Context::Block), "'say \"a\": ''b'''");
        assert_eq!(string("a\u{1}\n", Context::Block), "\"a\\x01\\n\"");
    }

    #[test]
    fn bodies_are_blocks() {
        for (text, want) in [
            ("\nbegin\n\treturn new;\nend ", "|-\n\n  begin\n  \treturn new;\n  end "),
            ("\n  begin\n  end;\n", "|2\n\n    begin\n    end;"),
            ("select 1\n  from t", "|-\n  select 1\n    from t"),
        ] {
            assert!(fits_block(text));
            assert_eq!(block(text, 2), want);
        }
        for text in ["one line", "a\r\nb", "\n", "a\nb\n\n", "a\nb\u{85}"] {
            assert!(!fits_block(text), "{text:?}");
        }
    }
}
