//! Where a new object goes, by how a person has arranged the files that are there.

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::ObjectId;

use super::entries::{self, SectionText};
use crate::read::Declared;
use crate::sections;

/// A place for an entry.
#[derive(Debug)]
pub(super) enum Place {
    /// A file that is there.
    File(usize),
    /// A new one.
    New(Utf8PathBuf),
}

/// Where objects of its kind and schema are kept together, there; where each has a file, a new one
/// beside them; else where `pull` would put it.
pub(super) fn find(
    existing: &Declared,
    all: &[SectionText],
    dir: &Utf8Path,
    canonical: &Utf8Path,
    id: &ObjectId,
    schema: &str,
) -> Place {
    let in_schema = sections::is_in_schema(id.kind);
    let fits = |file: usize| {
        entries::has_lines(existing, file) && (!in_schema || entries::schema(existing, file) == schema)
    };
    let alike: Vec<_> =
        all.iter().filter(|s| s.kind == id.kind && fits(s.file) && !s.entries.is_empty()).collect();
    let most = alike.iter().max_by_key(|section| (section.entries.len(), std::cmp::Reverse(section.file)));
    let objects: usize = alike.iter().map(|section| section.entries.len()).sum();
    match most {
        Some(most) if !id.kind.is_relation() || objects >= 2 * alike.len() => Place::File(most.file),
        Some(most) => {
            let folder = existing.files[most.file].path.parent().unwrap_or(dir);
            free(existing, folder.join(canonical.file_name().unwrap_or_default()))
        }
        None => {
            let path = dir.join(canonical);
            match existing.files.iter().position(|file| file.path == path) {
                Some(file) if fits(file) => Place::File(file),
                Some(_) | None => free(existing, path),
            }
        }
    }
}

fn free(existing: &Declared, path: Utf8PathBuf) -> Place {
    Place::New(numbered(path, |path| existing.files.iter().any(|file| file.path == *path)))
}

/// The path, with the first number that makes it free, if it isn't.
pub(super) fn numbered(path: Utf8PathBuf, is_taken: impl Fn(&Utf8PathBuf) -> bool) -> Utf8PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_owned();
    let (mut candidate, mut count) = (path.clone(), 1);
    while is_taken(&candidate) {
        count += 1;
        candidate = path.with_file_name(format!("{stem}-{count}.yaml"));
    }
    candidate
}
