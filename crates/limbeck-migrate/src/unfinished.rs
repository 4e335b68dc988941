//! Places in revisions that a person has to fill in before they can run: lines `-- limbeck:todo WORDS`
//! inside of parts, as they stand where something could not be translated.

use crate::error::{Error, Mistake, Result};
use crate::file::{Direction, Revision};
use crate::graph::Graph;
use crate::plan::Planned;

impl Revision {
    /// The places of one direction that are still to be filled in, from a part on.
    pub fn unfinished(&self, direction: Direction, from_part: usize) -> Vec<Mistake> {
        let parts = self.parts(direction).iter().skip(from_part);
        let lines = parts.flat_map(|part| {
            part.text.todos().into_iter().map(|(below, line, words)| (part.line + below, line, words))
        });
        let mistake = |(number, line, words): (usize, &str, &str)| {
            let words = if words.is_empty() { "nothing is said about it" } else { words };
            Mistake::new(&self.path, number, line, format!("still to be filled in by hand: {words}"))
                .help("write the SQL there, then remove the `limbeck:todo` line")
        };
        lines.map(mistake).collect()
    }
}

/// Refuses what is planned as long as something in it is to be filled in.
pub(crate) fn refuse(graph: &Graph, planned: &[Planned]) -> Result<()> {
    let find = |plan: &Planned| {
        graph.get(&plan.revision).map(|revision| revision.unfinished(plan.direction, plan.done))
    };
    let places: Vec<Mistake> = planned.iter().filter_map(find).flatten().collect();
    if places.is_empty() { Ok(()) } else { Err(Error::Unfinished { places }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::parse;
    use crate::plan;

    const TEXT: &str = "-- limbeck:revision aaa\n\n-- limbeck:upgrade\nselect 1;\n\
                        \x20 -- limbeck:todo a.py:7 `loop()`\n-- | loop()\n\
                        -- limbeck:downgrade\nselect '\n-- limbeck:todo is a string here\n';\n";

    #[test]
    fn a_marked_place_is_read_and_refused_where_it_would_run() {
        let graph = Graph::new(vec![parse("a.sql".into(), TEXT).unwrap()]).unwrap();
        let Err(Error::Unfinished { places }) = plan::upgrade(&graph, &[], "head") else { panic!("it ran") };
        assert_eq!(places[0].to_string(), "a.sql:5: still to be filled in by hand: a.py:7 `loop()`");
        assert_eq!(places.len(), 1);
        assert!(graph.revisions()[0].unfinished(Direction::Downgrade, 0).is_empty());
        assert!(graph.revisions()[0].unfinished(Direction::Upgrade, 1).is_empty());
    }
}
