//! The servers, a home folder, and a try by both: this crate's and `psql`'s.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use limbeck_connect::Target;
use sqlx::Row as _;

use crate::cases::{Case, Expected, PASSWORD};
use crate::certificates;
use crate::cluster::{Cluster, Setup, binaries, free_port, hand_over, set_mode};

/// Who one is, where, whether by TLS, on which server, as what, with which setting.
const QUESTION: &str = "select concat_ws(' ', current_user, current_database(), \
    (select ssl from pg_stat_ssl where pid = pg_backend_pid()), current_setting('port'), \
    current_setting('search_path'))";

/// Who may do what on the server that is called `main`. `certified` needs the client's certificate.
const ACCESS: &str = "local all all trust
hostssl tls all 127.0.0.1/32 trust
hostnossl tls all 127.0.0.1/32 reject
hostssl plain all 127.0.0.1/32 reject
hostssl all certified 127.0.0.1/32 cert
host all scram 127.0.0.1/32 scram-sha-256
host all hashed 127.0.0.1/32 md5
host all clear 127.0.0.1/32 password
host template1 all 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
";

pub(crate) struct World {
    psql: Option<PathBuf>,
    main: Cluster,
    read_only: Cluster,
    standby: Cluster,
    dead: u16,
    folder: Folder,
}

impl World {
    pub(crate) fn start() -> Option<World> {
        let bin = binaries()?;
        let folder = std::env::temp_dir().join(format!("limbeck-connect-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("home")).unwrap();
        hand_over(&folder);
        set_mode(&folder, 0o755);
        certificates::write(&folder);
        let path = |name: &str| folder.join(name);
        let files = [
            (path("server.crt"), "server.crt"),
            (path("server.key"), "server.key"),
            (path("root.crt"), "root.crt"),
        ];
        let files: Vec<(&Path, &str)> = files.iter().map(|(path, name)| (path.as_path(), *name)).collect();
        let setup = Setup {
            name: "main",
            settings: "ssl = on\nssl_ca_file = 'root.crt'\n",
            access: ACCESS,
            files: &files,
            ..Setup::default()
        };
        let trusting = "local all all trust\nhost all all 127.0.0.1/32 trust\n";
        let read_only = Setup {
            name: "read_only",
            settings: "default_transaction_read_only = on\n",
            access: trusting,
            ..Setup::default()
        };
        let standby = Setup { name: "standby", access: trusting, standby: true, ..Setup::default() };
        let world = World {
            psql: psql(&bin),
            main: Cluster::start(&bin, &folder, &setup),
            read_only: Cluster::start(&bin, &folder, &read_only),
            standby: Cluster::start(&bin, &folder, &standby),
            dead: free_port(),
            folder: Folder(folder),
        };
        world.fill();
        Some(world)
    }

    fn fill(&self) {
        let password = PASSWORD.replace('\'', "''");
        let host =
            format!("host={} port={} user=postgres dbname=postgres", self.folder.0.display(), self.main.port);
        for sql in [
            "create database tls".to_owned(),
            "create database plain".to_owned(),
            "create role certified login".to_owned(),
            format!("create role scram login password '{password}'"),
            format!("set password_encryption = md5; create role hashed login password '{password}'"),
            format!("create role clear login password '{password}'"),
        ] {
            let said = self.ours(&host, &[], &sql);
            assert!(!said.starts_with("error"), "{sql}: {said}");
        }
    }

    /// Both come to what is expected.
    pub(crate) fn check(&self, case: &Case) -> Result<(), String> {
        let home = self.folder.0.join("home").join(case.name);
        std::fs::create_dir_all(home.join(".postgresql")).map_err(|e| e.to_string())?;
        for (name, text, mode) in case.files {
            std::fs::write(home.join(name), self.fill_in(text, &home)).map_err(|e| e.to_string())?;
            set_mode(&home.join(name), *mode);
        }
        let text = self.fill_in(case.text, &home);
        let mut variables: Vec<(&str, String)> =
            case.variables.iter().map(|(name, value)| (*name, self.fill_in(value, &home))).collect();
        variables.push(("HOME", home.display().to_string()));
        let said = self.named(&self.ours(&text, &variables, QUESTION));
        let right = match case.expected {
            Expected::Row(row) => said == row,
            Expected::Error(part) | Expected::Missing(part) => {
                said.starts_with("error") && said.contains(part)
            }
        };
        if !right {
            return Err(format!("{text}\nexpected {:?}\nsaid     {said}", case.expected));
        }
        if said.contains(PASSWORD) {
            return Err(format!("the password is told: {said}"));
        }
        match (&self.psql, case.psql) {
            (Some(psql), true) => self.compare(psql, case, (&text, &variables)),
            _ => Ok(()),
        }
    }

    fn compare(
        &self,
        psql: &Path,
        case: &Case,
        (text, variables): (&str, &[(&str, String)]),
    ) -> Result<(), String> {
        let mut command = Command::new(psql);
        command.env_clear().args(["-XAtw", "-c", QUESTION]);
        command.args(Some(text).filter(|text| !text.is_empty()));
        let out = command.envs(variables.iter().cloned()).stdin(Stdio::null()).output();
        let out = out.map_err(|e| e.to_string())?;
        let said = self.named(&String::from_utf8_lossy(&out.stdout));
        match case.expected {
            Expected::Row(row) if said == row => Ok(()),
            Expected::Error(_) if !out.status.success() => Ok(()),
            // What psql can and this crate can't, by name.
            Expected::Missing(_) if out.status.success() => Ok(()),
            _ => Err(format!("psql says otherwise: {said} {}", String::from_utf8_lossy(&out.stderr))),
        }
    }

    /// The probe's answer in a process of its own.
    fn ours(&self, text: &str, variables: &[(&str, String)], question: &str) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env_clear().env("LIMBECK_PROBE", text).env("LIMBECK_QUESTION", question);
        let out = command.envs(variables.iter().cloned()).stdin(Stdio::null()).output().unwrap();
        let out = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        out.trim().to_owned()
    }

    fn fill_in(&self, text: &str, home: &Path) -> String {
        text.replace("{dir}", &self.folder.0.display().to_string())
            .replace("{home}", &home.display().to_string())
            .replace("{main}", &self.main.port.to_string())
            .replace("{read_only}", &self.read_only.port.to_string())
            .replace("{standby}", &self.standby.port.to_string())
            .replace("{dead}", &self.dead.to_string())
    }

    /// Ports by the names of their servers.
    fn named(&self, text: &str) -> String {
        let clusters = [(&self.main, "main"), (&self.read_only, "read_only"), (&self.standby, "standby")];
        let text = clusters.iter().fold(text.trim().to_owned(), |text, (cluster, name)| {
            text.replace(&cluster.port.to_string(), name)
        });
        text.replace(&self.dead.to_string(), "dead")
    }
}

/// Removed when the servers below it have stopped: fields are dropped in order.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// `psql` beside the server's binaries, or wherever it is.
fn psql(bin: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(bin.to_owned())
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("psql"))
        .find(|psql| psql.exists())
}

/// Connects as a caller would, and prints the answer; or the error, and in either case what it warns of.
pub(crate) fn probe(text: &str) -> ExitCode {
    let question = std::env::var("LIMBECK_QUESTION").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async {
        let target = if text.is_empty() { Target::from_env() } else { Target::parse(text) };
        let target = target.map_err(|e| e.to_string())?;
        let mut connection = target.connect().await.map_err(|e| e.to_string())?;
        let sql = sqlx::AssertSqlSafe(question);
        let row = sqlx::raw_sql(sql).fetch_optional(&mut connection).await.map_err(|e| e.to_string())?;
        let row = row.map(|row| row.get::<String, _>(0)).unwrap_or_default();
        Ok::<_, String>(target.warnings().iter().fold(row, |row, warning| format!("{row} ({warning})")))
    });
    match answer {
        Ok(row) => println!("{row}"),
        Err(error) => println!("error: {error}"),
    }
    ExitCode::SUCCESS
}
