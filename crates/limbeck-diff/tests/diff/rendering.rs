//! The text of a revision's parts.

use limbeck_catalog::note::Hazard;
use limbeck_catalog::{Action, Kind, ObjectId};
use limbeck_diff::{Plan, Planned, Verb, parts};

fn rendered(actions: Vec<Action>) -> Vec<(bool, String)> {
    let id = ObjectId::new(Kind::Table, ["s", "t"]);
    let plan = Plan { steps: vec![Planned { verb: Verb::Alter, id, actions }] };
    parts(&plan).into_iter().map(|part| (part.transactional, part.sql)).collect()
}

#[test]
fn short_statements_stand_together() {
    let got = rendered(vec![Action::new("one"), Action::new("two")]);
    assert_eq!(got, [(true, "one;\ntwo;\n".to_owned())]);
}

#[test]
fn what_has_notes_or_lines_stands_apart() {
    let noted = Action::new("two").note(Hazard::DataLoss.note("all\nof it"));
    let got = rendered(vec![
        Action::new("one"),
        noted,
        Action::new("three\nlines"),
        Action::new("four"),
        Action::new("five"),
    ]);
    let text = "one;\n\n-- limbeck:hazard DATA_LOSS all of it\ntwo;\n\nthree\nlines;\n\nfour;\nfive;\n";
    assert_eq!(got, [(true, text.to_owned())]);
}

#[test]
fn suggestions_are_comments_on_every_line() {
    let got = rendered(vec![Action::suggestion("update t\nset n = <value>")]);
    assert_eq!(got, [(true, "-- update t\n-- set n = <value>;\n".to_owned())]);
}

#[test]
fn own_parts_are_alone() {
    let own = |sql: &str| Action::new(sql).in_own_part();
    let got = rendered(vec![own("one"), own("two"), Action::new("three"), own("four"), Action::new("five")]);
    let expect =
        [(false, "one;\n"), (false, "two;\n"), (true, "three;\n"), (false, "four;\n"), (true, "five;\n")];
    assert_eq!(got, expect.map(|(transactional, sql)| (transactional, sql.to_owned())));
}

#[test]
fn containers_are_a_line_an_element() {
    let mut action = Action::container("create table t", " with (fillfactor='70')");
    action.elements = Some(vec!["a integer".to_owned(), "b text".to_owned()]);
    let text = "create table t (\n    a integer,\n    b text\n) with (fillfactor='70');\n";
    assert_eq!(rendered(vec![action]), [(true, text.to_owned())]);
    assert_eq!(
        rendered(vec![Action::container("create table t", "")]),
        [(true, "create table t ();\n".to_owned())]
    );
}

#[test]
fn nothing_has_no_parts() {
    assert!(rendered(vec![]).is_empty());
}
