//! `options`: what the server process is started with.
//!
//! libpq hands the text on as it is; the driver takes settings one by one. So the text is split as the
//! server would (`pg_split_opts`), and what isn't a setting is refused.

use crate::error::Error;
use crate::keyword::Keyword;
use crate::settings::Settings;

/// The settings of `options`, as far as the driver doesn't have them from PGOPTIONS by itself.
pub(crate) fn options(
    settings: &Settings<'_>,
    around: &crate::Surroundings,
    warnings: &mut Vec<String>,
) -> Result<Vec<(String, String)>, Error> {
    if settings.is_variable(Keyword::Options) {
        return Ok(Vec::new());
    }
    if around.variable("PGOPTIONS").is_some_and(|text| !text.is_empty()) {
        warnings.push("PGOPTIONS applies as well, before `options`: the driver can't leave it out".into());
    }
    let text = settings.get(Keyword::Options).unwrap_or_default();
    let refused = || {
        settings.unsupported(
            Keyword::Options,
            "only `-c name=value` and `--name=value` are understood, with \\ before a blank",
        )
    };
    pairs(text).ok_or_else(refused)
}

fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut words = words(text).into_iter();
    let mut pairs = Vec::new();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            Some("") => words.next()?,
            Some(setting) => setting.to_owned(),
            None => return None,
        };
        let (name, value) = setting.split_once('=')?;
        // The driver escapes blanks alone, and the server splits at all of these.
        if name.is_empty() || value.contains(|c: char| c.is_ascii_whitespace() && c != ' ') {
            return None;
        }
        // As `ParseLongOption` does.
        pairs.push((name.replace('-', "_"), value.to_owned()));
    }
    Some(pairs)
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c if c.is_ascii_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let shown = |pairs: Vec<(String, String)>| {
            pairs.iter().map(|(name, value)| format!("[{name}={value}]")).collect::<String>()
        };
        pairs(text).map_or("no".into(), shown)
    }

    #[test]
    fn options_are_split_as_the_server_does() {
        for (text, expected) in [
            ("", ""),
            ("-c geqo=off", "[geqo=off]"),
            ("-cgeqo=off  --lock-timeout=5s", "[geqo=off][lock_timeout=5s]"),
            (r"-c search_path=a,\ b", "[search_path=a, b]"),
            (r"-c x.y=a\\b", r"[x.y=a\b]"),
            ("-c x=a=b", "[x=a=b]"),
            ("-e", "no"),
            ("-c", "no"),
            ("geqo=off", "no"),
            ("-c x=a\\\tb", "no"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
