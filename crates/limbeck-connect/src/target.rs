//! Where to connect, and as whom: everything decided, nothing tried yet.

use std::fmt;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::error::Error;
use crate::host::{self, Host, Way};
use crate::keyword::Keyword;
use crate::parameters::Parameters;
use crate::passfile::{Login, PassFile};
use crate::session::Session;
use crate::settings::Settings;
use crate::startup;
use crate::surroundings::Surroundings;
use crate::tls::Tls;

/// How long a host is waited for where nothing says it. libpq would wait as long as TCP does.
const PATIENCE: Duration = Duration::from_secs(15);

/// A database, and the way to it.
#[derive(Debug, Clone)]
pub struct Target {
    pub(crate) hosts: Vec<(Host, Secret)>,
    pub(crate) user: String,
    pub(crate) session: Session,
    pub(crate) shuffled: bool,
    /// How long each host is waited for; for ever if there is nothing.
    pub(crate) timeout: Option<Duration>,
    pub(crate) tls: Tls,
    dbname: String,
    application_name: String,
    options: Vec<(String, String)>,
    warnings: Vec<String>,
}

/// A password, which shows itself to nobody.
#[derive(Clone, Default)]
pub(crate) struct Secret(Option<String>);

impl Secret {
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_there() { "…" } else { "none" })
    }
}

impl Target {
    /// From a URL or a `key=value` string, and behind it service, environment and password file.
    ///
    /// # Errors
    /// If the text, or what is behind it, is wrong or can't be had.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Target::new(&Parameters::parse(text)?, &Surroundings::from_env())
    }

    /// From the environment alone.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub fn from_env() -> Result<Self, Error> {
        Target::new(&Parameters::default(), &Surroundings::from_env())
    }

    /// From parameters, and what is behind them.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub fn new(parameters: &Parameters, surroundings: &Surroundings) -> Result<Self, Error> {
        let settings = Settings::resolve(parameters, surroundings)?;
        settings.refuse_unsupported()?;
        let mut warnings = Vec::new();
        let user = settings.get(Keyword::User).map_or_else(system_user, str::to_owned);
        let dbname = settings.get(Keyword::DbName).unwrap_or(&user).to_owned();
        let hosts = host::hosts(&settings, surroundings)?;
        let tls = Tls::plan(&settings, surroundings, &hosts, &mut warnings)?;
        let name = settings.get(Keyword::ApplicationName).or(settings.get(Keyword::FallbackApplicationName));
        Ok(Target {
            hosts: with_passwords(hosts, &settings, surroundings, (&user, &dbname), &mut warnings),
            session: Session::of(&settings)?,
            shuffled: shuffled(&settings)?,
            timeout: timeout(&settings)?,
            application_name: name.unwrap_or("limbeck").to_owned(),
            options: startup::options(&settings, surroundings, &mut warnings)?,
            tls,
            user,
            dbname,
            warnings,
        })
    }

    /// What somebody should know who connects so: an open password file, a mode that verifies little.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The database and its hosts, without user and password.
    pub fn place(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(|(host, _)| host.place()).collect();
        format!("{} on {}", self.dbname, hosts.join(", "))
    }

    /// The database's name.
    pub fn dbname(&self) -> &str {
        &self.dbname
    }

    /// The role's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The same, with each host waited for no longer than this.
    #[must_use]
    pub fn at_most(&self, patience: Duration) -> Self {
        let timeout = Some(self.timeout.map_or(patience, |timeout| timeout.min(patience)));
        Target { timeout, ..self.clone() }
    }

    /// The driver's options for a host and a way to use TLS. Whatever the driver reads from the environment
    /// by itself is set again here.
    pub(crate) fn driver_options(&self, host: &Host, password: &Secret, mode: PgSslMode) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .port(host.port)
            .username(&self.user)
            .password(password.0.as_deref().unwrap_or_default())
            .database(&self.dbname)
            .application_name(&self.application_name)
            .disable_statement_logging();
        let options = match self.options.is_empty() {
            true => options,
            false => options.options(self.options.iter().map(|(name, value)| (name, value))),
        };
        match &host.way {
            Way::Socket(folder) => {
                let options = options.host(&folder.to_string_lossy()).socket(folder);
                Tls::none().apply(options, PgSslMode::Disable)
            }
            Way::Tcp(name) => self.tls.apply(options.host(name), mode),
        }
    }
}

/// Each host with its password: the one that was given, or the password file's.
fn with_passwords(
    hosts: Vec<Host>,
    settings: &Settings<'_>,
    surroundings: &Surroundings,
    (user, dbname): (&str, &str),
    warnings: &mut Vec<String>,
) -> Vec<(Host, Secret)> {
    if let Some(password) = settings.get(Keyword::Password) {
        return hosts.into_iter().map(|host| (host, Secret(Some(password.to_owned())))).collect();
    }
    let file = PassFile::read(settings.get(Keyword::PassFile), surroundings, warnings);
    let with = |host: Host| {
        let login = Login { host: host.known_as(), port: host.port, dbname, user };
        let password = file.password(login, surroundings);
        (host, Secret(password))
    };
    hosts.into_iter().map(with).collect()
}

/// The operating system's name of the user, as the driver finds it.
fn system_user() -> String {
    PgConnectOptions::new_without_pgpass().get_username().to_owned()
}

fn shuffled(settings: &Settings<'_>) -> Result<bool, Error> {
    match settings.get(Keyword::LoadBalanceHosts) {
        None | Some("disable") => Ok(false),
        Some("random") => Ok(true),
        Some(_) => Err(settings.invalid(Keyword::LoadBalanceHosts, "it is disable or random")),
    }
}

fn timeout(settings: &Settings<'_>) -> Result<Option<Duration>, Error> {
    let Some(text) = settings.get(Keyword::ConnectTimeout) else { return Ok(Some(PATIENCE)) };
    let expected = "it is a number of seconds; 0 waits for ever";
    let seconds: i64 =
        text.trim().parse().map_err(|_| settings.invalid(Keyword::ConnectTimeout, expected))?;
    Ok(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs))
}
