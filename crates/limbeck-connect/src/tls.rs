//! `sslmode` and certificates with libpq's meaning, as tries of what the driver can do.
//!
//! The driver's `allow` is plaintext and its `require` verifies nothing, so each mode is a list of tries, each
//! with a driver's mode that does exactly what is meant.

use std::path::PathBuf;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::error::Error;
use crate::host::{Host, Way};
use crate::keyword::Keyword;
use crate::settings::Settings;
use crate::surroundings::Surroundings;

/// How to speak with a server, and what to show it.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    /// In order; the driver's mode, and its name where there are several.
    pub(crate) tries: Vec<(PgSslMode, Option<&'static str>)>,
    root: Option<PathBuf>,
    client: Option<(PathBuf, PathBuf)>,
}

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Tls {
    /// None at all, as on Unix sockets.
    pub(crate) fn none() -> Self {
        Tls { tries: vec![(PgSslMode::Disable, None)], root: None, client: None }
    }

    /// What the settings ask for.
    pub(crate) fn plan(
        settings: &Settings<'_>,
        surroundings: &Surroundings,
        hosts: &[Host],
        warnings: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let mode = mode(settings)?;
        if mode == Mode::Disable || hosts.iter().all(|host| matches!(host.way, Way::Socket(_))) {
            return Ok(Tls::none());
        }
        let root = root(settings, surroundings, mode)?;
        let verified = match (mode, &root) {
            (Mode::VerifyFull, _) => PgSslMode::VerifyFull,
            // With authorities at hand libpq verifies in every mode.
            (_, Some(_)) => PgSslMode::VerifyCa,
            (_, None) => PgSslMode::Require,
        };
        if mode == Mode::VerifyFull {
            refuse_hidden_names(settings, hosts)?;
        }
        if matches!(verified, PgSslMode::VerifyCa) && mode == Mode::VerifyCa {
            warnings.push(
                "sslmode=verify-ca takes certificates of the system's authorities too, for any host: \
                 verify-full also compares the name"
                    .into(),
            );
        }
        let tries = match mode {
            Mode::Disable => vec![(PgSslMode::Disable, None)],
            Mode::Allow => vec![(PgSslMode::Disable, Some("without TLS")), (verified, Some("with TLS"))],
            // The driver's `prefer` asks the server, and saves a connection where it has no TLS.
            Mode::Prefer if matches!(verified, PgSslMode::Require) => {
                vec![
                    (PgSslMode::Prefer, Some("with TLS if there is any")),
                    (PgSslMode::Disable, Some("without TLS")),
                ]
            }
            Mode::Prefer => vec![(verified, Some("with TLS")), (PgSslMode::Disable, Some("without TLS"))],
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => vec![(verified, None)],
        };
        Ok(Tls { tries, root, client: client(settings, surroundings)? })
    }

    /// Sets the driver's options for a try.
    pub(crate) fn apply(&self, options: PgConnectOptions, mode: PgSslMode) -> PgConnectOptions {
        let options = options.ssl_mode(mode);
        let options = match &self.root {
            Some(root) => options.ssl_root_cert(root),
            // None, in place of what the driver took from PGSSLROOTCERT by itself.
            None => options.ssl_root_cert_from_pem(Vec::new()),
        };
        match &self.client {
            Some((certificate, key)) => options.ssl_client_cert(certificate).ssl_client_key(key),
            None => options,
        }
    }
}

fn mode(settings: &Settings<'_>) -> Result<Mode, Error> {
    let system = settings.get(Keyword::SslRootCert) == Some("system");
    let mode = match settings.get(Keyword::SslMode) {
        None if settings.get(Keyword::RequireSsl).is_some_and(|v| v.starts_with('1')) => Mode::Require,
        None if system => Mode::VerifyFull,
        None | Some("prefer") => Mode::Prefer,
        Some("disable") => Mode::Disable,
        Some("allow") => Mode::Allow,
        Some("require") => Mode::Require,
        Some("verify-ca") => Mode::VerifyCa,
        Some("verify-full") => Mode::VerifyFull,
        Some(_) => {
            let modes = "it is one of disable, allow, prefer, require, verify-ca, verify-full";
            return Err(settings.invalid(Keyword::SslMode, modes));
        }
    };
    // As in libpq: whoever has a certificate of any authority in the world would pass.
    if system && mode != Mode::VerifyFull && mode != Mode::Disable {
        return Err(settings.invalid(Keyword::SslMode, "sslrootcert=system wants verify-full"));
    }
    Ok(mode)
}

/// The file of authorities: the one that is named, or the one at home; only if it is there.
fn root(settings: &Settings<'_>, around: &Surroundings, mode: Mode) -> Result<Option<PathBuf>, Error> {
    let named = settings.get(Keyword::SslRootCert);
    if named == Some("system") {
        return Ok(None);
    }
    let path = named.map(PathBuf::from).or_else(|| around.at_home(".postgresql/root.crt"));
    let found = path.clone().filter(|path| path.exists());
    if found.is_none() && matches!(mode, Mode::VerifyCa | Mode::VerifyFull) {
        return Err(Error::File {
            what: "the root certificate",
            path: path.unwrap_or_else(|| "~/.postgresql/root.crt".into()),
            why: "is not there: name it by sslrootcert, or trust the system's by sslrootcert=system".into(),
        });
    }
    Ok(found)
}

/// The driver compares the certificate with what it connects to, and with `hostaddr` that isn't the name.
fn refuse_hidden_names(settings: &Settings<'_>, hosts: &[Host]) -> Result<(), Error> {
    match hosts.iter().any(Host::hides_name) {
        true => Err(settings.unsupported(
            Keyword::HostAddr,
            "sslmode=verify-full compares the certificate with the name that is connected to: use `host` alone",
        )),
        false => Ok(()),
    }
}

/// The client's certificate and key, if there is one.
fn client(settings: &Settings<'_>, around: &Surroundings) -> Result<Option<(PathBuf, PathBuf)>, Error> {
    let path =
        |keyword, at_home| settings.get(keyword).map(PathBuf::from).or_else(|| around.at_home(at_home));
    let certificate = path(Keyword::SslCert, ".postgresql/postgresql.crt").filter(|path| path.exists());
    let wanted = settings.get(Keyword::SslCertMode) != Some("disable");
    let Some(certificate) = certificate.filter(|_| wanted) else { return without_client(around) };
    let key = path(Keyword::SslKey, ".postgresql/postgresql.key").unwrap_or_default();
    let wrong = |why: &str| Err(Error::File { what: "the key", path: key.clone(), why: why.to_owned() });
    let Ok(text) = fs_err::read(&key) else {
        return wrong(&format!("of the certificate {} can't be read", certificate.display()));
    };
    if text.windows(9).any(|window| window == b"ENCRYPTED") {
        return wrong("is encrypted, and keys with a password can't be used: decrypt it (`openssl pkey`)");
    }
    if is_open(&key) {
        return wrong("can be read by others: `chmod 600` it");
    }
    Ok(Some((certificate, key)))
}

/// The driver takes both variables by itself, and can't be told not to.
fn without_client(around: &Surroundings) -> Result<Option<(PathBuf, PathBuf)>, Error> {
    match ["PGSSLCERT", "PGSSLKEY"].iter().find(|name| around.variable(name).is_some()) {
        Some(name) => Err(Error::Unsupported {
            keyword: (*name).to_owned(),
            why: "it is set, but there is no certificate to use: unset it, or name a file that is there"
                .into(),
        }),
        None => Ok(None),
    }
}

/// libpq wants 0600 of the user's own keys, and 0640 of root's.
#[cfg(unix)]
fn is_open(key: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(metadata) = fs_err::metadata(key) else { return false };
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    let forbidden = if metadata.uid() == 0 && !own { 0o037 } else { 0o077 };
    metadata.mode() & forbidden != 0
}

#[cfg(not(unix))]
fn is_open(_: &std::path::Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::hosts;
    use crate::parameters::Parameters;

    fn plan(text: &str, variables: &[(&str, &str)]) -> Result<Tls, Error> {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let surroundings = Surroundings { variables, ..Surroundings::default() };
        let parameters = Parameters::parse(text)?;
        let settings = Settings::resolve(&parameters, &surroundings)?;
        let hosts = hosts(&settings, &surroundings)?;
        Tls::plan(&settings, &surroundings, &hosts, &mut Vec::new())
    }

    fn tries(text: &str, variables: &[(&str, &str)]) -> String {
        match plan(text, variables) {
            Ok(tls) => tls.tries.iter().map(|(mode, _)| format!("{mode:?}")).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_mode_is_tries_that_mean_the_same() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for (mode, bare, with_root) in [
            ("disable", "Disable", "Disable"),
            ("allow", "Disable Require", "Disable VerifyCa"),
            ("prefer", "Prefer Disable", "VerifyCa Disable"),
            ("require", "Require", "VerifyCa"),
            ("verify-ca", "the root certificate ~/.postgresql/root.crt is not there", "VerifyCa"),
            ("verify-full", "the root certificate ~/.postgresql/root.crt is not there", "VerifyFull"),
            ("yes", "\"yes\" is no sslmode", "\"yes\" is no sslmode"),
        ] {
            let said = tries(&format!("host=h sslmode={mode}"), &[]);
            assert!(said.starts_with(bare), "{mode}: {said}");
            let said = tries(&format!("host=h sslmode={mode} sslrootcert={root}"), &[]);
            assert!(said.starts_with(with_root), "{mode} with a root: {said}");
        }
    }

    #[test]
    fn the_exceptions() {
        for (text, variables, expected) in [
            ("host=/run", &[][..], "Disable"),
            ("host=/run sslmode=verify-full", &[], "Disable"),
            ("host=h", &[("PGSSLMODE", "require")], "Require"),
            ("host=h", &[("PGREQUIRESSL", "1")], "Require"),
            ("host=h sslrootcert=system", &[], "VerifyFull"),
            ("host=h sslrootcert=system sslmode=require", &[], "\"require\" is no sslmode"),
            ("host=h sslrootcert=system hostaddr=::1", &[], "hostaddr=::1 can't be had"),
            ("host=h sslcert=/nowhere", &[], "Prefer Disable"),
            ("host=h", &[("PGSSLCERT", "/nowhere")], "PGSSLCERT can't be had"),
        ] {
            let said = tries(text, variables);
            assert!(said.starts_with(expected), "{text}: {said}");
        }
    }
}
