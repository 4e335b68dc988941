//! `[migrations] template`: what new revisions look like, as a text with `${…}` in it.

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_migrate::file::{parse, render_header, render_parts};
use limbeck_migrate::{Direction, Header, PartText, RevisionId};
use limbeck_sql::one_line;

use crate::exit::{Failure, Result, Snippet};

/// The names that stand for something, besides `x.KEY`.
const NAMES: [&str; 9] =
    ["header", "upgrade", "downgrade", "message", "id", "parents", "created", "labels", "depends_on"];

/// A template that was read.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    path: Utf8PathBuf,
    text: String,
}

/// `${NAME}` or `${NAME:-default}`, and where it begins.
struct Token<'a> {
    at: usize,
    name: &'a str,
    default: Option<&'a str>,
}

impl Template {
    /// Reads one.
    ///
    /// # Errors
    /// If the file can't be read, or holds something that stands for nothing.
    pub(crate) fn read(path: Utf8PathBuf) -> Result<Self> {
        let text = fs_err::read_to_string(&path)?;
        let template = Template { path, text };
        for piece in template.pieces() {
            let Err(token) = piece else { continue };
            if !NAMES.contains(&token.name) && !token.name.starts_with("x.") {
                let known = NAMES.join(", ");
                return Err(template
                    .wrong(&token, format!("${{{}}} stands for nothing", token.name))
                    .help(format!("known are {known}, and x.KEY for `-x KEY=VALUE`")));
            }
        }
        if !template.has("header") {
            return Err(Failure::usage(format!("the template {} has no ${{header}}", template.path))
                .note("without a header a file is no revision"));
        }
        Ok(template)
    }

    /// Whether it has a place for the SQL of a candidate; otherwise it is for empty revisions alone.
    pub(crate) fn takes_parts(&self) -> bool {
        self.has("upgrade") && self.has("downgrade")
    }

    /// A revision's text.
    ///
    /// # Errors
    /// If a value is wanted that nobody gave, or what comes out is no revision.
    pub(crate) fn fill(
        &self,
        header: &Header,
        [upgrade, downgrade]: [&[PartText]; 2],
        x: &[(String, String)],
    ) -> Result<String> {
        let value = |name: &str| -> Option<String> {
            let ids = |ids: &[RevisionId]| ids.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(", ");
            Some(match name {
                "header" => render_header(header).trim_end().to_owned(),
                "upgrade" => render_parts(Direction::Upgrade, upgrade).trim_end().to_owned(),
                "downgrade" => render_parts(Direction::Downgrade, downgrade).trim_end().to_owned(),
                "message" => one_line(&header.message),
                "id" => header.id.to_string(),
                "parents" => ids(&header.parents),
                "created" => header.created.clone().unwrap_or_default(),
                "labels" => header.labels.join(", "),
                "depends_on" => header.depends_on.join(", "),
                _ => one_line(&x.iter().rev().find(|(key, _)| name.strip_prefix("x.") == Some(key))?.1),
            })
        };
        let mut out = String::new();
        for piece in self.pieces() {
            match piece {
                Ok(text) => out.push_str(text),
                Err(token) => match (
                    value(token.name).filter(|v| !v.is_empty() || token.default.is_none()),
                    token.default,
                ) {
                    (Some(value), _) => out.push_str(&value),
                    (None, Some(default)) => out.push_str(default),
                    (None, None) => return Err(self.not_given(&token)),
                },
            }
        }
        match parse(&self.path, &out) {
            Ok(_) => Ok(out),
            Err(mistakes) => Err(Failure::from(limbeck_migrate::Error::Mistakes { mistakes })
                .note("the lines are counted in what the template makes, which was not written")),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.pieces().any(|piece| piece.is_err_and(|token| token.name == name))
    }

    /// The text in order: what stands as it is, and what stands for something.
    fn pieces(&self) -> impl Iterator<Item = Result<&str, Token<'_>>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = &self.text[at..];
            let token = rest.find("${").and_then(|open| Some((open, open + rest[open..].find('}')?)));
            let (piece, length) = match token {
                Some((0, close)) => {
                    let inner = &rest[2..close];
                    let (name, default) = inner.split_once(":-").map_or((inner, None), |(n, d)| (n, Some(d)));
                    (Err(Token { at, name, default }), close + 1)
                }
                Some((open, _)) => (Ok(&rest[..open]), open),
                None if rest.is_empty() => return None,
                None => (Ok(rest), rest.len()),
            };
            at += length;
            Some(piece)
        })
    }

    fn not_given(&self, token: &Token<'_>) -> Failure {
        let key = token.name.trim_start_matches("x.");
        self.wrong(token, format!("the template wants a value for {}", token.name)).help(format!(
            "give it with `-x {key}=…`, or give the template a default: ${{{}:-…}}",
            token.name
        ))
    }

    fn wrong(&self, token: &Token<'_>, message: String) -> Failure {
        let before = &self.text[..token.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let lines = self.text.lines().nth(line - 1).map(str::to_owned).into_iter().collect();
        let path: &Utf8Path = &self.path;
        Failure::usage(message).at(Snippet {
            path: path.to_string(),
            line,
            column: Some(column),
            first_line: line,
            lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, x: &[(&str, &str)]) -> Result<String> {
        let template = Template { path: "t".into(), text: text.into() };
        let mut header = Header::new(RevisionId::parse("abc").unwrap(), "add\nx");
        header.parents = vec![RevisionId::parse("aaa").unwrap()];
        let x: Vec<_> = x.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        template.fill(&header, [&[], &[]], &x)
    }

    #[test]
    fn tokens_are_filled_and_defaults_stand_in() {
        let text = "${header}\n-- ${id} after ${parents}, ${labels:-no label}: ${x.ticket}\n\n${upgrade}\n\n${downgrade}\n";
        let filled = fill(text, &[("ticket", "AB-1\nselect")]).unwrap();
        assert!(
            filled.starts_with("-- limbeck:revision abc\n-- parents: aaa\n-- message: add x\n"),
            "{filled}"
        );
        assert!(
            filled.contains("-- abc after aaa, no label: AB-1 select\n\n-- limbeck:upgrade\n\n"),
            "{filled}"
        );
        assert!(fill(text, &[]).unwrap_err().reports[0].message.contains("x.ticket"));
    }

    #[test]
    fn what_is_no_revision_is_refused() {
        let failure = fill("${header}\n-- limbeck:upgrade\n\\d\n", &[]).unwrap_err();
        assert!(failure.reports[0].message.contains("psql"), "{failure:?}");
    }
}
