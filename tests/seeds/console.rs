//! The shell of a page: one `sh` a command, which finds the folder and the variables as the last left them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use std::os::unix::process::CommandExt as _;

/// A shell in a project's folder.
pub(crate) struct Console {
    folder: PathBuf,
    environment: Vec<(String, String)>,
    last: i32,
}

/// What a command said, and how it ended.
pub(crate) struct Said {
    /// 0 for yes.
    pub(crate) code: i32,
    /// Both streams, as they came.
    pub(crate) text: String,
}

/// Runs `$1` after something that ended with `$2`, and remembers where it ended and with which variables. The shell itself outlives an interrupt.
const WRAPPED: &str = r#"
. "$SEED_STATE/variables"
cd "$(cat "$SEED_STATE/place")" || exit 97
trap : INT
(exit "$2")
eval "$1"
code=$?
export -p >"$SEED_STATE/variables"
pwd >"$SEED_STATE/place"
exit "$code"
"#;

impl Console {
    /// A shell in `project`; what it keeps for itself lies in `state`.
    pub(crate) fn new(
        project: &Path,
        state: &Path,
        mut environment: Vec<(String, String)>,
    ) -> Result<Self, String> {
        fs_err::write(state.join("variables"), "").map_err(|e| e.to_string())?;
        fs_err::write(state.join("place"), project.display().to_string()).map_err(|e| e.to_string())?;
        environment.push(("SEED_STATE".to_owned(), state.display().to_string()));
        Ok(Self { folder: state.to_owned(), environment, last: 0 })
    }

    /// Starts a command in a process group of its own, as a shell at a terminal does.
    pub(crate) fn start(&self, command: &str) -> Result<Child, String> {
        let out = File::create(self.out()).map_err(|e| e.to_string())?;
        let err = out.try_clone().map_err(|e| e.to_string())?;
        let child = Command::new("sh")
            .args(["-c", WRAPPED, "sh", command, &self.last.to_string()])
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn();
        child.map_err(|e| format!("sh: {e}"))
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, mut child: Child) -> Result<Said, String> {
        let ended = child.wait().map_err(|e| e.to_string())?;
        let text = fs_err::read(self.out()).map_err(|e| e.to_string())?;
        self.last = ended.code().unwrap_or(-1);
        Ok(Said { code: self.last, text: String::from_utf8_lossy(&text).into_owned() })
    }

    fn out(&self) -> PathBuf {
        self.folder.join("said")
    }
}

/// Presses Ctrl-C: all that the command started are told.
pub(crate) fn interrupt(child: &Child) -> Result<(), String> {
    signal("INT", &format!("-{}", child.id()))
}

/// Ends all that a command started, where a test gives it up.
pub(crate) fn kill(child: &Child) {
    _ = signal("KILL", &format!("-{}", child.id()));
}

/// Sends a signal by the shell's own `kill`.
pub(crate) fn signal(which: &str, whom: &str) -> Result<(), String> {
    let done =
        Command::new("sh").args(["-c", "kill -s $1 -- $2", "sh", which, whom]).stderr(Stdio::null()).status();
    match done {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("kill {which} {whom} failed")),
        Err(why) => Err(why.to_string()),
    }
}
