//! Where binaries are looked for, and where clusters are kept.
//!
//! The environment is read in [`Places::from_env`] alone, which the command line calls; a test gives its own.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::Error;

/// The surroundings of a run, as far as scratch servers are concerned.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// A folder with server binaries that goes before all others (`LIMBECK_PG_BIN`); the word `embedded`
    /// stands for the server inside this program.
    pub bin: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
    /// The cache folder, where it is not the user's usual one (`LIMBECK_CACHE`).
    pub cache: Option<PathBuf>,
    /// `XDG_CACHE_HOME`.
    pub xdg_cache_home: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
}

impl Places {
    /// What the environment says.
    pub fn from_env() -> Self {
        let folder = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        Self {
            bin: folder("LIMBECK_PG_BIN"),
            path: env::var_os("PATH"),
            cache: folder("LIMBECK_CACHE"),
            xdg_cache_home: folder("XDG_CACHE_HOME").filter(|p| p.is_absolute()),
            home: folder("HOME"),
        }
    }

    /// Whether the server inside this program is asked for.
    pub(super) fn wants_embedded(&self) -> bool {
        self.bin.as_deref() == Some(Path::new("embedded"))
    }

    /// The folder that keeps clusters and fetched binaries; it is made if it isn't there.
    ///
    /// The server refuses to run as root, and the user that it runs as can't enter root's home: so root's
    /// cache lies under `/var`.
    ///
    /// # Errors
    /// When none of the folders that come into question can be made.
    pub fn cache_folder(&self) -> Result<PathBuf, Error> {
        let options = self.cache_options();
        let mut failed = None;
        for folder in &options {
            match fs_err::create_dir_all(folder) {
                Ok(()) => return Ok(folder.clone()),
                Err(source) => {
                    failed.get_or_insert(Error::Io { doing: "making", path: folder.clone(), source });
                }
            }
        }
        Err(failed.unwrap_or(Error::Unavailable { tried: Vec::new() }))
    }

    fn cache_options(&self) -> Vec<PathBuf> {
        if let Some(cache) = &self.cache {
            return vec![cache.clone()];
        }
        let user = super::native::user_id();
        let last = env::temp_dir().join(format!("limbeck-{user}"));
        if user == 0 {
            return vec![PathBuf::from("/var/cache/limbeck"), last];
        }
        let mut options: Vec<_> = self.xdg_cache_home.iter().map(|x| x.join("limbeck")).collect();
        options.extend(self.home.iter().map(|h| h.join(".cache").join("limbeck")));
        options.push(last);
        options
    }

    /// Where `cargo xtask postgres` puts the binaries of a major version.
    ///
    /// # Errors
    /// As [`Places::cache_folder`].
    pub fn fetched(&self) -> Result<PathBuf, Error> {
        Ok(self.cache_folder()?.join("postgres"))
    }

    /// The folders of `PATH`.
    pub(super) fn path_folders(&self) -> Vec<PathBuf> {
        self.path.iter().flat_map(env::split_paths).filter(|p| p.is_absolute()).collect()
    }

    /// The folder for a socket of the cluster in `cluster`: there, or, where that path would be longer than
    /// the system takes (about 107 bytes), in the temporary folder.
    pub(super) fn socket_folder(cluster: &Path, key: &str) -> PathBuf {
        const LONGEST: usize = 103 - "/.s.PGSQL.5432".len();
        let near = cluster.join("s");
        if near.as_os_str().len() <= LONGEST {
            return near;
        }
        PathBuf::from(format!("/tmp/limbeck-{}-{key}", super::native::user_id()))
    }
}
