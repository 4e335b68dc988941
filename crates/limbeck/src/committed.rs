//! Whether files are as they were committed. What rewrites revisions asks first: what git has can be had
//! back, and what a merge left half-way belongs to nobody yet.

use std::process::Command;

use camino::Utf8Path;

use crate::exit::{Code, Failure, Result};

/// What a file that git does not know is to those who rewrite it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Nobody else has seen it, and its SQL stays.
    Fine,
    /// It would be gone.
    Refused,
}

/// Refuses files with changes that are not committed. Outside of git, or without it, nothing is known.
pub(crate) fn refuse_changes(files: &[&Utf8Path], unknown: Unknown) -> Result<()> {
    let changed: Vec<(String, String)> = status(files)
        .into_iter()
        .filter(|(state, _)| state != "!!" && (state != "??" || unknown == Unknown::Refused))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let words = |state: &str| match state {
        "??" => "not committed yet",
        state if is_merging(state) => "in the middle of a merge",
        _ => "changed since the last commit",
    };
    let failure = Failure::new(Code::Safety, "revisions that would be rewritten have changes of their own");
    Err(changed
        .iter()
        .fold(failure, |failure, (state, path)| failure.note(format!("{path}: {}", words(state))))
        .help("commit them (or put them back) first, so that git can bring them back")
        .help("`--allow-dirty` goes on without"))
}

/// Refuses files that a merge left for somebody to resolve.
pub(crate) fn refuse_merging(files: &[&Utf8Path]) -> Result<()> {
    let merging: Vec<_> = status(files).into_iter().filter(|(state, _)| is_merging(state)).collect();
    if merging.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(Code::Safety, "revisions are in the middle of a merge");
    Err(merging
        .into_iter()
        .fold(failure, |failure, (_, path)| failure.note(path))
        .help("resolve them first: what is in them now is nobody's"))
}

fn is_merging(state: &str) -> bool {
    matches!(state, "DD" | "AU" | "UD" | "UA" | "DU" | "AA" | "UU")
}

/// The files that are not as committed, each with git's two letters.
fn status(files: &[&Utf8Path]) -> Vec<(String, String)> {
    let Some(folder) = files.first().and_then(|file| file.parent()) else { return Vec::new() };
    let folder = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let names = files.iter().filter_map(|file| file.canonicalize_utf8().ok());
    let out = Command::new("git")
        .args([
            "-C",
            folder.as_str(),
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--",
        ])
        .args(names)
        .output();
    let Ok(out) = out else { return Vec::new() };
    if !out.status.success() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let entries = text.split('\0').filter(|entry| entry.len() > 3);
    entries.map(|entry| (entry[..2].to_owned(), entry[3..].to_owned())).collect()
}
