//! The dependency graph over steps, its strongly connected components, and the one sort.
//!
//! All edges come from three rules that name no kind: what a step acquires is established before it;
//! what it releases ends after it; a name is freed before it is taken.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use limbeck_catalog::{ObjectId, Slot};

use crate::order::Order;
use crate::step::{Step, Verb};

/// Edges by position: `after[i]` are the steps that come after step `i`.
pub(crate) struct Graph {
    pub(crate) after: Vec<BTreeSet<usize>>,
}

#[derive(Default)]
struct Index<'a> {
    establishes: BTreeMap<&'a ObjectId, Vec<usize>>,
    ends: BTreeMap<&'a ObjectId, Vec<(usize, bool)>>,
    disrupts: BTreeMap<&'a ObjectId, usize>,
    frees: BTreeMap<&'a Slot, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(steps: &'a [Step]) -> Self {
        let mut index = Self::default();
        for (i, step) in steps.iter().enumerate() {
            for id in &step.establishes {
                index.establishes.entry(id).or_default().push(i);
            }
            for id in &step.ends {
                index.ends.entry(id).or_default().push((i, step.verb == Verb::DropAside));
            }
            for slot in &step.frees {
                index.frees.entry(slot).or_default().push(i);
            }
            if step.verb == Verb::Alter && step.disrupts {
                index.disrupts.insert(&step.id, i);
            }
        }
        index
    }
}

impl Graph {
    /// All edges.
    pub(crate) fn new(steps: &[Step]) -> Self {
        let index = Index::new(steps);
        let mut graph = Self { after: vec![BTreeSet::new(); steps.len()] };
        for (i, step) in steps.iter().enumerate() {
            graph.order(i, step, &index);
        }
        graph.prefer(steps, &index);
        graph
    }

    fn order(&mut self, i: usize, step: &Step, index: &Index<'_>) {
        for id in &step.acquires {
            for before in index.establishes.get(id).into_iter().flatten() {
                self.edge(*before, i);
            }
        }
        for id in &step.releases {
            for (after, aside) in index.ends.get(id).into_iter().flatten() {
                // What is altered and rides through a replacement lets go of nothing; only a type that
                // stands aside waits for its columns.
                if *aside || step.verb != Verb::Alter || !step.acquires.contains(id) {
                    self.edge(i, *after);
                }
            }
            // A disruptive alter is an end for what goes, or changes so that it no longer needs it.
            if let Some(after) = index.disrupts.get(id)
                && !step.acquires.contains(id)
            {
                self.edge(i, *after);
            }
        }
        for slot in &step.takes {
            for before in index.frees.get(slot).into_iter().flatten() {
                self.edge(*before, i);
            }
        }
        // An object's own old version goes before its new one comes, unless it stands aside.
        if step.verb == Verb::Drop {
            for after in index.establishes.get(&step.id).into_iter().flatten() {
                if !step.acquires.contains(&step.id) {
                    self.edge(i, *after);
                }
            }
        }
    }

    /// Soft edges: kept only where they close no cycle. Where there are cycles already, nothing is sorted
    /// yet, and they wait until those are dissolved.
    fn prefer(&mut self, steps: &[Step], index: &Index<'_>) {
        let Some(mut order) = Order::of(self) else { return };
        for (i, step) in steps.iter().enumerate() {
            for id in &step.prefers {
                for before in index.establishes.get(id).into_iter().flatten() {
                    self.soft_edge(&mut order, *before, i);
                }
            }
            for id in &step.yields {
                for (after, _) in index.ends.get(id).into_iter().flatten() {
                    self.soft_edge(&mut order, i, *after);
                }
            }
        }
    }

    fn edge(&mut self, before: usize, after: usize) {
        if before != after {
            self.after[before].insert(after);
        }
    }

    fn soft_edge(&mut self, order: &mut Order, before: usize, after: usize) {
        if before != after && order.admits(self, before, after) {
            self.after[before].insert(after);
        }
    }

    /// The strongly connected components of more than one step (Tarjan, without recursion).
    pub(crate) fn cycles(&self) -> Vec<Vec<usize>> {
        let mut search = Search::new(self.after.len());
        for root in 0..self.after.len() {
            if search.index[root].is_none() {
                search.visit(self, root);
            }
        }
        search.found
    }

    /// The steps in order; ties are broken by the key. Empty places would mean a cycle, which the
    /// caller has ruled out.
    pub(crate) fn sort<K: Ord>(&self, key: impl Fn(usize) -> K) -> Vec<usize> {
        let mut waiting = vec![0usize; self.after.len()];
        for after in self.after.iter().flatten() {
            waiting[*after] += 1;
        }
        let mut ready: BinaryHeap<Reverse<(K, usize)>> =
            (0..waiting.len()).filter(|i| waiting[*i] == 0).map(|i| Reverse((key(i), i))).collect();
        let mut order = Vec::with_capacity(waiting.len());
        while let Some(Reverse((_, i))) = ready.pop() {
            order.push(i);
            for after in &self.after[i] {
                waiting[*after] -= 1;
                if waiting[*after] == 0 {
                    ready.push(Reverse((key(*after), *after)));
                }
            }
        }
        order
    }
}

/// The state of Tarjan's search.
struct Search {
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn new(len: usize) -> Self {
        Self {
            index: vec![None; len],
            low: vec![0; len],
            on_stack: vec![false; len],
            stack: Vec::new(),
            next: 0,
            found: Vec::new(),
        }
    }

    fn enter(&mut self, at: usize) {
        self.index[at] = Some(self.next);
        self.low[at] = self.next;
        self.next += 1;
        self.stack.push(at);
        self.on_stack[at] = true;
    }

    fn visit(&mut self, graph: &Graph, root: usize) {
        self.enter(root);
        let mut path = vec![(root, graph.after[root].iter())];
        while let Some((at, rest)) = path.last_mut() {
            let at = *at;
            match rest.next() {
                Some(&next) if self.index[next].is_none() => {
                    self.enter(next);
                    path.push((next, graph.after[next].iter()));
                }
                Some(&next) if self.on_stack[next] => {
                    self.low[at] = self.low[at].min(self.index[next].unwrap_or_default());
                }
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[at]);
                    }
                    self.close(at);
                }
            }
        }
    }

    fn close(&mut self, at: usize) {
        if Some(self.low[at]) != self.index[at] {
            return;
        }
        let from = self.stack.iter().rposition(|x| *x == at).unwrap_or_default();
        let component = self.stack.split_off(from);
        for member in &component {
            self.on_stack[*member] = false;
        }
        if component.len() > 1 {
            self.found.push(component);
        }
    }
}
