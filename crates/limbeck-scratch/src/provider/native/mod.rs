//! Server binaries that are found, and one throwaway cluster a version.
//!
//! The cluster's files stay in the cache folder; its server runs only while somebody uses it. Everybody
//! who does holds a shared lock, which the kernel lets go when a process is killed: the last to leave stops
//! the server, and one that a killed run left behind is used, and then stopped, by the next.
//! Unix only, so far: it needs users, signals and Unix sockets.

mod account;
mod cluster;
mod find;
mod postmaster;

pub use find::{Candidate, candidates};

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

use super::Wanted;
use super::error::{Attempt, Error};
use account::Account;
use cluster::Cluster;

pub(super) use account::user_id;

/// A cluster of ours whose server is running.
#[derive(Debug)]
pub struct Native {
    cluster: Cluster,
    note: Option<String>,
}

impl Native {
    /// Starts, or joins, the cluster of the best binaries there are.
    pub(super) async fn open(bin: Option<&Path>, wanted: &Wanted) -> Result<Self, Error> {
        let found = match bin {
            Some(folder) => find::only(folder),
            None => find::candidates(&wanted.places),
        };
        let mut tried = Vec::new();
        for candidate in find::by_preference(found, wanted.major, wanted.places.bin.as_deref()) {
            match Self::of(&candidate, wanted).await {
                Ok(cluster) => return Ok(Self { cluster, note: note(&candidate, wanted) }),
                Err(e) => {
                    tried.push(Attempt { what: candidate.bin.display().to_string(), why: e.to_string() })
                }
            }
        }
        if tried.is_empty()
            && let Some(folder) = bin
        {
            tried.push(Attempt {
                what: folder.display().to_string(),
                why: "no postgres and initdb that run".to_owned(),
            });
        }
        Err(Error::Unavailable { tried })
    }

    /// The cluster of these binaries, run by the first account that may.
    async fn of(candidate: &Candidate, wanted: &Wanted) -> Result<Cluster, Error> {
        let folder = wanted.places.cache_folder()?.join("clusters");
        fs_err::create_dir_all(&folder).map_err(|source| Error::Io {
            doing: "making",
            path: folder.clone(),
            source,
        })?;
        let account = Account::choose(&candidate.bin, &folder)?;
        Cluster::open(candidate, account, &folder, if wanted.roles { "-roles" } else { "" }).await
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        self.cluster.options()
    }

    pub(super) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(super) async fn close(self) -> Result<(), Error> {
        self.cluster.close().await
    }
}

fn note(candidate: &Candidate, wanted: &Wanted) -> Option<String> {
    let major = wanted.major.filter(|major| *major != candidate.major)?;
    let is_named = |bin: &PathBuf| bin.canonicalize().is_ok_and(|bin| bin == candidate.bin);
    let why = if wanted.places.bin.as_ref().is_some_and(is_named) {
        format!("which was named, and not {major}")
    } else {
        format!("as no server binaries of {major} were found")
    };
    Some(format!("scratch is PostgreSQL {}, {why}", candidate.major))
}
