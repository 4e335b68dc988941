//! Checks over several columns: the server looks for values that satisfy all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use limbeck_sql::ident;
use sqlx::PgConnection;

use super::attempt::{Item, Mode, Outcome, Refusal, attempt};
use super::candidate::{Constants, candidates};
use super::layout::{Check, Table};
use super::row::{Choice, Maker, ROWS, Row, State};

/// How many combinations the server looks at.
const COMBINATIONS: usize = 60_000;
/// How many solutions it returns: the next one is taken where the first is refused.
const SOLUTIONS: usize = 12;
/// Columns of one check that are too many to be tried in every combination. Such a check mostly counts
/// those that aren't null, so that null is what the columns beyond reach get.
const MANY: usize = 12;
/// How often one row is solved.
const TRIES: usize = 8;

/// What a column may get, and the expressions for it; the likely ones first.
struct Options {
    column: usize,
    choices: Vec<(Choice, String)>,
}

impl Options {
    fn prefer_null(&mut self) {
        self.choices.sort_by_key(|(choice, _)| *choice != Choice::Null);
    }
}

/// A row whose checks are to be solved.
struct Puzzle {
    group: usize,
    row: usize,
    member: usize,
    options: Vec<Options>,
}

/// Finds values for every row that a check refused.
pub(super) async fn solve(
    maker: &Maker,
    connection: &mut PgConnection,
    groups: &mut [(Vec<usize>, Vec<Row>)],
    deadline: Instant,
) -> Result<(), sqlx::Error> {
    let (mut puzzles, mut items) = (Vec::new(), Vec::new());
    for (group, (tables, rows)) in groups.iter_mut().enumerate() {
        for (at, row) in rows.iter_mut().enumerate().filter(|(_, row)| row.state == State::Waiting) {
            let Some(member) = row.unsolved.take() else { continue };
            for (options, item) in maker.puzzles(tables, row, member) {
                puzzles.push(Puzzle { group, row: at, member, options });
                items.push(item);
            }
        }
    }
    let outcomes = attempt(connection, &items, Mode::Query, deadline).await?;
    let mut solved: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    for (at, puzzle) in puzzles.iter().enumerate() {
        let row = &mut groups[puzzle.group].1[puzzle.row];
        *solved.entry((puzzle.group, puzzle.row)).or_insert(true) &=
            take(puzzle, row, solutions(&outcomes, at));
    }
    for ((group, row), solved) in solved {
        let row = &mut groups[group].1[row];
        row.solutions += 1;
        if row.solutions >= TRIES || (!solved && row.solutions >= 2) {
            row.state = State::GivenUp;
        }
    }
    Ok(())
}

fn solutions(outcomes: &[Outcome], item: usize) -> &str {
    let mut of = outcomes.iter().filter(|outcome| outcome.item == item);
    of.find_map(|outcome| outcome.result.as_ref().ok().and_then(|text| text.as_deref())).unwrap_or_default()
}

/// Takes the solution whose turn it is.
fn take(puzzle: &Puzzle, row: &mut Row, solutions: &str) -> bool {
    let all: Vec<&str> = solutions.split(';').filter(|s| !s.is_empty()).collect();
    let Some(solution) = all.get(row.solutions % all.len().max(1)) else { return false };
    for (options, at) in puzzle.options.iter().zip(solution.split(',')) {
        let chosen = at.parse().ok().and_then(|at: usize| options.choices.get(at));
        if let Some((choice, _)) = chosen {
            row.choices[puzzle.member][options.column] = choice.clone();
        }
    }
    true
}

impl Maker {
    /// The columns that are bound together by checks, each with its options, and the query for them.
    fn puzzles(&self, group: &[usize], row: &Row, member: usize) -> Vec<(Vec<Options>, Item)> {
        let table = self.table(group[member]);
        let is_whole = |check: &&Check| {
            !check.columns.is_empty() && check.columns.iter().all(|c| !table.columns[*c].generated)
        };
        let checks: Vec<_> = table.checks.iter().filter(is_whole).collect();
        let puzzle = |columns: BTreeSet<usize>| {
            let own = checks.iter().filter(|check| check.columns.iter().all(|c| columns.contains(c)));
            let texts: Vec<&str> = own.map(|check| check.expression.as_str()).collect();
            let constants = Constants::of(texts.iter().copied());
            let options =
                |column| Options { column, choices: self.options(group, row, member, column, &constants) };
            let mut options: Vec<Options> = columns.iter().map(|column| options(*column)).collect();
            if options.len() > MANY {
                options.iter_mut().for_each(Options::prefer_null);
            }
            shorten(&mut options);
            let all: Vec<usize> = options.iter().map(|options| options.choices.len()).collect();
            let few: Vec<usize> = all.iter().map(|count| *count.min(&3)).collect();
            let item = Item {
                path: table.path.clone(),
                sequences: String::new(),
                whole: Some(query(table, &options, &all, &texts)),
                parts: vec![query(table, &options, &few, &texts)],
            };
            (options, item)
        };
        components(&checks).into_iter().map(puzzle).collect()
    }

    fn options(
        &self,
        group: &[usize],
        row: &Row,
        member: usize,
        column: usize,
        constants: &Constants,
    ) -> Vec<(Choice, String)> {
        let (table, of) = (group[member], &self.table(group[member]).columns[column]);
        let current = row.choices[member][column].clone();
        let mut choices = Vec::new();
        if self.is_fixed(table, column) || of.identity || of.sequence.is_some() {
            // What a sequence will give is not known; a number of its kind stands in.
            let default = of.default.clone().filter(|_| of.sequence.is_none());
            let sql = default.unwrap_or_else(|| self.value(table, column, row.number));
            return vec![(current, sql)];
        }
        let sql = self.sql(group, row, member, column, 1);
        let has_null = current == Choice::Null;
        choices.push((current, sql));
        if !of.not_null && !has_null {
            choices.push((Choice::Null, "null".to_owned()));
        }
        let number = row.number + ROWS * row.solutions;
        if let Some(key) = self.table(table).key_of(column) {
            for offset in [row.number, row.number + 1, row.number + 2] {
                let mut other = Row {
                    choices: row.choices.clone(),
                    refusals: [].into(),
                    error: Refusal::default(),
                    ..*row
                };
                other.choices[member][column] = Choice::Parent { key, offset };
                let sql = self.sql(group, &other, member, column, 1);
                choices.push((Choice::Parent { key, offset }, sql));
            }
            return choices;
        }
        let texts = match self.pools.get(&(table, column)) {
            Some(pool) => (0..pool.len()).filter_map(|n| self.text(table, column, number + n)).collect(),
            None => candidates(&self.layout.types, (of.type_id, of.modifier), constants, number),
        };
        choices
            .extend(texts.into_iter().map(|text| (Choice::Text(text.clone()), limbeck_sql::literal(&text))));
        choices
    }
}

/// Sets of columns that no check binds to any other.
fn components(checks: &[&Check]) -> Vec<BTreeSet<usize>> {
    let mut found: Vec<BTreeSet<usize>> = Vec::new();
    for check in checks {
        let own: BTreeSet<usize> = check.columns.iter().copied().collect();
        let (joined, apart) = found.into_iter().partition(|set| !set.is_disjoint(&own));
        found = apart;
        found.push(joined.into_iter().flat_map(|set: BTreeSet<usize>| set).chain(own).collect());
    }
    found
}

/// Cuts the longest lists until there are few enough combinations.
fn shorten(options: &mut [Options]) {
    let product = |options: &[Options]| {
        options.iter().fold(1_usize, |all, options| all.saturating_mul(options.choices.len()))
    };
    while product(options) > COMBINATIONS {
        let longest = options.iter_mut().max_by_key(|options| options.choices.len());
        match longest {
            Some(options) if options.choices.len() > 1 => drop(options.choices.pop()),
            _ => break,
        }
    }
}

fn query(table: &Table, options: &[Options], counts: &[usize], checks: &[&str]) -> String {
    let holds: Vec<_> = checks.iter().map(|check| format!("coalesce(({check}), true)")).collect();
    let list = |(at, (options, count)): (usize, (&Options, &usize))| {
        let of = &table.columns[options.column];
        let tuple = |(i, (_, sql)): (usize, &(Choice, String))| format!("({i}, ({sql})::{})", of.type_name);
        let tuples: Vec<_> = options.choices.iter().take(*count).enumerate().map(tuple).collect();
        format!(
            "(values {}) as limbeck_values_{at} (limbeck_at_{at}, {})",
            tuples.join(", "),
            ident(&of.name)
        )
    };
    let lists: Vec<_> = options.iter().zip(counts).enumerate().map(list).collect();
    let places: Vec<_> = (0..options.len()).map(|at| format!("limbeck_at_{at}")).collect();
    format!(
        "select string_agg(p, ';') from (select concat_ws(',', {}) as p from {} where {} limit {SOLUTIONS}) s",
        places.join(", "),
        lists.join(" cross join "),
        holds.join(" and "),
    )
}
