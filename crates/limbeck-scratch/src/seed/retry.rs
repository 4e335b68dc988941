//! What is tried next after the server refused a row.

use super::attempt::Refusal;
use super::row::{Choice, Maker, ROWS, Row};

/// How often a row is tried.
const TRIES: usize = 25;
/// How many columns are tried alone where nobody knows which of them is wrong.
const SINGLES: usize = 12;

impl Maker {
    /// Changes a row after a refusal; `false` if there is nothing left to try.
    pub(super) fn change(&self, group: &[usize], row: &mut Row, refusal: &Refusal) -> bool {
        let is_it = |table: &&usize| {
            let id = &self.table(**table).id;
            id.schema() == refusal.schema && id.name() == refusal.relation
        };
        let member = group.iter().position(|table| is_it(&table)).unwrap_or_default();
        let times = row.refusals.entry(refusal.constraint.clone()).or_default();
        *times += 1;
        let times = *times;
        if row.refusals.values().sum::<usize>() >= TRIES {
            return false;
        }
        match refusal.state.as_str() {
            "23505" | "23P01" => self.differ(group[member], member, row, &refusal.constraint, times),
            "23502" => self.fill(group[member], member, row, &refusal.column),
            "23503" => self.adopt(group[member], member, row, &refusal.constraint, times),
            "23514" if self.has_check(group[member], &refusal.constraint) => {
                row.unsolved = Some(member);
                true
            }
            _ => self.vary(group, row, times),
        }
    }

    fn has_check(&self, table: usize, name: &str) -> bool {
        self.table(table).checks.iter().any(|check| check.name == name)
    }

    /// Another value for what must be unique: a new one where there are enough, otherwise the next
    /// combination of those that there are.
    fn differ(&self, table: usize, member: usize, row: &mut Row, name: &str, times: usize) -> bool {
        let Some(unique) = self.table(table).uniques.iter().find(|u| u.name == name) else {
            return false;
        };
        let columns: Vec<usize> =
            unique.columns.iter().copied().filter(|c| !self.is_fixed(table, *c)).collect();
        if columns.is_empty() {
            return false;
        }
        if columns.iter().any(|c| matches!(row.choices[member][*c], Choice::Text(_))) {
            row.unsolved = Some(member);
        }
        let is_open = |column: &&usize| {
            self.table(table).key_of(**column).is_none()
                && self.size(table, **column).is_none()
                && row.choices[member][**column] != Choice::Null
        };
        let open: Vec<usize> = columns.iter().filter(is_open).copied().collect();
        if !open.is_empty() {
            open.iter().for_each(|c| row.choices[member][*c] = Choice::Value(row.number + ROWS * times));
            return true;
        }
        let mut rest = row.number + times;
        for column in columns {
            let of = &self.table(table).columns[column];
            let key = self.table(table).key_of(column);
            let size = if key.is_some() { ROWS } else { self.size(table, column).unwrap_or(ROWS) };
            let (all, digit) = (size + usize::from(!of.not_null), rest);
            let digit = digit % all.max(1);
            rest = rest / all.max(1) + digit / size.max(1);
            row.choices[member][column] = match key {
                _ if digit == size => Choice::Null,
                Some(key) => Choice::Parent { key, offset: digit },
                None => Choice::Value(digit),
            };
        }
        true
    }

    /// A value where there was none.
    fn fill(&self, table: usize, member: usize, row: &mut Row, name: &str) -> bool {
        let mut changed = false;
        for (at, column) in self.table(table).columns.iter().enumerate() {
            let is_it = column.name == name || (name.is_empty() && column.not_null);
            let is_empty = matches!(row.choices[member][at], Choice::Null | Choice::Default);
            if is_it && is_empty && !self.is_fixed(table, at) {
                row.choices[member][at] = self.given(table, at, row.number);
                changed = true;
            }
        }
        changed
    }

    fn given(&self, table: usize, column: usize, number: usize) -> Choice {
        match self.table(table).key_of(column) {
            Some(key) => Choice::Parent { key, offset: number },
            None => Choice::Value(number),
        }
    }

    /// Another parent, or none.
    fn adopt(&self, table: usize, member: usize, row: &mut Row, name: &str, times: usize) -> bool {
        let of = self.table(table);
        let mut changed = false;
        let Some(at) = of.keys.iter().position(|key| key.name == name) else {
            let stranger = of.strangers.iter().filter(|key| key.name == name);
            for column in stranger.flat_map(|key| key.columns.iter().copied()) {
                if !of.columns[column].not_null && !self.is_fixed(table, column) {
                    changed |= row.choices[member][column] != Choice::Null;
                    row.choices[member][column] = Choice::Null;
                }
            }
            return changed;
        };
        for &column in of.keys[at].columns.iter().filter(|c| !self.is_fixed(table, **c)) {
            let (choice, is_nullable) = (&mut row.choices[member][column], !of.columns[column].not_null);
            match choice {
                Choice::Same { .. } => continue,
                _ if is_nullable && times > ROWS => *choice = Choice::Null,
                _ => *choice = Choice::Parent { key: at, offset: row.number + times },
            }
            changed = true;
        }
        changed
    }

    /// Nobody knows what is wrong: a null in one column after the other, then in all; other values.
    fn vary(&self, group: &[usize], row: &mut Row, times: usize) -> bool {
        let number = row.number;
        let free: Vec<(usize, usize)> = (0..group.len())
            .flat_map(|member| (0..row.choices[member].len()).map(move |at| (member, at)))
            .filter(|(member, at)| self.is_free(group[*member], *at))
            .collect();
        let is_nullable = |(member, at): &&(usize, usize)| !self.table(group[*member]).columns[*at].not_null;
        let nullable: Vec<_> = free.iter().filter(is_nullable).collect();
        let singles = nullable.len().min(SINGLES);
        let numbered = |times: usize| Choice::Value(number + ROWS * times);
        if times <= singles {
            free.iter().for_each(|(member, at)| row.choices[*member][*at] = numbered(0));
            let (member, at) = nullable[times - 1];
            row.choices[*member][*at] = Choice::Null;
        } else if times == singles + 1 {
            for (member, at) in &free {
                let column = &self.table(group[*member]).columns[*at];
                let choice = &mut row.choices[*member][*at];
                match (&column.default, column.not_null) {
                    (Some(_), _) => *choice = Choice::Default,
                    (None, false) => *choice = Choice::Null,
                    (None, true) => {}
                }
            }
        } else {
            free.iter().for_each(|(member, at)| row.choices[*member][*at] = numbered(times - singles));
        }
        times < singles + 4
    }

    /// Whether a column's value is ours to choose.
    fn is_free(&self, table: usize, at: usize) -> bool {
        let column = &self.table(table).columns[at];
        let is_given = column.identity || column.sequence.is_some() || self.is_fixed(table, at);
        !is_given && self.table(table).key_of(at).is_none()
    }
}
