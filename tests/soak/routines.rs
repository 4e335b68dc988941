//! Functions, and what calls them: aggregates, triggers, policies, rules.

use limbeck_sql::ident;

use crate::statements::{Slots, qualified};
use crate::tables::{some_columns, type_of};
use crate::thing::{Kind, State, Thing};
use crate::types::chosen;

/// Whether a function is one of those for triggers.
fn is_for_triggers(function: &Thing) -> bool {
    matches!(function.choice(1, 12), 2 | 3)
}

pub(crate) fn function(state: &State, thing: &Thing) -> Option<Slots> {
    let name = qualified(state, thing);
    let (number, tables) = (thing.choice(2, 5), state.of(Kind::Table));
    let table = thing.other(3, &tables).map(|t| qualified(state, t));
    let own = chosen(state, thing, 3);
    let volatility = thing.pick(
        4,
        &[
            "immutable",
            "immutable strict",
            "stable",
            "",
            "immutable parallel safe",
            "volatile security definer",
        ],
    );
    let options =
        thing.pick(5, &["", "", " cost 7", " set search_path = ''", " set work_mem = '1MB'", " leakproof"]);
    let end = format!("{volatility}{options}");
    let text = match thing.choice(1, 12) {
        0 | 1 => format!(
            "create function {name}(integer) returns integer language sql {end} as 'select $1 + {number}'"
        ),
        2 | 3 => format!(
            "create function {name}() returns trigger language plpgsql{options} as $f$begin\n  -- {number}\n  return new;\nend$f$"
        ),
        4 => format!(
            "create function {name}(n integer, more text default 'it''s') returns integer language sql {end} as 'select n'"
        ),
        5 => format!(
            "create function {name}() returns setof {} language sql stable{options} as $f$select * from {}$f$",
            table.as_ref()?,
            table.as_ref()?
        ),
        6 => format!(
            "create function {name}(r {}) returns integer language sql {end} as 'select {number}'",
            table?
        ),
        7 => format!(
            "create function {name}() returns bigint language sql begin atomic select count(*) + {number} from {}; end",
            table?
        ),
        8 => format!(
            "create function {name}(v {}) returns integer language sql {end} as 'select {number}'",
            own.sql
        ),
        9 => format!(
            "create function {name}(x integer) returns table (a integer, b {}) language sql stable as 'select 1, null::{}'",
            own.sql, own.sql
        ),
        10 => format!(
            "create procedure {name}(inout x integer) language plpgsql{options} as $f$begin x := {number}; end$f$"
        ),
        _ => format!(
            "create function {name}(variadic integer[]) returns integer language sql {end} return $1[1] + {number}"
        ),
    };
    Some(vec![(0, text)])
}

pub(crate) fn aggregate(state: &State, thing: &Thing) -> Slots {
    let start = thing.pick(1, &["", ", initcond = '0'", ", initcond = '5'"]);
    vec![(
        0,
        format!(
            "create aggregate {}(integer) (sfunc = int4pl, stype = integer{start})",
            qualified(state, thing)
        ),
    )]
}

pub(crate) fn trigger(state: &State, thing: &Thing) -> Option<Slots> {
    let table = qualified(state, state.table_of(thing)?);
    let functions: Vec<_> = state.of(Kind::Function).into_iter().filter(|f| is_for_triggers(f)).collect();
    let function = qualified(state, thing.other(1, &functions)?);
    let columns = some_columns(state, thing, 2)?;
    let (name, column) = (ident(&thing.name), ident(&columns[0].name));
    let when = if thing.has(4, 3) { format!(" when (new.{column} is not null)") } else { String::new() };
    let how = match thing.choice(5, 6) {
        0 => format!("create trigger {name} before insert on {table} for each row{when}"),
        1 => format!("create trigger {name} before update of {column} on {table} for each row{when}"),
        2 => format!("create trigger {name} after insert or update or delete on {table} for each statement"),
        3 => format!(
            "create constraint trigger {name} after insert on {table} deferrable initially deferred for each row{when}"
        ),
        4 => format!(
            "create trigger {name} after update on {table} referencing old table as o new table as n for each statement"
        ),
        _ => format!("create trigger {name} after insert or update on {table} for each row{when}"),
    };
    let mut slots =
        vec![(0, format!("{how} execute function {function}({})", thing.pick(6, &["", "", "'x', 'it''s'"])))];
    if thing.has(7, 6) {
        slots.push((
            1,
            format!(
                "alter table {table} {} trigger {name}",
                thing.pick(7, &["disable", "enable always", "enable replica"])
            ),
        ));
    }
    Some(slots)
}

pub(crate) fn policy(state: &State, thing: &Thing) -> Option<Slots> {
    let table = qualified(state, state.table_of(thing)?);
    let columns = some_columns(state, thing, 1)?;
    let condition = type_of(state, columns[0]).condition(&ident(&columns[0].name), thing.choice(3, 90));
    let to = thing.pick(4, &["", " to public", " to current_user"]);
    let kind = thing.pick(5, &["", " as restrictive"]);
    let command = match thing.choice(6, 4) {
        0 => format!(" for select{to} using ({condition})"),
        1 => format!(" for insert{to} with check ({condition})"),
        2 => format!(" for update{to} using ({condition}) with check (true)"),
        _ => format!("{to} using ({condition})"),
    };
    Some(vec![(0, format!("create policy {} on {table}{kind}{command}", ident(&thing.name)))])
}

pub(crate) fn rule(state: &State, thing: &Thing) -> Option<Slots> {
    let table = qualified(state, state.table_of(thing)?);
    let column = ident(&some_columns(state, thing, 1)?[0].name);
    let what = thing.pick(3, &["delete", "update", "insert"]);
    let (row, action) =
        (if what == "insert" { "new" } else { "old" }, thing.pick(4, &["nothing", "also notify x"]));
    let instead = if action == "nothing" { "do instead nothing" } else { "do also notify x" };
    let filter = if thing.has(5, 2) { format!(" where {row}.{column} is null") } else { String::new() };
    Some(vec![(0, format!("create rule {} as on {what} to {table}{filter} {instead}", ident(&thing.name)))])
}
