//! `limbeck.toml`: what may stand in it, and where it is found.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_connect::Keyword;
use serde::Deserialize;

use crate::config_place::{byte_of, message, snippet};
use crate::exit::{Failure, Key, Result, Snippet};

/// The file's name.
pub(crate) const NAME: &str = "limbeck.toml";

/// The configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The folder of the file: relative paths begin there.
    #[serde(skip)]
    pub(crate) root: Utf8PathBuf,
    /// The file.
    #[serde(skip)]
    pub(crate) path: Utf8PathBuf,
    /// Where models are.
    pub(crate) models: Models,
    /// Where revisions are, and how they are written and run.
    pub(crate) migrations: Migrations,
    /// The database.
    pub(crate) database: Option<Database>,
    /// Other databases, by name.
    pub(crate) env: BTreeMap<String, Database>,
    /// What is compared.
    pub(crate) compare: Compare,
    /// Where things are tried.
    pub(crate) scratch: Scratch,
    /// What is refused.
    pub(crate) safety: Safety,
}

/// `[models]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Models {
    /// The folder of the YAML files.
    pub(crate) directory: Utf8PathBuf,
}

/// `[migrations]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Migrations {
    /// A folder, or folders: a list, or as `PATH` is written. New revisions go to their parent's.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) directory: Vec<Utf8PathBuf>,
    /// Alembic's `file_template`.
    pub(crate) file_template: String,
    /// What an empty revision looks like, as a file with `${…}` in it.
    pub(crate) template: Option<Utf8PathBuf>,
    /// What is run after a revision was written.
    pub(crate) hooks: Vec<Hook>,
    /// The zone of dates in names and headers.
    pub(crate) timezone: String,
    /// The longest slug.
    pub(crate) truncate_slug: usize,
    /// The version table's name.
    pub(crate) version_table: String,
    /// Its schema.
    pub(crate) version_schema: String,
    /// Alembic's version table, where the project was taken over from it: what it says counts as applied
    /// until a version table of ours is there, and it is never compared.
    pub(crate) alembic_version: Option<String>,
    /// Whether the database keeps the downgrades of what is applied.
    pub(crate) keep_downgrades: bool,
    /// A transaction a revision, or one for the run.
    pub(crate) transaction_per_migration: bool,
    /// How long a statement waits for a lock.
    pub(crate) lock_timeout: Option<String>,
    /// How often a revision that gave up waiting is begun again.
    pub(crate) lock_retries: u32,
    /// How long a statement may run.
    pub(crate) statement_timeout: Option<String>,
    /// How long a run waits for another one to end; as long as it takes where this isn't said.
    pub(crate) run_lock_timeout: Option<String>,
    /// Other settings of the session.
    pub(crate) session: BTreeMap<String, String>,
}

/// `[[migrations.hooks]]`: a command that is given each revision that was written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hook {
    /// What messages call it; the command itself where it has no name.
    pub(crate) name: Option<String>,
    /// Program and arguments; `{file}` is the revision's file.
    pub(crate) command: String,
    /// Where it runs; the configuration's folder where nothing is said.
    pub(crate) cwd: Option<Utf8PathBuf>,
}

/// `[database]` and `[env.NAME]`: a URL or its parts, which are libpq's parameters and go before the URL's.
/// Values may hold `${NAME}`; filled in when used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// A whole URL, or a `key=value` string.
    pub(crate) url: Option<String>,
    /// The server's name, address, or socket folder.
    pub(crate) host: Option<String>,
    /// Its port.
    #[serde(deserialize_with = "text_or_number")]
    pub(crate) port: Option<String>,
    /// The role.
    pub(crate) user: Option<String>,
    /// Its password.
    pub(crate) password: Option<String>,
    /// The database.
    pub(crate) dbname: Option<String>,
    /// The host's address, so that its name is not looked up.
    pub(crate) hostaddr: Option<String>,
    /// A group of a service file.
    pub(crate) service: Option<String>,
    /// A password file.
    pub(crate) passfile: Option<String>,
    /// How TLS is used.
    pub(crate) sslmode: Option<String>,
    /// Authorities that may sign the server's certificate, or `system`.
    pub(crate) sslrootcert: Option<String>,
    /// The client's certificate.
    pub(crate) sslcert: Option<String>,
    /// Its key.
    pub(crate) sslkey: Option<String>,
    /// What the server process is started with.
    pub(crate) options: Option<String>,
    /// How many seconds each host is waited for.
    #[serde(deserialize_with = "text_or_number")]
    pub(crate) connect_timeout: Option<String>,
    /// Which of several hosts is wanted.
    pub(crate) target_session_attrs: Option<String>,
    /// `random`: not always the first host first.
    pub(crate) load_balance_hosts: Option<String>,
    /// What the server's lists of sessions call us.
    pub(crate) application_name: Option<String>,
    /// A command that opens a port-forward.
    pub(crate) tunnel: Option<String>,
    /// How many seconds it may take.
    pub(crate) tunnel_timeout: Option<u64>,
}

impl Database {
    /// The keys that are parameters of libpq.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (Keyword, &str)> {
        let keys = [
            (Keyword::Host, &self.host),
            (Keyword::HostAddr, &self.hostaddr),
            (Keyword::Port, &self.port),
            (Keyword::User, &self.user),
            (Keyword::Password, &self.password),
            (Keyword::DbName, &self.dbname),
            (Keyword::Service, &self.service),
            (Keyword::PassFile, &self.passfile),
            (Keyword::SslMode, &self.sslmode),
            (Keyword::SslRootCert, &self.sslrootcert),
            (Keyword::SslCert, &self.sslcert),
            (Keyword::SslKey, &self.sslkey),
            (Keyword::Options, &self.options),
            (Keyword::ConnectTimeout, &self.connect_timeout),
            (Keyword::TargetSessionAttrs, &self.target_session_attrs),
            (Keyword::LoadBalanceHosts, &self.load_balance_hosts),
            (Keyword::ApplicationName, &self.application_name),
        ];
        keys.into_iter().filter_map(|(keyword, value)| Some((keyword, value.as_deref()?)))
    }
}

/// `[compare]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Compare {
    /// Patterns of what is compared; everything where there is none.
    pub(crate) include: Vec<String>,
    /// Patterns of what is left out.
    pub(crate) exclude: Vec<String>,
    /// Schemas that are compared; all of the user's where there is none.
    pub(crate) schemas: Vec<String>,
    /// Whether owners and grants are.
    pub(crate) rights: bool,
    /// Whether extensions' versions are, also where nobody asks for one: `pull` then writes those that are
    /// installed, and two databases differ by them.
    pub(crate) extension_versions: bool,
}

/// `[scratch]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Scratch {
    /// `url`, `native`, `embedded`, `server` or `none`; the first that works where it isn't said.
    pub(crate) provider: Option<String>,
    /// A server or database to use.
    pub(crate) url: Option<String>,
    /// A folder with server binaries.
    pub(crate) bin: Option<Utf8PathBuf>,
}

/// `[safety]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Safety {
    /// Whether an unproven candidate is refused.
    pub(crate) require_proof: bool,
    /// Whether models that drop more than half of the database are taken at their word.
    pub(crate) allow_mass_drop: bool,
}

impl Default for Models {
    fn default() -> Self {
        Models { directory: "models".into() }
    }
}

impl Default for Migrations {
    fn default() -> Self {
        Migrations {
            directory: vec!["migrations".into()],
            file_template: limbeck_migrate::file::DEFAULT_TEMPLATE.into(),
            template: None,
            hooks: Vec::new(),
            timezone: "UTC".into(),
            truncate_slug: 40,
            version_table: "limbeck_version".into(),
            version_schema: "public".into(),
            alembic_version: None,
            keep_downgrades: true,
            transaction_per_migration: true,
            lock_timeout: None,
            lock_retries: 5,
            statement_timeout: None,
            run_lock_timeout: None,
            session: BTreeMap::new(),
        }
    }
}

/// The nearest configuration from a folder upwards.
pub(crate) fn nearest(from: &Utf8Path) -> Option<Utf8PathBuf> {
    from.ancestors().map(|folder| folder.join(NAME)).find(|path| path.symlink_metadata().is_ok())
}

/// Reads a configuration.
///
/// # Errors
/// If the file can't be read, or holds something unknown; with file, line and column.
pub(crate) fn read(path: &Utf8Path) -> Result<Config> {
    let mut config = parse(path, &text(path)?)?;
    let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    config.root = folder.to_owned();
    config.path = path.to_owned();
    Ok(config)
}

/// What is in the file.
fn text(path: &Utf8Path) -> Result<String> {
    if path.is_dir() {
        return Err(Failure::usage(format!("{path} is a folder, and no configuration"))
            .help("`limbeck init` writes one; `-c FILE` names one that is elsewhere"));
    }
    let unread = |error: std::io::Error| Failure::usage(format!("can't read {path}: {error}"));
    let bytes = std::fs::read(path).map_err(unread)?;
    limbeck_model::utf8(path, bytes).map_err(|place| {
        let (path, line) = (place.path.to_string(), place.line);
        let snippet = Snippet { path, line, column: Some(place.column), first_line: line, lines: Vec::new() };
        Failure::usage(format!("{path} is not UTF-8", path = place.path))
            .at(snippet)
            .help("save the file as UTF-8")
    })
}

/// Reads the text of one.
pub(crate) fn parse(path: &Utf8Path, text: &str) -> Result<Config> {
    let config: Config = toml::from_str(text).map_err(|error| mistaken(path, text, &error))?;
    if !config.migrations.version_table.starts_with("limbeck_") {
        let key = ["migrations", "version_table"].map(str::to_owned).to_vec();
        let at = byte_of(text, &Key { path: key, words: None }).unwrap_or_default();
        return Err(Failure::usage("the version table's name must begin with `limbeck_`")
            .at(snippet(path, text, at))
            .note("only such names are left out of every comparison"));
    }
    Ok(config)
}

/// What is wrong, and the key that may have been meant.
fn mistaken(path: &Utf8Path, text: &str, error: &toml::de::Error) -> Failure {
    let Some(span) = error.span() else {
        return Failure::usage(error.message().trim_end().to_owned()).note(format!("in {path}"));
    };
    let said = message(text, span.start, error.message().trim_end());
    let mut names = said.split('`').skip(1).step_by(2);
    let written = names.next().filter(|_| said.starts_with("unknown field"));
    let meant = written.and_then(|written| limbeck_migrate::nearest(written, names)).map(str::to_owned);
    let failure = Failure::usage(said.clone()).at(snippet(path, text, span.start));
    match meant {
        Some(meant) => failure.help(format!("did you mean `{meant}`?")),
        None => failure,
    }
}

/// A number stands for its digits: `port = 5432` and `port = "${PGPORT:-5432}"`.
fn text_or_number<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = Option<String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a number, or text")
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
    }
    input.deserialize_any(Visitor)
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<Utf8PathBuf>, D::Error> {
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Vec<Utf8PathBuf>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a folder, or a list of folders")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let folders = std::env::split_paths(text).map(Utf8PathBuf::from_path_buf);
            let folders: Vec<_> = folders.flatten().filter(|folder| !folder.as_str().is_empty()).collect();
            if folders.is_empty() {
                Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
            } else {
                Ok(folders)
            }
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(text) = list.next_element::<String>()? {
                all.push(text.into());
            }
            if all.is_empty() { Err(serde::de::Error::invalid_length(0, &self)) } else { Ok(all) }
        }
    }
    input.deserialize_any(Visitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        parse("limbeck.toml".into(), text)
    }

    #[test]
    fn folders_and_ports_come_in_two_forms() {
        let config = read("[migrations]\ndirectory = ['a', 'b']\n[env.prod]\nport = 5433\n").unwrap();
        assert_eq!(config.migrations.directory.len(), 2);
        assert_eq!(config.env["prod"].port.as_deref(), Some("5433"));
        let config = read("[migrations]\ndirectory = 'a:b/c'\n").unwrap();
        assert_eq!(config.migrations.directory.len(), if cfg!(windows) { 1 } else { 2 });
        let config = read("[migrations]\ndirectory = 'a'\n[database]\nport = '${P:-1}'\n").unwrap();
        assert_eq!(config.migrations.directory, ["a"]);
    }

    #[test]
    fn unknown_keys_are_refused_with_their_place() {
        let failure = read("[migrations]\nversion_tabel = 'x'\n").unwrap_err();
        let snippet = failure.reports[0].snippet.as_ref().unwrap();
        assert_eq!((snippet.line, snippet.column), (2, Some(1)));
        assert!(failure.reports[0].message.contains("version_tabel"));
        assert!(read("[migrations]\nversion_table = 'x'\n").is_err());
    }
}
