//! How one list of labels becomes another. Postgres can add a label at a place and rename one; it
//! can neither remove nor move any.

use limbeck_sql::literal;

use crate::note::BlindSpot;
use crate::{Action, ObjectId};

/// The labels that are only added, each with its place; `None` if others go or move.
pub(super) fn additions(id: &ObjectId, from: &[String], to: &[String]) -> Option<Vec<Action>> {
    let kept: Vec<_> = to.iter().filter(|label| from.contains(label)).collect();
    if !kept.into_iter().eq(from) {
        return None;
    }
    let add = |at: usize| {
        let is_last = to[at..].iter().all(|label| !from.contains(label));
        let place = match at.checked_sub(1) {
            _ if is_last => String::new(),
            None => from.first().map(|first| format!(" before {}", literal(first))).unwrap_or_default(),
            Some(before) => format!(" after {}", literal(&to[before])),
        };
        let label = literal(&to[at]);
        Action::new(format!("alter type {} add value if not exists {label}{place}", id.qualified()))
            .in_own_part()
    };
    Some((0..to.len()).filter(|at| !from.contains(&to[*at])).map(add).collect())
}

/// `alter type … rename value`: rows that hold it are not touched.
pub fn rename(id: &ObjectId, from: &str, to: &str) -> Action {
    Action::new(format!("alter type {} rename value {} to {}", id.qualified(), literal(from), literal(to)))
}

/// The labels that have another name at the same place, where nothing else differs.
pub(super) fn renames(id: &ObjectId, from: &[String], to: &[String]) -> Vec<Action> {
    let differ: Vec<_> = from.iter().zip(to).filter(|(was, is)| was != is).collect();
    if from.len() != to.len() || differ.iter().any(|(was, is)| to.contains(was) || from.contains(is)) {
        return Vec::new();
    }
    let guess = |(was, is): &(&String, &String)| {
        let words = format!(
            "{} may have been removed and {} added at its place: rows would then have to move",
            literal(was),
            literal(is)
        );
        rename(id, was, is).note(BlindSpot::PossibleRename.note(words))
    };
    differ.iter().map(guess).collect()
}

/// Why a list can't be reached in place.
pub(super) fn obstacle(from: &[String], to: &[String]) -> String {
    let gone: Vec<_> = from.iter().filter(|label| !to.contains(label)).map(|l| literal(l)).collect();
    if gone.is_empty() {
        "its labels stand in another order".to_owned()
    } else {
        format!("{} goes, and a row that holds it stops the conversion", gone.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn labels(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn sql(actions: Vec<Action>) -> Vec<String> {
        let head = "alter type s.e ";
        actions.into_iter().map(|a| a.sql.strip_prefix(head).unwrap_or(&a.sql).to_owned()).collect()
    }

    #[test]
    fn adds_at_a_place() {
        let id = ObjectId::new(Kind::Enum, ["s", "e"]);
        let add = |from: &str, to: &str| additions(&id, &labels(from), &labels(to)).map(sql);
        assert_eq!(
            add("a b", "a b c d").expect("in place"),
            ["add value if not exists 'c'", "add value if not exists 'd'"]
        );
        assert_eq!(
            add("c", "a b c").expect("in place"),
            ["add value if not exists 'a' before 'c'", "add value if not exists 'b' after 'a'"]
        );
        assert_eq!(add("a b", "a x b").expect("in place"), ["add value if not exists 'x' after 'a'"]);
        assert_eq!(add("", "a").expect("in place"), ["add value if not exists 'a'"]);
        assert_eq!(add("a b", "b a"), None);
        assert_eq!(add("a b", "a c"), None);
    }

    #[test]
    fn renames_at_the_same_place_only() {
        let id = ObjectId::new(Kind::Enum, ["s", "e"]);
        let rename = |from: &str, to: &str| sql(renames(&id, &labels(from), &labels(to)));
        assert_eq!(rename("a b c", "a x c"), ["rename value 'b' to 'x'"]);
        for (from, to) in [("a b", "b a"), ("a b", "a x b"), ("a b", "a"), ("a b c", "a c x"), ("a", "a")] {
            assert!(rename(from, to).is_empty(), "{from} to {to}");
        }
    }

    #[test]
    fn says_what_stands_in_the_way() {
        assert_eq!(obstacle(&labels("a b"), &labels("b a")), "its labels stand in another order");
        assert!(obstacle(&labels("a b"), &labels("a")).starts_with("'b' goes"));
    }
}
