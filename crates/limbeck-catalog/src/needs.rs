//! Who needs what.
//!
//! A database has several times as many needs as objects, and where nothing differs nobody looks at one. So what a
//! reading finds is a list of numbers; names stand beside it, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ObjectId;

/// How an object needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Text that is only looked at when it runs (a string body): an order worth keeping, no more.
    Soft,
    /// The other can't be dropped while this one is there (`pg_depend`'s `n`).
    Hard,
    /// Dropping the other drops this one too (`pg_depend`'s `a` and `i`).
    Auto,
}

/// What needs what, and how: objects by their places in a list.
pub type Tie = (u32, u32, Need);

/// Who needs what, and how.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// What ties speak of, in order.
    objects: Arc<[ObjectId]>,
    /// In order, one for each two.
    ties: Arc<[Tie]>,
    /// All needs of those objects that one was added to.
    added: BTreeMap<ObjectId, BTreeMap<ObjectId, Need>>,
}

impl Needs {
    /// From ties between objects, which are in order. The strongest of several between the same two stays, and none is
    /// its own need.
    pub fn new(objects: Vec<ObjectId>, mut ties: Vec<Tie>) -> Self {
        ties.retain(|(object, on, _)| object != on);
        ties.sort_unstable_by(|one, other| (one.0, one.1, other.2).cmp(&(other.0, other.1, one.2)));
        ties.dedup_by_key(|(object, on, _)| (*object, *on));
        Self { objects: objects.into(), ties: ties.into(), added: BTreeMap::new() }
    }

    /// What an object needs.
    pub fn of(&self, id: &ObjectId) -> impl Iterator<Item = (&ObjectId, Need)> {
        let added = self.added.get(id);
        let ties = if added.is_some() { &[] } else { self.ties_of(id) };
        let added = added.into_iter().flatten().map(|(on, need)| (on, *need));
        added.chain(ties.iter().map(|tie| (self.object(tie.1), tie.2)))
    }

    /// How one object needs another, if it does.
    pub fn get(&self, id: &ObjectId, on: &ObjectId) -> Option<Need> {
        self.of(id).find(|(other, _)| *other == on).map(|(_, need)| need)
    }

    /// All of them: who, what, and how. In order, but that objects which one was added to come last.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectId, &ObjectId, Need)> {
        let ties = self.ties.iter().map(|tie| (self.object(tie.0), self.object(tie.1), tie.2));
        let of_ties = ties.filter(|(id, ..)| !self.added.contains_key(*id));
        let added = self.added.iter().flat_map(|(id, on)| on.iter().map(move |(on, need)| (id, on, *need)));
        of_ties.chain(added)
    }

    /// Adds one; the stronger of two stays, and no object needs itself.
    pub fn add(&mut self, id: &ObjectId, on: &ObjectId, need: Need) {
        if id == on {
            return;
        }
        if !self.added.contains_key(id) {
            let known = self.of(id).map(|(on, need)| (on.clone(), need)).collect();
            self.added.insert(id.clone(), known);
        }
        if let Some(needs) = self.added.get_mut(id) {
            let known = needs.entry(on.clone()).or_insert(need);
            *known = need.max(*known);
        }
    }

    fn ties_of(&self, id: &ObjectId) -> &[Tie] {
        let Ok(place) = self.objects.binary_search(id) else { return &[] };
        let from = self.ties.partition_point(|tie| (tie.0 as usize) < place);
        let rest = &self.ties[from..];
        &rest[..rest.partition_point(|tie| tie.0 as usize == place)]
    }

    fn object(&self, place: u32) -> &ObjectId {
        &self.objects[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn objects() -> Vec<ObjectId> {
        ["a", "b", "c"].map(|name| ObjectId::new(Kind::Schema, [name])).into()
    }

    #[test]
    fn the_strongest_need_stays_however_they_come() {
        let ties = vec![
            (2, 1, Need::Hard),
            (2, 0, Need::Soft),
            (2, 1, Need::Auto),
            (1, 1, Need::Auto),
            (2, 0, Need::Hard),
            (2, 1, Need::Soft),
        ];
        let all = objects();
        let mut added = Needs::default();
        ties.iter().for_each(|(id, on, need)| added.add(&all[*id as usize], &all[*on as usize], *need));
        let known = Needs::new(all.clone(), ties);
        for needs in [&known, &added] {
            assert_eq!(needs.of(&all[2]).collect::<Vec<_>>(), [(&all[0], Need::Hard), (&all[1], Need::Auto)]);
            assert_eq!(needs.of(&all[1]).count(), 0);
            assert_eq!(needs.iter().count(), 2);
            assert_eq!(needs.get(&all[2], &all[2]), None);
        }
    }

    #[test]
    fn what_is_added_stands_beside_what_was_known() {
        let all = objects();
        let mut needs =
            Needs::new(all.clone(), vec![(1, 0, Need::Hard), (2, 0, Need::Soft), (2, 1, Need::Auto)]);
        needs.add(&all[2], &all[0], Need::Hard);
        needs.add(&ObjectId::new(Kind::Schema, ["d"]), &all[2], Need::Soft);
        assert_eq!(needs.get(&all[2], &all[0]), Some(Need::Hard));
        assert_eq!(needs.get(&all[2], &all[1]), Some(Need::Auto));
        let named: Vec<_> = needs.iter().map(|(id, on, _)| format!("{} {}", id.name(), on.name())).collect();
        assert_eq!(named, ["b a", "c a", "c b", "d c"]);
    }
}
