//! One line of revisions onto another revision: which those are, and why it can't be done. Pure.

use super::{Graph, Named, Set};
use crate::error::Result;
use crate::file::{Revision, RevisionId};

/// Why a line of revisions can't get another parent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmovable {
    /// The new parent is on the line itself, or after it.
    #[error("{onto} follows {revision}, so {revision} can't follow it")]
    Follows {
        /// What was to be moved.
        revision: RevisionId,
        /// The new parent.
        onto: RevisionId,
    },
    /// It is there already.
    #[error("{revision} follows {onto} already")]
    There {
        /// The first of the line.
        revision: RevisionId,
        /// Its parent.
        onto: RevisionId,
    },
    /// The new parent has children, so that there would be as many heads as before.
    #[error("{onto} is no head: something else follows it")]
    NoHead {
        /// The new parent.
        onto: RevisionId,
        /// What follows it.
        heads: Vec<Named>,
    },
    /// A revision of the line has several parents.
    #[error("{merge} on this line is a merge")]
    Merge {
        /// Which.
        merge: RevisionId,
    },
}

impl Graph {
    /// The revisions that move when the line of `revision` is to follow `onto`, in order: what is before it
    /// and not before `onto`, and all that follows those. The first is the one that gets another parent.
    ///
    /// # Errors
    /// If they can't, with the reason.
    pub fn line_onto(&self, revision: &RevisionId, onto: &RevisionId) -> Result<Vec<&Revision>, Unmovable> {
        let (Some(at), Some(target)) = (self.index(revision.as_str()), self.index(onto.as_str())) else {
            return Ok(Vec::new());
        };
        let before = |of: usize| self.reach([of], |i| self.parents[i].clone());
        let settled = before(target);
        if settled.contains(&at) {
            return Err(Unmovable::Follows { revision: revision.clone(), onto: onto.clone() });
        }
        let own: Set = before(at).difference(&settled).copied().collect();
        // Places are in order, so the first of them is the one that no other of them precedes.
        let root = own.first().copied().unwrap_or(at);
        let line = self.followers([root]);
        if line.contains(&target) {
            return Err(Unmovable::Follows { revision: revision.clone(), onto: onto.clone() });
        }
        if let Some(&merge) = line.iter().chain(&own).find(|&&place| self.parents[place].len() > 1) {
            return Err(Unmovable::Merge { merge: self.at(merge).id().clone() });
        }
        if self.parents[root] == [target] {
            return Err(Unmovable::There { revision: self.at(root).id().clone(), onto: onto.clone() });
        }
        let others: Vec<usize> =
            self.children[target].iter().copied().filter(|child| !line.contains(child)).collect();
        if !others.is_empty() {
            return Err(Unmovable::NoHead { onto: onto.clone(), heads: self.named(&others) });
        }
        Ok(line.into_iter().map(|place| self.at(place)).collect())
    }

    /// The graph with some revisions as they are given, in place of those with the same ids.
    ///
    /// # Errors
    /// All mistakes in how they would follow each other.
    pub fn with(&self, changed: &[Revision]) -> Result<Graph> {
        let kept = self.revisions.iter().filter(|old| changed.iter().all(|new| new.id() != old.id()));
        Graph::new(kept.chain(changed).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::parse;

    fn graph(lines: &[(&str, &str)]) -> Graph {
        let revision = |(id, parents): &(&str, &str)| {
            let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
            parse("a.sql".into(), &format!("-- limbeck:revision {id}\n{parents}-- limbeck:upgrade\n"))
                .unwrap()
        };
        Graph::new(lines.iter().map(revision).collect()).unwrap()
    }

    fn line(graph: &Graph, revision: &str, onto: &str) -> Result<String, String> {
        let id = |text| RevisionId::parse(text).unwrap();
        let line = graph.line_onto(&id(revision), &id(onto)).map_err(|error| error.to_string())?;
        Ok(line.iter().map(|r| r.id().as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_line_is_what_is_not_before_the_other_and_all_that_follows() {
        let graph = graph(&[("a", ""), ("b", "a"), ("c", "b"), ("m", "a"), ("n", "m"), ("o", "m")]);
        assert_eq!(line(&graph, "m", "c").unwrap(), "m n o");
        assert_eq!(line(&graph, "n", "c").unwrap(), "m n o");
        assert_eq!(line(&graph, "c", "n").unwrap(), "b c");
        assert!(line(&graph, "m", "b").unwrap_err().contains("no head"));
        assert!(line(&graph, "a", "c").unwrap_err().contains("follows a"));
        assert!(line(&graph, "c", "b").unwrap_err().contains("already"));
    }

    #[test]
    fn bases_move_and_merges_do_not() {
        let graph = graph(&[("a", ""), ("b", "a"), ("x", ""), ("y", "x"), ("z", "y,b"), ("c", "")]);
        assert_eq!(line(&graph, "c", "z").unwrap(), "c");
        assert!(line(&graph, "x", "c").unwrap_err().contains("z on this line is a merge"));
    }
}
