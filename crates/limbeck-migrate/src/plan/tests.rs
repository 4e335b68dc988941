//! Graph, words and plans, on graphs drawn as text: `id <- parent parent; needs x; label l; tag t`.

use super::*;
use crate::file::{Header, Revision};

/// Revisions named by one line each: `b < a`, `m < b c`, `x < a needs:c label:l tag:t`.
fn graph(lines: &str) -> Result<Graph> {
    let revisions = lines.split(';').map(str::trim).filter(|l| !l.is_empty()).map(revision).collect();
    Graph::new(revisions)
}

fn revision(line: &str) -> Revision {
    let mut words = line.split_whitespace();
    let id = words.next().unwrap();
    let mut header = Header::new(RevisionId::parse(id).unwrap(), format!("message of {id}"));
    for word in words.filter(|w| *w != "<") {
        match word.split_once(':') {
            Some(("needs", v)) => header.depends_on.push(v.into()),
            Some(("label", v)) => header.labels.push(v.into()),
            Some(("tag", v)) => header.tags.push(v.into()),
            _ => header.parents.push(RevisionId::parse(word).unwrap()),
        }
    }
    Revision { path: format!("{id}.sql").into(), header, upgrade: Vec::new(), downgrade: Vec::new() }
}

fn applied(graph: &Graph, ids: &str) -> Vec<Applied> {
    let row = |id: &str| {
        let revision = graph.at(graph.index(id).unwrap());
        Applied {
            revision: revision.id().clone(),
            parents: revision.header.parents.clone(),
            message: String::new(),
            upgrade_sha256: revision.checksum(Direction::Upgrade),
            downgrade_sha256: revision.checksum(Direction::Downgrade),
            applied_at: String::new(),
            duration_ms: None,
            applied_by: String::new(),
            tool_version: String::new(),
            state: State::Applied,
        }
    };
    ids.split_whitespace().map(row).collect()
}

fn words(result: Result<Vec<Planned>>) -> String {
    match result {
        Ok(list) => list.iter().map(|p| p.revision.as_str()).collect::<Vec<_>>().join(" "),
        Err(error) => format!("error: {error}"),
    }
}

fn up(lines: &str, have: &str, target: &str) -> String {
    let graph = graph(lines).unwrap();
    words(upgrade(&graph, &applied(&graph, have), target))
}

fn down(lines: &str, have: &str, target: &str) -> String {
    let graph = graph(lines).unwrap();
    words(downgrade(&graph, &applied(&graph, have), target))
}

const LINE: &str = "aa1; bb2 < aa1; cc3 < bb2; dd4 < cc3";
const DIAMOND: &str = "r; a < r label:left; b < r label:right; a2 < a; b2 < b; m < a2 b2; z < m";
const TWO: &str = "a label:app; b < a; x label:lib; y < x needs:b tag:v1.4-rc1";

#[test]
fn up_a_line() {
    assert_eq!(up(LINE, "", "head"), "aa1 bb2 cc3 dd4");
    assert_eq!(up(LINE, "aa1 bb2", "head"), "cc3 dd4");
    assert_eq!(up(LINE, "aa1", "+2"), "bb2 cc3");
    assert_eq!(up(LINE, "", "+1"), "aa1");
    assert_eq!(up(LINE, "", "head-1"), "aa1 bb2 cc3");
    assert_eq!(up(LINE, "", "aa+2"), "aa1 bb2 cc3");
    assert_eq!(up(LINE, "aa1 bb2 cc3 dd4", "head"), "");
    assert_eq!(up("", "", "head"), "");
}

#[test]
fn down_a_line() {
    assert_eq!(down(LINE, "aa1 bb2 cc3", "-1"), "cc3");
    assert_eq!(down(LINE, "aa1 bb2 cc3", "base"), "cc3 bb2 aa1");
    assert_eq!(down(LINE, "aa1 bb2 cc3", "a"), "cc3 bb2");
    assert_eq!(down(LINE, "aa1 bb2 cc3", "current-2"), "cc3 bb2");
    assert_eq!(down(LINE, "aa1 bb2", "head-3"), "bb2");
    assert!(down(LINE, "aa1", "-2").contains("there is 1 step"));
    assert!(down(LINE, "aa1", "cc3").contains("not applied"));
}

#[test]
fn a_step_down_sees_past_what_was_spliced_in() {
    // `bb2` came under what was applied: `cc3` still follows `aa1`.
    assert_eq!(down(LINE, "aa1 cc3", "-1"), "cc3");
    assert_eq!(down(LINE, "aa1 cc3", "-2"), "cc3 aa1");
    assert_eq!(down(LINE, "aa1 bb2 dd4", "-2"), "dd4 bb2");
}

#[test]
fn branches_and_merges() {
    assert_eq!(up(DIAMOND, "", "head"), "r a a2 b b2 m z");
    assert_eq!(up(DIAMOND, "r", "left@+1"), "a");
    assert_eq!(up(DIAMOND, "", "left@+1"), "r");
    assert_eq!(up(DIAMOND, "r a", "right@+2"), "b b2");
    assert!(up(DIAMOND, "r", "+1").contains("2 ways from r"));
    assert_eq!(down(DIAMOND, "r a b a2 b2 m", "-1"), "m");
    assert_eq!(down(DIAMOND, "r a b a2 b2 m", "r"), "m b2 b a2 a");
    assert!(down(DIAMOND, "r a b a2 b2", "-1").contains("2 heads"));
    assert_eq!(down(DIAMOND, "r a b a2 b2", "right@-1"), "b2");
    assert_eq!(down(DIAMOND, "r a b a2 b2", "right@base"), "b2 b");
}

#[test]
fn several_bases_labels_tags_and_dependencies() {
    assert!(up(TWO, "", "head").contains("2 heads"));
    assert_eq!(up(TWO, "", "heads"), "a b x y");
    assert_eq!(up(TWO, "", "app@head"), "a b");
    assert_eq!(up(TWO, "", "lib@head"), "a b x y");
    assert_eq!(up(TWO, "", "lib@+1"), "x");
    assert_eq!(up(TWO, "", "v1.4-rc1"), "a b x y");
    assert_eq!(up(TWO, "", "v1.4-rc1-1"), "x");
    assert_eq!(down(TWO, "a b x y", "a"), "y b");
    assert_eq!(down("a; b < a; x; y < x needs:a", "a b x y", "a"), "b");
    assert!(up(TWO, "", "app@y").contains("not on that line"));
}

#[test]
fn words_about_what_is_applied_are_told_by_more_than_their_letters() {
    let graph = graph("a label:concurrently; b < a tag:now-current tag:current-1-b").unwrap();
    for word in ["current", "current-1", "+1", "-2", "concurrently@+1", "concurrently@current"] {
        assert!(graph.is_relative(word), "{word}");
    }
    for word in ["concurrently", "concurrently@head", "now-current", "current-1-b", "a+1", "base", ""] {
        assert!(!graph.is_relative(word), "{word}");
    }
    assert!(graph.is_current("current+1") && !graph.is_current("+1"));
}

#[test]
fn words_that_name_nothing_say_what_is_near() {
    let graph = graph("abc1; abd2 < abc1").unwrap();
    let ambiguous = graph.resolve("ab", &[]).unwrap_err();
    assert!(matches!(&ambiguous, Unresolved::Ambiguous { candidates, .. } if candidates.len() == 2));
    let unknown = graph.resolve("hed", &[]).unwrap_err();
    assert_eq!(unknown, Unresolved::Unknown { word: "hed".into(), nearest: Some("head".into()) });
}

#[test]
fn mistakes_between_files_come_all_at_once() {
    let Err(Error::Mistakes { mistakes }) = graph("a < b; b < a; c < nowhere; d; d; e label:x; f label:x")
    else {
        panic!("a wrong graph was taken");
    };
    let all = mistakes.iter().map(|m| m.message.as_str()).collect::<Vec<_>>().join("\n");
    for part in ["wait for each other", "\"nowhere\"", "id d", "label \"x\""] {
        assert!(all.contains(part), "{part} in {all}");
    }
}

#[test]
fn stamping_moves_only_the_line_that_is_meant() {
    let graph = graph(TWO).unwrap();
    let ids = |have: &str, target: &str| {
        let rows =
            stamp(&graph, &applied(&graph, have), &target.split(' ').collect::<Vec<_>>(), false).unwrap();
        rows.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids("", "heads"), "a b x y");
    assert_eq!(ids("a b x", "a"), "a x");
    assert_eq!(ids("a b x", "base"), "");
    assert_eq!(ids("a b x", "app@base"), "x");
    assert_eq!(ids("", "b x"), "a b x");
    assert_eq!(ids("a b x y", "a x"), "a x");
}

#[test]
fn half_done_revisions_resume_and_never_turn_round() {
    let graph = graph(LINE).unwrap();
    let mut rows = applied(&graph, "aa1 bb2");
    rows[1].state = State::Upgrading(1);
    let plan = upgrade(&graph, &rows, "head").unwrap();
    assert_eq!((plan[0].revision.as_str(), plan[0].done), ("bb2", 1));
    assert!(matches!(downgrade(&graph, &rows, "base"), Err(Error::HalfDone { .. })));
}

#[test]
fn a_missing_file_is_named() {
    let whole = graph(LINE).unwrap();
    let part = graph("aa1; bb2 < aa1").unwrap();
    let rows = applied(&whole, "aa1 bb2 cc3");
    let Err(Error::FilesMissing { stranded }) = upgrade(&part, &rows, "head") else { panic!("it was run") };
    assert_eq!(stranded[0].row.revision.as_str(), "cc3");
}

#[test]
fn what_was_spliced_in_under_an_applied_revision_is_no_head() {
    let before = graph("a; b < a").unwrap();
    let mut rows = applied(&before, "a b");
    let after = graph("a; c < a; b < c").unwrap();
    let ids = |rows: &[Applied]| heads(&after, rows).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ids(&rows), ["b"]);
    assert_eq!(words(upgrade(&after, &rows, "head")), "c");
    rows.extend(applied(&after, "c"));
    assert_eq!(ids(&rows), ["b"]);
    assert_eq!(words(downgrade(&after, &rows, "-1")), "b");
}
