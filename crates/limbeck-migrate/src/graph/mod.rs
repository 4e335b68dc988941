//! All revisions and how they follow each other. Loaded in topological order, so that a position in
//! the list is also a place in the order in which revisions run.

mod load;
mod names;
mod order;
mod rebase;
mod resolve;
mod squash;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::Result;
use crate::file::{Revision, RevisionId, parse};

pub use rebase::Unmovable;
pub use resolve::{Named, Point, Unresolved};
pub use squash::{Squash, Unsquashable};

/// Revisions, by their order.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    revisions: Vec<Revision>,
    by_id: BTreeMap<RevisionId, usize>,
    parents: Vec<Vec<usize>>,
    needs: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
    /// The reverse of `needs`.
    needed_by: Vec<Vec<usize>>,
    /// The labels that hold for each, found when somebody asks.
    labels: OnceLock<Vec<Vec<String>>>,
}

/// A set of revisions, by their places in the order.
pub(crate) type Set = BTreeSet<usize>;

impl Graph {
    /// Reads every `.sql` file of some directories. A directory that isn't there is empty.
    ///
    /// # Errors
    /// All mistakes in all files and in how they follow each other.
    pub fn load(directories: &[Utf8PathBuf]) -> Result<Self> {
        load::load(directories)
    }

    /// Reads revision files whose text is there already, each with the path that messages name.
    ///
    /// # Errors
    /// As [`Graph::load`].
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a Utf8Path, &'a str)>) -> Result<Self> {
        load::gather(files.into_iter().map(|(path, text)| parse(path, text)))
    }

    /// Makes a graph of revisions that were read elsewhere.
    ///
    /// # Errors
    /// All mistakes in how they follow each other: ids twice, parents that aren't there, cycles.
    pub fn new(revisions: Vec<Revision>) -> Result<Self> {
        order::arrange(revisions)
    }

    /// Revisions in an order that is known already, without what they follow, which may be in no file.
    pub(crate) fn detached(revisions: Vec<Revision>) -> Self {
        let by_id = revisions.iter().enumerate().map(|(i, r)| (r.id().clone(), i)).collect();
        let none = vec![Vec::new(); revisions.len()];
        Graph::linked(revisions, by_id, none.clone(), none)
    }

    /// A graph of what was sorted already.
    fn linked(
        revisions: Vec<Revision>,
        by_id: BTreeMap<RevisionId, usize>,
        parents: Vec<Vec<usize>>,
        needs: Vec<Vec<usize>>,
    ) -> Self {
        let reverse = |links: &[Vec<usize>]| {
            let mut back = vec![Vec::new(); links.len()];
            for (from, to) in links.iter().enumerate() {
                to.iter().for_each(|&to| back[to].push(from));
            }
            back
        };
        let (children, needed_by) = (reverse(&parents), reverse(&needs));
        Graph { revisions, by_id, parents, needs, children, needed_by, labels: OnceLock::new() }
    }

    /// All revisions, parents and dependencies first; the order is the same for the same files.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// A revision by its whole id.
    pub fn get(&self, id: &RevisionId) -> Option<&Revision> {
        self.index(id.as_str()).map(|i| &self.revisions[i])
    }

    /// The revisions that are nobody's parent.
    pub fn heads(&self) -> Vec<&Revision> {
        (0..self.revisions.len())
            .filter(|&i| self.children[i].is_empty())
            .map(|i| &self.revisions[i])
            .collect()
    }

    /// The heads that nothing depends on either: what `heads --resolve-dependencies` shows.
    pub fn effective_heads(&self) -> Vec<&Revision> {
        let needed: Set = self.needs.iter().flatten().copied().collect();
        self.heads()
            .into_iter()
            .filter(|r| !self.index(r.id().as_str()).is_some_and(|i| needed.contains(&i)))
            .collect()
    }

    /// The revisions without a parent.
    pub fn bases(&self) -> Vec<&Revision> {
        self.revisions.iter().filter(|r| r.header.parents.is_empty()).collect()
    }

    /// The revisions with more than one child, each with its children.
    pub fn branch_points(&self) -> Vec<(&Revision, Vec<&Revision>)> {
        (0..self.revisions.len())
            .filter(|&i| self.children[i].len() > 1)
            .map(|i| (&self.revisions[i], self.children(self.revisions[i].id())))
            .collect()
    }

    /// The revisions that name this one as a parent.
    pub fn children(&self, id: &RevisionId) -> Vec<&Revision> {
        let index = self.index(id.as_str());
        index.map(|i| self.children[i].iter().map(|&c| &self.revisions[c]).collect()).unwrap_or_default()
    }

    /// The labels that hold for a revision: a label's line is the revision that carries it, all that
    /// follow it, and those before it up to the last branch point or merge.
    pub fn labels_of(&self, id: &RevisionId) -> Vec<&str> {
        let Some(index) = self.index(id.as_str()) else { return Vec::new() };
        let all = self.labels.get_or_init(|| self.all_labels());
        all[index].iter().map(String::as_str).collect()
    }

    fn all_labels(&self) -> Vec<Vec<String>> {
        let mut all = vec![Vec::new(); self.revisions.len()];
        for label in self.revisions.iter().flat_map(|r| &r.header.labels) {
            for place in self.lineage(label).unwrap_or_default() {
                all[place].push(label.clone());
            }
        }
        all
    }

    /// The revisions from a point (with it) to some others (with them), in order.
    pub fn between(&self, from: &Point, to: &[RevisionId]) -> Vec<&Revision> {
        let places =
            |ids: &[RevisionId]| ids.iter().filter_map(|id| self.index(id.as_str())).collect::<Vec<_>>();
        let mut shown = self.ancestors(places(to));
        if let Point::At(ids) = from {
            let after = self.descendants(places(ids));
            shown.retain(|place| after.contains(place));
        }
        shown.into_iter().map(|place| &self.revisions[place]).collect()
    }

    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn at(&self, index: usize) -> &Revision {
        &self.revisions[index]
    }

    pub(crate) fn parents_at(&self, index: usize) -> &[usize] {
        &self.parents[index]
    }

    pub(crate) fn children_at(&self, index: usize) -> &[usize] {
        &self.children[index]
    }

    /// Some revisions and all that must be applied before them.
    pub(crate) fn ancestors(&self, of: impl IntoIterator<Item = usize>) -> Set {
        self.reach(of, |i| self.parents[i].iter().chain(&self.needs[i]).copied().collect())
    }

    /// Some revisions and all that must go before they can go.
    pub(crate) fn descendants(&self, of: impl IntoIterator<Item = usize>) -> Set {
        self.reach(of, |i| self.after(i).collect())
    }

    /// What must go right before a revision can go: its children, and what depends on it.
    pub(crate) fn after(&self, index: usize) -> impl Iterator<Item = usize> {
        self.children[index].iter().chain(&self.needed_by[index]).copied()
    }

    /// Some revisions and all that follow them, by parents alone.
    pub(crate) fn followers(&self, of: impl IntoIterator<Item = usize>) -> Set {
        self.reach(of, |i| self.children[i].clone())
    }

    fn reach(&self, of: impl IntoIterator<Item = usize>, next: impl Fn(usize) -> Vec<usize>) -> Set {
        let mut open: Vec<usize> = of.into_iter().collect();
        let mut seen = Set::new();
        while let Some(i) = open.pop() {
            if seen.insert(i) {
                open.extend(next(i));
            }
        }
        seen
    }

    /// The line of a label, or of a revision named instead of one.
    pub(crate) fn lineage(&self, label: &str) -> Option<Set> {
        let root = (0..self.revisions.len())
            .find(|&i| self.revisions[i].header.labels.iter().any(|l| l == label))
            .or_else(|| self.index(label))?;
        let mut line = self.followers([root]);
        let mut at = root;
        while let [parent] = self.parents[at][..] {
            if self.children[parent].len() > 1 || self.parents[parent].len() > 1 {
                break;
            }
            line.insert(parent);
            at = parent;
        }
        Some(line)
    }
}
