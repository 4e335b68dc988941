//! Files of revisions that get another name, because their date or their message changes.

use camino::Utf8PathBuf;
use jiff::Timestamp;
use limbeck_migrate::file::FileNames;
use limbeck_migrate::{Error, Header, Revision};

use crate::exit::{Code, Failure, Result};
use crate::output;

/// The file's name with another header and date; a name that was not made from the template stays.
///
/// # Errors
/// If another file has that name.
pub(crate) fn renamed(
    names: &FileNames,
    folders: &[Utf8PathBuf],
    revision: &Revision,
    header: &Header,
    date: Timestamp,
) -> Result<Utf8PathBuf> {
    let before = revision.header.created.as_deref().and_then(|text| names.read_created(text));
    let folder = folders.iter().find(|folder| revision.path.starts_with(folder));
    let (Some(folder), Some(before)) = (folder, before) else { return Ok(revision.path.clone()) };
    let name = |header: &Header, at| names.name(header, at).map_err(Error::from);
    if folder.join(name(&revision.header, before)?) != revision.path {
        output::warn(format!("{} keeps its name, which does not follow file_template", revision.path));
        return Ok(revision.path.clone());
    }
    let path = folder.join(name(header, date)?);
    if path != revision.path && path.exists() {
        return Err(Failure::new(Code::Content, format!("{path} is there already"))
            .note(format!("{} would get that name", revision.path)));
    }
    Ok(path)
}
