//! What a page's `<!-- test: … -->` comments ask for: the server's side, and what no output shows.
//!
//! | comment | does |
//! |---|---|
//! | `database NAME` | makes an empty database |
//! | `remember NAME as WORD` | keeps what stands in a database |
//! | `NAME is as WORD` | its dump is now what was kept |
//! | `NAME is as database OTHER` | the dumps of two databases are equal |
//! | `NAME has ROW, ROW in QUERY` | what a query finds, columns joined by a bar |
//! | `passwords are asked of ROLE` | the server lets that role in with its password alone |
//! | `port PORT leads to the server` | a port-forward that somebody opened; the page says this port |
//! | `kubectl is there` | a command that opens a port-forward to the server |
//! | `no kubectl is left` | and no process of it |
//! | `nothing sleeps in NAME` | no statement is in `pg_sleep` there |
//! | `Ctrl-C while NAME sleeps` | the next command is interrupted while its `pg_sleep` runs |
//! | `kubectl loses its pod while NAME sleeps` | and then ends with an error |

use std::time::{Duration, Instant};

use crate::console::{interrupt, signal};
use crate::dump::differences;
use crate::run::Stage;
use crate::{forward, server::Server};

/// What happens to the next command while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Blow {
    database: String,
    kubectl: bool,
}

/// Does what a comment asks for.
pub(crate) fn grant(stage: &mut Stage<'_>, text: &str) -> Result<(), String> {
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["database", name] => stage.server.create(name),
        ["remember", name, "as", word] => {
            stage.kept.insert(word.to_owned(), stage.server.objects(name)?);
            Ok(())
        }
        [name, "is", "as", "database", other] => same(stage, name, &stage.server.objects(other)?),
        [name, "is", "as", word] => {
            let kept = stage.kept.get(word).ok_or(format!("nothing was remembered as {word}"))?;
            same(stage, name, kept)
        }
        [name, "has", ..] => has(stage.server, name, text),
        ["passwords", "are", "asked", "of", role] => stage.server.ask_passwords(Some(role)),
        ["port", port, "leads", "to", "the", "server"] => {
            let real = forward::open(stage.server.socket())?;
            stage.even.words.push((real.to_string(), port.to_owned()));
            Ok(())
        }
        ["kubectl", "is", "there"] => stage.link(forward::NAME, &std::env::current_exe().unwrap_or_default()),
        ["no", "kubectl", "is", "left"] => until(|| kubectls(stage), "of kubectl are left"),
        ["nothing", "sleeps", "in", name] => until(|| sleepers(stage.server, name), "sleep"),
        ["Ctrl-C", "while", name, "sleeps"] => blow(stage, name, false),
        ["kubectl", "loses", "its", "pod", "while", name, "sleeps"] => blow(stage, name, true),
        _ => Err(format!("{text:?} is not understood")),
    }
}

fn same(stage: &Stage<'_>, name: &str, should: &crate::dump::Objects) -> Result<(), String> {
    match differences(&stage.server.objects(name)?, should) {
        None => Ok(()),
        Some(differences) => Err(format!("{name} differs:\n{differences}")),
    }
}

fn has(server: &Server, name: &str, text: &str) -> Result<(), String> {
    let (_, rest) = text.split_once(" has ").ok_or("no rows")?;
    let (rows, query) = rest.split_once(" in ").ok_or("no query")?;
    let found = server.rows(name, query)?.join(", ");
    if found == rows { Ok(()) } else { Err(format!("{name} has {found}")) }
}

fn blow(stage: &mut Stage<'_>, database: &str, kubectl: bool) -> Result<(), String> {
    stage.blow = Some(Blow { database: database.to_owned(), kubectl });
    Ok(())
}

impl Blow {
    /// Waits until a statement sleeps, and strikes.
    pub(crate) fn strike(&self, stage: &Stage<'_>, child: &std::process::Child) -> Result<(), String> {
        let awake = || match sleepers(stage.server, &self.database)?.is_empty() {
            true => Ok(vec![format!("all of {}", self.database)]),
            false => Ok(Vec::new()),
        };
        until(awake, "stayed awake")?;
        if self.kubectl {
            return forward::lose(&stage.state());
        }
        interrupt(child)
    }
}

/// Waits for the last of some processes to go: who was told to end may take a moment.
fn until(mut left: impl FnMut() -> Result<Vec<String>, String>, what: &str) -> Result<(), String> {
    let last = Instant::now() + Duration::from_secs(60);
    loop {
        let left = left()?;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > last {
            return Err(format!("{left:?} {what}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The sessions of a database that are in `pg_sleep`.
fn sleepers(server: &Server, database: &str) -> Result<Vec<String>, String> {
    let query = format!(
        "select pid::text from pg_stat_activity where datname = '{database}' and wait_event = 'PgSleep'"
    );
    server.rows("postgres", &query)
}

/// The processes of this page's port-forward that live.
fn kubectls(stage: &Stage<'_>) -> Result<Vec<String>, String> {
    let pids = forward::started(&stage.state())?;
    Ok(pids.into_iter().filter(|pid| signal("0", pid).is_ok()).collect())
}
