//! What a generated database is made of: things with genes.
//!
//! A gene is a number out of which a statement's choices are made (which type, which default, valid or not).
//! So a second state is easy to come by: other genes, another name, one thing more or less. What comes of it
//! need not make sense; statements that the server refuses are left out (`world.rs`).

use crate::dice::{Dice, mixed};

/// How many genes each thing has; what they decide, its kind says.
pub(crate) const GENES: usize = 10;

/// Which sort of thing, in the order in which they are best made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Schema,
    Enum,
    Domain,
    Composite,
    Sequence,
    Function,
    Aggregate,
    Table,
    Column,
    Key,
    Check,
    Exclusion,
    ForeignKey,
    Index,
    Statistics,
    View,
    MaterializedView,
    Trigger,
    Policy,
    Rule,
    /// What isn't compared, and uses what is.
    Context,
}

/// How often each kind is made, in proportion.
const SHARES: &[(Kind, u64)] = &[
    (Kind::Schema, 1),
    (Kind::Enum, 3),
    (Kind::Domain, 3),
    (Kind::Composite, 2),
    (Kind::Sequence, 2),
    (Kind::Function, 5),
    (Kind::Aggregate, 1),
    (Kind::Table, 3),
    (Kind::Column, 14),
    (Kind::Key, 4),
    (Kind::Check, 4),
    (Kind::Exclusion, 1),
    (Kind::ForeignKey, 4),
    (Kind::Index, 4),
    (Kind::Statistics, 1),
    (Kind::View, 5),
    (Kind::MaterializedView, 2),
    (Kind::Trigger, 2),
    (Kind::Policy, 1),
    (Kind::Rule, 1),
    (Kind::Context, 1),
];

/// Names that something has stumbled over before.
const ODD: &[&str] = &[
    "select",
    "Odd Name",
    "it's",
    "quo\"te",
    "a.b",
    "ünï",
    "per%cent",
    "back\\slash",
    "new\nline",
    "tab\there",
    "🦀",
    "user",
    "$1",
    "--",
    "a;b",
    "no",
    "~",
    "1",
    "a: b",
    "#x",
    "trailing ",
    " leading",
    "a_name_that_takes_all_of_the_sixty_three_bytes_that_a_name_",
];

const PLAIN: &[&str] = &["a", "b", "name", "total", "kind", "item", "at", "owner"];

/// One thing. Its number stays with it, whatever else becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    /// The table that it is part of.
    pub(crate) table: Option<u32>,
    pub(crate) name: String,
    pub(crate) genes: [u32; GENES],
}

impl Thing {
    fn new(dice: &mut Dice, number: u32, kind: Kind, tables: &[u32]) -> Self {
        let genes = std::array::from_fn(|_| dice.gene());
        let table = dice.of(tables).copied();
        Self { number, kind, table, name: name(dice, number), genes }
    }

    /// One of `0..end`, as a gene has it.
    pub(crate) fn choice(&self, gene: usize, end: u32) -> u32 {
        self.genes[gene] % end.max(1)
    }

    /// One of a list, as a gene has it.
    pub(crate) fn pick<T: Copy>(&self, gene: usize, list: &[T]) -> T {
        list[self.choice(gene, u32::try_from(list.len()).unwrap_or(1)) as usize]
    }

    /// Whether something is so that is so in one of `in_all` things.
    pub(crate) fn has(&self, gene: usize, in_all: u32) -> bool {
        (self.genes[gene] >> 8).is_multiple_of(in_all)
    }

    /// One of some other things. Which one stays the same when others come and go.
    pub(crate) fn other<'a>(&self, gene: usize, things: &[&'a Thing]) -> Option<&'a Thing> {
        let weight = |other: &Thing| mixed(u64::from(self.genes[gene]) << 32 | u64::from(other.number));
        things.iter().copied().filter(|other| other.number != self.number).max_by_key(|other| weight(other))
    }
}

fn name(dice: &mut Dice, number: u32) -> String {
    let odd = dice.below(8) == 0;
    let stem = dice.of(if odd { ODD } else { PLAIN }).copied().unwrap_or("x");
    format!("{stem}{number}")
}

/// One state of a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) things: Vec<Thing>,
    next: u32,
}

impl State {
    /// A first state of about so many things.
    pub(crate) fn random(dice: &mut Dice, size: u64) -> Self {
        let mut state = Self::default();
        for kind in [Kind::Table, Kind::Column, Kind::Column] {
            state.add(dice, kind);
        }
        for _ in 0..size {
            let kind = random_kind(dice);
            state.add(dice, kind);
        }
        state
    }

    /// Another state that came of this one by so many changes.
    pub(crate) fn changed(&self, dice: &mut Dice, changes: u64) -> Self {
        let mut state = self.clone();
        for _ in 0..changes {
            state.change(dice);
        }
        state
    }

    fn add(&mut self, dice: &mut Dice, kind: Kind) {
        let tables: Vec<u32> = self.of(Kind::Table).iter().map(|t| t.number).collect();
        self.things.push(Thing::new(dice, self.next, kind, &tables));
        self.next += 1;
    }

    fn change(&mut self, dice: &mut Dice) {
        let at = usize::try_from(dice.below(self.things.len() as u64)).unwrap_or_default();
        // What isn't compared stays: nothing would bring it back.
        if self.things[at].kind == Kind::Context {
            return;
        }
        match dice.below(14) {
            0 | 1 => drop(self.things.remove(at)),
            2 | 3 => {
                let kind = random_kind(dice);
                self.add(dice, if kind == Kind::Context { Kind::Column } else { kind });
            }
            4 => self.things[at].name = name(dice, self.things[at].number),
            5 => self.swap_names(dice, at),
            // Which schema something is in changes rarely: it is another thing then.
            6 => self.things[at].genes[0] = dice.gene(),
            _ => {
                let gene = 1 + usize::try_from(dice.below(GENES as u64 - 1)).unwrap_or_default();
                self.things[at].genes[gene] = dice.gene();
            }
        }
    }

    fn swap_names(&mut self, dice: &mut Dice, at: usize) {
        let kind = self.things[at].kind;
        let alike = |(i, other): (usize, &Thing)| (i != at && other.kind == kind).then_some(i);
        let others: Vec<usize> = self.things.iter().enumerate().filter_map(alike).collect();
        if let Some(&other) = dice.of(&others) {
            let name = std::mem::take(&mut self.things[at].name);
            self.things[at].name = std::mem::replace(&mut self.things[other].name, name);
        }
    }

    /// All of a kind.
    pub(crate) fn of(&self, kind: Kind) -> Vec<&Thing> {
        self.things.iter().filter(|thing| thing.kind == kind).collect()
    }

    /// The columns of a table.
    pub(crate) fn columns(&self, table: &Thing) -> Vec<&Thing> {
        self.of(Kind::Column).into_iter().filter(|column| column.table == Some(table.number)).collect()
    }

    /// The table that a thing is part of.
    pub(crate) fn table_of(&self, thing: &Thing) -> Option<&Thing> {
        self.things.iter().find(|t| Some(t.number) == thing.table && t.kind == Kind::Table)
    }
}

fn random_kind(dice: &mut Dice) -> Kind {
    let all: u64 = SHARES.iter().map(|(_, share)| share).sum();
    let mut at = dice.below(all);
    for (kind, share) in SHARES {
        if at < *share {
            return *kind;
        }
        at -= share;
    }
    Kind::Column
}
