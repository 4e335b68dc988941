//! `${NAME}` and `${NAME:-default}`, from the environment and from `.env`.

use std::collections::BTreeMap;

use camino::Utf8Path;

/// The variables of the process, and those of a `.env` beside the configuration, which they go before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    file: BTreeMap<String, String>,
}

impl Variables {
    /// Reads `.env` of a folder, if it is there.
    pub(crate) fn load(folder: &Utf8Path) -> Self {
        let text = fs_err::read_to_string(folder.join(".env")).unwrap_or_default();
        Variables { file: text.lines().filter_map(assignment).collect() }
    }

    /// A variable's value; an empty one counts as none.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = std::env::var(name).ok().or_else(|| self.file.get(name).cloned());
        value.filter(|v| !v.is_empty())
    }

    /// Text with its variables filled in.
    ///
    /// # Errors
    /// The name of the variable that isn't set and has no default.
    pub(crate) fn fill(&self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            out.push_str(&rest[..open]);
            let Some(close) = rest[open..].find('}') else { break };
            let inner = &rest[open + 2..open + close];
            let (name, default) = inner.split_once(":-").map_or((inner, None), |(n, d)| (n, Some(d)));
            match (self.get(name), default) {
                (Some(value), _) => out.push_str(&value),
                (None, Some(default)) => out.push_str(default),
                (None, None) => return Err(name.to_owned()),
            }
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// `NAME=value`, `export NAME="value"`; a `#` begins a comment.
fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    if name.starts_with('#') {
        return None;
    }
    let value = value.trim();
    let quoted = ['"', '\''].into_iter().find_map(|q| value.strip_prefix(q)?.split(q).next());
    let value = quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or_default().trim_end());
    Some((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_and_names_what_is_missing() {
        let file = [("LIMBECK_T_HOST", "db"), ("LIMBECK_T_EMPTY", "")];
        let variables = Variables { file: file.map(|(k, v)| (k.to_owned(), v.to_owned())).into() };
        assert_eq!(variables.fill("${LIMBECK_T_HOST}:${LIMBECK_T_PORT:-5432}"), Ok("db:5432".into()));
        assert_eq!(variables.fill("${LIMBECK_T_EMPTY:-x}$"), Ok("x$".into()));
        assert_eq!(variables.fill("${LIMBECK_T_NONE}"), Err("LIMBECK_T_NONE".into()));
    }

    #[test]
    fn reads_lines_as_shells_do() {
        let pair = |line| assignment(line).unwrap();
        assert_eq!(pair("export A=\"b c\" # d"), ("A".into(), "b c".into()));
        assert_eq!(pair("A=b#c # d"), ("A".into(), "b#c".into()));
        assert_eq!(assignment("# A=b"), None);
    }
}
