//! What one object needs.

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

/// What an object needs, in order, and how. Mostly one to three others, and there is one of these for every object:
/// a list takes a quarter of the room of a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs(Vec<(ObjectId, Need)>);

impl Needs {
    /// How it needs another, if it does.
    pub fn get(&self, on: &ObjectId) -> Option<Need> {
        self.place(on).ok().map(|at| self.0[at].1)
    }

    /// Whether it needs another.
    pub fn contains(&self, on: &ObjectId) -> bool {
        self.place(on).is_ok()
    }

    /// All that it needs.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectId, Need)> {
        self.0.iter().map(|(on, need)| (on, *need))
    }

    /// Adds a need; the stronger of two for the same object stays.
    pub fn add(&mut self, on: &ObjectId, need: Need) {
        match self.place(on) {
            Ok(at) => self.0[at].1 = self.0[at].1.max(need),
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (on.clone(), need));
            }
        }
    }

    /// Takes a need away.
    pub fn remove(&mut self, on: &ObjectId) {
        if let Ok(at) = self.place(on) {
            self.0.remove(at);
        }
    }

    fn place(&self, on: &ObjectId) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(on))
    }
}

impl FromIterator<(ObjectId, Need)> for Needs {
    fn from_iter<I: IntoIterator<Item = (ObjectId, Need)>>(needs: I) -> Self {
        let mut all: Vec<_> = needs.into_iter().collect();
        // The strongest of those for the same object comes first.
        all.sort_unstable_by(|(one, weak), (other, strong)| one.cmp(other).then(strong.cmp(weak)));
        all.dedup_by(|(one, _), (other, _)| one == other);
        all.shrink_to_fit();
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn the_strongest_need_stays_however_they_come() {
        let [a, b] = ["a", "b"].map(|name| ObjectId::new(Kind::Schema, [name]));
        let given =
            [(&b, Need::Hard), (&a, Need::Soft), (&b, Need::Auto), (&a, Need::Hard), (&b, Need::Soft)];
        let mut added = Needs::default();
        given.iter().for_each(|(on, need)| added.add(on, *need));
        let collected: Needs = given.iter().map(|(on, need)| ((*on).clone(), *need)).collect();
        assert_eq!(added, collected);
        assert_eq!(added.iter().collect::<Vec<_>>(), [(&a, Need::Hard), (&b, Need::Auto)]);
        added.remove(&b);
        assert_eq!((added.get(&b), added.contains(&a)), (None, true));
    }
}
