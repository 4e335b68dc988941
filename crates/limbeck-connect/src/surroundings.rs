//! What lies around a run: `PG…` variables and the home folder. A test gives its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variables and folders that connections depend on.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// Environment variables by name; all those that begin with `PG`.
    pub variables: BTreeMap<String, String>,
    /// The home folder, where `.pgpass`, `.pg_service.conf` and `.postgresql` are.
    pub home: Option<PathBuf>,
    /// Folders in which a socket may be when no host is named, the likeliest first.
    pub sockets: Vec<PathBuf>,
}

impl Surroundings {
    /// What the process has. Variables that aren't UTF-8 are as if not set.
    pub fn from_env() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| name.starts_with("PG"))?;
            Some((name, value.into_string().ok()?))
        });
        Surroundings {
            variables: variables.collect(),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            // Debian's and Red Hat's, then libpq's own.
            sockets: ["/var/run/postgresql", "/tmp"].map(PathBuf::from).into(),
        }
    }

    /// A variable's value.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A file or folder in the home folder.
    pub(crate) fn at_home(&self, name: &str) -> Option<PathBuf> {
        Some(self.home.as_ref()?.join(name))
    }

    /// The socket folder for a port: the one that has the socket, else the first that is there.
    pub(crate) fn socket(&self, port: u16) -> PathBuf {
        let holds = |folder: &&PathBuf| folder.join(format!(".s.PGSQL.{port}")).exists();
        let found = self.sockets.iter().find(holds).or_else(|| self.sockets.iter().find(|f| f.is_dir()));
        found.cloned().unwrap_or_else(|| "/tmp".into())
    }

    /// Whether a socket in this folder counts as `localhost` in a password file.
    pub(crate) fn is_default_socket(&self, folder: &str) -> bool {
        self.sockets.iter().any(|socket| socket == Path::new(folder))
    }
}

impl std::fmt::Debug for Surroundings {
    /// Without values, one of which may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.variables.keys().collect();
        f.debug_struct("Surroundings").field("variables", &names).field("home", &self.home).finish()
    }
}
