//! The statements that make each thing. A thing has several, each in a slot of its own, so that two states can
//! be compared slot by slot.

use limbeck_sql::{ident, literal};

use crate::relations;
use crate::routines;
use crate::tables;
use crate::thing::{Kind, State, Thing};
use crate::types::{Type, chosen, chosen_base};

/// A statement of a thing, and its slot.
pub(crate) type Slots = Vec<(u8, String)>;

/// The slot of a comment.
const COMMENT: u8 = 99;

/// Labels of enums; the first two are in most of them.
pub(crate) const LABELS: &[&str] = &["s", "m", "x y", "it's", "Ü", "q\"q", "l"];

/// All statements of a state, by thing and slot.
pub(crate) fn all(state: &State) -> Vec<((Kind, u32, u8), String)> {
    let mut all = Vec::new();
    for thing in &state.things {
        for (slot, sql) in of(state, thing).unwrap_or_default() {
            all.push(((thing.kind, thing.number, slot), sql));
        }
    }
    all.sort();
    all
}

/// The statements of a thing; none where it is part of something that is gone.
fn of(state: &State, thing: &Thing) -> Option<Slots> {
    let mut slots = match thing.kind {
        Kind::Schema => vec![(0, format!("create schema {}", ident(&thing.name)))],
        Kind::Enum => enumeration(state, thing),
        Kind::Domain => domain(state, thing),
        Kind::Composite => composite(state, thing),
        Kind::Sequence => sequence(state, thing),
        Kind::Function => routines::function(state, thing)?,
        Kind::Aggregate => routines::aggregate(state, thing),
        Kind::Table => tables::table(state, thing),
        Kind::Column => tables::column(state, thing)?,
        Kind::Key => tables::key(state, thing)?,
        Kind::Check => tables::check(state, thing)?,
        Kind::Exclusion => tables::exclusion(state, thing)?,
        Kind::ForeignKey => tables::foreign_key(state, thing)?,
        Kind::Index => relations::index(state, thing)?,
        Kind::Statistics => relations::statistics(state, thing)?,
        Kind::View => relations::view(state, thing)?,
        Kind::MaterializedView => relations::materialized_view(state, thing)?,
        Kind::Trigger => routines::trigger(state, thing)?,
        Kind::Policy => routines::policy(state, thing)?,
        Kind::Rule => routines::rule(state, thing)?,
        Kind::Context => relations::context(state, thing),
    };
    if thing.has(9, 4) {
        slots.extend(comment(state, thing).map(|sql| (COMMENT, sql)));
    }
    Some(slots)
}

fn comment(state: &State, thing: &Thing) -> Option<String> {
    let text = thing.pick(
        9,
        &[
            "plain",
            "it's \"quoted\"",
            "two\nlines",
            "ends in a line\n",
            "- a: b # c",
            "",
            "  spaces  ",
            "\ttab\n\nx",
        ],
    );
    let name = ident(&thing.name);
    let part_of = |what: &str| {
        state.table_of(thing).map(|table| format!("{what} {name} on {}", qualified(state, table)))
    };
    let own = qualified(state, thing);
    let target = match thing.kind {
        Kind::Schema => format!("schema {name}"),
        Kind::Enum | Kind::Composite => format!("type {own}"),
        Kind::Domain => format!("domain {own}"),
        Kind::Sequence => format!("sequence {own}"),
        Kind::Function => format!("routine {own}"),
        Kind::Aggregate => format!("aggregate {own}(integer)"),
        Kind::Table => format!("table {own}"),
        Kind::Column => format!("column {}.{name}", qualified(state, state.table_of(thing)?)),
        Kind::Key | Kind::Check | Kind::Exclusion | Kind::ForeignKey => part_of("constraint")?,
        Kind::Index => format!("index {}.{name}", schema(state, state.table_of(thing)?)),
        Kind::Statistics => format!("statistics {own}"),
        Kind::View => format!("view {own}"),
        Kind::MaterializedView => format!("materialized view {own}"),
        Kind::Trigger => part_of("trigger")?,
        Kind::Policy => part_of("policy")?,
        Kind::Rule => part_of("rule")?,
        Kind::Context => return None,
    };
    Some(format!("comment on {target} is {}", literal(text)))
}

/// The schema that a thing is in, quoted.
pub(crate) fn schema(state: &State, thing: &Thing) -> String {
    let other = if thing.has(0, 3) { thing.other(0, &state.of(Kind::Schema)) } else { None };
    other.map_or("public".to_owned(), |schema| ident(&schema.name))
}

/// A thing's name with its schema, quoted.
pub(crate) fn qualified(state: &State, thing: &Thing) -> String {
    format!("{}.{}", schema(state, thing), ident(&thing.name))
}

fn enumeration(state: &State, thing: &Thing) -> Slots {
    let wanted = |i: usize| i < 2 || thing.genes[1] >> i & 1 == 1;
    let mut labels: Vec<_> = (0..LABELS.len()).filter(|i| wanted(*i)).map(|i| literal(LABELS[i])).collect();
    if thing.has(2, 5) {
        labels.reverse();
    }
    if thing.has(3, 6) {
        labels.remove(0);
    }
    vec![(0, format!("create type {} as enum ({})", qualified(state, thing), labels.join(", ")))]
}

fn domain(state: &State, thing: &Thing) -> Slots {
    let name = qualified(state, thing);
    let base = if thing.has(2, 6) { chosen(state, thing, 2) } else { chosen_base(thing) };
    let default = if thing.has(3, 3) {
        format!(" default {}", base.constant(thing.choice(3, 30)))
    } else {
        String::new()
    };
    let mut slots = vec![(0, format!("create domain {name} as {}{default}", base.sql))];
    for (slot, gene) in [(1, 4), (2, 5)] {
        if thing.has(gene, 2) {
            let named = if thing.has(gene, 3) { String::new() } else { format!("constraint c{gene} ") };
            let condition = base.condition("value", thing.choice(gene, 90));
            slots.push((slot, format!("alter domain {name} add {named}check ({condition})")));
        }
    }
    if thing.has(6, 6) {
        slots.push((3, format!("alter domain {name} set not null")));
    }
    slots
}

fn composite(state: &State, thing: &Thing) -> Slots {
    let second: Type = chosen(state, thing, 2);
    let mut attributes = vec!["a integer".to_owned(), format!("b {}", second.sql)];
    if thing.has(3, 2) {
        attributes.push(format!(
            "{} {}",
            thing.pick(4, &["c", "\"D d\"", "\"select\""]),
            chosen(state, thing, 3).sql
        ));
    }
    if thing.has(5, 5) {
        attributes[0] = "a bigint".to_owned();
    }
    vec![(0, format!("create type {} as ({})", qualified(state, thing), attributes.join(", ")))]
}

fn sequence(state: &State, thing: &Thing) -> Slots {
    let name = qualified(state, thing);
    let options = [
        thing.pick(1, &["", " as integer", " as smallint", " as bigint"]),
        thing.pick(2, &["", " increment 5", " increment -1", " start 7"]),
        thing.pick(3, &["", " maxvalue 1000", " minvalue -5 start 3", " cache 10", " cycle"]),
    ];
    let mut slots = vec![(0, format!("create sequence {name}{}", options.concat()))];
    if thing.has(4, 3)
        && let Some(column) = thing.other(4, &state.of(Kind::Column))
        && let Some(table) = state.table_of(column)
    {
        let owner = format!("{}.{}", qualified(state, table), ident(&column.name));
        slots.push((1, format!("alter sequence {name} owned by {owner}")));
    }
    slots
}
