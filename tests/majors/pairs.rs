//! Models of one major are clean on another: what only its spelling changes is no difference.

use std::sync::Arc;

use libtest_mimic::Trial;
use limbeck_scratch::provider::Database;

use crate::project::Project;
use crate::server::{Servers, url};
use crate::states::State;

/// Not-null constraints have names from 18 on, which renames leave behind.
const RENAMED: &str = "create table was (a integer not null, b integer not null);
alter table was rename column b to c;
alter table was rename to t;";

/// From where models come, and where they are checked.
#[derive(Clone, Copy)]
struct Pair {
    from: u16,
    to: u16,
}

/// One test a pair and state.
pub(crate) fn trials(servers: &Arc<Servers>) -> Vec<Trial> {
    let all = std::env::var("LIMBECK_PAIRS").is_ok_and(|word| word == "all");
    let pairs = pairs(&servers.majors(), all);
    let states = if all { State::of_fixtures() } else { Vec::new() };
    let mut trials = Vec::new();
    for pair in pairs {
        let older = pair.from.min(pair.to);
        let fitting = states.iter().filter(|state| state.needs <= older).cloned();
        for state in std::iter::once(State::rich(older)).chain(fitting) {
            let name = format!("models of {} on {}: {}", pair.from, pair.to, state.name);
            let servers = Arc::clone(servers);
            trials.push(Trial::test(name, move || check(&servers, pair, &state).map_err(Into::into)));
        }
    }
    let missing = ![14, 18].iter().all(|major| servers.majors().contains(major));
    let left_behind = Arc::clone(servers);
    let trial = move || names_left_behind(&left_behind).map_err(Into::into);
    trials.push(Trial::test("names that renames leave behind from 18 on", trial).with_ignored_flag(missing));
    trials
}

/// A server that has no such names is not asked for them; one that has others than the models think says so.
fn names_left_behind(servers: &Servers) -> Result<(), String> {
    let [old, new] = [14, 18].map(|major| servers.database(major, &[RENAMED.to_owned()]));
    let (old, new) = (old?, new?);
    clean(servers, Pair { from: 18, to: 14 }, &new, &old)?;
    let project = Project::new()?;
    project.must(&["init"], &url(&old))?;
    project.must(&["pull"], &url(&old))?;
    let said = project.limbeck(&["check"], &url(&new), &[])?;
    let names = said.text.matches("not null name").count();
    if said.code != Some(1) || names != 2 || !said.text.contains("2 to alter") {
        return Err(format!("expected the names and nothing else:\n{}", said.text));
    }
    servers.drop(old);
    servers.drop(new);
    Ok(())
}

/// The oldest with the newest, and the second with the second but last: or all.
fn pairs(majors: &[u16], all: bool) -> Vec<Pair> {
    let both = |from: u16, to: u16| [Pair { from, to }, Pair { from: to, to: from }];
    if all {
        let every = majors.iter().flat_map(|from| majors.iter().map(move |to| Pair { from: *from, to: *to }));
        return every.filter(|pair| pair.from != pair.to).collect();
    }
    let count = majors.len();
    let ends = (0..2).filter(|place| place * 2 + 1 < count);
    ends.flat_map(|place| both(majors[place], majors[count - 1 - place])).collect()
}

fn check(servers: &Servers, pair: Pair, state: &State) -> Result<(), String> {
    let first = servers.database(pair.from, &state.scripts)?;
    let second = servers.database(pair.to, &state.scripts)?;
    let checked = clean(servers, pair, &first, &second);
    servers.drop(first);
    servers.drop(second);
    checked
}

fn clean(servers: &Servers, pair: Pair, first: &Database, second: &Database) -> Result<(), String> {
    let project = Project::new()?;
    project.must(&["init"], &url(first))?;
    project.must(&["pull"], &url(first))?;
    let own = servers.bin(pair.to);
    project.must_with(&["check"], &url(second), &[("LIMBECK_PG_BIN", &own)])?;
    // Settled where the models come from, which is then not where the database is.
    let other = [("LIMBECK_PG_BIN", servers.bin(pair.from)), ("LIMBECK_NO_CACHE", "1".to_owned())];
    let other = other.each_ref().map(|(name, value)| (*name, value.as_str()));
    let elsewhere = project.must_with(&["check"], &url(second), &other);
    elsewhere.map(|_| ()).map_err(|why| format!("with a scratch server of {}, {why}", pair.from))
}
