//! Service files: groups of parameters by name, as `parseServiceFile` of libpq reads them.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::keyword::Keyword;
use crate::parameters::Parameters;
use crate::surroundings::Surroundings;

/// Where distributions keep the system's file, when `PGSYSCONFDIR` doesn't say.
const SYSTEM: [&str; 3] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc"];

/// The parameters of a service: from `named`, or `PGSERVICEFILE`, or the user's file; else the system's.
///
/// # Errors
/// If a file is wrong, or none has the service.
pub(crate) fn find(
    service: &str,
    named: Option<&str>,
    surroundings: &Surroundings,
) -> Result<Parameters, Error> {
    let named = named.or_else(|| surroundings.variable("PGSERVICEFILE")).filter(|path| !path.is_empty());
    let mut looked = Vec::new();
    let first = match named {
        Some(path) => Some(PathBuf::from(path)),
        None => surroundings.at_home(".pg_service.conf").filter(|path| path.is_file()),
    };
    for path in first.into_iter().chain(system(surroundings)) {
        let text = fs_err::read_to_string(&path).map_err(|error| Error::File {
            what: "the service file",
            path: path.clone(),
            why: format!("can't be read: {}", error.kind()),
        })?;
        if let Some(found) = group(&text, service, &path)? {
            return Ok(found);
        }
        looked.push(path);
    }
    Err(Error::NoService { service: service.to_owned(), looked })
}

fn system(surroundings: &Surroundings) -> Option<PathBuf> {
    let paths: Vec<PathBuf> = match surroundings.variable("PGSYSCONFDIR") {
        Some(folder) => vec![Path::new(folder).join("pg_service.conf")],
        None => SYSTEM.iter().map(|folder| Path::new(folder).join("pg_service.conf")).collect(),
    };
    paths.into_iter().find(|path| path.is_file())
}

/// The group of this name, if the file has it.
fn group(text: &str, service: &str, path: &Path) -> Result<Option<Parameters>, Error> {
    let mut found: Option<Parameters> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            found = (name.strip_suffix(']') == Some(service)).then(Parameters::default);
        } else if let Some(parameters) = &mut found {
            let wrong = |why: String| Error::ServiceFile { path: path.to_owned(), line: index + 1, why };
            pair(line, parameters).map_err(wrong)?;
        }
    }
    Ok(found)
}

fn pair(line: &str, parameters: &mut Parameters) -> Result<(), String> {
    if line.starts_with("ldap") {
        return Err("services from LDAP are not read".into());
    }
    let (word, value) = line.split_once('=').ok_or("a line without =")?;
    match Keyword::find(word) {
        Some(Keyword::Service | Keyword::ServiceFile) => Err("a service in a service".into()),
        // The first wins, as in libpq.
        Some(keyword) => {
            parameters.set_default(keyword, value);
            Ok(())
        }
        None => Err(format!("unknown parameter {word:?} (there are no blanks around =)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "# ours\n[a]\nhost=ha\nport=1\nhost=later\n\n[b]\n  host=hb  \npassword=a b='c'\n[a]\nuser=u\n";

    fn read(text: &str, service: &str) -> Result<Option<Parameters>, Error> {
        group(text, service, Path::new("pg_service.conf"))
    }

    #[test]
    fn a_group_is_found_by_its_name() {
        let a = read(FILE, "a").unwrap().unwrap();
        assert_eq!((a.get(Keyword::Host), a.get(Keyword::User)), (Some("ha"), None));
        let b = read(FILE, "b").unwrap().unwrap();
        assert_eq!((b.get(Keyword::Host), b.get(Keyword::Password)), (Some("hb"), Some("a b='c'")));
        assert_eq!(read(FILE, "c").unwrap(), None);
    }

    #[test]
    fn mistakes_have_a_place_and_no_value() {
        for (text, part) in [
            ("[a]\npassword = secret\n", "conf:2: unknown parameter \"password \""),
            ("[a]\nsecret\n", "conf:2: a line without ="),
            ("[a]\n\nservice=b\n", "conf:3: a service in a service"),
            ("[a]\nldap://x\n", "LDAP"),
        ] {
            let message = read(text, "a").unwrap_err().to_string();
            assert!(message.contains(part) && !message.contains("secret"), "{message}");
        }
        assert_eq!(read("[b]\nsecret\n", "a").unwrap(), None, "other groups are nobody's business");
    }
}
