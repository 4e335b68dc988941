//! Rows of squashed revisions, told as parts of what stands in for them.

use super::*;
use crate::file::parse;

const SQUASH: &str = "\
-- limbeck:revision c
-- parents: z
-- replaces: a, b
-- limbeck:upgrade of=a
select 'a1';
-- limbeck:upgrade no-transaction of=a
select 'a2';
-- limbeck:upgrade of=c
select 'c';
-- limbeck:downgrade of=c
select 'not c';
-- limbeck:downgrade of=a
select 'not a';
";

/// The files that were there before.
const BEFORE: [&str; 3] = [
    "-- limbeck:revision a\n-- parents: z\n-- limbeck:upgrade\nselect 'a1';\n\
     -- limbeck:upgrade no-transaction\nselect 'a2';\n-- limbeck:downgrade\nselect 'not a';\n",
    "-- limbeck:revision b\n-- parents: a\n",
    "-- limbeck:revision c\n-- parents: b\n-- limbeck:upgrade\nselect 'c';\n-- limbeck:downgrade\nselect 'not c';\n",
];

fn graph(texts: &[&str]) -> Graph {
    let base = parse("z.sql".into(), "-- limbeck:revision z\n").unwrap();
    let revisions = texts.iter().map(|text| parse("a.sql".into(), text).unwrap());
    Graph::new([base].into_iter().chain(revisions).collect()).unwrap()
}

fn row(text: &str) -> Applied {
    let revision = parse("a.sql".into(), text).unwrap();
    crate::script::assumed(&revision, &Settings::default())
}

/// The base and the first so many revisions, as they were applied.
fn rows(count: usize) -> Vec<Applied> {
    let base = row("-- limbeck:revision z\n");
    [base].into_iter().chain(BEFORE[..count].iter().map(|text| row(text))).collect()
}

fn told(rows: Vec<Applied>) -> Vec<(String, State)> {
    let translated = translate(&graph(&[SQUASH]), rows).unwrap();
    translated.applied.iter().map(|row| (row.revision.to_string(), row.state)).collect()
}

#[test]
fn rows_of_the_chain_are_so_many_parts_of_the_squash() {
    let z = ("z".to_owned(), State::Applied);
    let c = |state| ("c".to_owned(), state);
    assert_eq!(told(rows(0)), vec![z.clone()]);
    assert_eq!(told(rows(1)), [z.clone(), c(State::Upgrading(2))]);
    assert_eq!(told(rows(2)), [z.clone(), c(State::Upgrading(2))]);
    assert_eq!(told(rows(3)), [z, c(State::Applied)]);
    let all = translate(&graph(&[SQUASH]), rows(3)).unwrap();
    let squash = graph(&[SQUASH]);
    assert!(all.inside[0].whole() && all.applied[1].records(&squash.revisions()[1]));
}

#[test]
fn a_revision_that_was_half_way_is_so_many_parts_fewer() {
    let mut rows = rows(1);
    let before = parse("a.sql".into(), BEFORE[0]).unwrap();
    rows[1].state = State::Upgrading(1);
    rows[1].upgrade_sha256 = checksum(&before.upgrade[..1]);
    assert_eq!(told(rows)[1].1, State::Upgrading(1));
}

#[test]
fn what_ran_with_another_text_is_no_beginning() {
    let mut half = rows(1);
    half[1].upgrade_sha256 = "other".into();
    let error = translate(&graph(&[SQUASH]), half).unwrap_err();
    assert!(matches!(error, Error::InsideSquash { why: Untold::Edited(_), .. }), "{error}");
    let mut whole = rows(3);
    whole[1].upgrade_sha256 = "other".into();
    let squash = graph(&[SQUASH]);
    let translated = translate(&squash, whole).unwrap();
    assert!(!translated.applied[1].edited(&squash.revisions()[1]).is_empty());
    let regenerated = SQUASH.replace(" of=a", "").replace(" of=c", "");
    let error = translate(&graph(&[&regenerated]), rows(1)).unwrap_err();
    assert!(matches!(error, Error::InsideSquash { why: Untold::Regenerated, .. }), "{error}");
}

#[test]
fn a_squash_of_squashes_knows_both() {
    let twice = SQUASH.replace("revision c", "revision d").replace("replaces: a, b", "replaces: a, b, c")
        + "-- limbeck:upgrade of=d\nselect 'd';\n";
    let graph = graph(&[&twice]);
    let states = |rows| {
        let told = translate(&graph, rows).unwrap();
        told.applied.iter().map(|row| row.state).collect::<Vec<_>>()
    };
    assert_eq!(states(rows(3)), [State::Applied, State::Upgrading(3)]);
    let squashed = vec![row("-- limbeck:revision z\n"), row(SQUASH)];
    assert_eq!(states(squashed), [State::Applied, State::Upgrading(3)]);
}

#[test]
fn the_files_from_before_refuse_what_the_squash_did() {
    let graph = graph(&BEFORE);
    let rows = vec![row("-- limbeck:revision z\n"), row(SQUASH)];
    let error = refuse_taken_apart(&graph, &rows).unwrap_err();
    assert!(error.to_string().contains("in place of 2 revisions"), "{error}");
    assert!(refuse_taken_apart(&graph, &self::rows(2)).is_ok());
}
