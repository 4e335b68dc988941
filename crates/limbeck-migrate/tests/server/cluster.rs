//! The smallest throwaway cluster.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server that ends, and leaves nothing, when this is dropped.
pub(crate) struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    pub(crate) port: u16,
}

impl Cluster {
    pub(crate) fn start() -> Option<Cluster> {
        let bin = binaries()?;
        let folder = std::env::temp_dir().join(format!("limbeck-migrate-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // The server runs as another user where this process is root.
        run(Command::new("chown").arg(owner()).arg(&folder));
        let cluster = Cluster { bin, port: free_port(), folder };
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
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
            cluster.port
        );
        run(cluster
            .tool("pg_ctl")
            .arg("-D")
            .arg(&data)
            .args(["-w", "-o", &options, "-l"])
            .arg(cluster.folder.join("log"))
            .arg("start"));
        Some(cluster)
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
        run(self.tool("pg_ctl").arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "stop"]));
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

fn free_port() -> u16 {
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let first = 56100 + u16::try_from(std::process::id() % 100).unwrap();
    (first..56200).chain(56100..first).find(free).expect("no free port from 56100 to 56199")
}
