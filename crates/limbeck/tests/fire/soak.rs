//! Random interruptions over random chains: after each, whatever the version table says is what is there;
//! at the end, everything is there once, as if nothing had happened.
//!
//! `LIMBECK_SOAK` says how many, `LIMBECK_SEED` which; `cargo xtask soak --runner` sets both.

use std::fmt::Write as _;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::proxy::{Cut, Proxy};
use crate::world::{World, ended, signal};
use crate::{Server, Test};

pub(crate) const TESTS: &[Test] = &[("soak", Server::Own, soak)];

/// Numbers that look random, and are the same for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// How a run is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Kill,
    Terminate,
    Cut,
    Crash,
}

const BLOWS: [Blow; 4] = [Blow::Kill, Blow::Terminate, Blow::Cut, Blow::Crash];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn soak(world: &World) {
    let (count, seed) = (number("LIMBECK_SOAK", 12), number("LIMBECK_SEED", 1));
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let start = Instant::now();
    let proxy = Proxy::start(world.cluster.port);
    let mut tally = Tally::default();
    let mut left = count;
    while left > 0 {
        // A chain lasts for so many blows, then another one takes its place.
        let blows = left.min(50);
        left -= blows;
        let revisions = chain(world, &mut dice);
        world.run("drop schema public cascade; create schema public");
        assert_eq!(world.limbeck(&["upgrade", "head"]).code, Some(0));
        let expected = world.ask(STATE);
        let mut up = false;
        for _ in 0..blows {
            let blow = BLOWS[usize::try_from(dice.below(4)).unwrap()];
            strike(world, &proxy, &mut dice, blow, up, &mut tally);
            check(world, &revisions);
            // Mostly the next blow meets what this one left behind.
            if dice.below(3) == 0 {
                finish(world, up);
                check(world, &revisions);
                up = !up;
            }
        }
        finish(world, up);
        finish(world, true);
        assert_eq!(world.ask(STATE), expected, "seed {seed}");
        eprintln!("soak: {} of {count} ({} s)", count - left, start.elapsed().as_secs());
    }
    let seconds = start.elapsed().as_secs();
    eprintln!(
        "soak: {count} interruptions (seed {seed}) in {seconds} s: {tally:?}; nothing lost, nothing twice"
    );
}

/// How often each thing happened; `met` counts the runs that were still going on.
#[derive(Debug, Default)]
struct Tally {
    kill: usize,
    terminate: usize,
    cut: usize,
    crash: usize,
    met: usize,
}

fn command(up: bool) -> [&'static str; 2] {
    if up { ["upgrade", "head"] } else { ["downgrade", "base"] }
}

/// Begins a run, and interrupts it.
fn strike(world: &World, proxy: &Proxy, dice: &mut Dice, blow: Blow, up: bool, tally: &mut Tally) {
    if blow == Blow::Cut {
        let at = 1 + usize::try_from(dice.below(40)).unwrap();
        proxy.cut(if dice.below(2) == 0 { Cut::Asking(at) } else { Cut::Answering(at) });
    }
    let child = world.spawn_at(&world.url_through(proxy.port), &command(up));
    if blow != Blow::Cut {
        std::thread::sleep(Duration::from_millis(10 + dice.below(140)));
    }
    match blow {
        Blow::Kill => {
            tally.kill += 1;
            signal(&child, "KILL");
        }
        Blow::Terminate => {
            tally.terminate += 1;
            world.run(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'limbeck'",
            );
        }
        Blow::Cut => tally.cut += 1,
        Blow::Crash => {
            tally.crash += 1;
            world.cluster.crash();
        }
    }
    let code = wait(child, blow);
    tally.met += usize::from(code != Some(0));
    if blow == Blow::Crash {
        world.cluster.go_on();
    }
}

fn wait(child: Child, blow: Blow) -> Option<i32> {
    let ran = ended(child.wait_with_output());
    // Done before the blow, killed, or the connection was lost: nothing else.
    assert!(matches!(ran.code, None | Some(0 | 4)), "{blow:?} {ran:?}");
    ran.code
}

/// The next run goes on to the end, by itself.
fn finish(world: &World, up: bool) {
    let ran = world.limbeck(&command(up));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows = world.ask("select count(*) from limbeck_version where state <> 'applied'");
    assert_eq!(rows, "0", "{ran:?}");
}

/// What there is, object by object and row by row.
const STATE: &str = "select string_agg(line, E'\\n' order by line) from (\
    select c.relname || ' ' || c.relkind::text || ' ' || coalesce((select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ',' order by a.attname) \
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '') || coalesce((select ' ' || indisvalid || pg_get_indexdef(indexrelid) from pg_index where indexrelid = c.oid), '') as line \
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i', 'v') \
    union all select typname || ' ' || string_agg(enumlabel, ',' order by enumlabel) from pg_enum join pg_type t on t.oid = enumtypid group by typname \
    union all select 'row ' || revision || ' ' || part from log) all_lines";

/// A revision, and which of its parts write a row of the log.
struct Written {
    id: String,
    logged: Vec<usize>,
}

/// The log has the rows of exactly those parts that the version table calls done.
fn check(world: &World, revisions: &[Written]) {
    if !world.has("limbeck_version") || !world.has("log") {
        return;
    }
    // One statement, one moment: a session that lost its client may still be at work.
    let seen = world.ask(
        "select string_agg(coalesce(v.revision, l.revision) || ':' || coalesce(state || ':' || parts_done, 'none:0') || ':' || coalesce(parts, ''), ' ') \
         from limbeck_version v full join (select revision, string_agg(part::text, ',' order by part) as parts from log group by revision) l using (revision)",
    );
    for row in seen.split_whitespace() {
        let fields: Vec<&str> = row.split(':').collect();
        let [id, state, done, parts] = fields[..] else { panic!("{row}") };
        let done: usize = done.parse().unwrap();
        let revision = revisions.iter().find(|r| r.id == id).unwrap();
        let expected: Vec<String> = match state {
            "applied" => revision.logged.iter().map(ToString::to_string).collect(),
            "upgrading" => {
                revision.logged.iter().filter(|part| **part < done).map(ToString::to_string).collect()
            }
            // The first part of every downgrade takes the rows away.
            "downgrading" if done == 0 => revision.logged.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        };
        assert_eq!(parts, expected.join(","), "{seen}");
    }
}

/// Writes a random chain: a line, with branches that are merged again.
fn chain(world: &World, dice: &mut Dice) -> Vec<Written> {
    world.forget_revisions();
    let first = "-- limbeck:upgrade\ncreate table log (revision text, part int, primary key (revision, part));\n\
                 create type kind as enum ('none');\n-- limbeck:downgrade\ndrop table log; drop type kind;\n";
    world.write("r00", "", first);
    let mut all = vec![Written { id: "r00".into(), logged: Vec::new() }];
    let mut heads = vec!["r00".to_owned()];
    for number in 1..9 {
        let id = format!("r{number:02}");
        let parents = match dice.below(4) {
            // A branch beside the last one.
            0 if heads.len() == 1 => all[all.len().saturating_sub(2)].id.clone(),
            _ if heads.len() > 1 && dice.below(2) == 0 => heads.join(", "),
            _ => heads[heads.len() - 1].clone(),
        };
        heads.retain(|head| !parents.split(", ").any(|parent| parent == head));
        heads.push(id.clone());
        all.push(revision(world, dice, &id, &parents));
    }
    if heads.len() > 1 {
        all.push(revision(world, dice, "r99", &heads.join(", ")));
    }
    all
}

/// Writes a revision of random parts.
fn revision(world: &World, dice: &mut Dice, id: &str, parents: &str) -> Written {
    let (mut text, mut logged, mut indexes) = (String::new(), vec![0], Vec::new());
    let _ = write!(
        text,
        "-- limbeck:upgrade\ncreate table {id} (id int, v int); insert into {id} select n, n from generate_series(1, 50) n;\n\
         insert into log values ('{id}', 0);\n"
    );
    for part in 1..=dice.below(4) {
        match dice.below(5) {
            0 | 1 => {
                let _ = write!(
                    text,
                    "-- limbeck:upgrade no-transaction\ncreate index concurrently {id}_{part} on {id} (v, id);\n"
                );
                indexes.push(format!("{id}_{part}"));
            }
            // A label stays when the revision goes: it has to be there before, or not.
            2 => {
                let _ = write!(
                    text,
                    "-- limbeck:upgrade no-transaction\nalter type kind add value if not exists '{id}_{part}';\n"
                );
            }
            3 => {
                let _ = write!(text, "-- limbeck:upgrade no-transaction\nvacuum {id};\n");
            }
            _ => {
                let _ = write!(
                    text,
                    "-- limbeck:upgrade\ninsert into log values ('{id}', {part}); select pg_sleep(0.01);\n"
                );
                logged.push(usize::try_from(part).unwrap());
            }
        }
    }
    let _ = write!(text, "-- limbeck:downgrade\ndelete from log where revision = '{id}';\n");
    for index in &indexes {
        let _ = write!(text, "-- limbeck:downgrade no-transaction\ndrop index concurrently {index};\n");
    }
    let _ = write!(text, "-- limbeck:downgrade\ndrop table {id};\n");
    world.write(id, parents, &text);
    Written { id: id.to_owned(), logged }
}
