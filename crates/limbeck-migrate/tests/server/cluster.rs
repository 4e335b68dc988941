//! The smallest throwaway cluster.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server that ends, and leaves nothing, when this is dropped.
pub(crate) struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    pub(crate) port: u16,
}

impl Cluster {
    pub(crate) fn start() -> Option<Cluster> {
        let bin = binaries()?;
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("limbeck-migrate-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // The server runs as another user where this process is root.
        run(Command::new("chown").arg(owner()).arg(&folder));
        let mut cluster = Cluster { bin, port: 0, folder };
        let data = cluster.folder.join("data");
        run(cluster.tool("initdb").arg("-D").arg(&data).args([
            "-E",
            "UTF8",
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
        ]));
        // Another server may take a port between the look and the start.
        let started = (0..5).any(|attempt| {
            cluster.port = free_port(number * 10 + attempt);
            cluster.try_start()
        });
        assert!(started, "the server does not start");
        Some(cluster)
    }

    /// Starts the server again.
    pub(crate) fn go_on(&self) {
        assert!(self.try_start(), "the server does not start again");
    }

    fn try_start(&self) -> bool {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
            self.port
        );
        let mut start = self.control();
        start.args(["-w", "-o", &options, "-l"]).arg(self.folder.join("log")).arg("start");
        start.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Ends the server as a crash would.
    pub(crate) fn crash(&self) {
        run(self.control().args(["-m", "immediate", "stop"]));
    }

    /// Starts it again as one that only repeats what another one does.
    pub(crate) fn become_standby(&self) {
        run(self.control().args(["-m", "fast", "stop"]));
        let signal = self.folder.join("data/standby.signal");
        std::fs::write(&signal, "").unwrap();
        self.own(&signal);
        self.go_on();
    }

    /// Gives a file or folder to whoever runs the server.
    pub(crate) fn own(&self, path: &Path) {
        run(Command::new("chown").arg(owner()).arg(path));
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn control(&self) -> Command {
        let mut command = self.tool("pg_ctl");
        command.arg("-D").arg(self.folder.join("data"));
        command
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// `psql`, where the binaries have one.
    pub(crate) fn psql(&self) -> Option<PathBuf> {
        Some(self.bin.join("psql")).filter(|path| path.exists())
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
        // A test may have ended it already.
        drop(
            self.control()
                .args(["-m", "immediate", "stop"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status(),
        );
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn run(command: &mut Command) {
    let output = command.stdout(Stdio::null()).stderr(Stdio::inherit()).status().unwrap();
    assert!(output.success(), "{command:?}");
}

/// Postgres refuses to run as root.
fn owner() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    let name = String::from_utf8(id.stdout).unwrap().trim().to_owned();
    if name == "root" { "postgres".into() } else { name }
}

fn binaries() -> Option<PathBuf> {
    let named =
        ["LIMBECK_TEST_PG_BIN", "LIMBECK_PG_BIN"].into_iter().filter_map(std::env::var_os).map(PathBuf::from);
    let places = (13..=19).rev().flat_map(|major| {
        [
            format!("/usr/lib/postgresql/{major}/bin"),
            format!("/usr/pgsql-{major}/bin"),
            format!("/opt/homebrew/opt/postgresql@{major}/bin"),
        ]
    });
    named.chain(places.map(PathBuf::from)).find(|bin| Path::new(bin).join("initdb").exists())
}

/// A free port; another number begins to look elsewhere.
fn free_port(number: usize) -> u16 {
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let offset = (std::process::id() as usize + number) % 100;
    let first = 56100 + u16::try_from(offset).unwrap();
    (first..56200).chain(56100..first).find(free).expect("no free port from 56100 to 56199")
}
