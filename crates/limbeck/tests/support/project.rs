//! A project's folder, and the built binary in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a person's shell may hold, and a test must not see.
const SURROUNDINGS: [&str; 8] =
    ["DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "EDITOR", "VISUAL", "CLICOLOR_FORCE"];

/// A folder of its own for a test, removed at the end.
pub(crate) struct Project(PathBuf);

/// How a command ended, and what it said.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }
}

impl Project {
    /// A folder with nothing in it.
    pub(crate) fn empty(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("limbeck-test-{}-{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Project(path)
    }

    /// A folder in which `init` was run.
    pub(crate) fn new(name: &str) -> Self {
        let project = Project::empty(name);
        project.ok(&["init"]);
        project
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// Runs the binary without a terminal and without the surroundings' database.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        for name in SURROUNDINGS {
            command.env_remove(name);
        }
        command.args(args).envs(variables.iter().copied()).current_dir(&self.0).stdin(Stdio::null());
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the binary on a database.
    pub(crate) fn run_on(&self, url: &str, args: &[&str]) -> Ran {
        self.run_with(args, &[("DATABASE_URL", url)])
    }

    /// Runs on a database what must succeed.
    #[track_caller]
    pub(crate) fn ok_on(&self, url: &str, args: &[&str]) -> Ran {
        let ran = self.run_on(url, args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
        ran
    }

    /// Runs what must succeed; gives what it printed.
    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        ran.out
    }

    /// Runs what must be refused with this exit code; gives what it said.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
        ran.err
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).unwrap()
    }

    /// Adds keys to `[migrations]`, or sections after it.
    pub(crate) fn configure(&self, text: &str) {
        let config = self.read("limbeck.toml");
        self.write(
            "limbeck.toml",
            &config
                .replace("version_schema = \"public\"\n", &format!("version_schema = \"public\"\n{text}\n")),
        );
    }

    /// Writes a revision file: `bb < aa label:x needs:y`.
    pub(crate) fn revision(&self, line: &str) {
        let id = line.split_whitespace().next().unwrap();
        self.write(&format!("migrations/{id}.sql"), &revision_text(line));
    }

    /// Runs git here, as nobody in particular; it has to end well.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) {
        let identity =
            ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(identity).args(args).current_dir(&self.0).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "git {args:?}");
    }

    /// Commits all that is here, were it nothing new.
    #[track_caller]
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// The files below a folder, by name.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A revision's text from a line of a graph: `bb < aa label:x needs:y`.
pub(crate) fn revision_text(line: &str) -> String {
    let mut words = line.split_whitespace().filter(|word| *word != "<");
    let id = words.next().unwrap();
    let (mut parents, mut labels, mut needs) = (Vec::new(), Vec::new(), Vec::new());
    for word in words {
        match word.split_once(':') {
            Some(("label", label)) => labels.push(label),
            Some(("needs", other)) => needs.push(other),
            _ => parents.push(word),
        }
    }
    let mut text = format!("-- limbeck:revision {id}\n");
    for (key, values) in [("parents", parents), ("labels", labels), ("depends-on", needs)] {
        if !values.is_empty() {
            text.push_str(&format!("-- {key}: {}\n", values.join(", ")));
        }
    }
    format!(
        "{text}-- message: about {id}\n\n-- limbeck:upgrade\nselect 1;\n\n-- limbeck:downgrade\nselect 1;\n"
    )
}
