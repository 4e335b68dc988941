//! Applied revisions that no file here has: a branch was switched, and the database stayed where it was.
//! Their downgrades are kept in the history, and can be run from there.

use sqlx::PgConnection;

use crate::error::{Error, Result};
use crate::file::{Direction, Revision, RevisionId};
use crate::graph::{Graph, Named};
use crate::plan::Planned;
use crate::version::{Applied, Kept, State, Table};

/// An applied revision that no file here has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// What the version table knows of it.
    pub row: Applied,
    /// Whether it can be undone.
    pub undo: Undo,
}

/// What the history has to undo a revision with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// Nobody looked.
    Unknown,
    /// Nothing: keeping downgrades was turned off when it was applied, or the history was lost.
    NotKept,
    /// A text whose checksum isn't that of what was applied: somebody changed it.
    Altered,
    /// Its downgrade, as it was applied.
    Kept(Box<Revision>),
}

impl Table {
    /// The applied revisions that a graph doesn't have, and whether the history can undo them.
    ///
    /// # Errors
    /// If the history can't be read.
    pub async fn stranded(
        &self,
        conn: &mut PgConnection,
        graph: &Graph,
        applied: &[Applied],
    ) -> Result<Vec<Stranded>> {
        let rows: Vec<&Applied> = applied.iter().filter(|row| graph.get(&row.revision).is_none()).collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&RevisionId> = rows.iter().map(|row| &row.revision).collect();
        let kept = self.kept_of(conn, &ids).await?;
        Ok(rows.into_iter().map(|row| Stranded { undo: self.undo(&kept, row), row: row.clone() }).collect())
    }

    fn undo(&self, kept: &[Kept], row: &Applied) -> Undo {
        match kept.iter().find(|kept| kept.revision == row.revision) {
            None => Undo::NotKept,
            Some(kept) => kept.revision(self, row).map_or(Undo::Altered, |r| Undo::Kept(Box::new(r))),
        }
    }
}

/// The downgrades of some stranded revisions, in the order in which they run.
///
/// # Errors
/// If a word names none of them, something that stays applied needs one, or the history can't undo it.
pub(crate) fn downgrades(
    stranded: &[Stranded],
    applied: &[Applied],
    words: &[String],
) -> Result<(Graph, Vec<Planned>)> {
    let mut chosen: Vec<&Stranded> = Vec::new();
    for word in words {
        let one = named(stranded, word)?;
        if !chosen.contains(&one) {
            chosen.push(one);
        }
    }
    for one in &chosen {
        still_needed(one, &chosen, stranded, applied)?;
    }
    let revisions = chosen.iter().map(|one| undo_of(one)).collect::<Result<Vec<_>>>()?;
    let ordered = children_first(revisions);
    let planned = ordered.iter().filter_map(|revision| {
        let row = &chosen.iter().find(|one| one.row.revision == *revision.id())?.row;
        let done = if let State::Downgrading(parts) = row.state { parts } else { 0 };
        Some(Planned { revision: row.revision.clone(), direction: Direction::Downgrade, done })
    });
    let planned = planned.collect();
    Ok((Graph::detached(ordered), planned))
}

/// The one that a word names: its id, or the beginning of it.
fn named<'a>(stranded: &'a [Stranded], word: &str) -> Result<&'a Stranded> {
    let exact = stranded.iter().filter(|one| one.row.revision.as_str() == word);
    let prefix = stranded.iter().filter(|one| one.row.revision.as_str().starts_with(word));
    let exact: Vec<&Stranded> = exact.collect();
    let found = if exact.is_empty() { prefix.collect() } else { exact };
    match found[..] {
        [one] => Ok(one),
        _ => Err(Error::NotStranded {
            word: word.to_owned(),
            stranded: stranded.iter().map(|one| name(&one.row)).collect(),
        }),
    }
}

/// Nothing that stays applied may stand on what goes.
fn still_needed(one: &Stranded, chosen: &[&Stranded], all: &[Stranded], applied: &[Applied]) -> Result<()> {
    let goes = |row: &Applied| chosen.iter().any(|c| c.row.revision == row.revision);
    let needs = |row: &Applied| {
        row.parents.contains(&one.row.revision)
            || all.iter().any(|s| s.row.revision == row.revision && depends(s, one))
    };
    let by: Vec<Named> = applied.iter().filter(|row| !goes(row) && needs(row)).map(name).collect();
    if by.is_empty() {
        return Ok(());
    }
    let stranded = by.iter().all(|(id, _)| all.iter().any(|s| s.row.revision == *id));
    Err(Error::StillNeeded { revision: one.row.revision.clone(), by, stranded })
}

/// Whether one depends on another without being its child, as far as the history knows.
fn depends(one: &Stranded, other: &Stranded) -> bool {
    let Undo::Kept(revision) = &one.undo else { return false };
    let labels: &[String] = match &other.undo {
        Undo::Kept(other) => &other.header.labels,
        Undo::Unknown | Undo::NotKept | Undo::Altered => &[],
    };
    revision
        .header
        .depends_on
        .iter()
        .any(|name| *name == other.row.revision.as_str() || labels.contains(name))
}

fn undo_of(one: &Stranded) -> Result<Revision> {
    let revision = one.row.revision.clone();
    if let State::Upgrading(parts) = one.row.state {
        return Err(Error::HalfDone { revision, direction: "upgrade", parts });
    }
    match &one.undo {
        Undo::Kept(kept) => {
            let mut kept = Revision::clone(kept);
            // Where it was applied, and not what its file came to say.
            kept.header.parents.clone_from(&one.row.parents);
            Ok(kept)
        }
        Undo::Altered => Err(Error::KeptAltered { revision }),
        Undo::Unknown | Undo::NotKept => Err(Error::NotKept { revision }),
    }
}

/// Whatever needs another goes before it.
fn children_first(mut left: Vec<Revision>) -> Vec<Revision> {
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let needed = |one: &Revision| left.iter().any(|other| other.id() != one.id() && follows(other, one));
        // Rows that somebody wrote by hand may need each other: any of them is as good as the next.
        let at = left.iter().position(|one| !needed(one)).unwrap_or(0);
        ordered.push(left.remove(at));
    }
    ordered
}

fn follows(one: &Revision, other: &Revision) -> bool {
    let depends = &one.header.depends_on;
    one.header.parents.contains(other.id())
        || depends.iter().any(|name| *name == other.id().as_str() || other.header.labels.contains(name))
}

fn name(row: &Applied) -> Named {
    (row.revision.clone(), row.message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::parse;

    fn stranded(id: &str, parent: &str, more: &str) -> Stranded {
        let parents = if parent.is_empty() { String::new() } else { format!("-- parents: {parent}\n") };
        let text = format!("-- limbeck:revision {id}\n{parents}{more}-- limbeck:downgrade\nselect '{id}';\n");
        let revision = parse("a.sql".into(), &text).unwrap();
        let sums = crate::run::sums(&revision);
        let row = Applied {
            revision: revision.id().clone(),
            parents: revision.header.parents.clone(),
            message: format!("about {id}"),
            upgrade_sha256: sums[0].clone(),
            downgrade_sha256: sums[1].clone(),
            applied_at: String::new(),
            duration_ms: None,
            applied_by: String::new(),
            tool_version: String::new(),
            state: State::Applied,
        };
        Stranded { row, undo: Undo::Kept(Box::new(revision)) }
    }

    fn order(all: &[Stranded], words: &[&str]) -> Result<String> {
        let applied: Vec<Applied> = all.iter().map(|one| one.row.clone()).collect();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (_, planned) = downgrades(all, &applied, &words)?;
        Ok(planned.iter().map(|p| p.revision.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn whatever_needs_another_goes_first() {
        let all = [
            stranded("aaa", "gone", "-- labels: line\n"),
            stranded("bbb", "aaa", ""),
            stranded("ccc", "", "-- depends-on: line\n"),
        ];
        assert_eq!(order(&all, &["aaa", "b", "ccc"]).unwrap(), "bbb ccc aaa");
        assert_eq!(order(&all, &["b"]).unwrap(), "bbb");
        let Err(Error::StillNeeded { by, stranded: true, .. }) = order(&all, &["aaa"]) else { panic!("ran") };
        assert_eq!(by.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["bbb", "ccc"]);
    }

    #[test]
    fn only_what_is_stranded_and_kept_whole_can_be_undone() {
        let mut all = [stranded("aaa", "", ""), stranded("aab", "", "")];
        assert!(
            matches!(order(&all, &["zzz"]), Err(Error::NotStranded { stranded, .. }) if stranded.len() == 2)
        );
        assert!(matches!(order(&all, &["aa"]), Err(Error::NotStranded { .. })));
        all[0].undo = Undo::Altered;
        all[1].undo = Undo::NotKept;
        assert!(matches!(order(&all, &["aaa"]), Err(Error::KeptAltered { .. })));
        assert!(matches!(order(&all, &["aab"]), Err(Error::NotKept { .. })));
        all[0].row.state = State::Upgrading(1);
        assert!(matches!(order(&all, &["aaa"]), Err(Error::HalfDone { .. })));
    }
}
