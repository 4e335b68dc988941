//! One page from its top to its bottom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use similar::TextDiff;

use crate::console::{self, Console, Said};
use crate::dump::Objects;
use crate::even::Even;
use crate::forward;
use crate::page::{self, Exchange, Piece};
use crate::patch;
use crate::server::Server;
use crate::wish::{self, Blow};

/// A page's project, with everything around it.
pub(crate) struct Stage<'a> {
    pub(crate) server: &'a Server,
    pub(crate) even: Even,
    /// What stood in databases, by the word it was remembered as.
    pub(crate) kept: BTreeMap<String, Objects>,
    /// What happens to the next command.
    pub(crate) blow: Option<Blow>,
    console: Console,
    name: String,
    folder: PathBuf,
    differences: Vec<String>,
}

/// Runs a page, which must show what its commands say; with `LIMBECK_BLESS=1`, makes it so.
pub(crate) fn run(name: &str, path: &Path, server: &Server) -> Result<(), String> {
    let text = fs_err::read_to_string(path).map_err(|e| e.to_string())?;
    let mut pieces = page::parse(&text)?;
    if page::text(&pieces) != text {
        return Err(format!("{}: put together again, it is another text", path.display()));
    }
    let mut stage = Stage::new(name, server)?;
    let played = pieces.iter_mut().try_for_each(|piece| stage.play(piece));
    if std::env::var_os("LIMBECK_BLESS").is_some() {
        fs_err::write(path, page::text(&pieces)).map_err(|e| e.to_string())?;
        return played;
    }
    played?;
    if stage.differences.is_empty() {
        return Ok(());
    }
    let bless = format!("LIMBECK_BLESS=1 cargo test -p limbeck --test seeds -- {name}");
    Err(format!(
        "{}\n{} is stale: `{bless}`",
        stage.differences.join("\n"),
        path.canonicalize().unwrap_or_default().display()
    ))
}

impl<'a> Stage<'a> {
    fn new(name: &str, server: &'a Server) -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("limbeck-seeds-{}-{number}", std::process::id()));
        let name = name.trim_end_matches(|c: char| c == '_' || c.is_ascii_digit()).to_owned();
        for part in ["bin", "home", "state", &name] {
            fs_err::create_dir_all(folder.join(part)).map_err(|e| e.to_string())?;
        }
        let folder = fs_err::canonicalize(folder).map_err(|e| e.to_string())?;
        // By a port, which always has five digits: the length of a socket's path would show in where lines end.
        let port = forward::open(server.socket())?.to_string();
        let environment = environment(&folder, server, &port);
        let console = Console::new(&folder.join(&name), &folder.join("state"), environment)?;
        let mut even = Even::new(&name)?;
        even.words.push((folder.display().to_string(), "/home/you".to_owned()));
        even.answers.push((port, "5432".to_owned()));
        let kept = BTreeMap::new();
        let stage = Self { server, even, kept, blow: None, console, name, folder, differences: Vec::new() };
        stage.link("limbeck", Path::new(env!("CARGO_BIN_EXE_limbeck")))?;
        Ok(stage)
    }

    /// What the shell and the port-forwards leave for the test.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Puts a program into the shell's `PATH`.
    pub(crate) fn link(&self, name: &str, program: &Path) -> Result<(), String> {
        std::os::unix::fs::symlink(program, self.folder.join("bin").join(name)).map_err(|e| e.to_string())
    }

    fn play(&mut self, piece: &mut Piece) -> Result<(), String> {
        match piece {
            Piece::Prose(_) => Ok(()),
            Piece::Wish { line, text } => {
                let text = self.even.meant(text);
                wish::grant(self, &text).map_err(|why| format!("line {line}: {text}: {why}"))
            }
            Piece::File { path, text, .. } => self.write(path, &self.even.meant(text)),
            Piece::Patch { path, text } => {
                let text = self.even.meant(text);
                let old = fs_err::read_to_string(self.place(path)).map_err(|e| e.to_string())?;
                self.write(path, &patch::apply(&old, &text).map_err(|why| format!("{path}: {why}"))?)
            }
            Piece::Sql { database, text } => {
                self.server.run(database, text).map_err(|why| format!("{text}{why}"))
            }
            Piece::Console(exchanges) => self.talk(exchanges),
        }
    }

    fn place(&self, path: &str) -> PathBuf {
        self.folder.join(&self.name).join(self.even.meant(path))
    }

    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.place(path);
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        fs_err::create_dir_all(folder).and_then(|()| fs_err::write(path, text)).map_err(|e| e.to_string())
    }

    fn talk(&mut self, exchanges: &mut [Exchange]) -> Result<(), String> {
        for index in 0..exchanges.len() {
            // That a command fails is expected where the page asks for its exit code.
            let asked = exchanges.get(index + 1).is_some_and(|next| next.command == "echo $?");
            let exchange = &mut exchanges[index];
            let said = self.enter(&exchange.command)?;
            let shows = self.even.shown(&said.text);
            if shows != exchange.says {
                let Exchange { line, command, says } = &exchange;
                let lines = TextDiff::from_lines(says.as_str(), &shows);
                let lines = lines.unified_diff().context_radius(1).missing_newline_hint(false).to_string();
                self.differences.push(format!("line {line}: $ {command}\n{lines}"));
                exchange.says.clone_from(&shows);
            }
            if said.code != 0 && !asked {
                return Err(format!(
                    "line {}: $ {}\nexits {}:\n{shows}",
                    exchange.line, exchange.command, said.code
                ));
            }
        }
        Ok(())
    }

    fn enter(&mut self, command: &str) -> Result<Said, String> {
        let makes = ["limbeck revision", "limbeck merge", "limbeck squash", "limbeck rebase"];
        if makes.iter().any(|words| command.contains(words)) {
            next_second();
        }
        let child = self.console.start(&self.even.meant(command))?;
        if let Some(blow) = self.blow.take() {
            blow.strike(self, &child).inspect_err(|_| console::kill(&child))?;
        }
        let said = self.console.wait(child)?;
        self.even.revisions.look(&self.folder)?;
        Ok(said)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.folder);
    }
}

/// Files say to the second when they were made, and which came first is shown: no two get the same.
fn next_second() {
    let past = jiff::Timestamp::now().subsec_nanosecond().unsigned_abs();
    std::thread::sleep(std::time::Duration::from_nanos(1_000_000_000 - u64::from(past)));
}

/// What the shell's commands find: the server, and nothing of whoever runs the tests.
fn environment(folder: &Path, server: &Server, port: &str) -> Vec<(String, String)> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut environment = vec![
        ("PATH", format!("{}:{path}", folder.join("bin").display())),
        ("HOME", folder.join("home").display().to_string()),
        ("PGHOST", "localhost".to_owned()),
        ("PGPORT", port.to_owned()),
        (forward::SOCKET, server.socket().display().to_string()),
        ("PGUSER", "postgres".to_owned()),
        ("LIMBECK_CACHE", server.cache().display().to_string()),
        ("LANG", "C.UTF-8".to_owned()),
        ("NO_COLOR", "1".to_owned()),
        ("COLUMNS", "80".to_owned()),
    ];
    if let Ok(bin) = std::env::var("LIMBECK_PG_BIN") {
        environment.push(("LIMBECK_PG_BIN", bin));
    }
    environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
