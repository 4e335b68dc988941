//! What `diff` compares: a database, models, what revisions make; each found by a word.

use camino::Utf8PathBuf;
use limbeck_introspect::Snapshot;
use limbeck_model::Declared;
use limbeck_scratch::build::{Order, build};
use sqlx::Connection;

use crate::connect::{self, Wanted};
use crate::context::Ctx;
use crate::exit::{Code, Failure, Result};
use crate::migrations::tidy;
use crate::{chain, comparing, migrations, output, progress};

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
    /// What the revisions make, on scratch.
    Migrations,
}

/// One side, as far as it can be read without the other.
pub(crate) enum Side {
    /// Read from a server: its texts are settled.
    Read(Box<Snapshot>),
    /// Declared: its texts are as written.
    Declared(Box<Declared>),
}

impl Source {
    /// What a word names.
    pub(crate) fn parse(word: &str) -> Result<Self> {
        let later = |what: &str| {
            Err(Failure::usage(format!("{what} can't be compared: this is not there yet"))
                .help("a source is db, models, migrations, a URL, or a folder of models"))
        };
        match word {
            "db" => Ok(Source::Database),
            "models" => Ok(Source::Models),
            "migrations" => Ok(Source::Migrations),
            _ if word.starts_with("git:") => later("models as of a commit"),
            _ if word.contains("://") || limbeck_connect::Parameters::looks_like(word) => Ok(Source::Url(word.to_owned())),
            _ => match tidy(word.into()) {
                folder if folder.is_dir() => Ok(Source::Directory(folder)),
                file if file.is_file() => later("a snapshot file"),
                _ => Err(Failure::usage(format!("{word:?} is no source"))
                    .help("a source is db, models, migrations, a URL, or a folder of models (`./models` if its name is one of these words)")),
            },
        }
    }

    /// Reads it, and gives its name for readers.
    pub(crate) async fn read(&self, ctx: &Ctx) -> Result<(Side, String)> {
        match self {
            Source::Database => match connect::wanted(ctx)? {
                Wanted::Ephemeral => migrations_side(ctx).await,
                wanted @ Wanted::Server(..) => database(ctx, wanted).await,
                Wanted::Nothing => Err(connect::nothing()),
            },
            Source::Url(url) => database(ctx, connect::from_text(url, "the source")?).await,
            Source::Models => {
                let folder = comparing::models_directory(ctx)?;
                Ok((Side::Declared(Box::new(comparing::models(ctx)?)), format!("the models in {folder}")))
            }
            Source::Directory(folder) => {
                let declared = comparing::read_models(folder)?;
                Ok((Side::Declared(Box::new(declared)), format!("the models in {folder}")))
            }
            Source::Migrations => migrations_side(ctx).await,
        }
    }
}

async fn database(ctx: &Ctx, wanted: Wanted) -> Result<(Side, String)> {
    let Wanted::Server(server) = wanted else { return Err(connect::nothing()) };
    let step = progress::step(ctx, "reading the database");
    let mut connection = server.open().await?;
    let snapshot = comparing::live(&mut connection).await?;
    connection.close().await.ok();
    drop(step);
    Ok((Side::Read(Box::new(snapshot)), format!("the database {}", server.place())))
}

async fn migrations_side(ctx: &Ctx) -> Result<(Side, String)> {
    let graph = migrations::graph(ctx)?;
    let like = chain::like(ctx).await;
    let snapshot = chain::whole(ctx, &graph, like.as_ref()).await?;
    Ok((Side::Read(Box::new(snapshot)), "what the revisions make on scratch".to_owned()))
}

impl Side {
    /// As the side that is there: models are built on a server like the other side's, and read back.
    pub(crate) async fn settled(self, ctx: &Ctx, other: &Side) -> Result<Snapshot> {
        let declared = match self {
            Side::Read(snapshot) => return Ok(*snapshot),
            Side::Declared(declared) => declared,
        };
        let like = match other {
            Side::Read(snapshot) => Some(&**snapshot),
            Side::Declared(_) => None,
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
            Side::Read(snapshot) => {
                let mut declared = Declared::default();
                declared.catalog = snapshot.catalog;
                declared
            }
        }
    }
}

async fn built(scratch: &limbeck_scratch::provider::Scratch, declared: &Declared) -> Result<Snapshot> {
    let refused = |error: limbeck_scratch::provider::Error| Failure::of(Code::Database, &error);
    let database = scratch.database().await.map_err(refused)?;
    let mut connection = database.connect().await.map_err(refused)?;
    build(&mut connection, &declared.catalog, Order::Declared)
        .await
        .map_err(|error| comparing::refused(declared, error))?;
    let snapshot = comparing::live(&mut connection).await;
    connection.close().await.ok();
    snapshot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_sources_and_what_is_not_there_says_so() {
        assert_eq!(Source::parse("db").unwrap(), Source::Database);
        assert_eq!(Source::parse("postgres:///x").unwrap(), Source::Url("postgres:///x".into()));
        assert_eq!(Source::parse("src").unwrap(), Source::Directory("src".into()));
        for (word, part) in
            [("git:main", "not there yet"), ("Cargo.toml", "not there yet"), ("nosuch", "no source")]
        {
            let failure = Source::parse(word).unwrap_err();
            assert!(failure.reports[0].message.contains(part), "{:?}", failure.reports);
        }
    }
}
