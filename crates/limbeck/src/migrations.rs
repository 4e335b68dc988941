//! The migrations of a project as its configuration describes them: folders, file names, how to run.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::tz::TimeZone;
use limbeck_migrate::alembic::{self, VersionTable};
use limbeck_migrate::file::{FileNames, render};
use limbeck_migrate::graph::Point;
use limbeck_migrate::squashed::{self, Inside, Translated};
use limbeck_migrate::{Applied, Graph, Header, PartText, Revision, RevisionId, Settings, Table, version};
use sqlx::PgConnection;

use crate::context::Ctx;
use crate::drafts::Drafts;
use crate::exit::{Failure, Result};
use crate::template::Template;
use crate::turn::Turn;
use crate::{connect, output};

/// The folders of revisions; the first takes new lines.
pub(crate) fn directories(ctx: &Ctx) -> Result<Vec<Utf8PathBuf>> {
    let config = ctx.config()?;
    Ok(config.migrations.directory.iter().map(|dir| tidy(config.root.join(dir))).collect())
}

/// All revisions.
pub(crate) fn graph(ctx: &Ctx) -> Result<Graph> {
    let directories = directories(ctx)?;
    if let Some(missing) = directories.iter().find(|dir| !dir.is_dir()) {
        return Err(Failure::usage(format!("the migrations folder {missing} is not there"))
            .about(["migrations", "directory"])
            .note(format!("{} names it under [migrations]", ctx.config()?.path))
            .help("`mkdir` it, or correct `directory`"));
    }
    Ok(Graph::load(&directories)?)
}

/// How revisions are run.
pub(crate) fn settings(ctx: &Ctx) -> Result<Settings> {
    let migrations = &ctx.config()?.migrations;
    // What `env.py` did with `-x`, the SQL of revisions can do: `current_setting('limbeck.x.key', true)`.
    let x = ctx.globals.x.iter().map(|(key, value)| (format!("limbeck.x.{key}"), value.clone()));
    Ok(Settings {
        alembic: migrations.alembic_version.as_deref().map(VersionTable::parse),
        table: Table {
            schema: migrations.version_schema.clone(),
            name: migrations.version_table.clone(),
            keep_downgrades: migrations.keep_downgrades,
        },
        transaction_per_revision: migrations.transaction_per_migration,
        lock_timeout: timeout("lock_timeout", migrations.lock_timeout.as_ref())?,
        statement_timeout: timeout("statement_timeout", migrations.statement_timeout.as_ref())?,
        run_lock_timeout: migrations.run_lock_timeout.as_deref().map(run_lock_timeout).transpose()?,
        lock_retries: migrations.lock_retries,
        session: session(&migrations.session)?.into_iter().chain(x).collect(),
        tool_version: concat!("limbeck ", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Settings::default()
    })
}

/// A time as the server takes it: milliseconds, or a number with its unit. What is none is said before anybody connects.
fn timeout(key: &str, text: Option<&String>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(trimmed.len());
    let is_number = trimmed[..end].parse::<f64>().is_ok_and(|number| number >= 0.0);
    if is_number && ["", "us", "ms", "s", "min", "h", "d"].contains(&trimmed[end..].trim()) {
        return Ok(Some(text.clone()));
    }
    Err(Failure::usage(format!("[migrations] {key}: {text:?} is no time"))
        .about(["migrations", key])
        .help("a number with its unit, as Postgres writes it: 500ms, 30s, 5min, 1h"))
}

/// Settings by their names, `search_path` or `app.tenant`. What they may be the server knows alone.
fn session(settings: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let is_word = |word: &str| {
        let begins = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        begins && word.chars().all(|c| c.is_alphanumeric() || "_$".contains(c))
    };
    match settings.keys().find(|name| !name.split('.').all(is_word)) {
        None => Ok(settings.clone()),
        Some(name) => Err(Failure::usage(format!("{name:?} can't be the name of a setting"))
            .about(["migrations", "session", name])
            .help("names are like search_path, or app.tenant for one of your own")),
    }
}

/// `30s`, `5min`.
fn run_lock_timeout(text: &str) -> Result<std::time::Duration> {
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| time.try_into().ok());
    time.ok_or_else(|| {
        Failure::usage(format!("[migrations] run_lock_timeout: {text:?} is no time"))
            .about(["migrations", "run_lock_timeout"])
            .help("a number with its unit: 30s, 5min, 1h")
    })
}

/// How revisions are run under a tag, which their SQL reads as `current_setting('limbeck.tag', true)`.
pub(crate) fn tagged_settings(ctx: &Ctx, tag: Option<String>) -> Result<Settings> {
    let mut settings = settings(ctx)?;
    settings.session.extend(tag.map(|tag| ("limbeck.tag".to_owned(), tag)));
    Ok(settings)
}

/// The heads of what is applied, asked for only where a word is relative to them.
pub(crate) async fn current(ctx: &Ctx, graph: &Graph, word: &str) -> Result<Vec<RevisionId>> {
    if !graph.is_relative(word) {
        return Ok(Vec::new());
    }
    Ok(version::heads(graph, &applied(ctx, graph, &mut connect::open(ctx).await?).await?))
}

/// The revisions that a word names: one, or with `heads` and `current` several.
///
/// # Errors
/// If it names none.
pub(crate) fn named<'a>(graph: &'a Graph, word: &str, current: &[RevisionId]) -> Result<Vec<&'a Revision>> {
    let named: Vec<&Revision> = match graph.resolve(word, current).map_err(limbeck_migrate::Error::from)? {
        Point::At(ids) => ids.iter().filter_map(|id| graph.get(id)).collect(),
        Point::Base { .. } => Vec::new(),
    };
    if named.is_empty() {
        return Err(Failure::usage(format!("{word:?} names no revision: it is where nothing is applied")));
    }
    Ok(named)
}

/// What is applied in a database. Where nothing of ours is recorded, what Alembic left counts, and is said.
///
/// # Errors
/// If the database can't be asked, or Alembic's table names revisions that no file has.
pub(crate) async fn applied(ctx: &Ctx, graph: &Graph, conn: &mut PgConnection) -> Result<Vec<Applied>> {
    let settings = settings(ctx)?;
    let Translated { applied, inside } = squashed::translate(graph, settings.table.read(conn).await?)?;
    inside.iter().for_each(|inside| output::say(squashed(inside)));
    let (true, Some(table)) = (applied.is_empty(), &settings.alembic) else { return Ok(applied) };
    let Some(standing) = alembic::standing(conn, graph, &settings).await? else { return Ok(applied) };
    let place = if standing.heads.is_empty() { "base".to_owned() } else { standing.heads.join(", ") };
    output::say(format!(
        "Alembic brought this database to {place} ({table}); the next `limbeck upgrade` goes on from there"
    ));
    Ok(standing.applied)
}

/// That a database stood in a chain for which one revision stands in now.
pub(crate) fn squashed(inside: &Inside) -> String {
    let (into, of) = (&inside.revision, inside.of);
    match inside.parts {
        None => {
            format!("this checkout squashed {of} revisions into {into}, and the database has all of them")
        }
        Some(_) => format!(
            "this checkout squashed {of} revisions into {into}, and the database stands at {}, after {} of them: \
             `limbeck upgrade {into}` runs the rest",
            inside.at(),
            inside.applied.len()
        ),
    }
}

/// How files of revisions are named.
pub(crate) fn file_names(ctx: &Ctx) -> Result<FileNames> {
    let migrations = &ctx.config()?.migrations;
    Ok(FileNames {
        template: migrations.file_template.clone(),
        truncate_slug: migrations.truncate_slug,
        timezone: timezone(&migrations.timezone)?,
    })
}

/// A revision that is going to be written.
#[derive(Debug)]
pub(crate) struct Draft {
    /// What it says of itself.
    pub(crate) header: Header,
    /// The folder it goes into.
    pub(crate) directory: Utf8PathBuf,
    names: FileNames,
    template: Option<Template>,
    x: Vec<(String, String)>,
    at: jiff::Timestamp,
    /// Until it is written, no other run may follow what it follows.
    turn: Turn,
}

impl Draft {
    /// A draft that says when it was made.
    pub(crate) fn new(ctx: &Ctx, turn: Turn, mut header: Header, directory: Utf8PathBuf) -> Result<Self> {
        let names = file_names(ctx)?;
        let config = ctx.config()?;
        let template = config.migrations.template.as_ref();
        let template = template.map(|path| Template::read(tidy(config.root.join(path))));
        let at = jiff::Timestamp::now();
        header.created = Some(names.created(at));
        // A template that can't be followed is said now, and not once all is proven.
        names.name(&header, at).map_err(limbeck_migrate::Error::from)?;
        let (template, x) = (template.transpose()?, ctx.globals.x.clone());
        Ok(Draft { header, directory, names, template, x, at, turn })
    }

    /// The file's text, as the project's template has it. One without a place for SQL is for revisions
    /// that have none yet.
    pub(crate) fn text(&self, upgrade: &[PartText], downgrade: &[PartText]) -> Result<String> {
        match &self.template {
            Some(template) if upgrade.is_empty() && downgrade.is_empty() || template.takes_parts() => {
                template.fill(&self.header, [upgrade, downgrade], &self.x)
            }
            Some(_) | None => Ok(render(&self.header, upgrade, downgrade)),
        }
    }

    /// Writes the file, and gives its path.
    ///
    /// # Errors
    /// If a file of this name is there, or can't be written.
    pub(crate) fn write(&mut self, upgrade: &[PartText], downgrade: &[PartText]) -> Result<Utf8PathBuf> {
        let name = self.names.name(&self.header, self.at).map_err(limbeck_migrate::Error::from)?;
        let path = tidy(self.directory.join(name));
        let text = self.text(upgrade, downgrade)?;
        create(&path, &text)?;
        self.turn.give_up();
        Ok(path)
    }
}

/// A zone by its name; `local` is the machine's.
fn timezone(name: &str) -> Result<TimeZone> {
    if name.eq_ignore_ascii_case("local") {
        return Ok(TimeZone::system());
    }
    TimeZone::get(name).map_err(|error| {
        Failure::usage(format!("[migrations] timezone {name:?}: {error}"))
            .about(["migrations", "timezone"])
            .help("a name of the time zone database, `Europe/Berlin` for instance, or `UTC`, or `local`")
    })
}

/// Writes a file that must not be there yet: wholly, or not at all.
pub(crate) fn create(path: &Utf8Path, text: &str) -> Result<()> {
    let mut drafts = Drafts::below(path.parent().unwrap_or(path));
    drafts.write(path, text)?;
    drafts.place_new()
}

/// A path without `./` at its beginning, and relative to the working folder where it lies in it.
pub(crate) fn tidy(path: Utf8PathBuf) -> Utf8PathBuf {
    let path: Utf8PathBuf = path.components().filter(|c| c.as_str() != ".").collect();
    let here = crate::context::here().unwrap_or_default();
    path.strip_prefix(&here).map(|p| p.to_owned()).unwrap_or(path)
}
