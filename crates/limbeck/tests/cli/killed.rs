//! Commands that are killed or told to end at any moment: what they leave is old or new, and the next run cleans
//! up the servers and databases that they leave.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use limbeck_scratch::provider::{Choice, Places, Wanted, candidates, open};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use crate::project::Project;
use crate::server::{server, url};

/// What runs, one after the other, each killed, and told to end in one way or the other.
const COMMANDS: [&[&str]; 4] = [
    &["revision", "--autogenerate", "-m", "more"],
    &["check", "-d", "ephemeral"],
    &["pull"],
    &["prove", "first"],
];

const SIGNALS: [&str; 4] = ["KILL", "TERM", "KILL", "INT"];

/// How long each has run when it is struck, in milliseconds: from start-up to beyond its end, by turns.
const MOMENTS: [u64; 6] = [15, 700, 60, 350, 150, 1_500];

const BEFORE: &str =
    "create type size as enum ('s', 'l'); create table t (id integer primary key, size size);";

/// A cache of the test's own, where any user may enter, for root's sake.
struct Cache(PathBuf);

impl Drop for Cache {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn what_is_killed_leaves_nothing_behind() {
    let Some(found) = candidates(&Places::from_env()).into_iter().next() else {
        eprintln!("SKIPPED: no server binaries; LIMBECK_PG_BIN names some");
        return;
    };
    let cache = Cache(PathBuf::from(format!("/tmp/limbeck-test-{}-cache-of-killed", std::process::id())));
    std::fs::create_dir_all(&cache.0).unwrap();
    let places = Places { cache: Some(cache.0.clone()), bin: Some(found.bin), ..Places::from_env() };
    let scratch = server().await;
    let live = scratch.database().await.unwrap();
    live.run(BEFORE).await.unwrap();
    let (project, address) = (Project::new("killed"), url(&live));
    project.ok_on(&address, &["pull"]);
    project.ok_on(&address, &["revision", "--autogenerate", "-m", "nothing"]);
    project.write("migrations/first.sql", FIRST);
    let models = Models { kept: project.read("models/public/t.yaml") };
    for turn in 0..2 * COMMANDS.len() {
        let (command, signal) = (COMMANDS[turn / 2], SIGNALS[turn % SIGNALS.len()]);
        // Each begins with models that say one column more than there is.
        project.write("models/public/t.yaml", &models.more());
        drop(std::fs::remove_dir_all(project.path().join(".limbeck")));
        let child = spawn(&project, &places, &address, command);
        std::thread::sleep(Duration::from_millis(MOMENTS[turn % MOMENTS.len()]));
        strike(child, signal);
        models.are_whole(&project, &format!("{command:?} {signal}"));
    }
    // The next run steps over all that, and cleans up.
    let next = spawn(&project, &places, &address, &["check", "-d", "ephemeral"]).wait_with_output().unwrap();
    assert!(matches!(next.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&next.stderr));
    for file in files(project.path()) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(!text.is_empty() && !is_temporary(&file), "{} is left", file.display());
    }
    assert_eq!(left(&places).await, BTreeSet::new());
    live.drop().await.unwrap();
    scratch.close().await.unwrap();
}

/// A revision to prove.
const FIRST: &str = "-- limbeck:revision first\n-- message: one\n\n-- limbeck:upgrade\ncreate table made (id integer);\n\
     \n-- limbeck:downgrade\ndrop table made;\n";

/// The one model file, as it was and with a column more.
struct Models {
    kept: String,
}

impl Models {
    fn more(&self) -> String {
        self.kept.replace("      id:", "      more: text\n      id:")
    }

    /// `pull` may have come to its end, or not.
    fn are_whole(&self, project: &Project, who: &str) {
        let now = project.read("models/public/t.yaml");
        assert!(now == self.more() || now == self.kept, "{who}:\n{now}\n{}", self.kept);
        for name in project.files("migrations").iter().filter(|name| name.ends_with(".sql")) {
            let text = project.read(&format!("migrations/{name}"));
            assert!(text.contains("-- limbeck:downgrade") && text.ends_with('\n'), "{who}: {name}\n{text}");
        }
        // Another revision of the same would be refused: there is one head too many.
        for name in project.files("migrations").iter().filter(|name| name.contains("more")) {
            std::fs::remove_file(project.path().join("migrations").join(name)).unwrap();
        }
    }
}

fn spawn(project: &Project, places: &Places, url: &str, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.args(args).current_dir(project.path()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("LIMBECK_CACHE", places.cache.as_ref().unwrap());
    command.env("LIMBECK_PG_BIN", places.bin.as_ref().unwrap());
    if args.contains(&"ephemeral") {
        command.env_remove("DATABASE_URL")
    } else {
        command.env("DATABASE_URL", url)
    };
    command.spawn().unwrap()
}

/// Sends a signal, and sees the end. One that is told to end does so by itself.
fn strike(child: Child, signal: &str) {
    let _ = Command::new("kill")
        .args([&format!("-{signal}"), &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
    child.wait_with_output().unwrap();
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// What is written before it takes a file's place, and who writes it. `.limbeck` itself is what runs keep.
fn is_temporary(file: &Path) -> bool {
    let names = file.iter().map(|name| name.to_string_lossy());
    let hidden = names.filter(|name| name.starts_with('.') && !KEPT.contains(&&**name));
    hidden.count() > 0 || file.to_string_lossy().contains("draft")
}

/// Hidden, and not left behind.
const KEPT: [&str; 2] = [".limbeck", ".gitignore"];

/// Tables whose models take a while to write.
const MANY: usize = 300;

/// Starts a pull, and gives it as soon as its first draft is there: long before the last is.
fn amid_drafts(project: &Project, at: &str) -> Child {
    let drafts = |project: &Project| {
        let entries = std::fs::read_dir(project.path().join("models")).unwrap().flatten();
        let mut folders = entries.filter(|entry| entry.file_name().to_string_lossy().contains("draft"));
        folders.any(|folder| std::fs::read_dir(folder.path()).is_ok_and(|files| files.count() > 1))
    };
    for _ in 0..20 {
        drop(std::fs::remove_dir_all(project.path().join("models/public")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command.arg("pull").current_dir(project.path()).env("DATABASE_URL", at).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            if drafts(project) {
                signal(&child, "STOP");
                // It may have come to its end before the signal did.
                if drafts(project) {
                    return child;
                }
                signal(&child, "CONT");
            }
        }
        child.wait().unwrap();
    }
    panic!("no pull was met while it wrote");
}

fn signal(child: &Child, name: &str) {
    let args = [format!("-{name}"), child.id().to_string()];
    Command::new("kill").args(args).stderr(Stdio::null()).status().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_of_a_killed_pull_go_with_the_next_and_those_of_a_living_one_stay() {
    let scratch = server().await;
    let live = scratch.database().await.unwrap();
    let tables: String = (0..MANY).map(|i| format!("create table t{i} (id int);")).collect();
    live.run(&tables).await.unwrap();
    let (project, at) = (Project::new("amid"), url(&live));
    let left = || files(project.path()).into_iter().filter(|file| is_temporary(file)).collect::<Vec<_>>();
    let mut killed = amid_drafts(&project, &at);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!left().is_empty());
    project.ok_on(&at, &["pull"]);
    assert_eq!((left(), project.files("models/public").len()), (Vec::new(), MANY));
    // One that is only slow finds its own again.
    let slow = amid_drafts(&project, &at);
    project.ok_on(&at, &["pull"]);
    assert!(!left().is_empty());
    signal(&slow, "CONT");
    let ran = slow.wait_with_output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!((left(), project.files("models/public").len()), (Vec::new(), MANY));
    scratch.close().await.unwrap();
}

/// The databases of killed runs, on the cluster of the cache; and clusters beside the one.
async fn left(places: &Places) -> BTreeSet<String> {
    let choice = Choice::Native { bin: places.bin.clone() };
    let scratch = open(&Wanted { places: places.clone(), choice, ..Wanted::default() }).await.unwrap();
    let database = scratch.database().await.unwrap();
    let mut session = database.options().connect().await.unwrap();
    let rows = sqlx::raw_sql("select datname::text from pg_database where datname <> current_database()")
        .fetch_all(&mut session)
        .await
        .unwrap();
    session.close().await.unwrap();
    let known = ["postgres", "template0", "template1"];
    let names: BTreeSet<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    let clusters = std::fs::read_dir(places.cache.as_ref().unwrap().join("clusters")).unwrap();
    let clusters = clusters.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).count();
    database.drop().await.unwrap();
    scratch.close().await.unwrap();
    let mut left: BTreeSet<String> =
        names.into_iter().filter(|name| !known.contains(&name.as_str())).collect();
    left.extend((clusters > 1).then(|| format!("{clusters} clusters")));
    left
}
