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
//! | `Ctrl-C when NAME runs TEXT` | the next command is interrupted when its statement runs |
//! | `kubectl is killed when NAME runs TEXT` | the same for the port-forward |

use std::time::{Duration, Instant};

use crate::console::{interrupt, signal};
use crate::dump::differences;
use crate::run::Stage;
use crate::{forward, server::Server};

/// What happens to the next command while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Blow {
    database: String,
    statement: String,
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
        ["no", "kubectl", "is", "left"] => match kubectls(stage)?.as_slice() {
            [] => Ok(()),
            left => Err(format!("processes {left:?} of kubectl are left")),
        },
        ["Ctrl-C", "when", name, "runs", ..] => blow(stage, name, text, false),
        ["kubectl", "is", "killed", "when", name, "runs", ..] => blow(stage, name, text, true),
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

fn blow(stage: &mut Stage<'_>, database: &str, text: &str, kubectl: bool) -> Result<(), String> {
    let (_, statement) = text.split_once(" runs ").ok_or("no statement")?;
    stage.blow = Some(Blow { database: database.to_owned(), statement: statement.to_owned(), kubectl });
    Ok(())
}

impl Blow {
    /// Waits until the statement runs, and strikes.
    pub(crate) fn strike(&self, stage: &Stage<'_>, child: &std::process::Child) -> Result<(), String> {
        let running = format!(
            "select count(*)::text from pg_stat_activity where datname = '{}' and state = 'active'
             and pid <> pg_backend_pid() and query like '%{}%'",
            self.database, self.statement
        );
        let last = Instant::now() + Duration::from_secs(60);
        while stage.server.rows("postgres", &running)?.concat() == "0" {
            if Instant::now() > last {
                interrupt(child)?;
                return Err(format!("{} never ran", self.statement));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if self.kubectl {
            return kubectls(stage)?.iter().try_for_each(|pid| signal("KILL", pid));
        }
        interrupt(child)
    }
}

/// The processes of this page's port-forward that live.
fn kubectls(stage: &Stage<'_>) -> Result<Vec<String>, String> {
    let pids = forward::started(&stage.state())?;
    Ok(pids.into_iter().filter(|pid| signal("0", pid).is_ok()).collect())
}
