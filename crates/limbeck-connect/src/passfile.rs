//! Password files, as `passwordFromFile` of libpq reads them.

use std::path::Path;

use crate::surroundings::Surroundings;

/// Whom a password is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) dbname: &'a str,
    pub(crate) user: &'a str,
}

/// The lines of a password file that may be used.
#[derive(Default)]
pub(crate) struct PassFile {
    text: String,
}

impl PassFile {
    /// Reads the file that is named, or the one at home; what keeps it from being used is a warning, as in
    /// libpq.
    pub(crate) fn read(named: Option<&str>, surroundings: &Surroundings, warnings: &mut Vec<String>) -> Self {
        let path = named.map(Into::into).or_else(|| surroundings.at_home(".pgpass"));
        let Some(path) = path else { return PassFile::default() };
        let Ok(metadata) = fs_err::metadata(&path) else { return PassFile::default() };
        if let Some(why) = unusable(&metadata) {
            warnings.push(format!("the password file {} {why}: it is not read", path.display()));
            return PassFile::default();
        }
        PassFile { text: read(&path, warnings) }
    }

    /// The password of a login: of the first line that fits.
    pub(crate) fn password(&self, login: Login<'_>, surroundings: &Surroundings) -> Option<String> {
        let host = match login.host {
            "" => "localhost",
            folder if surroundings.is_default_socket(folder) => "localhost",
            host => host,
        };
        let port = login.port.to_string();
        let wanted = [host, &port, login.dbname, login.user];
        self.text.lines().find_map(|line| matched(line, wanted))
    }
}

fn read(path: &Path, warnings: &mut Vec<String>) -> String {
    fs_err::read_to_string(path).unwrap_or_else(|error| {
        warnings.push(format!("the password file {} can't be read: {}", path.display(), error.kind()));
        String::new()
    })
}

#[cfg(unix)]
fn unusable(metadata: &std::fs::Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    if !metadata.is_file() {
        return Some("is no plain file".into());
    }
    let others = metadata.permissions().mode() & 0o077;
    (others != 0).then(|| "can be read by others (`chmod 600` it)".into())
}

#[cfg(not(unix))]
fn unusable(metadata: &std::fs::Metadata) -> Option<String> {
    (!metadata.is_file()).then(|| "is no plain file".into())
}

/// The password of a line whose four fields fit.
fn matched(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    for value in wanted {
        let (field, any);
        (field, any, rest) = field_of(rest)?;
        if !any && field != value {
            return None;
        }
    }
    Some(unescaped(rest))
}

/// A field up to its colon, whether it is a `*`, and what stands behind.
fn field_of(text: &str) -> Option<(String, bool, &str)> {
    let mut escaped = false;
    let end = text.char_indices().find_map(|(at, c)| {
        let ends = c == ':' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })?;
    Some((unescaped(&text[..end]), &text[..end] == "*", &text[end + 1..]))
}

/// A backslash makes the next character plain.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_is_taken() {
        let file = PassFile {
            text:
                "# h:1:d:u:no\nother:*:*:*:no\nh:2:*:*:two\nh:*:d:u:a@/%'\"\\\\ \\:b\nlocalhost:*:*:u:sock\n\
                   /else:*:*:u:else\n\\:\\:1:1:d:u:six\n*:*:*:w\\:x:col\r\n\\*:*:*:*:star\n"
                    .into(),
        };
        let surroundings = Surroundings { sockets: vec!["/run/pg".into()], ..Surroundings::default() };
        let password = |host, port, user| {
            file.password(Login { host, port, dbname: "d", user }, &surroundings).unwrap_or_default()
        };
        for (host, port, user, expected) in [
            ("h", 2, "u", "two"),
            ("h", 3, "u", "a@/%'\"\\ :b"),
            ("", 3, "u", "sock"),
            ("/run/pg", 3, "u", "sock"),
            ("/else", 3, "u", "else"),
            ("/unknown", 3, "u", ""),
            ("::1", 1, "u", "six"),
            ("z", 1, "w:x", "col"),
            // An escaped star is a star.
            ("z", 1, "v", ""),
            ("*", 1, "v", "star"),
        ] {
            assert_eq!(password(host, port, user), expected, "{host} {port} {user}");
        }
    }
}
