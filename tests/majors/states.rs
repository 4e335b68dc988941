//! The states: scripts, and the major from which on each can be run.

use std::path::{Path, PathBuf};

/// A state of a database.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) name: String,
    /// Run one after the other.
    pub(crate) scripts: Vec<String>,
    /// The first major that has what is in it.
    pub(crate) needs: u16,
}

/// The scripts of our own, by the major that they need.
const OURS: [(u16, &str); 5] = [
    (14, include_str!("14.sql")),
    (15, include_str!("15.sql")),
    (16, include_str!("16.sql")),
    (17, include_str!("17.sql")),
    (18, include_str!("18.sql")),
];

impl State {
    /// The richest state that a server of this major can have.
    pub(crate) fn rich(major: u16) -> Self {
        let scripts = OURS.iter().filter(|(needs, _)| *needs <= major).map(|(_, text)| (*text).to_owned());
        Self { name: "a rich state".to_owned(), scripts: scripts.collect(), needs: 14 }
    }

    /// The states of all fixtures.
    pub(crate) fn of_fixtures() -> Vec<Self> {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures"));
        folders(root).iter().flat_map(|area| folders(area)).flat_map(|folder| states(&folder)).collect()
    }
}

fn states(folder: &Path) -> Vec<State> {
    let text = |file: &str| fs_err::read_to_string(folder.join(file)).ok();
    let expect = text("expect.txt").unwrap_or_default();
    let needs = expect.lines().find_map(|l| l.strip_prefix("needs:")?.trim().parse().ok()).unwrap_or(14);
    let last = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let state = |file: &str| {
        let scripts = vec![text(file).filter(|text| !text.trim().is_empty())?];
        Some(State { name: format!("{last}/{file}"), scripts, needs })
    };
    ["before.sql", "after.sql"].into_iter().filter_map(state).collect()
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(root).map(|entries| entries.flatten().map(|e| e.path()).collect());
    let mut folders: Vec<PathBuf> = entries.unwrap_or_default();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}
