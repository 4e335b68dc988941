//! An order of steps that is kept up while edges come (Pearce and Kelly's), so that most soft edges are
//! found to close no cycle without any search: they already point forward.

use std::collections::BTreeSet;

use crate::graph::Graph;

/// An order in which all edges point forward.
pub(crate) struct Order {
    /// Where each step stands.
    place: Vec<usize>,
    /// The edges turned round.
    before: Vec<Vec<usize>>,
}

impl Order {
    /// The order of a graph; none if it has a cycle.
    pub(crate) fn of(graph: &Graph) -> Option<Self> {
        let length = graph.after.len();
        let (mut place, mut before) = (vec![0; length], vec![Vec::new(); length]);
        let order = graph.sort(|i| i);
        for (at, step) in order.iter().enumerate() {
            place[*step] = at;
            for after in &graph.after[*step] {
                before[*after].push(*step);
            }
        }
        (order.len() == length).then_some(Self { place, before })
    }

    /// Whether an edge closes no cycle. If so, it is taken to be there from now on.
    pub(crate) fn admits(&mut self, graph: &Graph, from: usize, to: usize) -> bool {
        if self.place[from] >= self.place[to] {
            // Only what stands between the two can be in the way, and has to make way.
            let (first, last) = (self.place[to], self.place[from]);
            let ahead = self.reached(to, |at| graph.after[at].iter().copied(), |place| place <= last);
            if ahead.contains(&from) {
                return false;
            }
            let behind = self.reached(from, |at| self.before[at].iter().copied(), |place| place >= first);
            self.swap(behind, ahead);
        }
        self.before[to].push(from);
        true
    }

    fn reached<I: Iterator<Item = usize>>(
        &self,
        start: usize,
        next: impl Fn(usize) -> I,
        within: impl Fn(usize) -> bool,
    ) -> BTreeSet<usize> {
        let (mut seen, mut todo) = (BTreeSet::from([start]), vec![start]);
        while let Some(at) = todo.pop() {
            todo.extend(next(at).filter(|step| within(self.place[*step]) && seen.insert(*step)));
        }
        seen
    }

    /// Puts all of the first before all of the second, in the places that they have together.
    fn swap(&mut self, first: BTreeSet<usize>, second: BTreeSet<usize>) {
        let in_order = |steps: BTreeSet<usize>| {
            let mut steps: Vec<usize> = steps.into_iter().collect();
            steps.sort_by_key(|step| self.place[*step]);
            steps
        };
        let steps = [in_order(first), in_order(second)].concat();
        let mut places: Vec<usize> = steps.iter().map(|step| self.place[*step]).collect();
        places.sort_unstable();
        for (step, place) in steps.into_iter().zip(places) {
            self.place[step] = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether there is a way, found by looking everywhere.
    fn reaches(graph: &Graph, from: usize, to: usize) -> bool {
        let (mut seen, mut todo) = (BTreeSet::from([from]), vec![from]);
        while let Some(at) = todo.pop() {
            todo.extend(graph.after[at].iter().copied().filter(|next| seen.insert(*next)));
        }
        seen.contains(&to)
    }

    #[test]
    fn an_edge_is_refused_exactly_where_it_closes_a_cycle() {
        const STEPS: usize = 12;
        let mut state = 7_u64;
        let mut any = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % STEPS
        };
        for _ in 0..200 {
            let mut graph = Graph { after: vec![BTreeSet::new(); STEPS] };
            let mut order = Order::of(&graph).unwrap();
            for _ in 0..40 {
                let (from, to) = (any(), any());
                if from == to {
                    continue;
                }
                let admitted = order.admits(&graph, from, to);
                assert_eq!(admitted, !reaches(&graph, to, from));
                if admitted {
                    graph.after[from].insert(to);
                }
            }
            assert!(graph.cycles().is_empty());
        }
    }

    #[test]
    fn what_is_a_cycle_has_no_order() {
        assert!(Order::of(&Graph { after: vec![BTreeSet::from([1]), BTreeSet::from([0])] }).is_none());
    }
}
