//! An Alembic environment's configuration: `alembic.ini`, `[tool.alembic]` of a `pyproject.toml` (Alembic 1.16),
//! and what `env.py` says in literals.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result, read as read_file};
use crate::python::{self, Expression, Kind, Node, Statement};
use crate::{ini, python::Argument};

/// What is known of an environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The file that was read.
    pub config: Utf8PathBuf,
    /// The folder that relative paths begin in.
    pub root: Utf8PathBuf,
    /// The folder of `env.py`.
    pub script_location: Utf8PathBuf,
    /// The folders of scripts.
    pub version_locations: Vec<Utf8PathBuf>,
    /// Whether scripts stand in folders below those too.
    pub recursive: bool,
    /// `file_template`.
    pub file_template: Option<String>,
    /// `timezone`.
    pub timezone: Option<String>,
    /// `truncate_slug_length`.
    pub truncate_slug: Option<String>,
    /// `sqlalchemy.url`.
    pub url: Option<String>,
    /// Post-write hooks, a line each, as they were written.
    pub hooks: Vec<String>,
    /// The schema of Alembic's version table, as `env.py` says it.
    pub version_schema: Option<String>,
    /// The name of Alembic's version table.
    pub version_table: String,
}

/// Keys with their values, from either file; lists have a line an item.
type Entries = BTreeMap<String, String>;

impl Environment {
    /// Reads an environment: an ini file, a `pyproject.toml`, or a folder that has one or both.
    ///
    /// # Errors
    /// If there is none, or it can't be read.
    pub fn read(path: &Utf8Path) -> Result<Self> {
        // The folder one is in has no name.
        let path = if path.as_str().is_empty() { Utf8Path::new(".") } else { path };
        let (ini, toml) = files(path)?;
        let config = [&ini, &toml].into_iter().flatten().next().cloned().unwrap_or_else(|| path.to_owned());
        let root =
            config.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new(".")).to_owned();
        let mut entries = Entries::new();
        let mut hooks = Vec::new();
        if let Some(path) = &toml {
            entries.extend(pyproject(path, root.as_str())?.into_iter().flatten());
            hooks.extend(entries.remove("post_write_hooks"));
        }
        if let Some(path) = &ini {
            let sections = ini::read(&read_file(path)?, root.as_str());
            if let Some(alembic) = sections.get("alembic") {
                entries
                    .extend(alembic.keys().filter_map(|key| Some((key.clone(), ini::value(alembic, key)?))));
            }
            let section = sections.get("post_write_hooks").into_iter().flatten();
            hooks.extend(
                section.filter(|(key, _)| *key != "here").map(|(key, value)| format!("{key} = {value}")),
            );
        }
        Self::of(config, root, &entries, hooks)
    }

    fn of(config: Utf8PathBuf, root: Utf8PathBuf, entries: &Entries, hooks: Vec<String>) -> Result<Self> {
        let get = |key: &str| entries.get(key).cloned();
        let Some(location) = get("script_location") else { return Err(Error::NoLocation { path: config }) };
        let script_location = place(&root, &location);
        let version_locations = match get("version_locations") {
            Some(list) => divided(&list, separator(entries)).iter().map(|path| place(&root, path)).collect(),
            None => vec![script_location.join("versions")],
        };
        let mut environment = Environment {
            root,
            version_locations,
            recursive: get("recursive_version_locations")
                .is_some_and(|word| word.eq_ignore_ascii_case("true")),
            file_template: get("file_template"),
            timezone: get("timezone"),
            truncate_slug: get("truncate_slug_length"),
            url: get("sqlalchemy.url"),
            hooks,
            version_schema: None,
            version_table: "alembic_version".to_owned(),
            script_location,
            config,
        };
        environment.read_env_py();
        Ok(environment)
    }

    /// What `context.configure(…)` is given in literals; an `env.py` that can't be read says nothing.
    fn read_env_py(&mut self) {
        let Ok(text) = fs_err::read_to_string(self.script_location.join("env.py")) else { return };
        for argument in configure_arguments(&python::read(&text), &text) {
            match (argument.name.as_deref(), argument.value.what) {
                (Some("version_table"), Expression::Text(name)) => self.version_table = name,
                (Some("version_table_schema"), Expression::Text(name)) => self.version_schema = Some(name),
                _ => {}
            }
        }
    }
}

/// The ini file and the `pyproject.toml` that a path means.
fn files(path: &Utf8Path) -> Result<(Option<Utf8PathBuf>, Option<Utf8PathBuf>)> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let is_toml = path.extension() == Some("toml");
    let ini = if path.is_dir() || is_toml { folder.join("alembic.ini") } else { path.to_owned() };
    let toml = if is_toml { path.to_owned() } else { folder.join("pyproject.toml") };
    let ini = Some(ini).filter(|path| path.is_file());
    let toml = match toml.is_file() {
        true => pyproject(&toml, folder.as_str())?.map(|_| toml),
        false => None,
    };
    if ini.is_none() && toml.is_none() {
        return Err(Error::NoConfig { path: path.to_owned() });
    }
    Ok((ini, toml))
}

/// `[tool.alembic]`, if it is there.
fn pyproject(path: &Utf8Path, here: &str) -> Result<Option<Entries>> {
    let table: toml::Table = read_file(path)?.parse().map_err(|error: toml::de::Error| Error::Config {
        path: path.to_owned(),
        message: error.message().to_owned(),
    })?;
    let Some(alembic) =
        table.get("tool").and_then(|tool| tool.get("alembic")).and_then(toml::Value::as_table)
    else {
        return Ok(None);
    };
    let fill = |text: &str| text.replace("%(here)s", here).replace("%%", "%");
    let entry = |(key, value): (&String, &toml::Value)| {
        let text = match value {
            toml::Value::String(text) => fill(text),
            toml::Value::Array(items) if items.iter().all(toml::Value::is_table) => {
                items.iter().filter_map(toml::Value::as_table).map(|table| format!("{table}\n")).collect()
            }
            toml::Value::Array(items) => {
                items.iter().filter_map(toml::Value::as_str).map(|text| format!("\n{}", fill(text))).collect()
            }
            other => other.to_string(),
        };
        (key.clone(), text)
    };
    Ok(Some(alembic.iter().map(entry).collect()))
}

/// How paths are divided: by `path_separator`, or by what came before it (Alembic 1.16).
fn separator(entries: &Entries) -> Option<char> {
    let word = entries.get("path_separator").or_else(|| entries.get("version_path_separator"));
    match word.map(String::as_str) {
        Some("os") => Some(if cfg!(windows) { ';' } else { ':' }),
        Some(":") => Some(':'),
        Some(";") => Some(';'),
        Some("newline") => Some('\n'),
        Some("space") => Some(' '),
        _ => None,
    }
}

fn divided(list: &str, separator: Option<char>) -> Vec<String> {
    let parts: Vec<&str> = match separator {
        _ if list.starts_with('\n') => list.lines().collect(),
        Some(separator) => list.split(separator).collect(),
        // As before there was a choice: blanks and commas.
        None => list.split(|c: char| c.is_whitespace() || c == ',').collect(),
    };
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A path, or `package:folder`, from the root.
fn place(root: &Utf8Path, text: &str) -> Utf8PathBuf {
    let path = match text.split_once(':') {
        Some((package, folder)) if package.len() > 1 => format!("{}/{folder}", package.replace('.', "/")),
        _ => text.to_owned(),
    };
    let joined = root.join(path);
    joined.components().filter(|part| part.as_str() != ".").collect()
}

/// The arguments of all calls of `context.configure` in these statements, however deep they stand.
fn configure_arguments(statements: &[Statement], source: &str) -> Vec<Argument> {
    let is_configure = |node: &Node| {
        matches!(&node.what, Expression::Attribute(of, name)
            if name == "configure" && of.what == Expression::Name("context".to_owned()))
    };
    let mut found = Vec::new();
    for statement in statements {
        match &statement.kind {
            Kind::Expression(Node { what: Expression::Call(function, arguments), .. })
                if is_configure(function) =>
            {
                found.extend(arguments.iter().cloned());
            }
            Kind::Function(_, body) | Kind::With(_, _, body) => {
                found.extend(configure_arguments(body, source))
            }
            Kind::If(_, body, otherwise) => {
                found.extend(configure_arguments(body, source));
                found.extend(configure_arguments(otherwise, source));
            }
            // Functions with parameters are only text: their calls are looked for line by line.
            Kind::Other => {
                let text = &source[statement.span.clone()];
                let calls = text.match_indices("context.configure(").map(|(at, _)| python::read(&text[at..]));
                found.extend(calls.flat_map(|inner| configure_arguments(&inner[..inner.len().min(1)], "")));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_divided_as_configured() {
        assert_eq!(divided("a b,c", None), ["a", "b", "c"]);
        assert_eq!(divided("/x y:z", Some(':')), ["/x y", "z"]);
        assert_eq!(divided("\n/a\n/b c", None), ["/a", "/b c"]);
        assert_eq!(place("/srv".into(), "app:migrations"), "/srv/app/migrations");
    }

    #[test]
    fn env_py_is_read_where_it_is_literal() {
        let text = "def go():\n    with x as y:\n        context.configure(connection=y, version_table='v')\n\
                    def other(connection):\n    if a:\n        context.configure(\n            version_table_schema=\"s\")\n";
        let found = configure_arguments(&python::read(text), text);
        let names: Vec<_> = found.iter().filter_map(|argument| argument.name.as_deref()).collect();
        assert_eq!(names, ["connection", "version_table", "version_table_schema"]);
    }
}
