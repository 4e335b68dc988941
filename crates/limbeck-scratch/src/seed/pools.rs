//! Which values a domain, an unknown type, or a column with checks of its own takes: the server
//! picks them from a list.

use std::collections::BTreeSet;
use std::time::Instant;

use limbeck_sql::{ident, literal};
use sqlx::PgConnection;

use super::attempt::{Item, Mode, Outcome, attempt};
use super::candidate::{Constants, candidates, guesses};
use super::row::Maker;
use super::scalar;
use super::types::{Shape, Type};

/// How many values are enough.
const ENOUGH: usize = 40;

/// Asks for the values of types, and then for those of columns, which may have such types.
pub(super) async fn fill(
    maker: &mut Maker,
    connection: &mut PgConnection,
    deadline: Instant,
) -> Result<(), sqlx::Error> {
    let types = maker.of_types();
    let path = |id: i64| {
        maker.layout.types.get(id).map(|found| maker.layout.path(&found.schema)).unwrap_or_default()
    };
    let items: Vec<_> = types.iter().map(|(id, question)| question.item(path(*id))).collect();
    let outcomes = attempt(connection, &items, Mode::Query, deadline).await?;
    let all_types = types.into_iter().zip(valid(items.len(), &outcomes));
    for ((id, question), valid) in all_types {
        let pool = question.pick(&valid);
        if !pool.is_empty() {
            maker.layout.types.restrict(id, pool);
        }
    }
    let columns = maker.of_columns();
    let path = |(table, _): (usize, usize)| maker.table(table).path.clone();
    let items: Vec<_> = columns.iter().map(|(place, question)| question.item(path(*place))).collect();
    let outcomes = attempt(connection, &items, Mode::Query, deadline).await?;
    for ((place, question), valid) in columns.into_iter().zip(valid(items.len(), &outcomes)) {
        let pool = question.pick(&valid);
        if !pool.is_empty() {
            maker.pools.insert(place, pool);
        }
    }
    Ok(())
}

/// Which candidates have which name when conditions look at them.
struct Question {
    candidates: Vec<String>,
    type_name: String,
    name: String,
    conditions: Vec<String>,
}

impl Question {
    /// All at once; one by one if one of them is an error.
    fn item(&self, path: String) -> Item {
        let tuple =
            |(at, value): (usize, &String)| format!("({at}, ({})::{})", literal(value), self.type_name);
        let tuples: Vec<_> = self.candidates.iter().enumerate().map(tuple).collect();
        let holds: Vec<_> = self.conditions.iter().map(|c| format!("coalesce(({c}), true)")).collect();
        let holds = if holds.is_empty() { "true".to_owned() } else { holds.join(" and ") };
        let query = |tuples: &str| {
            format!(
                "select string_agg(limbeck_at::text, ',' order by limbeck_at) from (values {tuples}) \
                 as limbeck_values (limbeck_at, {}) where {holds}",
                self.name
            )
        };
        Item {
            path,
            sequences: String::new(),
            whole: Some(query(&tuples.join(", "))),
            parts: tuples.iter().map(|tuple| query(tuple)).collect(),
        }
    }

    fn pick(self, valid: &BTreeSet<usize>) -> Vec<String> {
        let all = self.candidates.into_iter().enumerate().filter(|(at, _)| valid.contains(at));
        all.map(|(_, value)| value).take(ENOUGH).collect()
    }
}

/// The candidates that hold, by question.
fn valid(questions: usize, outcomes: &[Outcome]) -> Vec<BTreeSet<usize>> {
    let mut valid = vec![BTreeSet::new(); questions];
    for outcome in outcomes {
        if let Ok(Some(places)) = &outcome.result {
            valid[outcome.item].extend(places.split(',').filter_map(|at| at.parse::<usize>().ok()));
        }
    }
    valid
}

impl Maker {
    /// Questions about the types that columns, attributes and elements have.
    fn of_types(&self) -> Vec<(i64, Question)> {
        let used = self.used_types();
        let asked = self.layout.types.iter().filter(|(id, _)| used.contains(id));
        asked.filter_map(|(id, found)| self.of_type(id, found).map(|question| (id, question))).collect()
    }

    fn of_type(&self, id: i64, found: &Type) -> Option<Question> {
        let types = &self.layout.types;
        match &found.shape {
            Shape::Domain { .. } => {
                let checks = types.checks(id);
                let constants = Constants::of(checks.iter().copied());
                let base = types.base(id, -1);
                let sql = types.get(base.0).map(|base| base.sql.clone())?;
                (!checks.is_empty()).then(|| Question {
                    candidates: candidates(types, base, &constants, 0),
                    type_name: sql,
                    name: "value".to_owned(),
                    conditions: checks.iter().map(|check| (*check).to_owned()).collect(),
                })
            }
            Shape::Scalar if scalar::value(&found.name, -1, 0).is_none() => Some(Question {
                candidates: guesses(),
                type_name: found.sql.clone(),
                name: "value".to_owned(),
                conditions: Vec::new(),
            }),
            _ => None,
        }
    }

    fn used_types(&self) -> BTreeSet<i64> {
        let types = &self.layout.types;
        let columns = self.layout.tables.iter().flat_map(|table| &table.columns);
        let (mut used, mut waiting) = (BTreeSet::new(), columns.map(|c| c.type_id).collect::<Vec<_>>());
        while let Some(id) = waiting.pop() {
            if !used.insert(id) {
                continue;
            }
            match types.get(id).map(|found| &found.shape) {
                Some(Shape::Array(of) | Shape::Range(of) | Shape::Multirange(of)) => waiting.push(*of),
                Some(Shape::Domain { base, .. }) => waiting.push(*base),
                Some(Shape::Composite(attributes)) => waiting.extend(attributes.iter().map(|(id, _)| *id)),
                Some(Shape::Scalar | Shape::Enum(_)) | None => {}
            }
        }
        used
    }

    /// Questions about the columns that have a check to themselves.
    fn of_columns(&self) -> Vec<((usize, usize), Question)> {
        let mut questions = Vec::new();
        for (at, table) in self.layout.tables.iter().enumerate() {
            for (column, of) in table.columns.iter().enumerate() {
                let own = table.checks.iter().filter(|check| check.columns == [column]);
                let conditions: Vec<String> = own.map(|check| check.expression.clone()).collect();
                if conditions.is_empty() || of.generated || table.key_of(column).is_some() {
                    continue;
                }
                let constants = Constants::of(conditions.iter().map(String::as_str));
                let question = Question {
                    candidates: candidates(&self.layout.types, (of.type_id, of.modifier), &constants, 0),
                    type_name: of.type_name.clone(),
                    name: ident(&of.name),
                    conditions,
                };
                questions.push(((at, column), question));
            }
        }
        questions
    }
}
