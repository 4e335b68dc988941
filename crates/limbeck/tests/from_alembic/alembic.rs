//! Alembic itself, from PyPI.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is installed: the versions that the tests were written against.
const PACKAGES: [&str; 3] = ["alembic>=1.20,<1.21", "sqlalchemy>=2,<3", "psycopg[binary]>=3.2,<4"];

/// A Python with Alembic on its path.
pub(crate) struct Alembic {
    packages: PathBuf,
}

impl Alembic {
    /// Fetches it, once for this build folder.
    pub(crate) fn get() -> Result<Self, String> {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alembic");
        fs_err::create_dir_all(&home).map_err(|e| e.to_string())?;
        let alone = File::create(home.join("lock")).map_err(|e| e.to_string())?;
        alone.lock().map_err(|e| e.to_string())?;
        let packages = home.join("packages");
        let done = home.join("done");
        if fs_err::read_to_string(&done).is_ok_and(|text| text == PACKAGES.join("\n")) {
            return Ok(Self { packages });
        }
        drop(fs_err::remove_dir_all(&packages));
        install(&packages)?;
        fs_err::write(done, PACKAGES.join("\n")).map_err(|e| e.to_string())?;
        Ok(Self { packages })
    }

    /// Runs it on a project and a database, and gives what it printed.
    pub(crate) fn run(&self, project: &Path, url: &str, args: &[&str]) -> Result<String, String> {
        let mut command = Command::new("python3");
        command.args(["-m", "alembic"]).args(args).current_dir(project);
        command
            .env("PYTHONPATH", &self.packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("ALEMBIC_TEST_URL", url);
        said(&mut command)
    }
}

/// By the first client that is there. Wheels alone: nothing is built here.
fn install(target: &Path) -> Result<(), String> {
    let clients: [&[&str]; 4] = [&["python3", "-m", "pip"], &["pip3"], &["pip"], &["uv", "pip"]];
    let mut why = Vec::new();
    for words in clients {
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(["install", "--quiet", "--only-binary", ":all:", "--target"])
            .arg(target);
        match said(command.args(PACKAGES)) {
            Ok(_) => return Ok(()),
            Err(error) => why.push(error),
        }
    }
    Err(why.join("\n"))
}

fn said(command: &mut Command) -> Result<String, String> {
    let name = format!("{command:?}");
    let out = command.stdin(Stdio::null()).output().map_err(|e| format!("{name}: {e}"))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&out.stderr);
    let last: Vec<&str> = words.lines().rev().take(4).collect();
    Err(format!("{name}: {}", last.into_iter().rev().collect::<Vec<_>>().join("\n")))
}
