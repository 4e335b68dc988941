//! What is compared: a database, models, what revisions make, a file of one of them; each found by a word.

mod commit;
mod file;

use camino::Utf8PathBuf;
use limbeck_introspect::{Recording, Snapshot, fingerprint};
use limbeck_migrate::{Graph, State};
use limbeck_model::Declared;
use limbeck_scratch::build::{Order, build};
use sqlx::{Connection, PgConnection};

use crate::connect::{self, Second, Wanted};
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::migrations::tidy;
use crate::{beyond, chain, comparing, migrations, output, progress};

pub(crate) use commit::Commit;
pub(crate) use file::{text, write};

/// Where one side comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The configured database.
    Database,
    /// A database by its URL.
    Url(String),
    /// The configured models.
    Models,
    /// Models in a folder.
    Directory(Utf8PathBuf),
    /// Models as of a commit.
    Commit(Commit),
    /// What the revisions make, on scratch.
    Migrations,
    /// A snapshot file.
    Snapshot(Utf8PathBuf),
}

/// One side, as far as it can be read without the other.
pub(crate) enum Side {
    /// Read from a server: its texts are settled.
    Read(Box<Taken>),
    /// Declared: its texts are as written.
    Declared(Box<Declared>),
}

/// What a server said, now or when a file was written.
pub(crate) struct Taken {
    /// What it came to.
    pub(crate) snapshot: Snapshot,
    /// Its words.
    pub(crate) recording: Recording,
    /// The revisions that are applied there, where somebody looked.
    pub(crate) applied: Option<Vec<String>>,
    /// What it is, in words that are the same from wherever it is read; none for what was built here.
    pub(crate) of: Option<String>,
}

impl From<Taken> for Side {
    fn from(taken: Taken) -> Self {
        Side::Read(Box::new(taken))
    }
}

const SOURCES: &str =
    "a source is db, models, migrations, a URL, a snapshot file, git:REV, or a folder of models";

impl Source {
    /// What a word names.
    pub(crate) fn parse(word: &str) -> Result<Self> {
        match word {
            "db" => Ok(Source::Database),
            "models" => Ok(Source::Models),
            "migrations" => Ok(Source::Migrations),
            _ if word.contains("://") || limbeck_connect::Parameters::looks_like(word) => {
                Ok(Source::Url(word.to_owned()))
            }
            _ => match (word.strip_prefix("git:"), tidy(word.into())) {
                (Some(""), _) => {
                    Err(Failure::usage("git: of which commit?").help("`git:main`, for instance"))
                }
                (Some(commit), _) => Ok(Source::Commit(Commit::parse(commit))),
                (None, folder) if folder.is_dir() => Ok(Source::Directory(folder)),
                (None, file) if file.is_file() => Ok(Source::Snapshot(file)),
                // An address that was mistyped may hold a password.
                (None, _) if word.contains(['@', '=']) => Err(Failure::usage("this is no source")
                    .note("it looks like an address, and is not repeated, as it may hold a password")
                    .help("`postgres://user@host/database`; or a `key=value` string")),
                (None, _) => Err(Failure::usage(format!("{word:?} is no source"))
                    .help(format!("{SOURCES} (`./models` if its name is one of these words)"))),
            },
        }
    }

    /// Reads it, and gives its name for readers.
    pub(crate) async fn read(&self, ctx: &Ctx) -> Result<(Side, String)> {
        self.look(ctx, false).await
    }

    /// The same, and with it the revisions that are applied there, if that can be told: it is a database of the
    /// project, or a file that remembers them.
    pub(crate) async fn read_with_history(&self, ctx: &Ctx) -> Result<(Side, String)> {
        let is_there = ctx.has_config() && migrations::directories(ctx)?.iter().all(|folder| folder.is_dir());
        self.look(ctx, is_there).await
    }

    async fn look(&self, ctx: &Ctx, with_history: bool) -> Result<(Side, String)> {
        match self {
            Source::Database => match connect::wanted(ctx)? {
                Wanted::Ephemeral => migrations_side(ctx).await,
                wanted @ Wanted::Server(..) => database(ctx, wanted, with_history).await,
                Wanted::Nothing => Err(connect::nothing()),
            },
            Source::Url(url) => database(ctx, connect::from_text(url, "the source")?, with_history).await,
            Source::Models => {
                let folder = comparing::models_directory(ctx)?;
                Ok((Side::Declared(Box::new(comparing::models(ctx)?)), format!("the models in {folder}")))
            }
            Source::Directory(folder) => {
                let declared = comparing::read_models(folder)?;
                Ok((Side::Declared(Box::new(declared)), format!("the models in {folder}")))
            }
            Source::Commit(commit) => {
                let (files, name) = commit.files(ctx)?;
                Ok((Side::Declared(Box::new(comparing::read_files(files)?)), name))
            }
            Source::Migrations => migrations_side(ctx).await,
            Source::Snapshot(path) => {
                let (taken, name) = file::read(path)?;
                Ok((taken.into(), name))
            }
        }
    }
}

async fn database(ctx: &Ctx, wanted: Wanted, with_history: bool) -> Result<(Side, String)> {
    let Wanted::Server(server) = wanted else { return Err(connect::nothing()) };
    let graph = if with_history { Some(migrations::graph(ctx)?) } else { None };
    let step = progress::step(ctx, "reading the database");
    let mut connection = server.open().await?;
    let second = server.second();
    let taken = match graph {
        None => taken(&mut connection, second).await?,
        Some(graph) => taken_with_history(ctx, &graph, &mut connection, second).await?,
    };
    connection.close().await.ok();
    drop(step);
    Ok((taken.into(), format!("the database {}", server.place())))
}

async fn taken(connection: &mut PgConnection, second: Second) -> Result<Taken> {
    let (snapshot, recording) = comparing::recorded(connection, second).await?;
    let of = Some(format!("the database {}", snapshot.server.database));
    Ok(Taken { snapshot, recording, of, applied: None })
}

/// What is read and what is said to be applied have to be of one moment: an upgrade between the two is read again.
async fn taken_with_history(
    ctx: &Ctx,
    graph: &Graph,
    connection: &mut PgConnection,
    second: Second,
) -> Result<Taken> {
    let unreadable = |error| comparing::unreadable(&error);
    for second in [second, Second::none()] {
        let mut taken = taken(connection, second).await?;
        let rows = migrations::applied(ctx, graph, connection).await?;
        if fingerprint(connection).await.map_err(unreadable)? == taken.snapshot.fingerprint {
            let whole = rows.iter().filter(|row| row.state == State::Applied);
            taken.applied = Some(whole.map(|row| row.revision.to_string()).collect());
            return Ok(taken);
        }
    }
    Err(unreadable(limbeck_introspect::Error::Changing))
}

async fn migrations_side(ctx: &Ctx) -> Result<(Side, String)> {
    let graph = migrations::graph(ctx)?;
    let like = chain::like(ctx).await;
    let (snapshot, recording) = chain::recorded(ctx, &graph, like.as_ref()).await?;
    let of = Some("what the revisions make".to_owned());
    Ok((Taken { snapshot, recording, of, applied: None }.into(), chain::NAME.to_owned()))
}

impl Side {
    /// The revisions that are applied there, where somebody looked.
    pub(crate) fn applied(&self) -> Option<Vec<String>> {
        match self {
            Side::Read(taken) => taken.applied.clone(),
            Side::Declared(_) => None,
        }
    }

    /// As the side that is there: models are built on a server like the other side's, and read back.
    pub(crate) async fn settled(self, ctx: &Ctx, other: Option<&Side>) -> Result<Taken> {
        let declared = match self {
            Side::Read(taken) => return Ok(*taken),
            Side::Declared(declared) => declared,
        };
        let like = match other {
            Some(Side::Read(taken)) => Some(&taken.snapshot.server),
            Some(Side::Declared(_)) | None => None,
        };
        let scratch = comparing::scratch(ctx, like).await?;
        for note in scratch.notes() {
            output::warn(note);
        }
        let step = progress::step(ctx, "building the models on scratch");
        let built = built(&scratch, &declared).await;
        drop(step);
        scratch.close().await.ok();
        built
    }

    /// As the side that is wanted.
    pub(crate) fn wanted(self) -> Declared {
        match self {
            Side::Declared(declared) => *declared,
            Side::Read(taken) => {
                let mut declared = Declared::default();
                declared.catalog = taken.snapshot.catalog;
                declared
            }
        }
    }
}

async fn built(scratch: &limbeck_scratch::provider::Scratch, declared: &Declared) -> Result<Taken> {
    let refused = |error: limbeck_scratch::provider::Error| Failure::of(Code::Database, &error);
    beyond::refuse(declared, &declared.catalog, scratch.version())?;
    let database = scratch.database().await.map_err(refused)?;
    let mut connection = database.connect().await.map_err(refused)?;
    build(&database, &mut connection, &declared.catalog, Order::Declared)
        .await
        .map_err(|error| comparing::refused(declared, error))?;
    let recorded = comparing::recorded(&mut connection, Second::none()).await;
    connection.close().await.ok();
    let (snapshot, recording) = recorded?;
    Ok(Taken { snapshot, recording, applied: None, of: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_sources_and_what_is_not_there_says_so() {
        assert_eq!(Source::parse("db").unwrap(), Source::Database);
        assert_eq!(Source::parse("postgres:///x").unwrap(), Source::Url("postgres:///x".into()));
        assert_eq!(Source::parse("src").unwrap(), Source::Directory("src".into()));
        assert_eq!(Source::parse("git:main").unwrap(), Source::Commit(Commit::parse("main")));
        assert_eq!(Source::parse("Cargo.toml").unwrap(), Source::Snapshot("Cargo.toml".into()));
        for (word, part) in [
            ("git:", "of which commit"),
            ("nosuch", "no source"),
            ("postgres:u:hidden@h/d", "this is no source"),
        ] {
            let failure = Source::parse(word).unwrap_err();
            assert!(failure.reports[0].message.contains(part), "{:?}", failure.reports);
        }
    }
}
