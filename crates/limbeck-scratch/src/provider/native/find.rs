//! Where server binaries are, in the order in which they are believed: named by the user, on `PATH`,
//! in the well-known places of distributions, fetched by `cargo xtask postgres`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::provider::Places;

/// A folder that holds `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The folder.
    pub bin: PathBuf,
    /// The major version.
    pub major: u16,
    /// The version as `postgres --version` says it: `15.18`, `18beta1`.
    pub version: String,
}

/// Folders in which each of the parts `*` stands for any one name.
const WELL_KNOWN: &[&str] = &[
    "/usr/lib/postgresql/*/bin",                       // Debian, Ubuntu
    "/usr/pgsql-*/bin",                                // Red Hat, from PGDG
    "/usr/lib/postgresql*/bin",                        // SUSE
    "/usr/libexec/postgresql*",                        // Alpine
    "/opt/homebrew/opt/postgresql@*/bin",              // Homebrew
    "/usr/local/opt/postgresql@*/bin",                 // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin", // Homebrew on Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/opt/local/lib/postgresql*/bin", // MacPorts
    "/usr/local/pgsql/bin",           // PostgreSQL's own default
];

/// All server binaries of this machine, each folder once.
pub fn candidates(places: &Places) -> Vec<Candidate> {
    let mut folders: Vec<PathBuf> = places.bin.iter().cloned().collect();
    folders.extend(places.path_folders().iter().filter_map(|f| real_folder(f)));
    folders.extend(WELL_KNOWN.iter().flat_map(|pattern| expand(Path::new(pattern))));
    folders.extend(places.fetched().iter().flat_map(|f| expand(&f.join("*/bin"))));

    let mut found: Vec<Candidate> = Vec::new();
    for folder in folders {
        let folder = folder.canonicalize().unwrap_or(folder);
        if found.iter().all(|c| c.bin != folder) {
            found.extend(look(&folder));
        }
    }
    found
}

/// The binaries of this folder and no others.
pub(super) fn only(folder: &Path) -> Vec<Candidate> {
    look(folder).into_iter().collect()
}

/// The folder that the user named first; then the wanted major, then newer ones (which read what older ones
/// read), then older ones, each the nearest first. Stable: what was found first goes first.
pub(super) fn by_preference(
    mut found: Vec<Candidate>,
    wanted: Option<u16>,
    named: Option<&Path>,
) -> Vec<Candidate> {
    let named = named.map(|folder| folder.canonicalize().unwrap_or(folder.to_owned()));
    found.sort_by_key(|c| {
        let others = named.as_ref().is_none_or(|named| c.bin != *named);
        match wanted {
            None => (others, 0, u16::MAX - c.major),
            Some(w) => (others, u8::from(c.major < w), c.major.abs_diff(w)),
        }
    });
    found
}

fn look(folder: &Path) -> Option<Candidate> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let said = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let version = version_in(&String::from_utf8_lossy(&said.stdout))?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some(Candidate { bin: folder.to_owned(), major: digits.parse().ok()?, version })
}

/// `15.18` out of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version_in(said: &str) -> Option<String> {
    said.split_whitespace().find(|w| w.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}

/// The folder where the programs of a `PATH` folder really are: what stands in `/usr/local/bin` is often a
/// link. (Debian's `psql` is a link to a wrapper of another package, so only server programs are followed.)
fn real_folder(folder: &Path) -> Option<PathBuf> {
    let program = ["postgres", "initdb", "pg_ctl"].iter().map(|p| folder.join(p)).find(|p| p.is_file())?;
    Some(program.canonicalize().ok()?.parent()?.to_owned())
}

/// The folders that a pattern stands for, in the order of their names, newest last in most.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::new()];
    for part in pattern {
        let part = part.to_string_lossy();
        folders = match part.split_once('*') {
            None => folders.into_iter().map(|f| f.join(&*part)).collect(),
            Some((head, tail)) => folders.iter().flat_map(|f| named(f, head, tail)).collect(),
        };
    }
    folders.retain(|f| f.is_dir());
    folders
}

fn named(folder: &Path, head: &str, tail: &str) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut folders: Vec<_> = entries
        .flatten()
        .filter(|e| {
            let name = e.file_name();
            let name = name.to_string_lossy();
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        })
        .map(|e| e.path())
        .collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(major: u16) -> Candidate {
        Candidate { bin: format!("/{major}").into(), major, version: major.to_string() }
    }

    fn order(majors: &[u16], wanted: Option<u16>) -> Vec<u16> {
        let found = majors.iter().map(|m| candidate(*m)).collect();
        by_preference(found, wanted, None).iter().map(|c| c.major).collect()
    }

    #[test]
    fn the_wanted_major_goes_first_then_newer_then_older() {
        assert_eq!(order(&[13, 14, 18, 15, 17], Some(15)), [15, 17, 18, 14, 13]);
        assert_eq!(order(&[13, 14], Some(15)), [14, 13]);
        assert_eq!(order(&[14, 17, 15], None), [17, 15, 14]);
    }

    #[test]
    fn a_folder_that_was_named_goes_before_all() {
        let found = vec![candidate(14), candidate(15), candidate(18)];
        for wanted in [None, Some(15)] {
            let first = by_preference(found.clone(), wanted, Some(Path::new("/14")));
            assert_eq!(first[0].major, 14, "{wanted:?}");
        }
    }

    #[test]
    fn versions_are_read_out_of_what_the_server_says() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(version_in(debian).as_deref(), Some("15.18"));
        assert_eq!(version_in("postgres (PostgreSQL) 18beta1\n").as_deref(), Some("18beta1"));
        assert_eq!(version_in("no such thing"), None);
    }

    #[test]
    fn patterns_expand_to_folders_that_are_there() {
        let root = std::env::temp_dir().join(format!("limbeck-find-{}", std::process::id()));
        for name in ["lib/15/bin", "lib/17/bin", "lib/notes"] {
            fs_err::create_dir_all(root.join(name)).expect("a folder");
        }
        let found = expand(&root.join("lib/*/bin"));
        fs_err::remove_dir_all(&root).expect("removed");
        assert_eq!(found, [root.join("lib/15/bin"), root.join("lib/17/bin")]);
    }
}
