//! Rounds of inserts: in each, every row that is still wanted is tried once, all in as few messages
//! as there can be; after each, the rows that were refused are changed.

use std::collections::BTreeMap;
use std::time::Instant;

use limbeck_sql::ident_list;
use sqlx::PgConnection;

use super::attempt::{Item, Mode, NO_TIME, Outcome, Refusal, attempt};
use super::order::counts;
use super::row::{Maker, Row, State, Wanted};
use super::solve::solve;

/// How many rounds there are at most.
const ROUNDS: usize = 40;

/// All groups of tables with their rows, and how far they are.
pub(super) struct Rounds<'a> {
    pub(super) maker: &'a Maker,
    pub(super) groups: Vec<(Vec<usize>, Vec<Row>)>,
    /// The rows that each table has.
    counts: Vec<usize>,
    /// When each table got its rows: the round, and the place in the order.
    filled: Vec<Option<(usize, usize)>>,
}

impl<'a> Rounds<'a> {
    /// Rows for every group: those that it gets, or one beyond them.
    pub(super) fn new(maker: &'a Maker, groups: Vec<Vec<usize>>) -> Self {
        let tables = &maker.layout.tables;
        let counts = counts(tables);
        let rows = |group: Vec<usize>| {
            let most = group.iter().map(|table| counts[*table]).max().unwrap_or_default();
            let numbers = match maker.wanted {
                Wanted::Values => 0..most,
                Wanted::Defaults => most..most + 1,
            };
            let rows = numbers.map(|number| maker.row(&group, number)).collect();
            (group, rows)
        };
        let (counts, filled) = (vec![0; tables.len()], vec![None; tables.len()]);
        Self { maker, groups: groups.into_iter().map(rows).collect(), counts, filled }
    }

    /// Tries until every row is there, given up, or out of time.
    pub(super) async fn run(
        &mut self,
        connection: &mut PgConnection,
        deadline: Instant,
    ) -> Result<(), sqlx::Error> {
        let mode = if self.maker.wanted == Wanted::Defaults { Mode::Undo } else { Mode::Keep };
        for round in 0..ROUNDS {
            if round > 0 {
                solve(self.maker, connection, &mut self.groups, deadline).await?;
            }
            let (items, places) = self.items(round, mode);
            if items.is_empty() {
                break;
            }
            let outcomes = attempt(connection, &items, mode, deadline).await?;
            self.take(round, &places, &outcomes);
        }
        if mode == Mode::Keep {
            attempt(connection, &self.late_parents(), Mode::Keep, deadline).await?;
        }
        Ok(())
    }

    /// What is tried in a round, and which rows each item's parts are.
    fn items(&self, round: usize, mode: Mode) -> (Vec<Item>, Vec<(usize, Vec<usize>)>) {
        let (mut items, mut places) = (Vec::new(), Vec::new());
        for (at, (tables, rows)) in self.groups.iter().enumerate() {
            let waiting: Vec<usize> =
                (0..rows.len()).filter(|row| rows[*row].state == State::Waiting).collect();
            let is_orphan = mode == Mode::Keep && round > 0 && self.is_orphan(tables);
            if waiting.is_empty() || is_orphan {
                continue;
            }
            let first = self.maker.table(tables[0]);
            let is_plain = tables.len() == 1 && first.keys.iter().all(|key| key.parent != tables[0]);
            // `insert … default values` takes one row.
            let has_columns = first.columns.iter().any(|column| !column.generated);
            let whole = (round == 0 && waiting.len() > 1 && is_plain && has_columns).then(|| {
                let rows: Vec<&Row> = waiting.iter().map(|row| &rows[*row]).collect();
                self.maker.insert(tables, 0, &rows)
            });
            items.push(Item {
                path: first.path.clone(),
                sequences: if mode == Mode::Undo { first.sequences() } else { String::new() },
                whole,
                parts: waiting.iter().map(|row| self.maker.statement(tables, &rows[*row])).collect(),
            });
            places.push((at, waiting));
        }
        (items, places)
    }

    /// Whether a necessary parent has no rows yet.
    fn is_orphan(&self, tables: &[usize]) -> bool {
        let keys = tables.iter().flat_map(|table| &self.maker.table(*table).keys);
        let mut outside = keys.filter(|key| key.hard && !tables.contains(&key.parent));
        outside.any(|key| self.counts[key.parent] == 0)
    }

    /// Notes what is there, and then what is not: why a row failed depends on whether its parents are.
    fn take(&mut self, round: usize, places: &[(usize, Vec<usize>)], outcomes: &[Outcome]) {
        for outcome in outcomes.iter().filter(|outcome| outcome.result.is_ok()) {
            let (group, waiting) = &places[outcome.item];
            let done = match outcome.part {
                Some(part) => &waiting[part..=part],
                None => &waiting[..],
            };
            let (tables, rows) = &mut self.groups[*group];
            for row in done {
                rows[*row].state = State::Done;
            }
            for table in tables {
                self.counts[*table] += done.len();
                self.filled[*table].get_or_insert((round, *group));
            }
        }
        for outcome in outcomes {
            let (Err(refusal), Some(part)) = (&outcome.result, outcome.part) else { continue };
            let (group, waiting) = &places[outcome.item];
            self.refused(*group, waiting[part], refusal);
        }
    }

    fn refused(&mut self, group: usize, row: usize, refusal: &Refusal) {
        let is_orphan = self.maker.wanted == Wanted::Values && self.is_orphan(&self.groups[group].0);
        let (tables, rows) = &mut self.groups[group];
        let row = &mut rows[row];
        row.error.clone_from(refusal);
        if refusal.state == NO_TIME || (!is_orphan && !self.maker.change(tables, row, refusal)) {
            row.state = State::GivenUp;
        }
    }

    /// Where a parent came after its child: one row that refers to it, so that the key has a value.
    fn late_parents(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for (tables, rows) in &self.groups {
            for (member, &at) in tables.iter().enumerate() {
                let table = self.maker.table(at);
                for (key, found) in table.keys.iter().enumerate().filter(|(_, key)| !key.hard) {
                    let is_late = self.filled[found.parent] > self.filled[at] && self.filled[at].is_some();
                    let Some(row) = rows.iter().find(|row| row.state == State::Done).filter(|_| is_late)
                    else {
                        continue;
                    };
                    let values: Vec<_> =
                        found.columns.iter().map(|c| self.maker.sql(tables, row, member, *c, 1)).collect();
                    let names = ident_list(found.columns.iter().map(|c| &table.columns[*c].name));
                    let name = table.id.qualified();
                    let own = found.columns.iter().all(|c| table.key_of(*c) == Some(key));
                    items.extend(own.then(|| Item {
                        path: table.path.clone(),
                        parts: vec![format!(
                            "update {name} set ({names}) = row({}) where ctid = (select ctid from {name} order by ctid limit 1)",
                            values.join(", ")
                        )],
                        ..Item::default()
                    }));
                }
            }
        }
        items
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The tables that have too few rows, with the last reason.
    pub(super) fn failed(&self, least: usize) -> BTreeMap<usize, Refusal> {
        let mut failed = BTreeMap::new();
        for (tables, rows) in &self.groups {
            let done = rows.iter().filter(|row| row.state == State::Done).count();
            if done < least {
                let last = rows.iter().rev().find(|row| row.state != State::Done);
                let error = last.map(|row| row.error.clone()).unwrap_or_default();
                failed.extend(tables.iter().map(|table| (*table, error.clone())));
            }
        }
        failed
    }
}
