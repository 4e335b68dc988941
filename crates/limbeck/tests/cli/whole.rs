//! `prove --whole`: on all that a database holds, built once and copied from then on.

use crate::project::Project;
use crate::server::{server, url};

/// Chain and database agree but for a view that somebody made by hand, which stands in the revision's way.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_chain_does_not_know_is_there() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let (project, at) = (Project::new("whole"), url(&database));
    // Of a name of its own: what is kept outlives this test.
    let table = format!("t{}", std::process::id());
    let revision = |id: &str, parents: &str, up: String, down: String| {
        let text = format!(
            "-- limbeck:revision {id}\n{parents}-- limbeck:upgrade\n{up}\n\n-- limbeck:downgrade\n{down}\n"
        );
        project.write(&format!("migrations/{id}.sql"), &text);
    };
    revision("f001", "", format!("create table {table} (a int, b int);"), format!("drop table {table};"));
    project.ok_on(&at, &["upgrade", "head"]);
    database.run(&format!("create view by_hand as select a from {table}")).await.unwrap();
    project.ok_on(&at, &["snapshot", "there.snapshot"]);
    let parents = "-- parents: f001\n";
    let up = |column: &str| format!("alter table {table} alter column {column} type bigint;");
    let down = |column: &str| format!("alter table {table} alter column {column} type int;");
    revision("f002", parents, up("a"), down("a"));

    project.ok_on(&at, &["prove"]);
    let ran = project.run_on(&at, &["prove", "--whole"]);
    assert!(ran.code == 1 && ran.err.contains("used by a view"), "{}{}", ran.out, ran.err);
    assert!(!ran.err.contains("kept"), "{}", ran.err);
    // The revision may be edited, what stands before it is the same; and a snapshot says as much.
    revision("f002", parents, up("b"), down("b"));
    let ran = project.ok_on(&at, &["prove", "--whole"]);
    assert!(ran.err.contains("with 3 made-up rows, as it was kept by an earlier run"), "{}", ran.err);
    let ran = project.run(&["prove", "--whole", "--from", "there.snapshot"]);
    assert!(ran.code == 0 && ran.err.contains("kept by an earlier run"), "{}{}", ran.out, ran.err);
    // Another database is another start.
    database.run("create table more ()").await.unwrap();
    let ran = project.ok_on(&at, &["prove", "--whole"]);
    assert!(!ran.err.contains("kept"), "{}", ran.err);
    // Where there is no database, or it has the revision, what the revisions make stands in.
    let ran = project.run(&["prove", "--whole"]);
    assert!(ran.code == 0 && ran.err.contains("on all of what the revisions make"), "{}", ran.err);
    project.ok_on(&at, &["upgrade", "head"]);
    let ran = project.ok_on(&at, &["prove", "--whole", "--format", "json"]);
    assert!(ran.err.contains("has f002 already") && ran.json()["holds"] == true, "{}", ran.err);
    server.close().await.unwrap();
}

#[test]
fn a_range_is_no_whole() {
    let project = Project::new("whole-range");
    project.revision("f001");
    let said = project.refused(2, &["prove", "base:head", "--whole"]);
    assert!(said.contains("one revision at a time"), "{said}");
    project.refused(2, &["prove", "--chain", "--whole"]);
}
