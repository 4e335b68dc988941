//! One revision in place of a chain: which chain, why not, and what the one says. Pure.

use super::Graph;
use crate::file::{Direction, Header, Part, PartText, Revision, RevisionId};

/// Why a chain can't become one revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsquashable {
    /// The first is not before the last.
    #[error("{last} does not follow {first}")]
    NoChain {
        /// The first.
        first: RevisionId,
        /// The last.
        last: RevisionId,
    },
    /// There is one revision only.
    #[error("{revision} is one revision already")]
    One {
        /// Which.
        revision: RevisionId,
    },
    /// Another line begins inside.
    #[error("{child} follows {revision}, and is not a part of the chain")]
    Branch {
        /// Where it begins.
        revision: RevisionId,
        /// What begins there.
        child: RevisionId,
    },
    /// Another line ends inside.
    #[error("{revision} is a merge")]
    Merge {
        /// Where it ends.
        revision: RevisionId,
    },
    /// Another revision depends on one inside.
    #[error("{by} depends on {revision}")]
    Needed {
        /// What is inside.
        revision: RevisionId,
        /// What depends on it.
        by: RevisionId,
    },
    /// A release is named inside.
    #[error("{revision} carries the name of a release")]
    Tagged {
        /// Which.
        revision: RevisionId,
        /// Its tags.
        tags: Vec<String>,
    },
}

/// A chain, and what one revision in its place says.
#[derive(Clone, Debug)]
pub struct Squash<'a> {
    /// The chain, in order.
    pub members: Vec<&'a Revision>,
    /// The header: the id of the last, the parents of the first.
    pub header: Header,
    /// The parts of all upgrades, in order.
    pub upgrade: Vec<PartText>,
    /// The parts of all downgrades, the last revision's first.
    pub downgrade: Vec<PartText>,
}

impl Graph {
    /// What one revision says in place of the chain from `first` to `last`, both inside.
    ///
    /// # Errors
    /// If that is no chain, or something else needs a place inside of it.
    pub fn squash(&self, first: &RevisionId, last: &RevisionId) -> Result<Squash<'_>, Unsquashable> {
        let members = self.members(first, last)?;
        let inner = &members[..members.len() - 1];
        for (place, revision) in inner.iter().enumerate() {
            self.nothing_needs(revision, members[place + 1])?;
        }
        let [Some(start), Some(end)] = [members.first(), members.last()] else {
            return Err(Unsquashable::NoChain { first: first.clone(), last: last.clone() });
        };
        let mut header = end.header.clone();
        header.parents.clone_from(&start.header.parents);
        header.labels = members.iter().flat_map(|r| r.header.labels.clone()).collect();
        header.depends_on = outer_needs(&members);
        header.message = members.iter().map(|r| &*r.header.message).collect::<Vec<_>>().join("; ");
        let old = |revision: &&&Revision| revision.header.replaces.clone();
        let mut replaces: Vec<RevisionId> =
            inner.iter().flat_map(|r| old(&r).into_iter().chain([r.id().clone()])).collect();
        replaces.extend(end.header.replaces.clone());
        header.replaces = replaces;
        header.proof = Vec::new();
        let upgrade = members.iter().flat_map(|r| marked(r, Direction::Upgrade)).collect();
        let downgrade = members.iter().rev().flat_map(|r| marked(r, Direction::Downgrade)).collect();
        Ok(Squash { members, header, upgrade, downgrade })
    }

    /// The revisions from one to another, where each follows only the one before.
    fn members(&self, first: &RevisionId, last: &RevisionId) -> Result<Vec<&Revision>, Unsquashable> {
        let no_chain = || Unsquashable::NoChain { first: first.clone(), last: last.clone() };
        let (Some(start), Some(mut at)) = (self.index(first.as_str()), self.index(last.as_str())) else {
            return Err(no_chain());
        };
        if start == at {
            return Err(Unsquashable::One { revision: first.clone() });
        }
        if !self.followers([start]).contains(&at) {
            return Err(no_chain());
        }
        let mut members = vec![self.at(at)];
        while at != start {
            let [parent] = self.parents[at][..] else {
                return Err(Unsquashable::Merge { revision: self.at(at).id().clone() });
            };
            at = parent;
            members.push(self.at(at));
        }
        members.reverse();
        Ok(members)
    }

    /// Whether a revision inside is nobody's but the next one's.
    fn nothing_needs(&self, revision: &Revision, next: &Revision) -> Result<(), Unsquashable> {
        let id = revision.id().clone();
        if let Some(child) = self.children(&id).into_iter().find(|child| child.id() != next.id()) {
            return Err(Unsquashable::Branch { revision: id, child: child.id().clone() });
        }
        let place = self.index(id.as_str());
        let needs = |other: &usize| place.is_some_and(|place| self.needs[*other].contains(&place));
        if let Some(by) = (0..self.revisions.len()).find(needs) {
            return Err(Unsquashable::Needed { revision: id, by: self.at(by).id().clone() });
        }
        if !revision.header.tags.is_empty() {
            return Err(Unsquashable::Tagged { revision: id, tags: revision.header.tags.clone() });
        }
        Ok(())
    }
}

impl Squash<'_> {
    /// The revision itself, as it would be read from a file.
    pub fn revision(&self) -> Revision {
        let parts = |texts: &[PartText]| {
            texts.iter().map(|text| Part { text: text.clone(), line: 1 }).collect::<Vec<_>>()
        };
        let path = self.members.last().map(|last| last.path.clone()).unwrap_or_default();
        let header = self.header.clone();
        Revision { path, header, upgrade: parts(&self.upgrade), downgrade: parts(&self.downgrade) }
    }
}

/// What the chain depends on besides itself.
fn outer_needs(members: &[&Revision]) -> Vec<String> {
    let mut needs: Vec<String> = members.iter().flat_map(|r| r.header.depends_on.clone()).collect();
    let mut seen = std::collections::BTreeSet::new();
    needs.retain(|need| seen.insert(need.clone()));
    needs
}

/// A revision's parts, each with the id that it came from.
fn marked(revision: &Revision, direction: Direction) -> Vec<PartText> {
    let own = |part: &Part| {
        let of = part.text.of.clone().or_else(|| Some(revision.id().clone()));
        PartText { of, ..part.text.clone() }
    };
    revision.parts(direction).iter().map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::parse;

    fn graph(lines: &[(&str, &str, &str)]) -> Graph {
        let revision = |(id, parents, more): &(&str, &str, &str)| {
            let parents = if parents.is_empty() { String::new() } else { format!("-- parents: {parents}\n") };
            let parts =
                format!("-- limbeck:upgrade\nselect '{id}';\n-- limbeck:downgrade\nselect 'not {id}';\n");
            let text = format!("-- limbeck:revision {id}\n{parents}-- message: {id}\n{more}\n{parts}");
            parse("a.sql".into(), &text).unwrap()
        };
        Graph::new(lines.iter().map(revision).collect()).unwrap()
    }

    fn squash<'a>(graph: &'a Graph, first: &str, last: &str) -> Result<Squash<'a>, String> {
        let id = |text| RevisionId::parse(text).unwrap();
        graph.squash(&id(first), &id(last)).map_err(|error| error.to_string())
    }

    #[test]
    fn one_stands_in_for_all_and_keeps_their_parts_apart() {
        let graph =
            graph(&[("z", "", ""), ("a", "z", "-- labels: l"), ("b", "a", ""), ("c", "b", "-- tags: v1")]);
        let squash = squash(&graph, "a", "c").unwrap();
        let header = &squash.header;
        assert_eq!((header.id.as_str(), &*header.message), ("c", "a; b; c"));
        assert_eq!(header.parents[0].as_str(), "z");
        assert_eq!((header.labels.join(","), header.tags.join(",")), ("l".into(), "v1".into()));
        let ids = |parts: &[PartText]| {
            parts.iter().map(|p| p.of.as_ref().unwrap().as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((ids(&squash.upgrade), ids(&squash.downgrade)), ("a b c".into(), "c b a".into()));
    }

    #[test]
    fn what_others_need_stays() {
        let graph = graph(&[
            ("a", "", ""),
            ("b", "a", "-- tags: v1"),
            ("c", "b", ""),
            ("d", "c", ""),
            ("e", "c", "-- depends-on: a"),
            ("m", "d,e", ""),
        ]);
        for (first, last, why) in [
            ("c", "a", "does not follow"),
            ("a", "a", "one revision already"),
            ("a", "b", "e depends on a"),
            ("b", "c", "b carries the name of a release"),
            ("c", "d", "e follows c"),
            ("d", "m", "m is a merge"),
        ] {
            let error = squash(&graph, first, last).unwrap_err();
            assert!(error.contains(why), "{first}:{last}: {error}");
        }
    }
}
