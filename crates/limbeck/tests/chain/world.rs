//! A test's surroundings: a project in a folder, a database, the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use limbeck_scratch::provider::Database;

use crate::dump::{Objects, differences};
use crate::server::{Server, url};

/// A project and a database, both gone at the end.
pub(crate) struct World {
    server: Arc<Server>,
    database: Option<Database>,
    folder: PathBuf,
}

/// What a command said: all of it, data and the rest.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
}

impl World {
    /// A folder in which `init` was run, and an empty database.
    pub(crate) fn new(server: &Arc<Server>) -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("limbeck-chain-{}-{number}", std::process::id()));
        fs_err::create_dir_all(&folder).map_err(|e| e.to_string())?;
        let database = Some(server.database("")?);
        let world = World { server: Arc::clone(server), database, folder };
        world.must(&["init"])?;
        Ok(world)
    }

    /// Runs the binary as a pull request would: no terminal, no input.
    pub(crate) fn limbeck(&self, args: &[&str]) -> Result<Said, String> {
        self.limbeck_on(&url(self.database()), args)
    }

    /// Runs it with another database; with none, for an empty address.
    pub(crate) fn limbeck_on(&self, url: &str, args: &[&str]) -> Result<Said, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        for name in ["DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"] {
            command.env_remove(name);
        }
        if !url.is_empty() {
            command.env("DATABASE_URL", url);
        }
        let out = command
            .args(args)
            .current_dir(&self.folder)
            .env("CI", "true")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).trim().to_owned();
        Ok(Said { code: out.status.code(), text })
    }

    /// Runs the binary, which must exit 0, and gives what it said.
    pub(crate) fn must(&self, args: &[&str]) -> Result<String, String> {
        self.ends(args, 0, &[])
    }

    /// Runs the binary, which must exit so and say these words.
    pub(crate) fn ends(&self, args: &[&str], code: i32, words: &[&str]) -> Result<String, String> {
        says(args, self.limbeck(args)?, code, words)
    }

    /// The same without any database.
    pub(crate) fn ends_alone(&self, args: &[&str], code: i32, words: &[&str]) -> Result<String, String> {
        says(args, self.limbeck_on("", args)?, code, words)
    }

    /// Writes a revision, a minute after the one before: its id, its parents, its parts.
    pub(crate) fn revision(&self, id: &str, parents: &str, parts: &str) -> Result<(), String> {
        let minute = self.migrations()?.len();
        let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
        let text = format!(
            "-- limbeck:revision {id}\n{parents}-- message: about {id}\n-- created: 2026-11-20 09:{minute:02}:00 UTC\n\n{parts}"
        );
        self.write(&format!("migrations/2026_11_20_09{minute:02}-{id}_about_{id}.sql"), &text)
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(name);
        let folder = path.parent().unwrap_or(&self.folder);
        fs_err::create_dir_all(folder).and_then(|()| fs_err::write(&path, text)).map_err(|e| e.to_string())
    }

    /// The text of a file of the project.
    pub(crate) fn read(&self, name: &str) -> Result<String, String> {
        fs_err::read_to_string(self.folder.join(name)).map_err(|e| e.to_string())
    }

    /// All names in the folder of revisions, hidden ones too.
    pub(crate) fn migrations(&self) -> Result<Vec<String>, String> {
        let entries = fs_err::read_dir(self.folder.join("migrations")).map_err(|e| e.to_string())?;
        let mut names: Vec<_> = entries.flatten().map(|e| e.file_name().display().to_string()).collect();
        names.retain(|name| name != ".gitkeep");
        names.sort();
        Ok(names)
    }

    /// The file of a revision.
    pub(crate) fn file(&self, id: &str) -> Result<String, String> {
        let names = self.migrations()?;
        let found = names.iter().find(|name| name.contains(&format!("-{id}")));
        found.map(|name| format!("migrations/{name}")).ok_or_else(|| format!("no file of {id} in {names:?}"))
    }

    /// Changes the text of a revision's file.
    pub(crate) fn edit(&self, id: &str, from: &str, to: &str) -> Result<(), String> {
        let (name, text) = (self.file(id)?, self.read(&self.file(id)?)?);
        if !text.contains(from) {
            return Err(format!("{name} has no {from:?}"));
        }
        self.write(&name, &text.replace(from, to))
    }

    /// Runs a script in the database.
    pub(crate) fn sql(&self, script: &str) -> Result<(), String> {
        self.server.run(self.database(), script)
    }

    /// The rows of a query, their columns joined by `|`.
    pub(crate) fn rows(&self, query: &str) -> Result<Vec<String>, String> {
        self.server.rows(self.database(), query)
    }

    /// What a second pair of eyes sees in the database.
    pub(crate) fn dump(&self) -> Result<Objects, String> {
        self.server.objects(self.database())
    }

    /// The folder of the project.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn database(&self) -> &Database {
        self.database.as_ref().expect("there until the end")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(fs_err::remove_dir_all(&self.folder));
        self.database.take().into_iter().for_each(|database| Server::drop(&self.server, database));
    }
}

fn says(args: &[&str], said: Said, code: i32, words: &[&str]) -> Result<String, String> {
    let missing = words.iter().find(|words| !said.text.contains(**words));
    match (said.code == Some(code), missing) {
        (true, None) => Ok(said.text),
        (false, _) => {
            Err(format!("`limbeck {}` exits {:?} and not {code}:\n{}", args.join(" "), said.code, said.text))
        }
        (true, Some(words)) => {
            Err(format!("`limbeck {}` does not say {words:?}:\n{}", args.join(" "), said.text))
        }
    }
}

/// Fails where two things that should be equal are not.
pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(is: &T, should: &T, what: &str) -> Result<(), String> {
    if is == should { Ok(()) } else { Err(format!("{what}\n  is:        {is:?}\n  should be: {should:?}")) }
}

/// Fails where two databases differ.
pub(crate) fn alike(is: &Objects, should: &Objects, what: &str) -> Result<(), String> {
    differences(is, should).map_or(Ok(()), |differences| Err(format!("{what}\n{differences}")))
}
