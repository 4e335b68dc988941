//! A project whose database is behind a tunnel, and looks at what is left of the tunnel.

use std::future::Future;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use limbeck_scratch::provider::{Choice, Database, Places, Scratch, Wanted, open};
use sqlx::{AssertSqlSafe, Row as _};
use tokio::runtime::Runtime;

use crate::forward::{SOCKET, WORD};

/// A running server.
pub(crate) struct Server {
    runtime: Runtime,
    scratch: Option<Scratch>,
}

impl Server {
    pub(crate) fn open() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let places = Places::from_env();
        let choice = Choice::Native { bin: places.bin.clone() };
        let scratch = runtime.block_on(open(&Wanted { places, choice, ..Wanted::default() })).unwrap();
        Server { runtime, scratch: Some(scratch) }
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take() {
            drop(self.runtime.block_on(scratch.close()));
        }
    }
}

/// A project and a database, both gone at the end.
pub(crate) struct World {
    server: Arc<Server>,
    database: Option<Database>,
    pub(crate) folder: PathBuf,
}

impl World {
    /// A project with a revision `aa` that makes a table.
    pub(crate) fn new(name: &str, server: &Arc<Server>) -> Self {
        let folder = std::env::temp_dir().join(format!("limbeck-tunnel-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("migrations")).unwrap();
        let database = server.wait(server.scratch.as_ref().unwrap().database()).unwrap();
        let world = World { server: Arc::clone(server), database: Some(database), folder };
        world.revision("aa", "", "create table members (id int)");
        world.configure("host = '127.0.0.1'\n", &world.forward("{port}"));
        world
    }

    pub(crate) fn revision(&self, id: &str, parent: &str, sql: &str) {
        let parents = if parent.is_empty() { String::new() } else { format!("-- parents: {parent}\n") };
        let text = format!(
            "-- limbeck:revision {id}\n{parents}-- message: {id}\n\n-- limbeck:upgrade\n{sql};\n\n\
             -- limbeck:downgrade\nselect 1;\n"
        );
        std::fs::write(self.folder.join("migrations").join(format!("{id}.sql")), text).unwrap();
    }

    /// A section `[env.dev]` with a tunnel.
    pub(crate) fn configure(&self, keys: &str, tunnel: &str) {
        let text = format!(
            "[env.dev]\nuser = 'postgres'\ndbname = '{}'\nsslmode = 'disable'\n{keys}tunnel = '''{tunnel}'''\n",
            self.database.as_ref().unwrap().name()
        );
        std::fs::write(self.folder.join("limbeck.toml"), text).unwrap();
    }

    /// The command of a tunnel to the server.
    pub(crate) fn forward(&self, port: &str) -> String {
        let options = self.database.as_ref().unwrap().options();
        let socket = options.get_socket().unwrap().join(format!(".s.PGSQL.{}", options.get_port()));
        let (program, word) = (std::env::current_exe().unwrap(), self.word());
        format!(
            "{SOCKET}=\"{}\" {WORD}=\"{}\" \"{}\" {port}",
            socket.display(),
            word.display(),
            program.display()
        )
    }

    fn word(&self) -> PathBuf {
        self.folder.join("word")
    }

    /// The binary, not started yet.
    fn command(&self, args: &[&str]) -> Command {
        self.prepared(Command::new(env!("CARGO_BIN_EXE_limbeck")), args)
    }

    /// It, as `nohup` starts it.
    pub(crate) fn without_hangup(&self, args: &[&str]) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_limbeck")]);
        self.prepared(shell, args)
    }

    fn prepared(&self, mut command: Command, args: &[&str]) -> Command {
        for name in ["DATABASE_URL", "PGDATABASE", "PGSERVICE"] {
            command.env_remove(name);
        }
        // Another database's: the tunnel's end goes before them.
        command.envs([("PGHOST", "nowhere.invalid"), ("PGHOSTADDR", "192.0.2.1"), ("PGPORT", "1")]);
        command.args(["-e", "dev"]).args(args).current_dir(&self.folder).env("NO_COLOR", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it: its exit code, and all that it said.
    pub(crate) fn limbeck(&self, args: &[&str]) -> (Option<i32>, String) {
        said(&self.command(args).output().unwrap())
    }

    /// Starts it on a statement that takes long, and waits until the server is at it.
    pub(crate) fn interruptible(&self) -> Child {
        self.revision("bb", "aa", "select pg_sleep(600)");
        let mut child = self.command(&["upgrade", "head"]).spawn().unwrap();
        self.until("the statement runs", || {
            assert!(child.try_wait().unwrap().is_none(), "it ended: {:?}", child.stderr);
            self.sleeps() == 1
        });
        child
    }

    /// How many sessions are at the long statement.
    pub(crate) fn sleeps(&self) -> i64 {
        self.ask(
            "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' \
             and wait_event = 'PgSleep'",
        )
    }

    /// A number, asked of the server directly.
    pub(crate) fn ask(&self, sql: &str) -> i64 {
        self.server.wait(async {
            let mut session = self.database.as_ref().unwrap().connect().await.unwrap();
            let sql = AssertSqlSafe(sql.to_owned());
            let row = sqlx::raw_sql(sql).fetch_one(&mut session).await.unwrap();
            row.try_get_unchecked::<String, _>(0).unwrap().parse().unwrap()
        })
    }

    /// The processes of the tunnel that was started last: its own, and its child's.
    pub(crate) fn processes(&self) -> Vec<String> {
        let word = std::fs::read_to_string(self.word()).unwrap_or_default();
        word.lines().map(str::to_owned).collect()
    }

    /// Waits until nothing of the tunnel is left; there has to have been one.
    pub(crate) fn ends(&self) {
        let processes = self.processes();
        assert_eq!(processes.len(), 2, "the tunnel was started");
        self.until("the tunnel ends", || processes.iter().all(|process| !alive(process)));
    }

    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        for _ in 0..3000 {
            if holds() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("in vain: {what}");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let Some(database) = self.database.take() {
            drop(self.server.wait(database.drop()));
        }
    }
}

/// Sends a signal to a process of this test's own.
pub(crate) fn kill(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

pub(crate) fn said(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// Whether a process runs; one that has ended and that nobody asked about yet does not.
fn alive(process: &str) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", process]).output().unwrap();
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}
