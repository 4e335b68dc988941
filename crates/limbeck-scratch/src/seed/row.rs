//! Rows to be inserted: what is chosen for each column, and the statement that this comes to.

use std::collections::BTreeMap;

use limbeck_sql::{ident, ident_list, literal};

use super::attempt::Refusal;
use super::layout::{Layout, Table};

/// How many rows a table gets.
pub(super) const ROWS: usize = 3;

/// What a column of a row gets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    /// Its default, its identity; nothing for a generated column.
    Default,
    Null,
    /// The value of its type with this number.
    Value(usize),
    /// What the parent's row at this place has.
    Parent {
        key: usize,
        offset: usize,
    },
    /// What the parent's row in the same statement has.
    Same {
        key: usize,
    },
    /// This text.
    Text(String),
}

/// One row of each table of a group.
pub(super) struct Row {
    pub(super) number: usize,
    /// For each table of the group, what its columns get.
    pub(super) choices: Vec<Vec<Choice>>,
    pub(super) state: State,
    /// How often each constraint refused it.
    pub(super) refusals: BTreeMap<String, usize>,
    /// The last reason.
    pub(super) error: Refusal,
    /// The table of the group whose checks are to be solved, and how often they were.
    pub(super) unsolved: Option<usize>,
    pub(super) solutions: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Done,
    GivenUp,
}

/// What rows are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Rows that show what happens to values.
    Values,
    /// A row that leaves out what has a default.
    Defaults,
}

/// Everything that rows are made of.
pub(super) struct Maker {
    pub(super) layout: Layout,
    /// The values that a column takes by the checks of its own, by table and column.
    pub(super) pools: BTreeMap<(usize, usize), Vec<String>>,
    pub(super) wanted: Wanted,
}

impl Maker {
    pub(super) fn table(&self, table: usize) -> &Table {
        &self.layout.tables[table]
    }

    /// Whether a column gets its default whatever happens.
    pub(super) fn is_fixed(&self, table: usize, column: usize) -> bool {
        let column = &self.table(table).columns[column];
        column.generated || (self.wanted == Wanted::Defaults && column.fills_itself())
    }

    /// A row as it is first tried.
    pub(super) fn row(&self, group: &[usize], number: usize) -> Row {
        let choices = |&table: &usize| {
            let columns = 0..self.table(table).columns.len();
            columns.map(|column| self.first_choice(group, table, column, number)).collect()
        };
        let mut row = Row {
            number,
            choices: group.iter().map(choices).collect(),
            state: State::Waiting,
            refusals: BTreeMap::new(),
            error: Refusal::default(),
            unsolved: None,
            solutions: 0,
        };
        self.pin(group, &mut row);
        row
    }

    /// The first row has defaults, the last one nulls; sequences and identities always give the value, so
    /// that their position tells whether it was carried over.
    fn first_choice(&self, group: &[usize], table: usize, at: usize, number: usize) -> Choice {
        let of = self.table(table);
        let column = &of.columns[at];
        let key = of.key_of(at);
        let is_last = number + 1 == ROWS && !column.not_null;
        match key {
            _ if self.is_fixed(table, at) || column.identity => Choice::Default,
            Some(key) if self.wanted == Wanted::Values && is_together(group, of, key) => Choice::Same { key },
            Some(_) if is_last => Choice::Null,
            Some(key) => Choice::Parent { key, offset: number },
            None if column.sequence.is_some() => Choice::Default,
            None if number == 0 && column.default.is_some() && !of.is_used_up(at) => Choice::Default,
            None if is_last => Choice::Null,
            None => Choice::Value(number),
        }
    }

    /// What another table of the same statement refers to must be known beforehand. Its numbers are out of
    /// the way of a sequence's.
    fn pin(&self, group: &[usize], row: &mut Row) {
        let number = row.number;
        for &child in group {
            for (at, key) in self.table(child).keys.iter().enumerate() {
                let Some(member) = group.iter().position(|t| *t == key.parent) else { continue };
                if self.wanted == Wanted::Defaults || !is_together(group, self.table(child), at) {
                    continue;
                }
                for &column in &key.parent_columns {
                    let choice = &mut row.choices[member][column];
                    if matches!(choice, Choice::Default | Choice::Null) {
                        *choice = Choice::Value(10_000 + number);
                    }
                }
            }
        }
    }

    /// The statement for one row of each table of a group.
    pub(super) fn statement(&self, group: &[usize], row: &Row) -> String {
        let inserts: Vec<_> =
            (0..group.len()).map(|member| self.insert(group, member, std::slice::from_ref(&row))).collect();
        let Some((last, others)) = inserts.split_last() else { return String::new() };
        let others: Vec<_> = others.iter().enumerate().map(|(i, sql)| format!("i{i} as ({sql})")).collect();
        if others.is_empty() { last.clone() } else { format!("with {} {last}", others.join(", ")) }
    }

    /// The statement that inserts rows into one table of a group.
    pub(super) fn insert(&self, group: &[usize], member: usize, rows: &[&Row]) -> String {
        let table = self.table(group[member]);
        let columns: Vec<usize> = (0..table.columns.len()).filter(|c| !table.columns[*c].generated).collect();
        if columns.is_empty() {
            return format!("insert into {} default values", table.id.qualified());
        }
        let names = ident_list(columns.iter().map(|c| &table.columns[*c].name));
        let is_explicit = |row: &&Row| {
            columns.iter().any(|c| table.columns[*c].identity && row.choices[member][*c] != Choice::Default)
        };
        let overriding = if rows.iter().any(is_explicit) { " overriding system value" } else { "" };
        let tuple = |row: &&Row| {
            let values: Vec<_> = columns.iter().map(|c| self.sql(group, row, member, *c, 0)).collect();
            format!("({})", values.join(", "))
        };
        let tuples: Vec<_> = rows.iter().map(tuple).collect();
        format!("insert into {} ({names}){overriding} values {}", table.id.qualified(), tuples.join(", "))
    }

    /// What a column gets, as an expression.
    pub(super) fn sql(
        &self,
        group: &[usize],
        row: &Row,
        member: usize,
        column: usize,
        depth: usize,
    ) -> String {
        let table = group[member];
        match &row.choices[member][column] {
            Choice::Default if depth == 0 => "default".to_owned(),
            Choice::Default => {
                let of = &self.table(table).columns[column];
                let plain = of.default.clone().filter(|_| of.sequence.is_none());
                plain.unwrap_or_else(|| "null".to_owned())
            }
            Choice::Null => "null".to_owned(),
            Choice::Text(text) => literal(text),
            Choice::Value(number) => self.value(table, column, *number),
            Choice::Parent { key, offset } => {
                self.of_parent(group, row, member, column, (*key, *offset), depth)
            }
            Choice::Same { key } => {
                let key = &self.table(table).keys[*key];
                let at = key.columns.iter().position(|c| *c == column).unwrap_or_default();
                let parent = group.iter().position(|t| *t == key.parent).unwrap_or_default();
                // Keys that refer to each other in a ring have the same value all around.
                if depth > group.len() {
                    return self.value(table, column, row.number);
                }
                self.sql(group, row, parent, key.parent_columns[at], depth + 1)
            }
        }
    }

    /// The literal with a number, among those that the column takes.
    pub(super) fn value(&self, table: usize, column: usize, number: usize) -> String {
        self.text(table, column, number).map_or_else(|| "null".to_owned(), |text| literal(&text))
    }

    pub(super) fn text(&self, table: usize, column: usize, number: usize) -> Option<String> {
        if let Some(pool) = self.pools.get(&(table, column)) {
            return pool.get(number % pool.len().max(1)).cloned();
        }
        let column = &self.table(table).columns[column];
        self.layout.types.value(column.type_id, column.modifier, number)
    }

    /// How many values a column takes; `None` where they don't come to an end.
    pub(super) fn size(&self, table: usize, column: usize) -> Option<usize> {
        if let Some(pool) = self.pools.get(&(table, column)) {
            return Some(pool.len());
        }
        let column = &self.table(table).columns[column];
        self.layout.types.size(column.type_id, column.modifier)
    }

    /// What a parent's row has, all columns of a key from one row. Columns that another key gives a value
    /// narrow the choice.
    fn of_parent(
        &self,
        group: &[usize],
        row: &Row,
        member: usize,
        column: usize,
        (key, offset): (usize, usize),
        depth: usize,
    ) -> String {
        let key_at = key;
        let key = &self.table(group[member]).keys[key];
        let parent = self.table(key.parent);
        let name = |at: usize| format!("p.{}", ident(&parent.columns[key.parent_columns[at]].name));
        let (mut conditions, mut wanted) = (Vec::new(), "null".to_owned());
        for (at, &of) in key.columns.iter().enumerate() {
            conditions.push(format!("{} is not null", name(at)));
            if of == column {
                wanted = name(at);
            }
            let choice = &row.choices[member][of];
            let is_own =
                matches!(choice, Choice::Parent { key, .. } | Choice::Same { key } if *key == key_at);
            if of != column && !is_own && depth < 4 {
                conditions.push(format!("{} = {}", name(at), self.sql(group, row, member, of, depth + 1)));
            }
        }
        let from = format!("from {} p where {}", parent.id.qualified(), conditions.join(" and "));
        // In the order in which they went in, so that a row that comes later moves no other.
        format!(
            "(select {wanted} {from} order by p.ctid \
             offset {offset} % greatest((select count(*) {from}), 1) limit 1)"
        )
    }
}

/// Whether the parent's row is made in the same statement.
fn is_together(group: &[usize], table: &Table, key: usize) -> bool {
    let key = &table.keys[key];
    key.hard && group.contains(&key.parent)
}
