//! `alembic.ini` as Python's `configparser` reads it: sections, values that go on in indented lines, and
//! `%(name)s`, filled in from the same section.

use std::collections::BTreeMap;

/// Sections of an ini file, by name.
pub(crate) type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// How often a value may name another.
const DEEPEST: usize = 8;

/// Reads an ini file; what is no section, key or value is passed over.
pub(crate) fn read(text: &str, here: &str) -> Sections {
    let mut sections = Sections::new();
    let (mut section, mut key) = (String::new(), None::<String>);
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        let entries = sections.entry(section.clone()).or_default();
        if let (true, Some(key)) = (indented, &key) {
            let value: &mut String = entries.entry(key.clone()).or_default();
            value.push('\n');
            value.push_str(trimmed);
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.to_owned();
            key = None;
        } else if let Some(at) = trimmed.find(['=', ':']) {
            let name = trimmed[..at].trim().to_lowercase();
            entries.insert(name.clone(), trimmed[at + 1..].trim().to_owned());
            key = Some(name);
        }
    }
    let defaults = sections.get("DEFAULT").cloned().unwrap_or_default();
    for entries in sections.values_mut() {
        for (key, value) in defaults.iter().chain([(&"here".to_owned(), &here.to_owned())]) {
            entries.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    sections
}

/// A value with what it names filled in; a name that is not there stays.
pub(crate) fn value(entries: &BTreeMap<String, String>, key: &str) -> Option<String> {
    entries.get(key).map(|text| fill(entries, text, 0)).filter(|text| !text.is_empty())
}

fn fill(entries: &BTreeMap<String, String>, text: &str, depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let named = after.strip_prefix('(').and_then(|inner| inner.split_once(")s"));
        rest = if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            after
        } else if let (Some((name, after)), true) = (named, depth < DEEPEST) {
            match entries.get(&name.to_lowercase()) {
                Some(value) => out.push_str(&fill(entries, value, depth + 1)),
                None => out.push_str(&format!("%({name})s")),
            }
            after
        } else {
            out.push('%');
            after
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_and_name_each_other() {
        let text = "[alembic]\n# note\nscript_location = %(here)s/db\nversion_locations =\n    %(script_location)s/a\n    b\n\
                    file_template = %%(rev)s_%%(slug)s\nsqlalchemy.url: postgres://%(USER)s@h\n[other]\nx = 1\n";
        let sections = read(text, "/srv");
        let alembic = &sections["alembic"];
        assert_eq!(value(alembic, "version_locations").unwrap(), "\n/srv/db/a\nb");
        assert_eq!(value(alembic, "file_template").unwrap(), "%(rev)s_%(slug)s");
        assert_eq!(value(alembic, "sqlalchemy.url").unwrap(), "postgres://%(USER)s@h");
        assert_eq!(value(&sections["other"], "x").unwrap(), "1");
        assert_eq!(value(&sections["other"], "y"), None);
    }
}
