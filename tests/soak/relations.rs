//! What reads tables: indexes, statistics, views; and what isn't compared.

use limbeck_sql::ident;

use crate::statements::{Slots, qualified, schema};
use crate::tables::{names, some_columns, type_of};
use crate::thing::{Kind, State, Thing};
use crate::types::Sort;

pub(crate) fn index(state: &State, thing: &Thing) -> Option<Slots> {
    let table = state.table_of(thing)?;
    let columns = some_columns(state, thing, 1)?;
    let (first, own) = (ident(&columns[0].name), type_of(state, columns[0]));
    let (method, elements) = match (own.sort, thing.choice(3, 6)) {
        (Sort::Document, 0..3) => ("gin", format!("{first} jsonb_path_ops")),
        (Sort::List, 0..3) => ("gin", first.clone()),
        (Sort::Range, 0..3) => ("gist", first.clone()),
        (Sort::Text, 0) => ("btree", format!("{first} text_pattern_ops")),
        (Sort::Text, 1) => ("btree", format!("{first} collate \"C\" desc")),
        (Sort::Whole, 0) => ("brin", format!("{first} int4_minmax_multi_ops")),
        (_, 1) => ("hash", first.clone()),
        (_, 2 | 3) => ("btree", format!("(({})), {first}", own.expression(&first, thing.choice(4, 30)))),
        (_, 4) => ("btree", format!("{first} desc nulls last")),
        _ => ("btree", names(&columns)),
    };
    let unique = if thing.has(3, 5) { "unique " } else { "" };
    let include = if thing.has(5, 6) { some_columns(state, thing, 5) } else { None };
    let include = include.map_or(String::new(), |columns| format!(" include ({})", names(&columns[..1])));
    let option = if thing.has(7, 8) { " with (fillfactor=50)" } else { "" };
    let filter = if thing.has(8, 4) {
        format!(" where {}", own.condition(&first, thing.choice(8, 90)))
    } else {
        String::new()
    };
    let (name, on) = (ident(&thing.name), qualified(state, table));
    let mut slots = vec![(
        0,
        format!("create {unique}index {name} on {on} using {method} ({elements}){include}{option}{filter}"),
    )];
    if thing.has(6, 7) {
        slots.push((
            1,
            match thing.choice(6, 3) {
                0 => format!("alter table {on} cluster on {name}"),
                1 => format!("alter index {}.{name} alter column 1 set statistics 50", schema(state, table)),
                _ => format!("alter table {on} replica identity using index {name}"),
            },
        ));
    }
    Some(slots)
}

pub(crate) fn statistics(state: &State, thing: &Thing) -> Option<Slots> {
    let table = state.table_of(thing)?;
    let columns = state.columns(table);
    let (a, b) = (thing.other(1, &columns)?, thing.other(2, &columns)?);
    let kinds = thing.pick(3, &["", " (ndistinct)", " (dependencies, mcv)"]);
    let second = type_of(state, b).expression(&ident(&b.name), thing.choice(4, 30));
    let second = if thing.has(4, 2) { format!("({second})") } else { ident(&b.name) };
    let (name, on) = (qualified(state, thing), qualified(state, table));
    Some(vec![(0, format!("create statistics {name}{kinds} on {}, {second} from {on}", ident(&a.name)))])
}

pub(crate) fn view(state: &State, thing: &Thing) -> Option<Slots> {
    let options = if thing.has(7, 5) {
        thing.pick(7, &[" with (security_barrier=true)", " with (security_invoker=true)"])
    } else {
        ""
    };
    let name = qualified(state, thing);
    let mut slots = vec![(0, format!("create view {name}{options} as {}", query(state, thing)?))];
    if thing.has(8, 8) {
        slots.push((1, format!("alter view {name} set (check_option = local)")));
    }
    Some(slots)
}

pub(crate) fn materialized_view(state: &State, thing: &Thing) -> Option<Slots> {
    let name = qualified(state, thing);
    let data = thing.pick(7, &["", " with no data"]);
    let mut slots = vec![(0, format!("create materialized view {name} as {}{data}", query(state, thing)?))];
    if thing.has(8, 2) {
        slots.push((1, format!("create unique index on {name} (c1)")));
    }
    Some(slots)
}

/// A query over tables, views or functions.
fn query(state: &State, thing: &Thing) -> Option<String> {
    let (tables, views) =
        (state.of(Kind::Table), [state.of(Kind::View), state.of(Kind::MaterializedView)].concat());
    let table = thing.other(2, &tables)?;
    let columns = state.columns(table);
    let (a, b) = (thing.other(3, &columns)?, thing.other(4, &columns)?);
    let (from, one, two) = (qualified(state, table), ident(&a.name), ident(&b.name));
    let made = type_of(state, b).expression(&two, thing.choice(5, 30));
    let condition = type_of(state, a).condition(&one, thing.choice(6, 90));
    let over = |things: &[&Thing]| thing.other(6, things).map(|other| qualified(state, other));
    Some(match thing.choice(1, 14) {
        0 | 1 => format!("select {one} as c1, {two} as c2 from {from}"),
        2 => format!("select * from {from}"),
        3 => format!("select t.*, {made} as made from {from} t where {condition}"),
        4 => {
            let other = thing.other(5, &tables)?;
            let third = thing.other(6, &state.columns(other)).map(|c| ident(&c.name))?;
            format!(
                "select t.{one} as c1, u.{third} as c2 from {from} t left join {} u on t.{one}::text = u.{third}::text",
                qualified(state, other)
            )
        }
        5 => format!(
            "select {one}::text as c1, count(*) as c2, max({two}::text) as c3 from {from} group by {one}::text having count(*) > 0"
        ),
        6 => format!("select {one} as c1, {two} as c2 from {from} group by {one}"),
        7 | 8 => format!("select * from {}", over(&views)?),
        9 => format!("select c1 from {} where c1 is not null", over(&views)?),
        10 => format!(
            "select {one}::text as c1 from {from} union all select {two}::text from {from} order by 1"
        ),
        11 => format!(
            "with w as (select {one} as c1, row_number() over (order by {two}::text) as n from {from}) select * from w where n < 5"
        ),
        12 => format!("select t as c1, {one} as c2 from {from} t"),
        _ => {
            let function = thing.other(6, &state.of(Kind::Function)).map(|f| qualified(state, f))?;
            if thing.has(6, 2) {
                format!("select * from {function}()")
            } else {
                format!("select {one} as c1, {function}({two}) as c2 from {from}")
            }
        }
    })
}

/// What isn't compared, over what is: a partitioned table, a range, a table that inherits another.
pub(crate) fn context(state: &State, thing: &Thing) -> Slots {
    let name = format!("public.context_{}", thing.number);
    let types = [state.of(Kind::Enum), state.of(Kind::Domain), state.of(Kind::Composite)].concat();
    let own = thing.other(2, &types).map_or("text".to_owned(), |t| qualified(state, t));
    let sql = match thing.choice(1, 3) {
        0 => format!("create table {name} (day date not null, v {own}) partition by range (day)"),
        1 => format!("create type {name} as range (subtype = numeric)"),
        _ => format!("create table {name}_of (v {own}); create table {name} () inherits ({name}_of)"),
    };
    vec![(0, sql)]
}
