//! As whom the server runs: Postgres refuses root.
//!
//! Root starts it as `postgres` or, where there is no such user, as `nobody`. Where root may not become
//! somebody else (a container without that right), a user namespace in which root has another number does;
//! and likewise for a user without a name, whom `initdb` refuses.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::provider::error::{Attempt, Error};

/// Who runs the server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// Whoever we are.
    Own,
    /// Another user.
    User { name: String, uid: u32, gid: u32 },
    /// We ourselves, under another number, in a user namespace.
    Namespace { uid: u32 },
}

/// The number of the user that we are.
pub(in crate::provider) fn user_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

impl Account {
    /// The first account that can run these binaries and enter this folder.
    pub(super) fn choose(bin: &Path, folder: &Path) -> Result<Self, Error> {
        let passwd = fs_err::read_to_string("/etc/passwd").unwrap_or_default();
        let namespace = Self::Namespace { uid: somebody(&passwd) };
        let accounts = match user_id() {
            0 => named(&passwd).chain([namespace]).collect(),
            // `initdb` wants its user to have a name, which the arbitrary user of a container lacks.
            user if !has_name(&passwd, user) => vec![namespace, Self::Own],
            _ => vec![Self::Own],
        };
        let mut tried = Vec::new();
        for account in accounts {
            match account.trouble(bin, folder) {
                None => return Ok(account),
                Some(why) => tried.push(Attempt { what: account.name().to_owned(), why }),
            }
        }
        Err(Error::Unavailable { tried })
    }

    /// Tells accounts apart in the names of clusters.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Own => "own",
            Self::User { name, .. } => name,
            Self::Namespace { .. } => "user namespace",
        }
    }

    /// A command that runs `program` as this account, without our environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Own | Self::User { .. } => Command::new(program),
            Self::Namespace { uid } => {
                let mut unshare = Command::new("unshare");
                unshare.arg("--user").arg(format!("--map-user={uid}")).arg(format!("--map-group={uid}"));
                unshare.arg("--").arg(program);
                unshare
            }
        };
        if let Self::User { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        // `PG…` variables would change what the programs do; a locale, what they print.
        let path = std::env::var_os("PATH");
        command.env_clear().envs(path.map(|p| ("PATH", p))).env("LC_ALL", "C");
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    /// Hands a file or folder over to this account.
    pub(super) fn own(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::User { uid, gid, .. } => chown(path, Some(*uid), Some(*gid)).map_err(|source| Error::Io {
                doing: "handing over",
                path: path.to_owned(),
                source,
            }),
            Self::Own | Self::Namespace { .. } => Ok(()),
        }
    }

    /// Why this account will not do.
    fn trouble(&self, bin: &Path, folder: &Path) -> Option<String> {
        // One process for both questions: this is asked at every start.
        let mut asked = self.command(Path::new("/bin/sh"));
        asked.args(["-c", "cd -- \"$1\" && exec \"$0\" --version"]).arg(bin.join("postgres")).arg(folder);
        match asked.output() {
            Err(e) => Some(e.to_string()),
            Ok(said) if said.status.success() => None,
            Ok(said) => {
                let (bin, folder) = (bin.display(), folder.display());
                let said = String::from_utf8_lossy(&said.stderr).trim().to_owned();
                Some(format!("can't run {bin} or can't enter {folder}: {said}"))
            }
        }
    }
}

/// The users that root may become, out of `/etc/passwd`: containers have nothing else.
fn named(passwd: &str) -> impl Iterator<Item = Account> {
    ["postgres", "nobody"].into_iter().filter_map(|name| user(passwd, name))
}

/// The number of anybody but root who has a name.
fn somebody(passwd: &str) -> u32 {
    passwd.lines().filter_map(number).find(|uid| *uid != 0).unwrap_or(1000)
}

/// Whether this user has a name, in `/etc/passwd` or wherever the system keeps them.
fn has_name(passwd: &str, user: u32) -> bool {
    passwd.lines().filter_map(number).any(|uid| uid == user)
        || Command::new("id").arg("-un").output().is_ok_and(|said| said.status.success())
}

fn number(line: &str) -> Option<u32> {
    line.split(':').nth(2)?.parse().ok()
}

fn user(passwd: &str, name: &str) -> Option<Account> {
    let line = passwd.lines().find(|l| l.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2).map(str::parse::<u32>);
    let (uid, gid) = (fields.next()?.ok()?, fields.next()?.ok()?);
    (uid != 0).then(|| Account::User { name: name.to_owned(), uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_from_passwd() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(
            user(passwd, "postgres"),
            Some(Account::User { name: "postgres".into(), uid: 101, gid: 104 })
        );
        assert_eq!(user(passwd, "nobody"), None);
        assert_eq!(user(passwd, "root"), None);
        assert_eq!(somebody(passwd), 101);
        assert!(has_name(passwd, 101));
    }
}
