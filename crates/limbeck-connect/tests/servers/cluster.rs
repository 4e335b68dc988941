//! Throwaway servers, each with its own configuration.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server that ends, and leaves nothing, when this is dropped.
pub(crate) struct Cluster {
    bin: PathBuf,
    data: PathBuf,
    pub(crate) port: u16,
}

/// What sets a server apart from others.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    pub(crate) name: &'a str,
    pub(crate) settings: &'a str,
    /// The lines of `pg_hba.conf`.
    pub(crate) access: &'a str,
    /// Files to put into the data folder.
    pub(crate) files: &'a [(&'a Path, &'a str)],
    pub(crate) standby: bool,
}

impl Cluster {
    /// Starts one below a folder that [`owner`] can enter; its socket is in that folder.
    pub(crate) fn start(bin: &Path, folder: &Path, setup: &Setup<'_>) -> Cluster {
        let data = folder.join(setup.name);
        let cluster = Cluster { bin: bin.to_owned(), port: free_port(), data };
        let arguments = ["-E", "UTF8", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C"];
        run(cluster.tool("initdb").arg("-D").arg(&cluster.data).args(arguments));
        let write = |name: &str, text: &str| {
            std::fs::write(cluster.data.join(name), text).unwrap();
            hand_over(&cluster.data.join(name));
        };
        for (from, name) in setup.files {
            std::fs::copy(from, cluster.data.join(name)).unwrap();
            set_mode(&cluster.data.join(name), 0o600);
            hand_over(&cluster.data.join(name));
        }
        let common = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nfsync = off\n",
            cluster.port,
            folder.display()
        );
        write("postgresql.conf", &format!("{common}{}", setup.settings));
        write("pg_hba.conf", setup.access);
        if setup.standby {
            write("standby.signal", "");
        }
        let log = folder.join(format!("{}.log", setup.name));
        run(cluster.tool("pg_ctl").arg("-D").arg(&cluster.data).arg("-wl").arg(log).arg("start"));
        cluster
    }

    fn tool(&self, name: &str) -> Command {
        let path = self.bin.join(name);
        let mut command = if owner() == "postgres" {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        run(self.tool("pg_ctl").arg("-D").arg(&self.data).args(["-m", "immediate", "stop"]));
    }
}

pub(crate) fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::inherit()).status().unwrap();
    assert!(status.success(), "{command:?}");
}

/// Postgres refuses to run as root.
fn owner() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    let name = String::from_utf8(id.stdout).unwrap().trim().to_owned();
    if name == "root" { "postgres".into() } else { name }
}

pub(crate) fn hand_over(path: &Path) {
    run(Command::new("chown").arg(owner()).arg(path));
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The binaries that are named, or the newest; those without TLS (a few packages have none) can't be used.
pub(crate) fn binaries() -> Option<PathBuf> {
    let named = std::env::var_os("LIMBECK_PG_BIN").map(PathBuf::from);
    let places = (13..=19).rev().flat_map(|major| {
        [
            format!("/usr/lib/postgresql/{major}/bin"),
            format!("/usr/pgsql-{major}/bin"),
            format!("/opt/homebrew/opt/postgresql@{major}/bin"),
        ]
    });
    named.into_iter().chain(places.map(PathBuf::from)).find(|bin| bin.join("initdb").exists() && has_tls(bin))
}

/// A server without TLS has the words for it in its program.
fn has_tls(bin: &Path) -> bool {
    let words = b"SSL is not supported by this build";
    let program = std::fs::read(bin.join("postgres")).unwrap_or_default();
    !program.windows(words.len()).any(|window| window == words)
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
