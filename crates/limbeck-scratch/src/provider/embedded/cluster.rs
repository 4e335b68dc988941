//! A cluster's files: made once for the user's cache, copied for each database.

use std::path::{Path, PathBuf};

use oliphaunt_wasix::DatabaseStorage;
use oliphaunt_wasix::session::{CatalogProfile, PreparedDatabase};

use super::{NAME, VERSION_TEXT};
use crate::provider::error::Error;
use crate::provider::owned::{Owned, io};

/// A fresh cluster, made if there is none yet: `initdb` takes a hundred times as long as a copy.
pub(super) fn template(cache: &Path) -> Result<PathBuf, Error> {
    let home = cache.join("embedded");
    fs_err::create_dir_all(&home).map_err(|source| io("making", &home, source))?;
    let template = home.join(VERSION_TEXT);
    if template.exists() {
        return Ok(template);
    }
    // What a killed run has half made goes with the next that makes one.
    let new = Owned::new(&home, ".new-")?;
    let made = make(&new.folder().join("cluster"), &template);
    new.remove()?;
    made.map(|()| template)
}

fn make(cluster: &Path, template: &Path) -> Result<(), Error> {
    let mut prepared = open(cluster)?;
    prepared.release().map_err(|e| Error::Embedded { why: format!("{e:#}") })?;
    match fs_err::rename(cluster, template) {
        // Another run was faster.
        Err(_) if template.exists() => Ok(()),
        done => done.map_err(|source| io("making", template, source)),
    }
}

/// Takes hold of a cluster; where the folder isn't there, it becomes one.
pub(super) fn open(cluster: &Path) -> Result<PreparedDatabase, Error> {
    let storage = DatabaseStorage::Directory(cluster.to_owned());
    PreparedDatabase::prepare(storage, CatalogProfile::Standard, NAME)
        .map_err(|e| Error::Embedded { why: format!("{e:#}") })
}

/// Copies a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    copy_folder(from, to).map_err(|source| io("copying", from, source))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs_err::create_dir(to)?;
    // The server refuses a folder that others may enter.
    fs_err::set_permissions(to, fs_err::metadata(from)?.permissions())?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs_err::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
