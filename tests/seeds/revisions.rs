//! The revisions of a page, and the ids, names and dates that the page shows for them.
//!
//! Ids are random, and dates are those of the run. The page shows, for the first revision that comes to be,
//! always the same id, and so on, and dates of days in a row: it would be another page after each run
//! otherwise.

use std::path::{Path, PathBuf};

use jiff::ToSpan as _;
use jiff::civil::{DateTime, date, time};

/// The dates that `file_template` may put first, longest first.
const STAMPS: [&str; 6] =
    ["%Y_%m_%d_%H%M%S", "%Y_%m_%d_%H%M", "%Y-%m-%d_%H%M", "%Y%m%d%H%M%S", "%Y-%m-%d", "%Y%m%d"];

/// What a revision file is, and what the page shows of it.
#[derive(Clone, Debug)]
struct File {
    id: String,
    path: PathBuf,
    created: DateTime,
    shown_id: String,
    shown_name: String,
    shown_created: DateTime,
}

/// All revision files that were ever seen in a project.
#[derive(Debug)]
pub(crate) struct Revisions {
    page: String,
    files: Vec<File>,
}

impl Revisions {
    pub(crate) fn of(page: &str) -> Self {
        Self { page: page.to_owned(), files: Vec::new() }
    }

    /// Looks for files that have come.
    pub(crate) fn look(&mut self, folder: &Path) -> Result<(), String> {
        let mut come: Vec<(DateTime, PathBuf, String)> = Vec::new();
        for path in files_below(folder)? {
            let text = fs_err::read_to_string(&path).map_err(|e| e.to_string())?;
            let Some((id, created)) = header(&text) else { continue };
            if !self.files.iter().any(|f| f.path == path && f.id == id) {
                come.push((created, path, id));
            }
        }
        come.sort();
        come.into_iter().for_each(|(created, path, id)| self.add(id, path, created));
        Ok(())
    }

    fn add(&mut self, id: String, path: PathBuf, created: DateTime) {
        // A file that was moved, or one of several in copies of the project, is the revision it was.
        let same = self.files.iter().find(|f| f.id == id && f.created == created);
        let shown_created = same.map(|f| f.shown_created);
        let mut dates: Vec<DateTime> = self.files.iter().map(|f| f.shown_created).collect();
        dates.sort();
        dates.dedup();
        let shown_created = shown_created.unwrap_or_else(|| day(dates.len()));
        let known = self.files.iter().find(|f| f.id == id).map(|f| f.shown_id.clone());
        let shown_id = known.unwrap_or_else(|| self.next_id(&id));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stamp = |format: &&&str| name.starts_with(&created.strftime(format).to_string());
        let shown_name = match STAMPS.iter().find(stamp) {
            Some(format) => {
                let rest = &name[created.strftime(format).to_string().len()..];
                format!("{}{rest}", shown_created.strftime(format))
            }
            None => name,
        };
        let shown_name = shown_name.replace(&id, &shown_id);
        self.files.push(File { id, path, created, shown_id, shown_name, shown_created });
    }

    /// The id shown for the next revision; an id that was chosen is shown as it is.
    fn next_id(&self, id: &str) -> String {
        if id.len() != 12 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return id.to_owned();
        }
        let mut ids: Vec<&str> = self.files.iter().map(|f| f.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        format!("{:012x}", hash(&format!("{}/{}", self.page, ids.len())) >> 16)
    }

    /// What is to be put for what, in what commands say: names, then ids.
    pub(crate) fn to_shown(&self) -> Vec<(String, String)> {
        let name = |f: &File| f.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names = self.files.iter().map(|f| (name(f), f.shown_name.clone()));
        names.chain(self.files.iter().map(|f| (f.id.clone(), f.shown_id.clone()))).collect()
    }

    /// The date shown for one of a revision's header.
    pub(crate) fn created(&self, at: DateTime) -> Option<DateTime> {
        self.files.iter().find(|f| f.created == at).map(|f| f.shown_created)
    }

    /// The date shown for something that happened: some minutes after the last revision before it.
    pub(crate) fn happened(&self, at: DateTime) -> DateTime {
        let before = self.files.iter().filter(|f| f.created <= at).map(|f| f.shown_created).max();
        before.unwrap_or_else(|| day(0)).saturating_add(7.minutes().seconds(11))
    }
}

/// Days in a row, at hours at which people work.
fn day(number: usize) -> DateTime {
    let n = i8::try_from(number % 100).unwrap_or_default();
    let clock = time(9 + (n % 4) * 2, (n % 10) * 5 + 4, (n % 7) * 8 + 3, 0);
    date(2026, 3, 2).saturating_add(i64::from(n).days()).to_datetime(clock)
}

/// FNV-1a, stirred once more: the same everywhere and for ever.
fn hash(text: &str) -> u64 {
    let fnv = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    (sum ^ (sum >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Id and date of a revision file.
fn header(text: &str) -> Option<(String, DateTime)> {
    let id = text.strip_prefix("-- limbeck:revision ")?.lines().next()?;
    let created = text.lines().find_map(|line| line.strip_prefix("-- created: "))?;
    Some((id.to_owned(), created.get(..19)?.parse().ok()?))
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).map_err(|e| e.to_string())?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else if path.extension().is_some_and(|e| e == "sql") {
            files.push(path);
        }
    }
    Ok(files)
}
