//! Two states as statements, and which of them hold on a server.

use std::collections::BTreeMap;

use limbeck_scratch::provider::Database;
use limbeck_sql::literal;

use crate::dice::Dice;
use crate::server::Server;
use crate::statements;
use crate::tables;
use crate::thing::{Kind, State};

/// Which statement: its thing's kind and number, and which of that thing's.
pub(crate) type Key = (Kind, u32, u8);

/// Statements, in the order in which they are tried.
pub(crate) type Script = BTreeMap<Key, String>;

/// A way from one state to another, with rows in the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) before: Script,
    pub(crate) after: Script,
    pub(crate) rows: Script,
}

impl Case {
    /// The case of a seed: the same one every time.
    pub(crate) fn of_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let (size, changes) = (4 + dice.below(40), 1 + dice.below(8));
        let from = State::random(&mut dice, size);
        let to = from.changed(&mut dice, changes);
        let script = |all: Vec<(Key, String)>| all.into_iter().collect();
        Self {
            before: script(statements::all(&from)),
            after: script(statements::all(&to)),
            rows: script(tables::rows(&from)),
        }
    }

    /// The other way round, with no rows.
    pub(crate) fn reversed(&self) -> Self {
        Self { before: self.after.clone(), after: self.before.clone(), rows: Script::new() }
    }
}

/// Runs as many statements of a script as can be run, in rounds: what needs something that comes later has
/// its turn again. Those that did, in the order in which they did.
pub(crate) fn run(server: &Server, database: &Database, script: &Script) -> Result<Vec<Key>, String> {
    if script.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&Key> = script.keys().collect();
    let work: Vec<_> =
        script.values().enumerate().map(|(n, sql)| format!("({n}, {})", literal(sql))).collect();
    let message = ROUNDS.replace("WORK", &work.join(","));
    let done = server.rows(database, &message)?;
    let key = |n: &String| n.parse::<usize>().ok().and_then(|n| keys.get(n)).map(|key| **key);
    Ok(done.iter().filter_map(key).collect())
}

const ROUNDS: &str = r"
create temp table work (n integer, sql text, turn integer) on commit drop;
insert into work (n, sql) values WORK;
set local check_function_bodies = off;
set local client_min_messages = error;
do $rounds$
declare r record; turns integer := 0; before integer := -1;
begin
  while before < turns loop
    before := turns;
    for r in select * from work where turn is null order by n loop
      begin
        execute r.sql;
        turns := turns + 1;
        update work set turn = turns where n = r.n;
      exception when others then null;
      end;
    end loop;
  end loop;
end $rounds$;
select n from work where turn is not null order by turn";
