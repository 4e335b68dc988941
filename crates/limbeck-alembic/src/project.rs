//! All scripts of an environment as the files of a project.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_migrate::file::{parse, render};
use limbeck_migrate::{Direction, Graph, Header, PartText, Revision, RevisionId};

use crate::environment::Environment;
use crate::error::{Error, Result, read as read_file};
use crate::offline::{self, Offline};
use crate::parts::{Piece, parts, pieces};
use crate::python::line;
use crate::script::{self, Script};
use crate::translate::{Output, Statement, translate};
use crate::{config, python};

/// A project, as texts.
#[derive(Clone, Debug)]
pub struct Import {
    /// `limbeck.toml`.
    pub config: String,
    /// The folders of revisions, from the project's folder; the first takes new ones.
    pub directories: Vec<String>,
    /// The revisions, parents first.
    pub revisions: Vec<Imported>,
    /// What there is to say besides.
    pub remarks: Vec<String>,
}

/// A revision's file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Where it goes, from the project's folder.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
    /// The script that it comes from.
    pub script: Utf8PathBuf,
    /// What is left to a person.
    pub left: Vec<Left>,
    /// Whether both directions are Alembic's own output.
    pub offline: bool,
}

/// A place that is left to a person.
#[derive(Clone, Debug)]
pub struct Left {
    /// The line of the revision's file.
    pub line: usize,
    /// Why, beginning with the script's line.
    pub words: String,
}

/// Takes an environment over. `folder` is the first choice for the folder of revisions; `sql` are outputs of
/// `alembic upgrade base:head --sql` and of `alembic downgrade head:base --sql`.
///
/// # Errors
/// If scripts can't be read, don't make a graph, or an output belongs to another chain.
pub fn import(environment: &Environment, folder: &str, sql: &[Utf8PathBuf]) -> Result<Import> {
    let scripts = scripts(environment)?;
    let directories = directories(environment, folder);
    let (config, mut remarks) = config::render(environment, &directories);
    let mut offline = Offline::new();
    for path in sql {
        let is_known = |id: &str| scripts.iter().any(|script| script.id == id);
        offline.extend(offline::read(path, &read_file(path)?, &environment.version_table, is_known)?);
    }
    let mut maker = Maker { environment, offline, made: BTreeMap::new(), unnamed: Vec::new() };
    maker.count_enums(&scripts);
    let mut revisions = Vec::new();
    for script in &scripts {
        revisions.push(maker.revision(script, &directories[script.location])?);
    }
    if !maker.unnamed.is_empty() {
        let list = maker.unnamed.join(", ");
        remarks.push(format!(
            "constraints without a name in {list}: Postgres names them; if the models' MetaData has a \
             naming_convention, Alembic named them by it, and only --alembic-sql knows how"
        ));
    }
    Ok(Import { config, directories, revisions: arranged(revisions)?, remarks })
}

/// The scripts of all folders.
fn scripts(environment: &Environment) -> Result<Vec<Script>> {
    let mut scripts = Vec::new();
    for (location, folder) in environment.version_locations.iter().enumerate() {
        if !folder.is_dir() {
            return Err(Error::NoFolder { path: folder.clone() });
        }
        for path in files(folder, environment.recursive)? {
            let stem = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            scripts.extend(script::read(&path, stem, location)?);
        }
    }
    Ok(scripts)
}

/// The Python files of a folder, by name.
fn files(folder: &Utf8Path, recursive: bool) -> Result<Vec<Utf8PathBuf>> {
    let io = |source| Error::Io { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().map_err(io)? {
        let path = entry.map_err(io)?.path().to_owned();
        let hidden = path.file_name().is_some_and(|name| name.starts_with(['.', '_']));
        if path.is_dir() && recursive && !hidden {
            found.extend(files(&path, recursive)?);
        } else if path.extension() == Some("py") && !hidden {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A folder of ours for each of theirs: one, or one below it for each.
fn directories(environment: &Environment, folder: &str) -> Vec<String> {
    let theirs = &environment.version_locations;
    if theirs.len() == 1 {
        return vec![folder.to_owned()];
    }
    let mut names: Vec<String> = Vec::new();
    for path in theirs {
        let inside = path.strip_prefix(&environment.root).unwrap_or(path);
        let words: Vec<&str> =
            inside.components().map(|c| c.as_str()).filter(|c| *c != "/" && *c != "..").collect();
        // The last word that says something: `app/billing/versions` is about billing.
        let says = |word: &&&str| !matches!(**word, "versions" | "migrations" | "alembic");
        let name = words.iter().rev().find(says).map_or_else(|| words.join("_"), |word| (*word).to_owned());
        let name = format!("{folder}/{name}");
        names.push(if names.contains(&name) { format!("{folder}/{}", words.join("_")) } else { name });
    }
    names
}

struct Maker<'a> {
    environment: &'a Environment,
    offline: Offline,
    made: BTreeMap<String, usize>,
    unnamed: Vec<String>,
}

impl Maker<'_> {
    /// How many upgrades make each enum: where it is more than one, the later ones have to look.
    fn count_enums(&mut self, scripts: &[Script]) {
        for script in scripts {
            let output = translate(&script.source, &script.scope, &script.functions, "upgrade");
            for statement in output.statements {
                if let Statement::CreateEnum { name, .. } = statement {
                    *self.made.entry(name).or_default() += 1;
                }
            }
        }
    }

    fn revision(&mut self, script: &Script, directory: &str) -> Result<Imported> {
        let header = header(script)?;
        let path = Utf8PathBuf::from(format!("{directory}/{}.sql", script.stem));
        let offline = ["upgrade", "downgrade"]
            .iter()
            .all(|word| self.offline.contains_key(&(*word, script.id.clone())));
        let [up, down] = [Direction::Upgrade, Direction::Downgrade].map(|direction| {
            let parts = parts(self.pieces(script, direction));
            runnable(&header, direction, parts)
        });
        let text = render(&header, &up, &down);
        let left = match parse(&path, &text) {
            Ok(revision) => left(&revision),
            Err(mistakes) => {
                let mistakes = mistakes.iter().map(ToString::to_string).collect();
                return Err(Error::Chain { mistakes });
            }
        };
        Ok(Imported { path, text, script: script.path.clone(), left, offline })
    }

    fn pieces(&mut self, script: &Script, direction: Direction) -> Vec<Piece> {
        if let Some(pieces) = self.offline.get(&(direction.word(), script.id.clone())) {
            return pieces.clone();
        }
        let output = translate(&script.source, &script.scope, &script.functions, direction.word());
        self.note_unnamed(script, &output);
        let file = script.path.strip_prefix(&self.environment.root).unwrap_or(&script.path);
        let place = |at: usize| format!("{file}:{}", line(&script.source, at));
        let mut pieces = pieces(output.statements, &script.source, &self.made, place);
        // A function that is not there, or takes parameters, was not read.
        if !script.functions.contains_key(direction.word())
            && script.source.contains(&format!("def {}", direction.word()))
        {
            let words = format!("{file}: the function `{}` is not read", direction.word());
            pieces.push(Piece::Left(words, String::new()));
        }
        pieces
    }

    fn note_unnamed(&mut self, script: &Script, output: &Output) {
        if output.unnamed > 0 && !self.unnamed.contains(&script.id) {
            self.unnamed.push(script.id.clone());
        }
    }
}

/// Parts that a revision file can hold; what it can't is left to a person as a whole.
fn runnable(header: &Header, direction: Direction, parts: Vec<PartText>) -> Vec<PartText> {
    let (up, down): (&[PartText], &[PartText]) = match direction {
        Direction::Upgrade => (&parts, &[]),
        Direction::Downgrade => (&[], &parts),
    };
    let Err(mistakes) = parse("x.sql".into(), &render(header, up, down)) else { return parts };
    let why: Vec<String> = mistakes.into_iter().map(|mistake| mistake.message).collect();
    let text: String = parts.iter().map(|part| part.sql.as_str()).collect::<Vec<_>>().join("\n");
    crate::parts::parts(vec![Piece::Left(why.join("; "), text)])
}

fn header(script: &Script) -> Result<Header> {
    let at = script.source.find("\nrevision").map_or(0, |at| at + 1);
    let bad = |message: String| Error::Script {
        path: script.path.clone(),
        line: python::line(&script.source, at),
        message,
    };
    let id = |text: &String| RevisionId::parse(text).map_err(|error| bad(error.to_string()));
    let mut header = Header::new(id(&script.id)?, script.message.clone());
    header.parents = script.parents.iter().map(id).collect::<Result<_>>()?;
    header.labels.clone_from(&script.labels);
    header.depends_on.clone_from(&script.depends_on);
    header.created.clone_from(&script.created);
    header.made = Some(format!("limbeck {}, taken over from Alembic", env!("CARGO_PKG_VERSION")));
    Ok(header)
}

fn left(revision: &Revision) -> Vec<Left> {
    let directions = [Direction::Upgrade, Direction::Downgrade];
    let mistakes = directions.iter().flat_map(|direction| revision.unfinished(*direction, 0));
    let words = |message: &str| message.split_once(": ").map_or(message, |(_, words)| words).to_owned();
    mistakes.map(|mistake| Left { line: mistake.line, words: words(&mistake.message) }).collect()
}

/// Parents first. What doesn't hold together is an error now, and not when it is run.
fn arranged(revisions: Vec<Imported>) -> Result<Vec<Imported>> {
    let chain = |error: limbeck_migrate::Error| Error::Chain {
        mistakes: match error {
            limbeck_migrate::Error::Mistakes { mistakes } => {
                mistakes.iter().map(ToString::to_string).collect()
            }
            other => vec![other.to_string()],
        },
    };
    let read = |revision: &Imported| parse(&revision.path, &revision.text).ok();
    let graph = Graph::new(revisions.iter().filter_map(read).collect()).map_err(chain)?;
    let places: BTreeMap<&Utf8Path, usize> = graph
        .revisions()
        .iter()
        .enumerate()
        .map(|(place, revision)| (revision.path.as_path(), place))
        .collect();
    let mut revisions = revisions;
    revisions.sort_by_key(|revision| places.get(revision.path.as_path()));
    Ok(revisions)
}
