//! Bodies: string constants in dollar quotes, SQL-standard bodies as they are, and the symbols of
//! functions in C.

use limbeck_sql::{literal, reparseable};
use serde::{Deserialize, Deserializer};

/// What a routine runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    pub(crate) language: &'a str,
    /// `pg_proc.prosrc`: the string, or the symbol of a function in C.
    pub(crate) string: Option<&'a String>,
    /// `begin atomic … end` or `return …`.
    pub(crate) sql: Option<&'a String>,
    /// `pg_proc.probin`: the file of a function in C.
    pub(crate) library: Option<&'a String>,
}

impl Body<'_> {
    /// The last clause of `create function`.
    pub(crate) fn clause(self) -> String {
        let string = self.string.map(String::as_str).unwrap_or_default();
        match (self.sql, self.library) {
            (Some(sql), _) => reparseable(sql),
            (None, Some(library)) => format!("as {}, {}", literal(library), literal(string)),
            (None, None) if self.language == "internal" => format!("as {}", literal(string)),
            (None, None) => format!("as {}", dollar_quoted(string)),
        }
    }
}

/// Reads an SQL-standard body without the blanks around it that a block of YAML has. (The blanks of a
/// string are the string's own: `pg_proc` keeps them.)
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| text.trim().trim_end_matches(';').to_owned()))
}

/// A string between the first of `$$`, `$function$`, `$f1$`, `$f2$` … that ends where it ends: one that
/// is neither in it nor formed by its last characters and the tag's first.
fn dollar_quoted(text: &str) -> String {
    let ends_it = |tag: &String| format!("{text}{tag}").find(tag.as_str()) == Some(text.len());
    let numbered = (1..).map(|n| format!("$f{n}$"));
    let tag = ["$$", "$function$"].map(str::to_owned).into_iter().chain(numbered).find(ends_it);
    let tag = tag.unwrap_or_default();
    format!("{tag}{text}{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_not_in_the_text() {
        for (text, want) in [
            ("begin end", "$$begin end$$"),
            ("select $$x$$", "$function$select $$x$$$function$"),
            ("select '$", "$function$select '$$function$"),
            ("$$ $function$", "$f1$$$ $function$$f1$"),
            ("$$ $function$ $f1$", "$f2$$$ $function$ $f1$$f2$"),
        ] {
            assert_eq!(dollar_quoted(text), want);
        }
    }
}
