//! A recording as any database with the same catalog would give it: for files that are kept and compared.
//!
//! What tells two such databases apart is what they counted (object ids), in which order the server came
//! upon rows, who asked, and how much their tables hold. Ids are numbered anew, in the order of what they
//! stand for; rows are sorted; the rest is left out.

use std::collections::HashMap;

use limbeck_catalog::row::{Address, address};

use crate::Recording;
use crate::answer::ResultSet;
use crate::message::{Answers, Frame, Message};

/// Columns that hold addresses, which is where object ids are.
const ADDRESSES: [&str; 5] = ["addresses", "target", "object", "needs", "address"];

/// What of the server's own row is about the session and not about the database.
const OF_THE_SESSION: [&str; 3] = ["database", "user", "in_recovery"];

impl Recording {
    /// The same catalog under numbers of our own, in an order of our own; the sizes of tables only if they
    /// are wanted, as they change with every row.
    pub fn canonical(mut self, sizes: bool) -> Self {
        let answers = Message::new(self.server, &Frame::snapshot()).answers;
        let mut numbers = Numbers::default();
        for (set, answers) in self.sets.iter_mut().zip(&answers) {
            match answers {
                Answers::Nothing | Answers::Moment | Answers::Fingerprint => set.rows.clear(),
                Answers::Sizes if !sizes => set.rows.clear(),
                Answers::Server => blank(set, &OF_THE_SESSION),
                Answers::Objects(_) | Answers::Uncompared => numbers.take(set),
                Answers::Depends | Answers::Casts | Answers::Sizes => {}
            }
        }
        self.strangers.sort_by(|one, other| one.1.cmp(&other.1));
        self.strangers.dedup();
        for (at, _) in &mut self.strangers {
            *at = numbers.number(*at);
        }
        for (set, answers) in self.sets.iter_mut().zip(&answers) {
            if matches!(answers, Answers::Objects(_) | Answers::Uncompared | Answers::Depends) {
                numbers.put(set);
            }
            set.rows.sort();
        }
        self
    }
}

fn blank(set: &mut ResultSet, columns: &[&str]) {
    for column in set.columns.iter().enumerate().filter(|(_, name)| columns.contains(&name.as_str())) {
        set.rows.iter_mut().for_each(|row| row[column.0] = None);
    }
}

/// New numbers for object ids, which are unique only within their class.
#[derive(Default)]
struct Numbers(HashMap<(u32, u32), u32>);

impl Numbers {
    fn number(&mut self, (class, object, sub): Address) -> Address {
        let next = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        (class, *self.0.entry((class, object)).or_insert(next), sub)
    }

    /// Numbers what stands in a set by itself, in the order of what its rows say besides addresses.
    fn take(&mut self, set: &mut ResultSet) {
        let at = places(set);
        set.rows.sort_by(|one, other| words(one, &at).cmp(words(other, &at)));
        let column = |wanted| set.columns.iter().position(|name| name == wanted);
        let (own, target) = (column("addresses"), column("target"));
        for row in &mut set.rows {
            if target.is_some_and(|target| row[target].is_some()) {
                // What is attached is found by what it is attached to, and its own address never read.
                own.into_iter().for_each(|own| row[own] = None);
                continue;
            }
            for text in at.iter().filter_map(|column| row[*column].as_deref()) {
                for at in text.split_whitespace().filter_map(address) {
                    self.number(at);
                }
            }
        }
    }

    /// Writes the numbers, and leaves out rows about what is in none of the sets: nobody would read them.
    fn put(&self, set: &mut ResultSet) {
        let at = places(set);
        set.rows.retain_mut(|row| at.iter().all(|column| self.rewrite(&mut row[*column])));
    }

    /// Whether all addresses in a cell are known; they have their numbers then.
    fn rewrite(&self, cell: &mut Option<String>) -> bool {
        let Some(text) = cell else { return true };
        let mut written = Vec::new();
        for (class, object, sub) in text.split_whitespace().filter_map(address) {
            let Some(number) = self.0.get(&(class, object)) else { return false };
            written.push(format!("{class}:{number}:{sub}"));
        }
        *text = written.join(" ");
        true
    }
}

fn places(set: &ResultSet) -> Vec<usize> {
    let holds = |(_, name): &(usize, &String)| ADDRESSES.contains(&name.as_str());
    set.columns.iter().enumerate().filter(holds).map(|(at, _)| at).collect()
}

/// The cells of a row besides its addresses.
fn words<'a>(row: &'a [Option<String>], addresses: &'a [usize]) -> impl Iterator<Item = &'a Option<String>> {
    row.iter().enumerate().filter(|(at, _)| !addresses.contains(at)).map(|(_, cell)| cell)
}
